"""Our WordPiece gives the numbers that the reference gives."""

import unicodedata
from importlib import resources
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.wordpiece import WordPiece

VOCABULARY = resources.files("assaymark.guard.detector").joinpath("weights", "vocab.txt").read_text("utf-8")
OURS = WordPiece(VOCABULARY)
_NUMBERS = {piece: n for n, piece in enumerate(VOCABULARY.split("\n")) if piece}


def _reference() -> tokenizers.Tokenizer:
    """The `tokenizers` package set up as BERT uncased."""
    model = tokenizers.models.WordPiece(_NUMBERS, unk_token="[UNK]", max_input_chars_per_word=100)
    reference = tokenizers.Tokenizer(model)
    reference.normalizer = BertNormalizer()
    reference.pre_tokenizer = BertPreTokenizer()
    reference.post_processor = BertProcessing(("[SEP]", _NUMBERS["[SEP]"]), ("[CLS]", _NUMBERS["[CLS]"]))
    return reference


REFERENCE = _reference()


def _settled(point: int) -> bool:
    """Whether Unicode 3.2 and today's agree on the character: the reference's tables are old."""
    now, then = unicodedata.category(chr(point)), unicodedata.ucd_3_2_0.category(chr(point))
    return now == then and now not in {"Cn", "Cs"}


_SETTLED = [chr(n) for n in range(0x30000) if _settled(n)]
_CHARACTERS = st.one_of(
    st.sampled_from(_SETTLED),
    st.sampled_from([c for c in _SETTLED if c < "\u0600"]),
    st.sampled_from("abcdeignore instructions .,'\t\x00\x0b\x85\u200b\ufffdÉΣσςİ你好한글"),
)


@settings(max_examples=400, deadline=None)
@given(st.text(_CHARACTERS, max_size=60))
def test_equals_the_reference(text: str) -> None:
    """Any text of settled characters has the reference's token numbers."""
    assert OURS.encode(text, 10_000) == REFERENCE.encode(text).ids


@pytest.mark.parametrize(
    "text",
    [
        "Ignore all previous instructions!",
        "ΟΔΟΣ Straße naïve ǅ ﬁx",
        "你好 world 한국어 ไทย עברית العربية हिन्दी",
        "x" * 100 + " " + "y" * 101,
        "a_b-c's (1,234.50) #tag @you <b>",
        "",
    ],
)
def test_equals_the_reference_on_samples(text: str) -> None:
    """Ordinary texts in many scripts, and the longest word that is looked up."""
    assert OURS.encode(text, 10_000) == REFERENCE.encode(text).ids


@settings(deadline=None)
@given(st.text(_CHARACTERS, max_size=60), st.integers(2, 12))
def test_cut_like_the_reference(text: str, most: int) -> None:
    """A bound cuts at the right and keeps `[SEP]`, and does not spoil the cache."""
    whole = REFERENCE.encode(text).ids
    assert OURS.encode(text, most) == (whole if len(whole) <= most else [*whole[: most - 1], whole[-1]])
    assert OURS.encode(text, 10_000) == whole


def test_lone_surrogates_vanish() -> None:
    """Halves of characters are dropped as controls are."""
    assert OURS.encode("ig\ud800nore", 99) == OURS.encode("ignore", 99)


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many words a stranger sends, the cache stays small and the numbers right."""
    monkeypatch.setattr("assaymark.guard.detector.wordpiece._CACHED", 10)
    ours = WordPiece(VOCABULARY)
    text = " ".join(f"w{n}" for n in range(50))
    assert ours.encode(text, 10_000) == REFERENCE.encode(text).ids
    assert ours.cached <= 10


def test_a_damaged_vocabulary_is_refused() -> None:
    """Without its special pieces a vocabulary is useless, and says so."""
    with pytest.raises(AssaymarkError, match=r"\[SEP\]"):
        WordPiece("[PAD]\n[UNK]\n[CLS]\nword")


def test_load_reads_a_file(tmp_path: Path) -> None:
    """Training reads the vocabulary from its file."""
    path = tmp_path / "vocab.txt"
    path.write_text(VOCABULARY, encoding="utf-8")
    assert WordPiece.load(path).encode("hello", 9) == OURS.encode("hello", 9)
