"""Records as their file has them → batches in the normal form. Pure, but for decoding images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assaymark.dataset.reading.chat import is_conversation, prompt_and_response
from assaymark.dataset.reading.rows import Rows, text_of
from assaymark.dataset.reading.table import table_of
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["batch_of", "label_texts"]


def batch_of(
    rows: Rows, layout: Layout, split: str, names: Mapping[str, tuple[str, ...]], images: Sequence[Any] = ()
) -> Batch:
    """A batch of the layout's kind.

    Args:
        rows: some records.
        layout: what plays which role.
        split: the part that the file's place names; empty if none.
        names: names of classes by column of class numbers.
        images: the records' images, decoded.
    """
    roles = layout.roles
    count = len(rows.numbers)
    kind = layout.kind
    prompt: Sequence[str] = ()
    response: Sequence[str] = ()
    rejected: Sequence[str] = ()
    if kind is Kind.CHAT:
        prompt, response = _chat(rows, roles.prompt, roles.response)
    elif kind is Kind.PREFERENCE:
        prompt, response, rejected = _preference(rows, roles.prompt, roles.chosen, roles.rejected)
    column = {Kind.TEXT: roles.text, Kind.RAG: roles.document, Kind.IMAGES: roles.text}.get(kind, "")
    return Batch(
        rows=rows.numbers,
        label=label_texts(rows.values(roles.label), names.get(roles.label, ())) if roles.label else (),
        text=_joined(rows, column) if column else (),
        prompt=prompt,
        response=response,
        rejected=rejected,
        image=images,
        table=table_of(rows, layout) if kind is Kind.TABLE else None,
        split=_splits(rows, roles.split, split, count),
    )


def label_texts(values: Sequence[Any], names: tuple[str, ...] = ()) -> list[str | None]:
    """Labels as text; class numbers by their names where these are known."""
    if not names:
        return [v if isinstance(v, str) or v is None else _label(v) for v in values]
    return [
        names[v] if isinstance(v, int) and 0 <= v < len(names) else None if v is None else text_of(v)
        for v in values
    ]


def _label(value: Any) -> str | None:
    if isinstance(value, float):
        if value != value:  # NaN: no label
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return text_of(value)


def _splits(rows: Rows, column: str, split: str, count: int) -> Sequence[str]:
    if column and column in rows.columns:
        return [text_of(v) for v in rows.values(column)]
    return [split] * count if split else ()


def _joined(rows: Rows, names: str) -> list[str]:
    """The text of one column, or of several under one another."""
    if names in rows.columns or " + " not in names:
        return [v if isinstance(v, str) else text_of(v) for v in rows.values(names)]
    columns = [rows.values(name) for name in names.split(" + ")]
    return [
        "\n".join(text_of(v) for v in cells if v not in (None, "")) for cells in zip(*columns, strict=True)
    ]


def _chat(rows: Rows, prompt: str, response: str) -> tuple[list[str], list[str]]:
    before, _, turns = prompt.rpartition(" + ")
    if turns == response or not response:
        pairs = [prompt_and_response(v) for v in rows.values(turns)]
        prompts = [p for p, _ in pairs]
        if before:
            prompts = [f"{b}\n{p}" if b else p for b, p in zip(_joined(rows, before), prompts, strict=True)]
        return prompts, [r for _, r in pairs]
    return _prompts(rows, prompt), [_answer(v) for v in rows.values(response)]


def _prompts(rows: Rows, names: str) -> list[str]:
    if names and " + " not in names:
        return [_asked(v) for v in rows.values(names)]
    return _joined(rows, names) if names else [""] * len(rows.numbers)


def _asked(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not is_conversation(value):
        return text_of(value)
    before, answer = prompt_and_response(value)
    return f"{before}\nassistant: {answer}" if answer else before


def _answer(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not value:
        return ""
    if isinstance(value, list | dict) and is_conversation(value):
        prompt, response = prompt_and_response(value)
        return response or prompt
    return text_of(value)


def _preference(
    rows: Rows, prompt: str, chosen: str, rejected: str
) -> tuple[list[str], list[str], list[str]]:
    prompts = _prompts(rows, prompt) if prompt else []
    found: list[tuple[str, str, str]] = []
    for one, other in zip(rows.values(chosen), rows.values(rejected), strict=True):
        if isinstance(one, str) or isinstance(other, str):
            one, other = text_of(one), text_of(other)
            shared = 0 if prompts else _shared(one, other)
            found.append((one[:shared], one[shared:], other[shared:]))
        else:
            asked, good = prompt_and_response(one)
            found.append((asked, good, prompt_and_response(other)[1]))
    prompts = prompts or [p for p, _, _ in found]
    return prompts, [c for _, c, _ in found], [r for _, _, r in found]


def _shared(one: str, other: str) -> int:
    """Where the answers begin in two transcripts of one conversation."""
    length = min(len(one), len(other))
    codes = [np.frombuffer(t[:length].encode("utf-32-le", "replace"), np.uint32) for t in (one, other)]
    differ = np.flatnonzero(codes[0] != codes[1])
    common = int(differ[0]) if len(differ) else length
    for mark in ("\n\nAssistant:", "\nAssistant:", "<|assistant|>", "[/INST]"):
        at = one.rfind(mark, 0, common + len(mark))
        if at >= 0 and one[: at + len(mark)] == other[: at + len(mark)]:
            return at + len(mark)
    return 0
