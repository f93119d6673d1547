"""What kind of document something is: by name, path, front matter, title and headings together."""

import functools
from pathlib import PurePosixPath

from assaymark.scan.document._tables import table, tokens
from assaymark.scan.paths import is_documentation_path

__all__ = ["document_kinds", "kind_by_name", "kind_by_title", "kind_of"]

Words = tuple[str, ...]

_INDEX_NAMES = {"index", "readme", "overview"}
_GENERIC = {"other", "readme", "user-guide", "architecture", "decision-record"}
"""Kinds that a more telling title overrules."""

_API_FOLDERS = {"api", "apidocs", "_autosummary", "autoapi", "reference", "modules", "generated"}
"""Folders of reference pages made from source, named after modules rather than subjects."""

_PROJECT_WORDS = {"ai", "ml", "llm", "our", "the", "and", "of", "for", "a", "v1", "v2", "md"}


@functools.cache
def document_kinds() -> tuple[str, ...]:
    """Every kind there is."""
    return (*table("kinds"), "other")


@functools.cache
def _phrases(field: str) -> tuple[tuple[str, tuple[Words, ...]], ...]:
    return tuple(
        (kind, tuple(tuple(tokens(str(p))) for p in row.get(field, ())))
        for kind, row in table("kinds").items()
    )


def _contains(words: Words, phrase: Words) -> bool:
    return any(words[n : n + len(phrase)] == phrase for n in range(len(words) - len(phrase) + 1))


@functools.lru_cache(maxsize=8192)
def kind_by_name(path: str) -> str:
    """The kind that the file's name (or its folder's, for an index or a date) tells; empty if none."""
    file = PurePosixPath(path)
    if file.name.lower() == "security.txt":
        return "security-txt"
    words = tuple(tokens(file.stem))
    if "template" in words:
        return "other"  # a form that the project offers to others says nothing about the project
    kind = "readme" if words[:1] == ("readme",) else _by_words(words, "names")
    folder = tuple(tokens(file.parent.name))
    if kind in ("", "readme") and folder:
        stands_for_folder = file.stem.lower() in _INDEX_NAMES or not any(w.isalpha() for w in words)
        inherited = _by_words(folder, "names") if stands_for_folder else ""
        if folder in (("adr",), ("decision",)):
            inherited = "decision-record"
        return inherited or kind
    return kind


def _by_words(words: Words, field: str) -> str:
    """The kind with the longest phrase within `words`; single words must carry the whole name."""
    alone = sum(w not in _PROJECT_WORDS for w in words) <= 1
    index = _index(field)
    best: tuple[int, int, str] = (0, 0, "")
    for position, word in enumerate(words):
        for phrase, rank, kind in index.get(word, ()):
            fits = len(phrase) > 1 or alone
            if fits and words[position : position + len(phrase)] == phrase:
                best = max(best, (len(phrase), -rank, kind))
    return best[2]


@functools.cache
def _index(field: str) -> dict[str, list[tuple[Words, int, str]]]:
    """Phrases by their first word, with the rank of their kind in the table."""
    found: dict[str, list[tuple[Words, int, str]]] = {}
    for rank, (kind, phrases) in enumerate(_phrases(field)):
        for phrase in phrases:
            found.setdefault(phrase[0], []).append((phrase, rank, kind))
    return found


@functools.lru_cache(maxsize=8192)
def kind_by_title(title: str) -> str:
    """The kind that a title or heading tells; empty if none."""
    words = tuple(tokens(title))
    return _by_words(words, "titles") if 0 < len(words) <= 10 else ""


def kind_of(path: str, title: str, headings: list[str], keys: set[str]) -> str:
    """The kind of a document.

    A telling name wins; front matter beats a README's name; then title; then at least three of the
    headings that a kind has.
    """
    by_name = kind_by_name(path)
    in_reference = is_documentation_path(path) and _API_FOLDERS & set(path.lower().split("/")[:-1])
    if title.startswith(":") or (in_reference and by_name != "readme"):
        return "other"
    if by_name and (by_name not in _GENERIC or by_name == "other"):
        return by_name
    for kind, row in table("kinds").items():
        if keys & set(row.get("key", ())):
            return str(kind)
    return kind_by_title(title) or _by_headings(headings) or by_name or "other"


def _by_headings(headings: list[str]) -> str:
    words = [tuple(tokens(h)) for h in headings[:200]]
    for kind, groups in _phrases("headings"):
        if groups and sum(any(_contains(w, g) for w in words) for g in groups) >= 3:
            return kind
    return ""
