"""A manifest is read whole, or refused with every problem at its line."""

import contextlib
import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.asset import AssetKind
from assaymark.errors import UsageError
from assaymark.system.conditions import IN_WORDS
from assaymark.system.manifest import default_system, expired, manifest_schema, read_manifest
from assaymark.system.system import AcceptedRisk, Condition, Profile, Role, Statement, System, Waiver

FULL = """\
assaymark: 1
name: Helpdesk assistant
purpose: Answers questions of residents.
owner: Ann Other
organisation: Harbour Council
version: 1.10
profile: chatbot
roles: [Developer, System Operator]
custodians: [Bo Keeper]
staff_roles: [engineer]
conditions:
  cloud: true
  trains: {holds: false, reason: the model is bought}
  shares-model:
    holds: false
    reason: nothing is handed on
    by: Cy Chief
assets:
  - kind: model
    name: gpt-x
    version: "2026-05-01"
    depends_on: [prompts]
documents:
  threat-model: docs/threats.md
  model-card: [a.md, b.md]
review_months: {threat-model: 6}
accepted_risks:
  - {id: R-1, risk: r, reason: w, owner: Ann, until: 2027-01-31}
waivers:
  - provision: 5.2.4-1.2
    reason: hashes come with the next release
    owner: Ann Other
    until: 2027-01-31
attestations: [../assurance]
exclude: ["vendor/**"]
"""


def problems(text: str | bytes) -> list[tuple[int, str]]:
    """The listed problems as line and sentence."""
    with pytest.raises(UsageError) as caught:
        read_manifest(text, "assaymark.yaml")
    return [(int(n), m) for n, m in re.findall(r"^  line (\d+): (.*)$", caught.value.message, re.MULTILINE)]


def test_every_key_reaches_the_system() -> None:
    """What the owner wrote is what the product knows, with the lines of what it may have to quote."""
    system = read_manifest(FULL, "assaymark.yaml")
    assert system.name == "Helpdesk assistant"
    assert system.profile is Profile.CHATBOT
    assert system.roles == (Role.DEVELOPER, Role.SYSTEM_OPERATOR)
    assert system.conditions == {
        Condition.CLOUD: Statement(holds=True),
        Condition.TRAINS: Statement(holds=False, reason="the model is bought"),
        Condition.SHARES_MODEL: Statement(holds=False, reason="nothing is handed on", by="Cy Chief"),
    }
    assert system.documents == {"threat-model": ("docs/threats.md",), "model-card": ("a.md", "b.md")}
    assert system.assets[0].depends_on == ("prompts",)
    assert (system.assets[0].line, system.accepted_risks[0].line, system.waivers[0].line) == (19, 28, 30)
    assert system.review_months == {"threat-model": 6}
    assert (system.custodians, system.staff_roles) == (("Bo Keeper",), ("engineer",))
    assert (system.attestations, system.exclude) == (("../assurance",), ("vendor/**",))
    assert system.manifest_path == "assaymark.yaml"
    assert len(system.manifest_sha256) == 64


def test_versions_and_dates_stay_as_they_were_written() -> None:
    """1.10 is not 1.1, and a date is text."""
    system = read_manifest(FULL, "m")
    assert (system.version, system.waivers[0].until) == ("1.10", "2027-01-31")


def test_all_problems_are_named_at_once_each_at_its_line() -> None:
    """One run is enough to mend a manifest."""
    text = """\
assaymark: 2
nam: x
owner: 5
profile: chatbots
roles: developer
conditions:
  trains: false
  cloud: {holds: false}
  clowd: true
assets: [{kind: modle, name: x, sha256: abc}]
review_months: {threat-model: 0}
"""
    found = problems(text)
    assert [line for line, _ in found] == [1, 1, 2, 3, 4, 5, 7, 8, 9, 10, 10, 11]
    said = " ".join(message for _, message in found)
    for part in (
        "`name` is missing",
        "unknown key 'nam'; did you mean 'name'?",
        "put it in quotes",
        "did you mean 'chatbot'?",
        "roles: expected a list, found text",
        "conditions.trains: false is not possible here",
        "conditions.cloud: `reason` is missing",
        "did you mean 'cloud'?",
        "did you mean 'model'?",
        "sha256sum",
        "minimum 1",
    ):
        assert part in said


@pytest.mark.parametrize("key", ["reason", "owner", "until"])
def test_a_waiver_without_reason_owner_or_end_is_an_error(key: str) -> None:
    """A waiver that lacks one of the three is invalid."""
    lines = {"reason": "r", "owner": "o", "until": "2027-01-01"}
    rest = ", ".join(f"{k}: {v}" for k, v in lines.items() if k != key)
    found = problems(f"assaymark: 1\nname: x\nwaivers:\n  - {{provision: 5.2.4-1, {rest}}}\n")
    assert len(found) == 1
    assert found[0][0] == 4
    assert f"`{key}` is missing" in found[0][1]


@pytest.mark.parametrize("until", ["2027-13-01", "2027-02-30", "soon", "2027-1-1", "20270101", "2027"])
def test_an_end_date_that_is_no_date_is_an_error(until: str) -> None:
    """Neither a month 13 nor a word ends a waiver."""
    waiver = f"{{provision: 5.2.4-1, reason: r, owner: o, until: {until}}}"
    assert "until" in problems(f"assaymark: 1\nname: x\nwaivers: [{waiver}]\n")[0][1]


def test_a_date_in_the_past_is_not_an_error_here() -> None:
    """Whether a waiver still counts is a question of the day of assessment."""
    text = "assaymark: 1\nname: x\nwaivers: [{provision: 5.2.4-1, reason: r, owner: o, until: 2001-01-01}]\n"
    (waiver,) = read_manifest(text, "m").waivers
    assert expired(waiver, date(2026, 11, 23))


