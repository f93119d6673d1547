"""Prompts are files."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"prompts/system.txt": "You are the assistant of a savings bank. Answer briefly.\n"}
NOT_MET = {
    "src/a.ts": 'import { generateText } from "ai";\nexport const f = (q) => generateText({ model,\n'
    "  system: 'You are the assistant of a savings bank.', prompt: q });\n"
}
NOT_MET_OUTCOME = Outcome.PARTLY_MET
NAME = "prompts_are_versioned_files"


def test_a_literal_beside_files_is_named() -> None:
    """The literal comes first in the details, since it is what to move."""
    (seen,) = observe(NAME, {**MET, **NOT_MET})
    assert seen.outcome is Outcome.PARTLY_MET
    assert seen.details[0].at is not None
    assert seen.details[0].at.path == "src/a.ts"


def test_notes_to_coding_assistants_are_no_prompts_of_the_system() -> None:
    """AGENTS.md speaks to who writes the code, not to the system's model."""
    assert outcomes(observe(NAME, {"AGENTS.md": "Run the tests before you commit, every time.\n"})) == {
        Outcome.NOT_APPLICABLE
    }


def test_no_prompt_no_question() -> None:
    """A project without prompts is not asked."""
    assert outcomes(observe(NAME, {"src/a.ts": "export const a = 1;"})) == {Outcome.NOT_APPLICABLE}
