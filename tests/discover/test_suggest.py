"""The profile that is proposed has a reason that can be looked up."""

import pytest

from assaymark.discover.suggest import suggest
from assaymark.observation import Location
from assaymark.scan.facts import (
    CodeFile,
    DataFile,
    Deployment,
    Document,
    Fact,
    LibraryUse,
    LlmCall,
    ModelFile,
    ToolDefinition,
)
from assaymark.system.system import Profile

AT = Location("src/app.py", 7)
CODE = CodeFile(at=AT, language="python", lines=9)
CALL = LlmCall(at=AT, client="openai", function="f")
TOOL = ToolDefinition(at=AT, name="pay", framework="mcp")
MODEL = ModelFile(at=Location("m.safetensors"), format="safetensors", sha256="0", size=9, runs_code=False)
CARD = Document(
    at=Location("README.md", 1),
    kind="readme",
    sha256="0",
    words=9,
    front_matter=(("license", "mit"), ("base_model", "x")),
)
PAPER = Document(at=Location("papers/dd.md", 1), kind="due-diligence", sha256="0", words=9)
TRAINS = LibraryUse(at=Location("ml/train.py", 1), library="scikit-learn", category="ml")
ROWS = DataFile(at=Location("data/x.csv"), format="csv", sha256="0", size=9, labels=("is_fraud",))
SERVED = Deployment(at=Location("deploy.yaml", 3), name="v", kind="compose", serves_model=True)


@pytest.mark.parametrize(
    ("facts", "profile", "place"),
    [
        ((CODE, CALL, TOOL), Profile.AGENT, "src/app.py:7"),
        ((CODE, CALL), Profile.CHATBOT, "src/app.py:7"),
        ((MODEL, CARD), Profile.OPEN_MODEL, "README.md"),
        ((CODE, TRAINS, ROWS), Profile.FRAUD_MODEL, "ml/train.py:1"),
        ((CODE, TRAINS, SERVED), Profile.LLM_PROVIDER, "deploy.yaml:3"),
        ((PAPER,), Profile.BUYER, "papers/dd.md"),
    ],
    ids=lambda value: value.value if isinstance(value, Profile) else "",
)
def test_each_profile_is_proposed_for_what_marks_it(
    facts: tuple[Fact, ...], profile: Profile, place: str
) -> None:
    """With the place that made the difference."""
    proposal = suggest(facts)
    assert proposal.profile is profile
    assert place in proposal.reason


@pytest.mark.parametrize(
    "facts",
    [(), (CODE,), (CARD,), (CODE, PAPER), (TRAINS,), (ROWS,)],
    ids=["nothing", "code", "card alone", "papers with code", "library alone", "data alone"],
)
def test_nothing_is_proposed_without_a_sign(facts: tuple[Fact, ...]) -> None:
    """An open question is better than a wrong guess."""
    assert suggest(facts).profile is None


def test_a_tool_in_a_test_makes_no_agent() -> None:
    """Only the product counts."""
    stub = ToolDefinition(at=Location("tests/test_x.py", 1), name="stub", framework="mcp")
    assert suggest((CODE, stub)).profile is None


def test_documents_are_listed_by_kind_and_path() -> None:
    """Those of no particular kind are left out."""
    second = Document(at=Location("a/dd.md", 1), kind="due-diligence", sha256="0", words=9)
    other = Document(at=Location("notes.md", 1), kind="other", sha256="0", words=9)
    assert suggest((PAPER, second, other)).documents == {"due-diligence": ("a/dd.md", "papers/dd.md")}


def test_a_name_with_control_characters_is_shown_harmlessly() -> None:
    """A reason is printed on a terminal."""
    nasty = ToolDefinition(at=AT, name="\x1b[2J", framework="mcp")
    assert "\x1b" not in suggest((nasty,)).reason