def test_the_last_day_still_counts() -> None:
    """An entry is past its date from the day after."""
    waiver = Waiver(provision="5.2.4-1", reason="r", owner="o", until="2026-11-23")
    risk = AcceptedRisk(id="R", risk="r", reason="r", owner="o", until="2026-11-22")
    assert not expired(waiver, date(2026, 11, 23))
    assert expired(risk, date(2026, 11, 23))


def test_an_exclusion_needs_a_named_person() -> None:
    """Either the statement names one or the manifest has an owner."""
    text = "assaymark: 1\nname: x\nconditions:\n  cloud: {holds: false, reason: on premises}\n"
    assert [line for line, _ in problems(text)] == [4]
    assert read_manifest(f"owner: Ann\n{text}", "m").conditions[Condition.CLOUD].reason == "on premises"


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("- a list", 1, "mapping"),
        ("just text", 1, "mapping"),
        ("assaymark: 1\nname:\n\t- x", 3, "tab"),
        ("assaymark: 1\nname: a: b", 2, "quotes"),
        ("assaymark: 1\nname: x\nname: y", 3, "twice"),
        ("a: &a [1]\nb: *a", 1, "aliases"),
        ("a: !!python/object/apply:os.system [x]", 1, "tags"),
        ("[" * 50_000, 1, "nested"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: [1, 2", 1, "expected"),
        ("? [a]\n: b", 1, "plain text"),
        ("x" * 200_001, 1, "longer"),
        ('a: 1\nb: "\x00"', 2, "U+0000"),
        (b"name: ok\nowner: \xff", 2, "UTF-8"),
        (b"\xff\xfea\x00", 1, "UTF-8"),
        ("assaymark: 1\nname: \ud800", 2, "UTF-8"),
        ("assaymark: 1\nname: x\ndocuments:\n  readme: ../../etc/passwd", 4, "leads out"),
        ("assaymark: 1\nname: No", 2, "quotes"),
        ("assaymark: 1\nname: ''", 2, "empty"),
        (f"assaymark: 1\nname: {'x' * 4001}", 2, "longer than 4,000"),
        ("assaymark: 1\nname: x\nroles: [Developer, Developer]", 3, "twice"),
        ("assaymark: 1\nname: x\nattestations: {a: b}", 3, "expected a list, found a mapping"),
    ],
)
def test_broken_and_hostile_text_is_refused_with_a_reason(text: str | bytes, line: int, part: str) -> None:
    """No trace, no guess: a line and a sentence."""
    found = problems(text)
    assert found[-1][0] == line
    assert part in found[-1][1]


def test_a_key_given_twice_does_not_hide_other_problems() -> None:
    """Reading goes on where the rest can still be trusted."""
    assert len(problems("assaymark: 1\nname: x\nname: y\nprofil: agent")) == 2


def test_the_same_risk_twice_is_an_error() -> None:
    """An id has to name one risk."""
    row = "{id: R-1, risk: r, reason: w, owner: o, until: 2027-01-01}"
    assert "line 4" in problems(f"assaymark: 1\nname: x\naccepted_risks:\n - {row}\n - {row}\n")[0][1]


def test_a_heading_with_nothing_under_it_counts_as_absent() -> None:
    """The template's commented sections are valid as they stand."""
    text = "assaymark: 1\nname: x\nowner:\nconditions:\nwaivers:\nassets:\ndocuments:\n"
    assert read_manifest(text, "").waivers == ()


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    """Editors add them."""
    text = b"\xef\xbb\xbfassaymark: 1\r\nname: x\r\nowner: 5\r\n"
    assert [line for line, _ in problems(text)] == [3]


def test_control_characters_never_reach_the_terminal() -> None:
    """Neither from a key nor from the name of the file."""
    with pytest.raises(UsageError) as caught:
        read_manifest('"\\x1b[2J": 1\nname: "\\x1b[31m"\nprofile: "\\x1b"', "\x1b[2Ja.yaml")
    assert "\x1b" not in str(caught.value)


def test_a_long_list_of_problems_is_cut_with_its_number() -> None:
    """A thousand wrong keys do not fill the screen."""
    text = "assaymark: 1\nname: x\n" + "".join(f"zz{n}: 1\n" for n in range(1000))
    with pytest.raises(UsageError, match="1000 problems") as caught:
        read_manifest(text, "m")
    assert "and 975 more" in caught.value.message


def test_without_a_manifest_nothing_is_stated() -> None:
    """The default leaves everything in scope."""
    assert default_system("folder") == System(name="folder")


def test_the_schema_knows_exactly_the_words_of_the_product() -> None:
    """Conditions, profiles, roles and kinds of asset are the same in both."""
    schema = manifest_schema()
    properties = schema["properties"]
    assert set(properties["conditions"]["propertyNames"]["enum"]) == set(Condition) == set(IN_WORDS)
    assert set(properties["profile"]["enum"]) == set(Profile)
    assert set(properties["roles"]["items"]["enum"]) == set(Role)
    assert set(schema["$defs"]["asset"]["properties"]["kind"]["enum"]) == set(AssetKind)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a `UsageError` ever comes out."""
    with contextlib.suppress(UsageError):
        assert read_manifest(text, "m").name


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(manifest_schema()["properties"])), _VALUES))
@settings(max_examples=100, deadline=None)
def test_any_values_under_known_keys_are_read_or_refused(values: dict[str, object]) -> None:
    """Wrong types at any depth are told, never tripped over."""
    with contextlib.suppress(UsageError):
        assert read_manifest(json.dumps({"assaymark": 1, "name": "x", **values}), "m").name
