"""documents_agree_with_the_code: plain statements against facts, and pointers against the tree."""

import pytest
from tests.trees import observe

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import (
    DynamicExecution,
    Effect,
    Endpoint,
    Fact,
    HubReference,
    Limit,
    LlmCall,
    LogSite,
    ModelFile,
    Origin,
    ToolDefinition,
    TraceExport,
)

NAME = "documents_agree_with_the_code"
README = "# Bot\n\n{}\n"
LIMITED = README.format("The API is rate limited to 60 requests per minute.")


def _endpoint(route: str = "/chat", *, limited: bool = False, known: bool = False) -> Endpoint:
    return Endpoint(
        at=Location("app.py", 9),
        framework="fastapi",
        method="POST",
        route=route,
        handler="upload",
        rate_limited=limited,
        authenticated=known,
        bounded_input=False,
        validated=False,
    )


MET: dict[str, str | bytes] = {"README.md": LIMITED}
NOT_MET: dict[str, str | bytes] = {"README.md": LIMITED}
EXTRA_MET = (Limit(at=Location("app.py", 4), kind="rate", name="limiter", value="60/minute", enforced=True),)
EXTRA_NOT_MET = (_endpoint(),)

AT = Location("app.py", 5)
CASES: list[tuple[str, Fact]] = [
    ("All endpoints require an API key.", _endpoint()),
    ("We never log prompts.", LogSite(at=AT, sink="logging", subject="llm-call", content=True)),
    (
        "Generated code runs in a sandbox.",
        DynamicExecution(
            at=AT, callee="exec", effect=Effect.EXECUTE, origin=Origin.MODEL_OUTPUT, sandboxed=False
        ),
    ),
    (
        "Models are pinned by commit.",
        HubReference(at=AT, kind="model", name="a/b", loader="from_pretrained", pinned=False),
    ),
    (
        "Payments require human approval.",
        ToolDefinition(at=AT, name="refund", framework="mcp", effects=(Effect.PAY,), approval=False),
    ),
    (
        "The agent has read-only access to the database.",
        ToolDefinition(at=AT, name="drop", framework="mcp", effects=(Effect.DELETE,)),
    ),
    ("No telemetry is sent.", TraceExport(at=AT, destination="posthog", on_by_default=True)),
    ("Your data never leaves your machine.", LlmCall(at=AT, client="openai", function="f")),
    ("Calls time out after 30 seconds.", LlmCall(at=AT, client="openai", function="f", timeout=False)),
    ("Uploads are limited to 10 MB per file.", _endpoint("/upload")),
    ("Every request is validated.", _endpoint()),
    (
        "All weights are stored as safetensors.",
        ModelFile(at=Location("m.pkl"), format="pickle", sha256="", size=1, runs_code=True),
    ),
]


@pytest.mark.parametrize(("sentence", "fact"), CASES)
def test_a_broken_promise_is_found(sentence: str, fact: Fact) -> None:
    """The code does the opposite of what the sentence says; a person is asked to judge."""
    seen = observe(NAME, {"README.md": README.format(sentence)}, extra=(fact,))

    assert [o.outcome for o in seen] == [Outcome.NOT_MET]
    assert seen[0].certainty is Certainty.TENTATIVE
    assert {d.at.path for d in seen[0].details if d.at} == {"README.md", fact.at.path}


@pytest.mark.parametrize("sentence", [s for s, _ in CASES])
@pytest.mark.parametrize(
    "frame", ["If you configure it: {}", "You should make sure: {}", "TODO: {}", "Is it true? {}?"]
)
def test_wishes_and_conditions_are_no_claims(sentence: str, frame: str) -> None:
    """Modality, conditions and questions promise nothing."""
    text = README.format(frame.format(sentence.rstrip(".")))

    seen = observe(NAME, {"README.md": text}, extra=tuple(f for _, f in CASES))

    assert [o.outcome for o in seen] == [Outcome.NOT_APPLICABLE]


def test_a_claim_on_some_endpoints_is_held_against_those() -> None:
    """`Every conversation endpoint` says nothing about the others."""
    text = README.format("Every conversation endpoint needs a token.")

    others = observe(NAME, {"README.md": text}, extra=(_endpoint("/pages"),))
    same = observe(NAME, {"README.md": text}, extra=(_endpoint("/conversations/{id}"),))

    assert [o.outcome for o in others] == [Outcome.NOT_OBSERVABLE]
    assert [o.outcome for o in same] == [Outcome.NOT_MET]


def test_a_denial_is_no_promise() -> None:
    """`The API is not rate limited` says just what the code shows."""
    seen = observe(NAME, {"README.md": README.format("The API is not rate limited.")}, extra=(_endpoint(),))

    assert [o.outcome for o in seen] == [Outcome.NOT_APPLICABLE]


def test_another_figure_is_a_contradiction() -> None:
    """Sixty in the document, five hundred in the code."""
    limit = Limit(at=AT, kind="rate", name="limiter", value="500/minute", enforced=True)

    seen = observe(NAME, MET, extra=(limit,))

    assert seen[0].outcome is Outcome.NOT_MET


def test_what_cannot_be_compared_is_said() -> None:
    """No endpoint, no limit: a gateway may do it."""
    seen = observe(NAME, MET)

    assert [o.outcome for o in seen] == [Outcome.NOT_OBSERVABLE]


def test_test_code_breaks_no_promise() -> None:
    """A test that logs a prompt is not the product."""
    site = LogSite(at=Location("tests/test_a.py", 3), sink="logging", subject="llm-call", content=True)

    seen = observe(NAME, {"README.md": README.format("We never log prompts.")}, extra=(site,))

    assert [o.outcome for o in seen] == [Outcome.NOT_OBSERVABLE]


def test_a_guide_to_removed_files_is_found() -> None:
    """Five commands and links whose files are gone mislead the reader."""
    text = "# Guide\n\n" + "".join(f"See [part {n}](part{n}.md).\n\n" for n in range(4))
    text += "```\npython tools/convert.py --fast\n```\n"

    seen = observe(NAME, {"docs/guide.md": text, "docs/other.md": "x"})

    assert seen[-1].outcome is Outcome.NOT_MET
    assert "5 of 5" in seen[-1].summary


def test_files_that_moved_are_not_missed() -> None:
    """A documentation site has roots of its own; a file of that name elsewhere is enough."""
    files = {
        "docs/guide.md": "# Guide\n\nSee [it](/guides/setup.md) and [web](https://a.b/c.md).\n",
        "docs/g/setup.md": "x",
    }

    seen = observe(NAME, files)

    assert seen[-1].outcome is Outcome.MET


def test_what_a_package_leaves_out_is_no_broken_link() -> None:
    """A README in a package points at files that only the repository holds."""
    seen = observe(NAME, {"PKG-INFO": "Name: x\n", "README.md": "# X\n\nSee [how](CONTRIBUTING.md).\n"})

    assert Outcome.PARTLY_MET not in {o.outcome for o in seen}
    assert any("leaves out" in o.summary for o in seen)
