"""Nothing travels in the clear."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"config.yaml": "llm:\n  base_url: https://models.corp.eu/v1\n"}
NOT_MET = {"config.yaml": "llm:\n  base_url: http://models.corp.eu/v1\n"}
NAME = "traffic_is_encrypted"


def test_the_own_machine_and_the_cluster_are_left_aside() -> None:
    """A near miss: these addresses do not leave."""
    text = "llm:\n  base_url: http://localhost:11434\nother_llm: http://ollama:11434\nllm_c: http://10.1.2.3/v1\n"
    assert outcomes(observe(NAME, {"config.yaml": text})) == {Outcome.NOT_OBSERVABLE}


def test_certificate_checks_that_are_off_are_seen() -> None:
    """A fault in disguise: the address is encrypted, but to anybody."""
    text = MET["config.yaml"] + "auth_verify_ssl: false\n"
    assert outcomes(observe(NAME, {"config.yaml": text})) == {Outcome.NOT_MET}
