"""Where prompts stand, and what only looks like one."""

import pytest
from tests.scan.python.reading import found, the

from assaymark.scan.facts import PromptText


def test_a_prompt_set_on_an_object_is_a_prompt() -> None:
    """`agent.system_message = "…"` names a prompt as a variable does."""
    prompt = the(PromptText, 'agent.system_message = "You are a helpful assistant of the library."\n')
    assert (prompt.name, prompt.role) == ("system_message", "system")


@pytest.mark.parametrize(
    "line",
    [
        'return ToolResult(system="The command was cancelled by the user.")',
        'return {"role": "assistant", "content": f"```\\n{content}\\n```"}',
    ],
)
def test_results_and_fences_are_no_prompts(line: str) -> None:
    """A result's `system` field, and a message without a word of its own, tell a model nothing."""
    assert found(PromptText, f"import anthropic\ndef f(content):\n    {line}\n") == []


def test_an_f_string_in_an_example_of_code_is_no_placeholder() -> None:
    """A prompt that shows code holds braces which nobody fills; a template's own brace is filled."""
    shown = (
        "SYSTEM_PROMPT = '''Rename files so:\n  name = f\"{description}{file.suffix}\"\nNow: {question}'''\n"
    )
    assert the(PromptText, shown).placeholders == ("question",)
