"""Documents → facts: kinds, sections, topics, parts, links, bounds, hostile bytes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.scan.blob import BytesBlob
from assaymark.scan.document import SCANNERS
from assaymark.scan.facts import Claim, Document, Fact, Register, ScanProblem


def scan(path: str, text: str | bytes) -> list[Fact]:
    """Everything the document scanners read in one file."""
    blob = BytesBlob(path, text.encode() if isinstance(text, str) else text)
    head = blob.read(0, 4096)
    return [fact for scanner in SCANNERS if scanner.accepts(path, head) for fact in scanner.scan(blob)]


def document(path: str, text: str) -> Document:
    """The document as a whole."""
    return next(f for f in scan(path, text) if isinstance(f, Document) and not f.part)


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("README.md", "# Bot\n\nHello there.\n", "readme"),
        ("docs/awareness/2026-10.md", "# AI threats this month\n", "awareness"),
        ("decisions/0002-justification-x.md", "# Justification for a component\n", "justification"),
        ("SECURITY.md", "# Security\n", "security-policy"),
        (".well-known/security.txt", "Contact: mailto:a@b.c\n", "security-txt"),
        ("docs/threat-model.md", "", "threat-model"),
        ("docs/threat_model/README.md", "# x\n", "threat-model"),
        ("docs/security/ThreatModel.md", "", "threat-model"),
        ("docs/ai-risk-register.md", "", "risk-register"),
        ("docs/page.md", "# Incident response plan\n", "incident-plan"),
        ("docs/IR-plan.md", "", "incident-plan"),
        ("CHANGELOG", "1.0\n", "changelog"),
        ("docs/adr/0001-use-postgres.md", "# Use Postgres\n", "decision-record"),
        ("model/README.md", "---\nlicense: mit\npipeline_tag: text-generation\n---\n# x\n", "model-card"),
        ("data/README.md", "---\ntask_categories:\n- x\n---\n# x\n", "data-card"),
        ("docs/x.md", "# Sorter\n\n## Intended use\n\n## Limitations\n\n## Training data\n", "model-card"),
        ("org/training-register.md", "", "training-register"),
        ("org/secure-coding-training.md", "", "secure-coding"),
        ("org/vendor-assessment-openai.md", "", "due-diligence"),
        ("PRIVACY.md", "", "privacy-notice"),
        ("docs/acceptable-use-policy.md", "", "acceptable-use"),
        ("docs/disaster_recovery.rst", "Plan\n====\n", "recovery-plan"),
        ("docs/red-team-report-2026.md", "", "test-report"),
        ("docs/http_headers.md", "# HTTP security headers in depth\n", "other"),
        ("src/notes/security_headers.md", "# Headers\n", "other"),
        ("decisions/0002-plansight.md", "# Justification for a thin card\n", "justification"),
        ("docs/modules/evaluations.rst", ":mod:`art.evaluations`\n======\n", "other"),
        ("README-cn.md", "# x\n", "readme"),
        ("card/model_card_template.md", "# Model card\n\n## Threat model\n\nx\n", "other"),
        ("prompts/system.md", "You are a helpful assistant.\n", "other"),
    ],
)
def test_the_kind_follows_from_name_title_and_headings(path: str, text: str, kind: str) -> None:
    """Each of these is known for what it is, and near misses are not taken for more."""
    assert document(path, text).kind == kind


@pytest.mark.parametrize(
    "path",
    ["requirements.txt", "data/corpus.txt", "templates/chat.html", "LICENSE", "bin/tool", "vocab.txt",
     "node_modules/x/README.md", ".claude/agents/security.md", ".github/ISSUE_TEMPLATE/bug.md",
     "vendor/y/SECURITY.md", "src/app.py"],
)  # fmt: skip
def test_what_is_not_prose_is_left_alone(path: str) -> None:
    """Requirements, data, web templates and other people's packages are not documents of the system."""
    assert not [f for f in scan(path, "threat model\n") if isinstance(f, Document)]


