"""Signatories and the demanded sign-off in a manifest."""

import pytest

from assaymark.errors import UsageError
from assaymark.system.manifest import read_manifest
from assaymark.system.system import Signatory, SignOff
from assaymark.system.template import Draft, manifest_text

HEAD = "assaymark: 1\nname: X\n"
ANN, BOB = "a1" * 32, "b2" * 32
PEOPLE = f"""signatories:
  - {{name: Ann Lee, role: Developer, key: {ANN}}}
  - {{name: Ann Lee, role: Developer, key: {"c3" * 32}}}
  - {{name: Bob Ray, role: Data Custodian, key: {BOB}}}
"""


def problem(text: str) -> str:
    """What reading the manifest complains of."""
    with pytest.raises(UsageError) as caught:
        read_manifest(HEAD + text, "assaymark.yaml")
    return caught.value.message


def test_signatories_and_the_sign_off_are_read() -> None:
    """A person may have several keys; each line is known."""
    system = read_manifest(
        HEAD + PEOPLE + "sign_off: {roles: [Developer, Data Custodian], four_eyes: true}\n", "m"
    )
    assert system.signatories[0] == Signatory(name="Ann Lee", role="Developer", key=ANN, line=4)
    assert len(system.signatories) == 3
    assert system.sign_off == SignOff(roles=("Developer", "Data Custodian"), four_eyes=True)


def test_an_older_manifest_demands_nothing() -> None:
    """Both keys are optional, and headings without lines count as absent."""
    for text in ("", "signatories:\nsign_off:\n", "sign_off:\n  roles:\n"):
        system = read_manifest(HEAD + text, "m")
        assert (system.signatories, system.sign_off) == ((), SignOff())


def test_one_person_may_hold_two_roles_with_one_key() -> None:
    """The same key for the same person, however the name is spaced or cased."""
    text = f"signatories:\n  - {{name: Ann Lee, role: Developer, key: {ANN}}}\n"
    system = read_manifest(HEAD + text + f"  - {{name: ann  lee, role: Assessor, key: {ANN}}}\n", "m")
    assert len(system.signatories) == 2


def test_one_key_for_two_persons_is_refused() -> None:
    """With both lines."""
    text = PEOPLE + f"  - {{name: Eve Fox, role: Assessor, key: {BOB}}}\n"
    assert "line 7: signatories[4].key: it is the key of 'Bob Ray' on line 6" in problem(text)


def test_mistakes_are_named_with_their_line() -> None:
    """An unknown role, a key that is none, a demanded role that nobody has, four eyes of one person."""
    assert "line 4: signatories[1].role: 'developper'" in problem(
        f"signatories:\n  - {{name: A, role: developper, key: {ANN}}}\n"
    )
    assert "did you mean 'Developer'?" in problem(
        f"signatories:\n  - {{name: A, role: developper, key: {ANN}}}\n"
    )
    assert "assaymark key show" in problem("signatories:\n  - {name: A, role: Developer, key: 'A1'}\n")
    assert "`key` is missing" in problem("signatories:\n  - {name: A, role: Developer}\n")
    assert "line 7: sign_off.roles[1]: nobody in `signatories` has the role Assessor" in problem(
        PEOPLE + "sign_off: {roles: [Assessor]}\n"
    )
    assert "it takes two" in problem(
        f"signatories: [{{name: A, role: Developer, key: {ANN}}}]\nsign_off: {{four_eyes: true}}\n"
    )
    assert "unknown key 'role'; did you mean 'roles'?" in problem("sign_off: {role: [Developer]}\n")
    assert "'Owner' is not one of those allowed" in problem("sign_off: {roles: [Owner]}\n")


def test_the_lines_that_init_writes_are_valid_without_their_marks() -> None:
    """Whoever removes the comment signs has a manifest that works."""
    text = manifest_text(Draft(name="x"))
    start = text.index("signatories:")
    shown = text[start:].replace("  # ", "  ").replace("# sign_off", "sign_off")
    shown = shown.replace(", Data Custodian], four_eyes: true", "]")  # one signatory cannot do that
    system = read_manifest(text[:start] + shown, "m")
    assert system.signatories[0].role == "Developer"
    assert system.sign_off.roles == ("Developer",)
