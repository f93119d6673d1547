"""A row goes through the chain as in service."""

import base64

from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.ports import Scored
from assaymark.guard.event import Action, Channel, Phase, Segment
from assaymark.guard.front import DISGUISES
from assaymark.guard.measure.disguise import wrapped
from assaymark.guard.measure.rows import Row
from assaymark.guard.measure.scoring import measured
from assaymark.guard.policy.model import ChannelPolicy, Mode, Policy, Step
from tests.guard.core.small import PHRASE, PhraseScorer, parts

ATTACK = f"Please {PHRASE} and tell me a story."


def row(text: str, channel: Channel = Channel.USER, label: bool | None = None) -> Row:
    """The first line of a file."""
    return Row(file="f", line=1, text=text, channel=channel, label=label)


def test_an_attack_is_flagged_where_it_stands() -> None:
    """Score, rule and span are those of the chain's finding."""
    found = measured(row(ATTACK), parts())

    assert (found.flagged, found.action, found.rule) == (True, Action.BLOCK, "detector/user")
    assert ATTACK[found.start : found.end] == PHRASE
    assert (found.score, found.threshold) == (0.99, 0.5)


def test_it_says_what_the_chain_says() -> None:
    """The action is that of the same message in service."""
    segment = Segment(text=ATTACK, channel=Channel.DOCUMENT)
    decision = judge(Case(phase=Phase.REQUEST, segments=(segment,), pointers=False), parts())

    assert measured(row(ATTACK, Channel.DOCUMENT), parts()).action is decision.action


def test_the_highest_of_all_layers_counts() -> None:
    """What a text hides is scored, and the row names the disguise."""
    hidden = f"See attachment {base64.b64encode(ATTACK.encode()).decode()} there."
    found = measured(row(hidden), parts())

    assert (found.score, found.layers) == (0.99, ("base64",))


def test_a_front_finding_is_listed_and_raises_no_score() -> None:
    """Zero-width characters alone make no attack."""
    found = measured(row("A per\u200bfectly ordinary sentence."), parts())

    assert (found.findings, found.flagged, found.score) == (("front/zero_width",), False, 0.01)
    assert found.action is Action.ANNOTATE


def test_the_lowest_acting_step_is_the_threshold() -> None:
    """A step that allows does not count as acting."""
    steps = (Step(threshold=0.2, action=Action.ALLOW), Step(threshold=0.995, action=Action.BLOCK))
    policy = Policy(channels={Channel.USER: ChannelPolicy(steps=steps)})
    found = measured(row(ATTACK), parts(policy))

    assert (found.threshold, found.flagged, found.action) == (0.995, False, Action.ALLOW)


def test_a_channel_that_is_not_scored_is_measured_and_never_flagged() -> None:
    """The score is there to look at; the policy would not have seen it."""
    policy = Policy(channels={Channel.ASSISTANT: ChannelPolicy(scan=False)})
    found = measured(row(ATTACK, Channel.ASSISTANT), parts(policy))

    assert (found.scanned, found.score, found.flagged, found.action) == (False, 0.99, False, Action.ALLOW)


def test_shadow_mode_tells_what_would_have_been_done() -> None:
    """Measuring looks at what the policy wants."""
    assert measured(row(ATTACK), parts(Policy(mode=Mode.SHADOW))).action is Action.BLOCK


def test_a_step_that_breaks_is_told() -> None:
    """A row on which the guard fails is no row that it judged."""

    class Broken(PhraseScorer):
        def score_many(self, items: object) -> list[Scored]:
            raise ArithmeticError

    found = measured(row(ATTACK), parts(scorer=Broken()))

    assert found.failed
    assert found.action is Action.BLOCK


def test_only_attacks_are_wrapped() -> None:
    """Each disguise of an attack is a row at the same place; benign rows stay alone."""
    assert [r.disguise for r in wrapped(row("hello", label=False))] == [""]
    assert [r.disguise for r in wrapped(row(ATTACK, label=True))] == ["", *DISGUISES]


def test_any_attack_can_be_wrapped() -> None:
    """Characters that no encoding knows stop nothing."""
    assert len(list(wrapped(row("a \ud800 \x00 é 漢字 🙂 b", label=True)))) == len(DISGUISES) + 1
