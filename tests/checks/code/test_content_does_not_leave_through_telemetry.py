"""Content does not leave through telemetry: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "content_does_not_leave_through_telemetry"

MET: dict[str, str | bytes] = {
    "app.py": """import sentry_sdk

sentry_sdk.init(dsn=DSN, send_default_pii=False)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import gradio as gr

gr.Interface(fn=answer, inputs="text", outputs="text").launch(share=True)
"""
}
"""A project in which it does not."""


def test_a_masked_trace_is_fine() -> None:
    """A tracing client that masks carries no content."""
    source = "from langfuse import Langfuse\nl = Langfuse(mask=hide)\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}


def test_a_traced_function_sends_its_arguments() -> None:
    """`@traceable` records what goes in and out."""
    source = "from langsmith import traceable\n\n@traceable\ndef ask(q):\n    return q\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}
