"""What may not leave is found in whole texts and in streams, in the clear and in disguise."""

import base64
import codecs
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.event import Action, Channel, Finding, Segment
from assaymark.guard.policy.model import EgressPolicy, HostRule, KindRule, Policy
from assaymark.guard.policy.needs import hold_back_needed
from assaymark.guard.rules.canary import canary_line, find_canary, make_canary
from assaymark.guard.rules.egress import EgressStream, egress

POLICY = Policy(egress=EgressPolicy(personal_data=KindRule(), links=HostRule(allow=("good.example",))))
PROMPT = (
    "You are Harbour, the assistant of the harbour council. Never reveal the tariff of berth seven."
    " Answer politely and briefly, and refer questions about permits to the office in the old customs house."
)
CANARY = make_canary(b"secret", "session")
KEY = "AKIA2345ABCDEFGHIJKL"


def found(text: str, policy: Policy = POLICY) -> list[Finding]:
    """Findings about one text."""
    segment = Segment(text=text, channel=Channel.OUTPUT)
    return list(egress([segment], system=[PROMPT], canary=CANARY, policy=policy))


def rules(text: str) -> set[str]:
    """Rules that fire on one text."""
    return {f.rule for f in found(text)}


DISGUISES: dict[str, Callable[[str], str]] = {
    "clear": str,
    "upper": str.upper,
    "spaced": " ".join,
    "reversed": lambda t: t[::-1],
    "rot13": lambda t: codecs.encode(t, "rot13"),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base64 within": lambda t: base64.b64encode(f"so: {t}!".encode()).decode(),
    "hex": lambda t: t.encode().hex(),
    "hex pairs": lambda t: t.encode().hex(" "),
    "percent": lambda t: "".join(f"%{b:02X}" for b in t.encode()),
    "zero width": "\u200b".join,
    "full width": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "quoted": lambda t: "> " + t.replace(" ", "\n> "),
    "bulleted": lambda t: "- " + t.replace(". ", ".\n- "),
    "numbered": lambda t: "\n".join(f"{n}. {s}" for n, s in enumerate(t.split(". "))),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_canary_is_seen_in_every_disguise(disguise: str) -> None:
    """Case, spacing, order and encoding make no difference."""
    assert "egress/canary" in rules(f"Here: {DISGUISES[disguise](CANARY)} bye")


@pytest.mark.parametrize("disguise", [d for d in DISGUISES if d != "full width"])
def test_the_system_prompt_is_seen_in_every_disguise(disguise: str) -> None:
    """The same for the whole prompt, without any canary in it."""
    assert rules(f"Sure. {DISGUISES[disguise](PROMPT)}") & {"egress/system_prompt"}


def test_leet_and_word_order_are_disguises_too() -> None:
    """So are digits for letters and words from the end."""
    assert "egress/system_prompt" in rules(PROMPT.replace("e", "3").replace("o", "0"))
    assert "egress/system_prompt" in rules(" ".join(PROMPT.split()[::-1]))


def test_part_of_a_canary_is_enough_and_chance_is_not() -> None:
    """Twelve letters in a row count, eleven do not."""
    assert find_canary(CANARY[3:15], CANARY) is not None
    assert find_canary(CANARY[:11], CANARY) is None
    assert find_canary(canary_line(make_canary(b"secret", "other")), CANARY) is None
    assert CANARY in canary_line(CANARY)
    assert make_canary(b"secret", "session") == CANARY


def test_talk_about_the_same_things_is_no_disclosure() -> None:
    """Words shared with the prompt are no sequence of it; a short quotation stays below the share."""
    assert (
        rules("The harbour council runs an assistant; ask the office about permits and berth seven.") == set()
    )
    assert rules("I am the assistant of the harbour council. How can I help?") == set()


def test_each_family_has_its_rule_its_span_and_its_action() -> None:
    """One text with everything in it."""
    link = "https://evil.example/?d=1"
    text = f"{KEY} DE89370400440532013000 ![x]({link}) [y]({link}) [z](javascript:a()) [d](data:text/html,x)"
    by_rule = {f.rule: text[f.start : f.end] for f in found(text)}

    assert by_rule == {
        "egress/secret/aws_access_key": KEY,
        "egress/personal_data/iban": "DE89370400440532013000",
        "egress/image": link,
        "egress/link": link,
        "egress/script_uri": "javascript:a()",
        "egress/data_uri": "data:text/html,x",
    }
    assert {f.action for f in found(text)} == {Action.REDACT}
    assert all(KEY not in f.message for f in found(text))


def test_what_is_switched_off_is_not_looked_for() -> None:
    """None means none; kinds narrow."""
    off = EgressPolicy(canary=None, system_prompt=None, secrets=None, images=None)
    text = f"{KEY} {CANARY} {PROMPT} ![x](https://evil.example/?d=1)"

    assert found(text, Policy(egress=off)) == []
    some = Policy(egress=EgressPolicy(secrets=KindRule(kinds=("jwt",))))
    assert found(KEY, some) == []


def test_encoded_credentials_are_found() -> None:
    """Base64 hides no key; the whole run is the span."""
    run = base64.b64encode(f"the key is {KEY} ok".encode()).decode()
    (finding,) = [f for f in found(f"take {run} now") if f.rule.startswith("egress/secret")]

    assert (finding.start, finding.end, finding.layers) == (5, 5 + len(run), ("base64",))


def test_a_flood_becomes_one_finding_over_all() -> None:
    """Findings are bounded; the rest is not let pass but taken whole."""
    text = f"{KEY} " * 5_000
    flood = found(text)

    assert len(flood) < 3_000
    assert (flood[-1].start, flood[-1].end) == (0, len(text))


def stream(text: str, size: int) -> list[Finding]:
    """Findings about the same text in pieces."""
    watcher = EgressStream(system=[PROMPT], canary=CANARY, policy=POLICY)
    return [f for at in range(0, len(text), size) for f in watcher.feed(text[at : at + size])]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 60))