def test_code_comments_and_placeholders_are_no_content() -> None:
    """Fences, HTML comments and places to be filled in add neither words nor topics."""
    text = (
        "# Threat model\n\n<!-- poisoning -->\n```\nprompt injection\n```\n"
        "[insert membership inference]\nTODO: jailbreak\n"
    )

    seen = document("docs/threat-model.md", text)

    assert seen.words == 0
    assert seen.topics == ()


def test_a_comment_over_several_lines_hides_them() -> None:
    """Text before and after a comment counts, text inside does not."""
    seen = document("docs/x.md", "# T\n\npoisoning <!-- evasion\njailbreak\n--> rollback\n")

    assert {"poisoning", "rollback"} <= set(seen.topics)
    assert not {"evasion", "jailbreak"} & set(seen.topics)


def test_sections_know_their_lines() -> None:
    """Lines count from 1, front matter included."""
    seen = document("docs/x.md", "---\ntitle: Plan\n---\n# One\n\na b c\n\nTwo\n---\n\nd e\n")

    assert [(s.title, s.line, s.words) for s in seen.sections] == [("One", 4, 3), ("Two", 8, 2)]
    assert seen.title == "Plan"


def test_badges_and_addresses_of_links_say_nothing() -> None:
    """A badge's address with `v1` in it speaks of no versioned API; the words of a link count."""
    badge = "[![Docs](https://img.example/static/v1?label=docs)](https://docs.example/v2)\n\n"
    quiet = document(
        "README.md", badge + "# Thing\n\nIt makes [vectors](https://docs.example/v1/deprecated).\n"
    )
    spoken = document("README.md", "# Thing\n\nIt offers [API version 2](https://docs.example).\n")

    assert "versioned-api" not in quiet.topics
    assert quiet.sections[0].words == 0
    assert "versioned-api" in spoken.topics


def test_tags_say_nothing_and_a_tagged_heading_is_the_title() -> None:
    """A README that is centred by HTML has its title, and its badges' addresses name no topic."""
    text = (
        '<h1 align="center">● The <b>Loom</b></h1>\n\n<p align="center">\n  <a href="LICENSE"><img\n'
        '   src="https://img.shields.io/static/v1?label=beta" alt="Licence"/></a>\n</p>\n'
        "\nIt weaves.\n\n## Demo\n\nSee.\n"
    )
    read = document("README.md", text)
    assert read.title == "● The Loom"
    assert not {"versioned-api", "preview"} & set(read.topics)


def test_a_section_may_be_a_document_of_its_own() -> None:
    """A README's threat model counts as one, with its sub-sections, and nothing after it."""
    text = (
        "# Bot\n\nHello.\n\n## Threat model\n\n"
        "An attacker may poison the index; we compare sources each night.\n\n"
        "### Injection\n\nPrompt injection.\n\n## Licence\n\nApache\n"
    )

    part = next(f for f in scan("README.md", text) if isinstance(f, Document) and f.part)

    assert part.kind == "threat-model"
    assert part.at.line == 5
    assert [s.title for s in part.sections] == ["Threat model", "Injection"]


def test_links_are_resolved_within_the_tree() -> None:
    """Relative links are taken from the document's folder; addresses and escapes are left out."""
    text = (
        "[a](../x.md#top) [b](https://e.org/y.md) [c](../../../etc/passwd) [d](mailto:a@b) ![e](img/p.png)\n"
    )

    assert document("docs/g/a.md", text).links == ("docs/x.md", "docs/g/img/p.png")


def test_dates_and_people_carry_their_labels() -> None:
    """Lines, tables and front matter are read alike."""
    text = (
        "---\nlast_reviewed: 2026-05-01\n---\n# Plan\n\n**Owner:** Ada Byron\n\n"
        "| Field | Value |\n|---|---|\n"
        "| Approved by | Grace Hopper |\n| Last exercised | 3 March 2026 |\n\nExpires: 31/12/2027\n"
    )

    seen = document("docs/x.md", text)

    assert set(seen.dates) == {
        ("reviewed", "2026-05-01"),
        ("exercised", "2026-03-03"),
        ("expires", "2027-12-31"),
    }
    assert set(seen.people) == {("owner", "Ada Byron"), ("approved by", "Grace Hopper")}


