"""What a report says it looked at → subjects that evidence is bound to, and what they are now. Pure.

Each subject holds the version that was tested. Beside it goes the version that is there now: where the two
differ, or there is none, the evidence is stale by the ordinary rule for all evidence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from assaymark.imports.present import Present
from assaymark.imports.report import Tested
from assaymark.observation import Subject, digest_of

__all__ = ["COMMIT", "Bound", "bind", "is_commit", "same_model"]

COMMIT = "git commit"
"""Name of the subject that is the commit checked out, by its id."""

_MOST = 40
"""Subjects that are listed; more of them are bound as one, since a ledger entry holds 64 KiB."""
_ID = re.compile(r"[0-9a-f]{7,64}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_WHOLE = (40, 64)


class Bound(Struct, frozen=True):
    """What evidence rests on."""

    subjects: tuple[Subject, ...] = ()
    digests: dict[str, str] = {}
    """Subject → its digest now; what is gone is missing."""


class _Part(Struct, frozen=True, order=True):
    name: str
    then: str
    now: str
    """Empty if it is gone."""


def bind(tested: Iterable[Tested], now: Present, label: str, *, absent: bool = True) -> Bound:
    """The subjects that `tested` names, as far as the present version can be compared with it.

    A package that the tree does not fix to a version, or a file without a digest, binds nothing.

    Args:
        tested: what was looked at.
        now: the present version.
        label: the report's name, for the name of many subjects that are bound as one.
        absent: whether a file or model that is not here at all makes the evidence stale. It does where it
            was tested; a supplier's list names parts that never were here.
    """
    tested = tuple(tested)
    commits = {p for t in tested if t.kind == "commit" for p in _commit(t.value, now)}
    paths: dict[str, str] = {}
    for path in sorted(now.files, reverse=True):
        paths[now.files[path]] = path
    parts = {p for t in tested for p in _part(t, now, paths) if p.now or absent}
    parts |= set(_packages(tested, now))
    if len(parts) > _MOST:
        parts = {_together(sorted(parts), label)}
    every = sorted(commits | parts)
    return Bound(
        tuple(Subject(p.name, p.then) for p in every),
        {p.name: p.now for p in every if p.now},
    )


def is_commit(value: str) -> bool:
    """Whether `value` is the id of a commit, whole or at least seven digits of it."""
    return _ID.match(value.lower()) is not None


def _commit(value: str, now: Present) -> Iterator[_Part]:
    value = value.lower()
    if not is_commit(value):
        return  # a branch, a tag, `unknown`: names that say nothing lasting
    same = any(commit.startswith(value) for commit in (now.commit, *now.same))
    if len(value) in _WHOLE and (value == now.commit or not same):
        yield _Part(COMMIT, value, now.commit)
        return
    then = digest_of(value)  # an abbreviated id, or one since which only evidence was committed
    other = digest_of(now.commit) if now.commit else ""
    yield _Part(f"{COMMIT} {value[:12]}", then, then if same else other)


def _part(tested: Tested, now: Present, paths: Mapping[str, str]) -> Iterator[_Part]:
    value = tested.value.lower().removeprefix("sha256:")
    if tested.kind in ("file", "model", "image") and _SHA256.match(value):
        yield _by_digest(tested, value, now, paths)
    elif tested.kind == "model" and tested.name:
        yield from _by_name(tested, now)


def _by_digest(tested: Tested, value: str, now: Present, paths: Mapping[str, str]) -> _Part:
    """A file by its place, else by its content wherever that lies now."""
    path = tested.name.removeprefix("./")
    if path in now.files:
        return _Part(path, value, now.files[path])
    if value in paths:
        return _Part(paths[value], value, value)
    here = any(a.sha256 == value for a in now.assets)
    return _Part(f"{tested.kind} {tested.name}".strip(), value, value if here else "")


def _by_name(tested: Tested, now: Present) -> Iterator[_Part]:
    """A model known by name: at the version stated, or, if none is, where the name is all the system says."""
    named = [a for a in now.assets if same_model(a.name, tested.name)]
    versions = sorted({a.version for a in named})
    if not tested.value and named and any(versions):
        return  # the system says which version it uses, the report does not
    then = digest_of(tested.value)
    there = tested.value in versions
    yield _Part(f"model {tested.name}", then, then if there else digest_of(versions) if named else "")


def same_model(asset: str, name: str) -> bool:
    """Whether both name one model; tools put the provider before it, with a slash or a colon."""
    one, other = sorted((asset.casefold(), name.casefold()), key=len)
    return one == other or (bool(one) and other.endswith((f"/{one}", f":{one}")))


def _packages(tested: Iterable[Tested], now: Present) -> Iterator[_Part]:
    then: dict[str, set[str]] = {}
    for one in tested:
        if one.kind == "package" and one.value and now.packages.get(one.name):
            then.setdefault(one.name, set()).add(one.value)
    for name, versions in then.items():
        before, there = digest_of(sorted(versions)), now.packages[name]
        yield _Part(f"package {name}", before, before if versions <= there else digest_of(sorted(there)))


def _together(parts: list[_Part], label: str) -> _Part:
    then = digest_of([(p.name, p.then) for p in parts])
    now = digest_of([(p.name, p.now) for p in parts])
    changed = sum(p.then != p.now for p in parts)
    return _Part(f"{len(parts)} parts named in {label}", then, then if not changed else now)
