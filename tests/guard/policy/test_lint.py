"""What cannot work is an error; what lets more pass than it seems to is named."""

from datetime import date
from pathlib import Path

import pytest

from assaymark.guard.event import Channel
from assaymark.guard.policy import load as loading
from assaymark.guard.policy.lint import Problem, cannot_stream, lint
from assaymark.guard.policy.load import default_policy, load, read_policy
from assaymark.guard.policy.model import Effect
from assaymark.guard.policy.vocabulary import covers, guessed_effects, matches

TODAY = date(2026, 11, 27)


def doubts(text: str) -> list[Problem]:
    """Everything doubtful in the policy that `text` is."""
    return list(lint(read_policy(text.encode(), "p").policy, TODAY))


STEPS = "channels: {user: {steps: [%s]}}"
CASES = [
    ("error", "reached", STEPS % "{threshold: 0.5, action: ask}, {threshold: 0.5, action: block}"),
    ("error", "comes after", STEPS % "{threshold: 0.8, action: ask}, {threshold: 0.5, action: block}"),
    ("error", "laxer", STEPS % "{threshold: 0.5, action: block}, {threshold: 0.8, action: ask}"),
    ("warning", "same as", STEPS % "{threshold: 0.5, action: block}, {threshold: 0.8, action: block}"),
    ("warning", "fail-open", "channels: {user: {on_error: allow}}"),
    ("warning", "fail-open", "limits: {on_deadline: allow}"),
    ("warning", "not scored", "channels: {document: {scan: false}}"),
    ("warning", "shadow mode", "mode: shadow"),
    ("error", "no human can answer", "approvals: {timeout_seconds: 0}"),
    ("warning", "ended on", "exceptions: [{id: a, owner: b, reason: c, until: 2026-01-01, tool: t}]"),
    ("warning", "more than a year", "exceptions: [{id: a, owner: b, reason: c, until: 2029-01-01, tool: t}]"),
    ("error", "whole guard off", "exceptions: [{id: a, owner: b, reason: c, until: 2027-01-01}]"),
    (
        "error",
        "whole guard off",
        "exceptions: [{id: a, owner: b, reason: c, until: 2027-01-01, tool: '*'}]",
    ),
    (
        "warning",
        "not narrowed",
        "exceptions: [{id: a, owner: b, reason: c, until: 2027-01-01, rules: [detector/user]}]",
    ),
    ("warning", "by chance", "exceptions: [{id: a, owner: b, reason: c, until: 2027-01-01, phrase: hi}]"),
    (
        "error",
        "id of another",
        "exceptions: [%s, %s]" % (("{id: a, owner: b, reason: c, until: 2027-01-01, tool: t}",) * 2),
    ),
    (
        "error",
        "never reached",
        "tools: [{name: 'send_*', effects: [send]}, {name: send_email, effects: [send]}]",
    ),
    ("error", "never reached", "tools: [{name: '*'}, {name: 'a_*'}]"),
    ("error", "not a JSON Schema", "tools: [{name: a, schema: {type: strin}}]"),
    ("error", "leads nowhere", "tools: [{name: a, schema: {$ref: '#/$defs/x'}}]"),
    ("error", "leads outside", "tools: [{name: a, schema: {$ref: 'https://example.org/x'}}]"),
    ("error", "no RE2 pattern", "tools: [{name: a, arguments: [{path: /x, pattern: '(?=x)'}]}]"),
    ("error", "no RE2 pattern", "tools: [{name: a, schema: {pattern: '(a)\\1'}}]"),
    ("warning", "not limited", "tools: [{name: a, arguments: [{path: /x}]}]"),
    ("warning", "allows everything", "tools: [{name: a, arguments: [{path: /x, allow: ['*']}]}]"),
    ("warning", "suggests `send`", "tools: [{name: send_email}]"),
    ("error", "every tool's results", "tools: [{name: '*', trusted: true}]"),
    ("warning", "untrusted text may", "flow: {action: allow}"),
    ("warning", "no flow rule", "flow: {untrusted: []}"),
    ("warning", "called unasked", "flow: {unknown_tools: allow}"),
    ("error", "no kind", "egress: {secrets: {kinds: [aws]}}"),
    ("error", "no kind", "egress: {personal_data: {kinds: [face]}}"),
    ("error", "strangers", "egress: {links: {allow: ['*']}}"),
    ("error", "no host", "egress: {links: {allow: ['https://a.example']}}"),
    ("warning", "also fits", "egress: {images: {allow: ['cdn*.example.org']}}"),
    ("warning", "switched off", "egress: {canary: null}"),
    ("error", "refuses everything", "quotas: [{what: tokens, amount: 0, seconds: 60}]"),
    ("error", "never counts", "quotas: [{what: cost, amount: 5, seconds: 60}]"),
    ("warning", "OpenTelemetry", "log: {content: true}"),
    ("error", "share is known", "egress: {system_prompt: {action: redact}}"),
    ("error", "no reader behind", "channels: {output: {action: annotate}}"),
    ("error", "are fewer than", "stream: {hold_back_chars: 20}"),
]


