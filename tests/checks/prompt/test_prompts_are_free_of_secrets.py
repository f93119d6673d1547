"""No credential stands in a prompt."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import Secret

PROMPT = "You are the assistant of a savings bank.\nCall the ledger with care.\n"
MET = {"prompts/system.txt": PROMPT}
NOT_MET = {"prompts/system.txt": PROMPT}
NAME = "prompts_are_free_of_secrets"


def secret(path: str, line: int, kind: str = "openai-key", *, placeholder: bool = False) -> Secret:
    """A credential at a place."""
    return Secret(at=Location(path, line), kind=kind, redacted="sk-p… (51)", placeholder=placeholder)


EXTRA_NOT_MET = (secret("prompts/system.txt", 2),)


def test_a_known_key_is_firm() -> None:
    """A key of known shape in a prompt is a fault by itself."""
    (seen,) = observe(NAME, NOT_MET, extra=EXTRA_NOT_MET)
    assert seen.certainty is Certainty.FIRM


def test_placeholders_and_other_files_are_no_fault() -> None:
    """Example values, and keys elsewhere in the tree, are other checks' matters."""
    others = (secret("prompts/system.txt", 2, placeholder=True), secret(".env", 1))
    assert outcomes(observe(NAME, MET, extra=others)) == {Outcome.MET}


def test_a_key_far_below_a_literal_is_not_in_it() -> None:
    """In code only the lines of the prompt itself count."""
    source = (
        'import { generateText } from "ai";\nexport const f = (q) => generateText({ model, system: '
        "'You are the assistant of a savings bank.', prompt: q });\n" + "// line\n" * 50
    )
    assert outcomes(observe(NAME, {"src/a.ts": source}, extra=(secret("src/a.ts", 45),))) == {Outcome.MET}
