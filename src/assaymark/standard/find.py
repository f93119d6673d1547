"""Find provisions by what people call them: EN, TS and Code of Practice ids, principle, phase, obligation."""

import difflib
import functools
import re

from msgspec import Struct

from assaymark.standard.catalogue import Catalogue, catalogue
from assaymark.standard.provision import Phase, Provision

__all__ = ["Match", "find", "near"]

_DOCUMENT = re.compile(
    r"^(?:etsi\s+)?(?:(?P<en>en(?:[\s_-]*304[\s_-]*223)?)|(?P<ts>ts(?:[\s_-]*104[\s_-]*223)?)"
    r"|(?P<cop>cop|code of practice|code))[\s:,]+",
)
_WORD = re.compile(r"^(?P<word>provision|clause|principle|phase|obligation)[\s:]+")
_EDITION = re.compile(r"^v\d+(\.\d+)*[\s:,]+")
_PRINCIPLE = re.compile(r"^(?:p\s?)?(?P<number>\d{1,2})$")
_ID = re.compile(r"^\d{1,2}(\.\d{1,2}){1,2}$")
_LIMIT = 200
_SIMILAR = 0.6


class Match(Struct, frozen=True, kw_only=True):
    """What a text was understood to name."""

    kind: str
    """`provision`, `obligation`, `principle` or `phase`."""
    title: str
    """Canonical id, with the title where there is one."""
    provisions: tuple[Provision, ...]
    """In the standard's order; one for a provision or an obligation."""
    obligation: str = ""
    """Obligation id, where one was named."""
    also: str = ""
    """Another reading of the same text, and how to ask for it; empty if there is none."""


def find(text: str, edition: str = "V2.1.1") -> Match | None:
    """What `text` names in the catalogue, or None.

    A bare `5.4.1` is read as an EN clause; `CoP 5.4.1` and `Provision 5.4.1` name the Code's provision,
    since a provision of the EN always carries a hyphen.
    """
    document, word, rest = _parts(text)
    known = catalogue(edition)
    if document == "cop" or (word == "provision" and _ID.match(rest)):
        return _cop(rest, known)
    return (
        _provision(rest, known, document)
        or _obligation(rest, known)
        or _clause(rest, known)
        or (_cop(rest, known) if not (document or word) else None)
        or _principle(rest, known)
        or _phase(rest, known)
    )


def near(text: str, edition: str = "V2.1.1", more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names close to `text`, at most five; `more` adds names that are not the standard's, such as checks."""
    _, word, rest = _parts(text)
    asked = f"principle {rest}" if word == "principle" else rest
    return tuple(difflib.get_close_matches(asked, (*_names(edition), *more), n=5, cutoff=_SIMILAR))


@functools.cache
def _names(edition: str) -> tuple[str, ...]:
    known = catalogue(edition)
    return (
        *(p.id for p in known.provisions),
        *(p.cop_id for p in known.provisions),
        *(p.clause for p in known.principles),
        *(f"principle {p.number}" for p in known.principles),
        *(phase.value for phase in Phase),
    )


def _parts(text: str) -> tuple[str, str, str]:
    """The document named (`en`, `ts`, `cop` or empty), a word such as `clause`, and the rest."""
    rest = " ".join(text[:_LIMIT].casefold().replace("\N{NON-BREAKING HYPHEN}", "-").split())
    document = _DOCUMENT.match(rest)
    if document:
        rest = rest[document.end() :]
        rest = _EDITION.sub("", rest)
    word = _WORD.match(rest)
    if word:
        rest = rest[word.end() :]
    return (document.lastgroup or "" if document else ""), (word["word"] if word else ""), rest


def _provision(rest: str, known: Catalogue, document: str) -> Match | None:
    for provision in known.provisions:
        if rest == (provision.ts_id if document == "ts" else provision.id):
            return Match(kind="provision", title=provision.id, provisions=(provision,))
    return None


def _obligation(rest: str, known: Catalogue) -> Match | None:
    for provision in known.provisions:
        for obligation in provision.obligations:
            if rest == obligation.id:
                return Match(kind="obligation", title=rest, provisions=(provision,), obligation=obligation.id)
    return None


def _cop(rest: str, known: Catalogue) -> Match | None:
    for provision in known.provisions:
        if rest == provision.cop_id:
            return Match(kind="provision", title=provision.id, provisions=(provision,))
    return _principle(rest, known)


def _clause(rest: str, known: Catalogue) -> Match | None:
    chosen = tuple(p for p in known.provisions if p.id.startswith((f"{rest}-", f"{rest}.")))
    if not chosen or not _ID.match(rest):
        return None
    if rest.count(".") == 1:
        title, kind = f"{rest} {chosen[0].phase.value.capitalize()}", "phase"
    else:
        title, kind = _principle_title(chosen[0]), "principle"
    return Match(kind=kind, title=title, provisions=chosen, also=_other(rest, known))


def _other(rest: str, known: Catalogue) -> str:
    named = next((p for p in known.provisions if p.cop_id == rest), None)
    if named is None:
        return ""
    return f"Code of Practice provision {rest} is {named.id}; ask for it as 'CoP {rest}'."


def _principle(rest: str, known: Catalogue) -> Match | None:
    named = _PRINCIPLE.match(rest)
    if not named:
        return None
    chosen = tuple(p for p in known.provisions if p.principle == int(named["number"]))
    return Match(kind="principle", title=_principle_title(chosen[0]), provisions=chosen) if chosen else None


def _principle_title(provision: Provision) -> str:
    return f"Principle {provision.principle}: {provision.principle_title}"


def _phase(rest: str, known: Catalogue) -> Match | None:
    plain = rest.replace("_", " ").replace("-", " ")
    for phase in Phase:
        if plain in (phase.value, phase.value.removeprefix("secure ")):
            chosen = tuple(p for p in known.provisions if p.phase is phase)
            clause = chosen[0].id[:3]
            return Match(kind="phase", title=f"{clause} {phase.value.capitalize()}", provisions=chosen)
    return None