def test_restructured_text_is_read_by_its_underlines() -> None:
    """Headings, literal blocks, list tables and links."""
    text = (
        "Plan\n====\n\nRoles\n-----\n\nThe incident lead::\n\n    prompt injection\n\n"
        "See `it <other.rst>`_.\n\n"
        ".. list-table::\n   :header-rows: 1\n\n   * - Supplier\n     - Service\n   * - Acme\n     - models\n"
    )

    seen = scan("docs/incident.rst", text)

    assert isinstance(seen[0], Document)
    assert [s.title for s in seen[0].sections] == ["Plan", "Roles"]
    assert "prompt-injection" not in seen[0].topics
    assert seen[0].links == ("docs/other.rst",)
    assert [r.rows for r in seen if isinstance(r, Register)] == [(("Acme", "models"),)]


def test_html_is_text_only() -> None:
    """Scripts, styles and comments say nothing; headings and tables do."""
    text = (
        "<html><head><title>poisoning</title></head><body><script>jailbreak</script><!-- evasion -->"
        "<h2>Privacy notice</h2><p>We keep it <b>ten</b> days.</p>"
        "<table><tr><th>Asset</th><th>Owner</th><th>Version</th></tr><tr><td>m</td><td>Ada</td><td>1</td></tr></table>"
    )

    seen = scan("docs/privacy.html", text)

    assert isinstance(seen[0], Document)
    assert not {"poisoning", "jailbreak", "evasion"} & set(seen[0].topics)
    assert [s.title for s in seen[0].sections] == ["Privacy notice"]
    assert [r.kind for r in seen if isinstance(r, Register)] == ["asset"]


def test_a_security_txt_is_read_by_its_fields() -> None:
    """RFC 9116: fields by name, the date of expiry, comments aside."""
    seen = document(
        "public/.well-known/security.txt", "# hi\nContact: mailto:a@b.c\nExpires: 2027-01-01T00:00:00Z\n"
    )

    assert dict(seen.front_matter) == {"contact": "mailto:a@b.c", "expires": "2027-01-01T00:00:00Z"}
    assert seen.dates == (("expires", "2027-01-01"),)


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("# A\n\n[insert name] and [your mail] and TBD\n", True),
        ("# A\n\nSee [your profile](profile.md), [date](d.md) and [link](l.md).\n", False),
        ("# A\n\nSee [link][1], [date][2], [your page][3].\n\n[link]: a.md\n", False),
        ("# A\n\n" + "Word upon word of honest text. " * 60 + "TODO\n", False),
    ],
)
def test_templates_are_told_by_what_is_left_to_fill_in(text: str, template: bool) -> None:
    """Links that look like placeholders are none, and one open point in a long text is no template."""
    assert document("docs/x.md", text).template is template


def test_the_bound_is_said() -> None:
    """A document of more than 2 MB is read in part, and the reader is told."""
    seen = scan("docs/x.md", "word " * 500_000)

    (problem,) = [f for f in seen if isinstance(f, ScanProblem)]
    assert "2,097,152" in problem.reason
    assert problem.partial


def test_yaml_aliases_in_front_matter_are_not_expanded() -> None:
    """A bomb in the front matter is named and the text after it is read."""
    seen = scan("docs/x.md", "---\na: &a [x, x]\nb: [*a, *a]\n---\n# Plan\n\nrollback now\n")

    assert any(isinstance(f, ScanProblem) and "alias" in f.reason for f in seen)
    assert any(isinstance(f, Document) and f.words == 2 for f in seen)


