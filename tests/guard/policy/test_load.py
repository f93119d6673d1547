"""A policy is read whole, or refused with every mistake at its line."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.errors import UsageError
from assaymark.guard.event import Action, Channel
from assaymark.guard.policy import load as loading
from assaymark.guard.policy.load import default_policy, load, read_policy
from assaymark.guard.policy.model import Mode, Policy
from assaymark.guard.policy.schema import generated_schema, policy_schema

EXAMPLES = sorted((Path(loading.__file__).parent / "examples").glob("*.yaml"))


def refused(text: str | bytes) -> str:
    """The message with which `text` is refused."""
    with pytest.raises(UsageError) as caught:
        read_policy(text.encode() if isinstance(text, str) else text, "p.yaml")
    return caught.value.message


def test_the_published_schema_is_that_of_the_model() -> None:
    """An editor that knows the schema and the guard that knows the model agree."""
    assert policy_schema() == json.loads(json.dumps(generated_schema()))


def test_every_field_of_the_model_is_in_the_schema_with_bounds_that_exist() -> None:
    """No bound is written for a field that has gone."""
    definitions = {**policy_schema()["$defs"], "Policy": policy_schema()}
    from assaymark.guard.policy.schema import _BOUNDS

    assert [key for key in _BOUNDS if key[1] not in definitions[key[0]]["properties"]] == []


def test_the_default_is_the_model_s_default_but_for_what_its_comments_say() -> None:
    """Rules that the file writes down as defaults are the defaults."""
    policy = default_policy().policy
    plain = Policy()

    assert (policy.flow, policy.egress, policy.limits) == (plain.flow, plain.egress, plain.limits)
    assert (policy.stream, policy.approvals, policy.mode) == (plain.stream, plain.approvals, plain.mode)
    assert not policy.channel(Channel.SYSTEM).scan
    assert policy.channel(Channel.USER).action is Action.BLOCK


def test_an_empty_file_is_the_safe_policy() -> None:
    """Nothing written means every default."""
    for text in (b"", b"\n# only words\n", b"version: 1\nflow:\n"):
        assert read_policy(text, "p").policy == Policy()


def test_fractions_and_dates_are_read_as_written() -> None:
    """0.75 is a number and 2027-01-02 a text, without quotes."""
    policy = read_policy(
        b"mode: shadow\n"
        b"channels: {user: {steps: [{threshold: 0.75, action: ask}]}}\n"
        b"exceptions: [{id: a, owner: b, reason: c, until: 2027-01-02}]\n",
        "p",
    ).policy

    assert policy.mode is Mode.SHADOW
    assert policy.channel(Channel.USER).steps[0].threshold == 0.75
    assert policy.exceptions[0].until == "2027-01-02"


def test_every_mistake_is_named_at_its_line_with_what_to_write() -> None:
    """A person corrects a file once, not nine times."""
    message = refused(
        "mode: of\n"
        "tools:\n"
        "  - name: 3\n"
        "    effects: [sned]\n"
        "limits: {body_bytes: much}\n"
        "egres: 3\n"
        "channels: {user: {steps: [{threshold: 2, action: block}]}}\n"
        "egress: {links: {allw: 3}}\n"
        "exceptions: [{id: x, until: 2026-13-01, sha256: abc}]\n"
    )

    assert message.splitlines() == [
        "p.yaml has 10 mistakes:",
        "  p.yaml:1: mode: 'of' is not one of those allowed; possible: enforce, shadow",
        "  p.yaml:3: tools[1].name: expected text, found a number; put it in quotes",
        "  p.yaml:4: tools[1].effects[1]: 'sned' is not one of those allowed; did you mean 'send'?",
        "  p.yaml:5: limits.body_bytes: expected a whole number, found text",
        "  p.yaml:6: unknown key 'egres'; did you mean 'egress'?",
        "  p.yaml:7: channels.user.steps[1].threshold: 2 is out of range; write a number of at most 1",
        "  p.yaml:8: egress.links: unknown key 'allw'; did you mean 'allow'?",
        "  p.yaml:9: exceptions[1].sha256: 'abc' is no SHA-256; write 64 lower-case hexadecimal digits",
        "  p.yaml:9: exceptions[1].until: '2026-13-01' is no date; write YYYY-MM-DD",
        "  p.yaml:9: exceptions[1]: `owner`, `reason` missing; write it",
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: &x [1]\nb: *x\n", "anchors"),
        ("mode: shadow\nmode: enforce\n", "given twice"),
        ("mode: !!python/object:os.system x\n", "tags"),
        ("- 1\n", "mapping"),
        ("version: 2\n", "write 1"),
        ("a: [" * 40 + "]" * 40, "deep"),
        ("x: 1\n---\ny: 2\n", "second document"),
        ("name: '" + "x" * 300_000 + "'", "longer"),
        (b"name: \xff\n", "UTF-8"),
        (b"name: \x00\n", "character that YAML does not allow"),
        ("tools: 3\n", "expected a list"),
        ("channels: {usr: {}}\n", "did you mean 'user'"),
        ("egress: {links: 3}\n", "expected a mapping"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_reason(text: str | bytes, part: str) -> None:
    """Bombs, objects, doubled keys and other documents never become a policy."""
    assert part in refused(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing policy is an error of the user's, not a default."""
    for name in ("gone.yaml", "", "a\0b"):
        with pytest.raises(UsageError, match="cannot be read"):
            load(f"{tmp_path}/{name}")


def test_a_loaded_policy_knows_digest_path_and_lines(tmp_path: Path) -> None:
    """What decided can be looked up: by digest, and by line."""
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\nflow:\n  action: block\n")
    loaded = load(path)

    assert len(loaded.sha256) == 64
    assert loaded.path == str(path)
    assert loaded.line(("flow", "action")) == 3
    assert loaded.line(("flow", "effects", 0)) == 2


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_are_policies(path: Path) -> None:
    """Each shipped example loads."""
    assert load(path).policy.name == path.stem


def test_there_is_an_example_for_each_kind_of_system() -> None:
    """Chatbot, retrieval, agent with tools, MCP."""
    assert [p.stem for p in EXAMPLES] == ["agent", "chatbot", "mcp", "rag"]


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="{}[]:,-\n '\"&*!|>ab01.", max_size=80).map(str.encode)
    )
)
def test_reading_is_total(data: bytes) -> None:
    """Any bytes give a policy or a refusal."""
    try:
        loaded = read_policy(data, "p")
    except UsageError:
        return
    assert isinstance(loaded.policy, Policy)


def test_a_policy_survives_its_own_writing() -> None:
    """What the model writes, the reader reads to the same policy."""
    policy = default_policy().policy
    text = msgspec.json.encode(policy)

    assert read_policy(text, "p").policy == policy
