"""Content and its erasure as entries in the log: what was kept, what was erased, by whom and why.

An erasure is recorded before anything is erased and again afterwards. So one that was interrupted, or undone
by a restore from a backup, is known and can be repeated: `replay_erasures`.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.content import Content, ContentStore, Erased, Reference, subject_name
from assaymark.ledger.content_files import ContentGone
from assaymark.ledger.entry import Entry, InvalidEntryError, body_of, decode, entry
from assaymark.ledger.ledger import Ledger
from assaymark.observation import digest_of

__all__ = ["Erasure", "erase", "keep", "read", "replay_erasures"]


class Erasure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an `erasure` entry."""

    stage: Literal["ordered", "done", "replayed"]
    what: Erased
    by: str
    """Who ordered it; empty where one was repeated."""
    reason: str


def keep(
    store: ContentStore, ledger: Ledger, subject: str, data: bytes, *, system: str, now: datetime
) -> int:
    """Keep `data` for `subject` and record that; gives the entry's index."""
    reference = store.put(subject, data)
    key = digest_of(("content", reference))
    try:
        (index,) = ledger.append([entry("content", reference, time=_time(now), system=system, key=key)])
    except BaseException:
        store.discard(reference)  # or it would lie there and nothing would name it
        raise
    return index


def read(store: ContentStore, ledger: Ledger, index: int) -> Content:
    """The content of the entry at `index`.

    Raises:
        ContentGone: it was erased; if a restore had brought its key back, that is erased again.
        UsageError: the entry is of another kind.
    """
    reference = _reference(ledger, index)
    if ledger.recorded([_erasure_key(reference.key)]):
        store.erase(Erased(subject=reference.subject, keys=(reference.key,), contents=()))
        raise ContentGone(
            f"The content of entry {index} was erased.", "The entry stays; what it spoke of is gone for good."
        )
    return store.get(reference)


def erase(
    store: ContentStore, ledger: Ledger, subject: str, *, by: str, reason: str, system: str, now: datetime
) -> Erased:
    """Erase everything that is kept for `subject`; recorded before and after.

    Raises:
        ContentGone: nothing is kept for it.
        UsageError: no person or no reason is named, or the reason names the subject.
    """
    name = subject_name(subject)
    if not by.strip() or not reason.strip():
        raise UsageError("An erasure needs a person and a reason.", "Give --by and --reason.")
    if len(by) + len(reason) > 4_000:
        raise UsageError("Person and reason are longer than 4,000 letters.", "Say it in a sentence.")
    if name.casefold() in reason.casefold() or name.casefold() == by.strip().casefold():
        raise UsageError(
            "The reason or the person would write the subject's name into the log, where it stays for good.",
            "Put it in other words, such as: request of 3 May.",
        )
    what = store.held(name)
    if not what.keys:
        raise ContentGone(
            "Nothing is kept here for that subject.", "Check its name; a name is matched letter for letter."
        )
    ordered = Erasure(stage="ordered", what=what, by=by.strip(), reason=reason.strip())
    ledger.append(_entries(ordered, system, now))
    done = store.erase(what)
    left = store.held(name)
    if left.keys:
        raise AssaymarkError(
            "Some of it is still there: another process kept more meanwhile.", "Run it again."
        )
    ledger.append(
        _entries(Erasure(stage="done", what=done, by=ordered.by, reason=ordered.reason), system, now)
    )
    return done


def replay_erasures(store: ContentStore, ledger: Ledger, *, system: str, now: datetime) -> tuple[Erased, ...]:
    """Erase again whatever was ordered to be erased and is here nevertheless; only our own orders count."""
    present = store.key_ids()
    known = ledger.recorded([_erasure_key(key) for _, key in present])
    again = []
    for who, key in present:
        if _erasure_key(key) in known:
            found = store.erase(Erased(subject=who, keys=(key,), contents=()))
            done = Erased(subject=who, keys=(key,), contents=found.contents)
            reason = "It was here again, or an erasure had been interrupted."
            told = Erasure(stage="replayed", what=done, by="", reason=reason)
            ledger.append(_entries(told, system, now))
            again.append(done)
    return tuple(again)


def _entries(erasure: Erasure, system: str, now: datetime) -> list[Entry]:
    """One entry a data key, so that each is found by its own run key."""
    return [
        entry(
            "erasure",
            Erasure(
                stage=erasure.stage,
                what=Erased(
                    subject=erasure.what.subject, keys=(key,), contents=_fitting(erasure.what.contents)
                ),
                by=erasure.by,
                reason=erasure.reason,
            ),
            time=_time(now),
            system=system,
            key=_erasure_key(key),
        )
        for key in erasure.what.keys
    ]


def _fitting(contents: tuple[str, ...]) -> tuple[str, ...]:
    """As many ids as an entry holds; the key's id says it all."""
    return contents[:1_000]


def _erasure_key(key: str) -> str:
    return digest_of(("erasure", key))


def _reference(ledger: Ledger, index: int) -> Reference:
    if not 0 <= index < len(ledger):
        raise UsageError(
            f"There is no entry {index}; the log has {len(ledger)}.", "See `assaymark log show`."
        )
    try:
        found = decode(ledger.data(index))
        if found.type == "content":
            return body_of(found, Reference)
    except InvalidEntryError as error:
        raise AssaymarkError(
            f"Entry {index} cannot be read: {error}.", "Run `assaymark log verify`."
        ) from error
    raise UsageError(
        f"Entry {index} speaks of no kept content; it is of type {found.type[:40]!r}.", "Name another."
    )


def _time(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