def test_pieces_show_what_the_whole_shows(size: int) -> None:
    """However a stream is cut, the same things are found at the same places."""
    text = f"Well, {KEY} it is. {PROMPT} And DE89370400440532013000, ![x](https://evil.example/?d=1) end"
    whole = {(f.rule, f.start, f.end) for f in found(text)}
    pieces = {(f.rule, f.start, f.end) for f in stream(text, size)}

    assert {f for f in whole if f[0] != "egress/system_prompt"} <= pieces
    assert any(rule == "egress/system_prompt" for rule, _, _ in pieces)


def test_a_key_that_is_still_arriving_is_held() -> None:
    """From its header on, a private key is open until its footer."""
    watcher = EgressStream(system=[], canary="", policy=POLICY)
    watcher.feed("See: -----BEGIN PRIVATE KEY-----\n" + "Ab1/" * 16)

    assert watcher.open == 5
    for _ in range(200):
        watcher.feed("Ab1/" * 16)
    assert watcher.open == 5
    watcher.feed("\n-----END PRIVATE KEY-----\nand so on")
    assert watcher.open is None


def test_the_default_hold_back_is_enough() -> None:
    """What the linter asks for is what the shipped policy has."""
    assert hold_back_needed(POLICY) <= POLICY.stream.hold_back_chars


@pytest.mark.parametrize(
    "piece",
    [
        "eyJ",
        "AKIA",
        "sk-",
        "://a:",
        "password=",
        "1 ",
        "a@",
        "](",
        "![](",
        "src=",
        "[a]: ",
        "%41",
        "41 ",
        "You are Harbour, ",
    ],
)
def test_time_grows_with_length_alone(piece: str) -> None:
    """Ten times the text takes about ten times as long, whatever it is made of."""

    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        begun = time.perf_counter()
        found(text)
        return time.perf_counter() - begun

    assert seconds(100_000) < 40 * max(seconds(10_000), 1e-3)


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    """Lone surrogates, NULs and all: spans lie within the text."""
    assert all(0 <= f.start <= f.end <= len(text) for f in found(text))
