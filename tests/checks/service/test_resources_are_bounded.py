"""No service can use up the machine."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"compose.yml": "services:\n  llm: {image: 'vllm/vllm-openai:v0.11', mem_limit: 16g}\n"}
NOT_MET = {"compose.yml": "services:\n  llm: {image: 'vllm/vllm-openai:v0.11'}\n"}
NAME = "resources_are_bounded"


def test_kubernetes_requests_are_no_limits() -> None:
    """A fault in disguise: a request reserves, it does not bound."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    pod += "spec: {containers: [{name: a, image: 'a:1', resources: {requests: {cpu: 1}}}]}\n"
    assert outcomes(observe(NAME, {"k8s/a.yaml": pod})) == {Outcome.NOT_MET}


def test_development_files_are_left_aside() -> None:
    """A developer's machine is the developer's own."""
    assert outcomes(observe(NAME, {"compose.dev.yml": NOT_MET["compose.yml"]})) == {Outcome.NOT_APPLICABLE}