HOSTILE = [
    ("docs/a.html", "<a" * 100_000),
    ("docs/a.html", "<!--" * 100_000),
    ("docs/a.html", "<p " + "b=" * 100_000),
    ("docs/a.html", "<p>" * 100_000),
    ("docs/a.md", "[a](" * 100_000),
    ("docs/a.md", "| a | b |\n|---|---|\n" + "|" * 200_000),
    ("docs/a.md", "<!--\n" * 100_000),
    ("docs/a.md", "rate limit 60 requests " * 20_000),
    ("docs/a.md", "# h\n" * 100_000),
    ("docs/a.md", "12 May " * 60_000),
    ("docs/a.md", "<your " * 80_000),
    ("docs/a.rst", "a\n=\n" * 40_000),
    ("docs/a.rst", ".. x::\n" * 50_000),
    ("docs/a.md", "---\n" + "[" * 50_000 + "\n---\n"),
    ("risks.yaml", "- " * 20_000),
    ("risks.csv", "Risk,Owner,Status\n" + '"' * 100_000),
]


@pytest.mark.parametrize(("path", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_linear_time(path: str, text: str) -> None:
    """Half a megabyte of the worst we know takes seconds at most, and breaks nothing."""
    start = time.monotonic()

    scan(path, text)

    assert time.monotonic() - start < 10


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["a.md", "docs/a.rst", "docs/a.html", "docs/a.txt", "risks.csv", "risks.yaml"]),
)
def test_any_bytes_give_facts(data: bytes, path: str) -> None:
    """The scanner is total: whatever the bytes, it returns."""
    assert all(isinstance(f, Fact) for f in scan(path, data))


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="#=-|`<>![]() \nab*:1.", max_size=300),
    st.sampled_from(["a.md", "docs/a.rst", "docs/a.html"]),
)
def test_any_markup_gives_sections_in_order(text: str, path: str) -> None:
    """Sections come in the order of their lines, and words are never negative."""
    seen = document(path, text)

    assert [s.line for s in seen.sections] == sorted(s.line for s in seen.sections)
    assert all(s.words >= 0 for s in seen.sections)


def test_claims_hold_the_figure_and_the_place() -> None:
    """A wrapped sentence is one claim, at its first line."""
    (claim,) = [
        f
        for f in scan("README.md", "# B\n\nThe API is rate\nlimited to 1,200 requests per hour.\n")
        if isinstance(f, Claim)
    ]

    assert (claim.subject, claim.value, claim.at.line) == ("rate-limit", "1200", 3)


def test_changelogs_make_no_claims() -> None:
    """What was true once is not promised now."""
    assert not [
        f for f in scan("CHANGELOG.md", "# C\n\nAll endpoints require an API key.\n") if isinstance(f, Claim)
    ]


def test_labels_that_share_a_line_are_told_apart() -> None:
    """A name ends where the next label begins."""
    text = "# Approval\n\nData custodian: Marta Silva. Approved by: Leo Brandt. Reviewed: 2026-06-03.\n"
    found = document("docs/data-approval.md", text)
    assert set(found.people) == {("data custodian", "Marta Silva"), ("approved by", "Leo Brandt")}


def test_a_promise_not_to_log_content_is_a_claim() -> None:
    """Whatever the system calls what people send it."""
    facts = scan("docs/privacy.md", "# Privacy notice\n\nWe never log the content of letters.\n")
    assert [f.subject for f in facts if isinstance(f, Claim)] == ["no-logging"]


def test_words_of_the_trade_are_no_guidance() -> None:
    """Embeddings are not integration, and a list of maintainers says nothing on maintenance."""
    quiet = document(
        "README.md", "# X\n\nIt computes embeddings.\n\n## Maintainers\n\nAda and Bob, with thanks.\n"
    )
    spoken = document("README.md", "# X\n\nEmbed it: embedded in a page, it needs maintenance each year.\n")

    assert {"integration", "management"} & set(quiet.topics) == set()
    assert {"integration", "management"} <= set(spoken.topics)