@pytest.mark.parametrize(
    ("severity", "part", "text"), CASES, ids=[f"{c[1]}-{n}" for n, c in enumerate(CASES)]
)
def test_a_doubt_is_named(severity: str, part: str, text: str) -> None:
    """Each kind of doubt has its sentence, its severity and its advice."""
    found = [p for p in doubts(text) if part in p.message]

    assert [p.severity for p in found] == [severity] * len(found)
    assert found
    assert all(p.advice and p.at for p in found)


def test_the_default_policy_raises_no_doubt() -> None:
    """What is shipped is what the linter asks for."""
    assert lint(default_policy().policy, TODAY) == ()


@pytest.mark.parametrize("name", ["agent", "chatbot", "mcp", "rag"])
def test_the_examples_raise_no_doubt(name: str) -> None:
    """Nobody starts from an example that the linter refuses."""
    path = Path(loading.__file__).parent / "examples" / f"{name}.yaml"

    assert lint(load(path).policy, TODAY) == ()


def test_a_threshold_looser_than_the_shipped_one_is_named() -> None:
    """Whoever lets more through than was measured is told."""
    policy = read_policy((STEPS % "{threshold: 0.9, action: block}").encode(), "p").policy

    assert "looser" in lint(policy, TODAY, {Channel.USER: 0.7})[0].message
    assert lint(policy, TODAY, {Channel.USER: 0.95}) == ()


def test_what_cannot_stream_is_told_apart() -> None:
    """A caller that never streams may start where a streaming one may not."""
    policy = read_policy(
        b"stream: {hold_back_chars: 20}\negress: {system_prompt: {action: redact}}", "p"
    ).policy

    assert [p.code for p in cannot_stream(policy)] == ["stream/overlap", "stream/hold_back"]
    assert cannot_stream(default_policy().policy) == ()


def test_a_problem_knows_its_line() -> None:
    """The linter's findings stand at lines of the file."""
    loaded = read_policy(b"version: 1\ntools:\n  - name: a\n    arguments:\n      - path: /x\n", "p")
    (problem,) = lint(loaded.policy, TODAY)

    assert loaded.line(problem.place) == 5
    assert problem.at == "tools[1].arguments[1]"


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("send_email", (Effect.SEND,)),
        ("sendEmail", (Effect.SEND,)),
        ("mail.send", (Effect.SEND,)),
        ("get_email", (Effect.READ,)),
        ("get_and_delete_message", (Effect.DELETE, Effect.SEND, Effect.READ)),
        ("transfer-funds", (Effect.PAY,)),
        ("DELETE_FILE", (Effect.DELETE,)),
        ("run_python", (Effect.EXECUTE,)),
        ("ｓend_message", (Effect.SEND,)),
        ("frobnicate", ()),
        ("", ()),
    ],
)
def test_a_name_hints_at_its_effect(name: str, effects: tuple[Effect, ...]) -> None:
    """The verb tells most; a word of power beside a harmless verb still counts."""
    assert guessed_effects(name) == effects


def test_globs_cover_and_match() -> None:
    """Whole names, with case; covering is only said where it is sure."""
    assert matches("send_*", "send_email")
    assert not matches("send_*", "resend_email")
    assert matches("[ab]*", "b1")
    assert covers("a*", "ab*")
    assert not covers("ab*", "a*")
    assert not covers("a?", "a*")
    assert matches("*a" * 30, "a" * 5000 + "b") is False
