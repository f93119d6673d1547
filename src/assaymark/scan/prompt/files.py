"""Prompt template files → `PromptText` facts. Templates are read, never rendered."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.prompt.text import Hole, Piece, prompt_text

__all__ = ["LIMIT", "NAME", "accepts", "holes", "scan"]

NAME = "prompt"
"""The scanner's name in problems and cache keys."""
LIMIT = 512_000
"""Bytes read of one prompt file."""
EVENTS = 20_000
"""YAML events or nested values looked at in one file."""
PROMPTS = 500
"""Prompts taken from one file."""
_PLAIN = frozenset(
    {".txt", ".md", ".mdx", ".jinja", ".jinja2", ".j2", ".hbs", ".mustache", ".xml", ".tmpl", ".liquid"}
)
_STRUCTURED = frozenset({".yaml", ".yml", ".json", ".toml"})
_OWN = frozenset({".prompt", ".prompty"})
_FOLDER = re.compile(r"(^|/)(system[_-])?prompts?([_-]templates?)?/", re.IGNORECASE)
_NAMED = re.compile(r"(^|[._-])(system[_-]?)?prompts?(config)?([._-]|$)|^system[_-]message", re.IGNORECASE)
_INSTRUCTIONS = frozenset(
    {
        ".cursorrules",
        "claude.md",
        "agents.md",
        "gemini.md",
        "copilot-instructions.md",
        ".windsurfrules",
        ".clinerules",
    }
)
_NOT_PROMPTS = frozenset({"readme.md", "changelog.md", "package.json", "package-lock.json", "tsconfig.json"})
_KEYS = re.compile(
    r"^(system|prompt|template|content|instructions?|user|assistant|text|message|backstory|goal|role_description"
    r"|description)$|(_|-)?(prompt|template|instructions?|message)s?$",
    re.IGNORECASE,
)
_SHORTEST = 20
"""Characters from which a value in a structured file counts as a prompt."""
_HOLE = re.compile(
    r"\{\{[-~]?\s{0,20}([\w.]{1,120})[^{}]{0,120}\}\}|\$\{([\w.]{1,80})\}|<%[=-]?\s{0,20}([\w.]{1,80})[^%]{0,80}%>"
    r"|(?<!\{)\{([A-Za-z_][\w.]{0,80})(?:![rsa])?(?::[^{}]{0,20})?\}(?!\})"
)
_BLOCK = re.compile(r"\{%[^%{}]{0,300}%\}|\{#[^#{}]{0,2000}#\}")
_ROLES = ("system", "developer", "user", "assistant", "tool")


def accepts(path: str, head: bytes) -> bool:
    """Whether `path` is named or kept as a prompt is."""
    place = PurePosixPath(path)
    name, suffix = place.name.lower(), place.suffix.lower()
    if name in _INSTRUCTIONS or suffix in _OWN:
        return True
    if suffix not in _PLAIN | _STRUCTURED or name in _NOT_PROMPTS:
        return False
    return _FOLDER.search(path) is not None or _NAMED.search(place.stem) is not None


def scan(blob: Blob) -> Iterator[Fact]:
    """The prompts of one file."""
    raw = blob.read(0, LIMIT)
    whole = Location(blob.path)
    if blob.size > LIMIT:
        reason = f"only the first {LIMIT:,} of {blob.size:,} bytes were read"
        yield ScanProblem(at=whole, scanner=NAME, reason=reason, partial=True)
    if b"\0" in raw:
        yield ScanProblem(at=whole, scanner=NAME, reason="holds NUL bytes, so it is not text")
        return
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    place = PurePosixPath(blob.path)
    if place.suffix.lower() in _STRUCTURED:
        yield from _structured(blob.path, place.suffix.lower(), text)
    elif text.strip():
        guides = place.name.lower() in _INSTRUCTIONS
        pieces: list[Piece] = [text] if guides else holes(text)
        role = "" if guides else _role(place.stem)
        yield prompt_text(place.name, pieces, Location(blob.path, 1), role=role, in_file=True)


def holes(text: str) -> list[Piece]:
    """A template as literal text and the holes that Jinja, f-string, `${}`, ERB or Mustache marks make."""
    plain = _BLOCK.sub("", text)
    pieces: list[Piece] = []
    end = 0
    for found in _HOLE.finditer(plain):
        pieces += [plain[end : found.start()], Hole(next(g for g in found.groups() if g))]
        end = found.end()
    return [*pieces, plain[end:]]


def _role(stem: str) -> str:
    return next((r for r in ("system", "user", "assistant", "tool") if r in stem.lower()), "template")


def _structured(path: str, suffix: str, text: str) -> Iterator[Fact]:
    try:
        read = {".json": _json, ".toml": _toml}.get(suffix, _yaml)
        found = read(text)
    except (ValueError, RecursionError, yaml.YAMLError) as problem:
        reason = f"could not be parsed ({type(problem).__name__})"
        yield ScanProblem(at=Location(path), scanner=NAME, reason=reason)
        return
    if len(found) > EVENTS:
        reason = f"more than {EVENTS:,} values"
        yield ScanProblem(at=Location(path), scanner=NAME, reason=reason, partial=True)
    taken = 0
    for key, role, value, line in found[:EVENTS]:
        if len(value) >= _SHORTEST and _KEYS.search(key) and taken < PROMPTS:
            taken += 1
            said = role or _role(key)
            yield prompt_text(key, holes(value), Location(path, line), role=said, in_file=True)


Value = tuple[str, str, str, int]
"""Key, role that stands beside it, text, line."""


def _json(text: str) -> list[Value]:
    return _strings(json.loads(text))


def _toml(text: str) -> list[Value]:
    return _strings(tomllib.loads(text))


def _strings(root: object) -> list[Value]:
    """Text values of nested dictionaries and lists, without recursion."""
    found: list[Value] = []
    pending: list[tuple[str, str, object]] = [("", "", root)]
    while pending and len(found) <= EVENTS:
        key, role, value = pending.pop()
        if isinstance(value, str):
            found.append((key, role, value, 1))
        elif isinstance(value, dict):
            beside = value.get("role")
            said = beside if isinstance(beside, str) and beside in _ROLES else ""
            pending += [(str(k), said, v) for k, v in reversed(value.items())]
        elif isinstance(value, list):
            pending += [(key, role, v) for v in reversed(value)]
    return found


def _yaml(text: str) -> list[Value]:
    """Text values from the stream of events: aliases are never expanded, nothing is constructed."""
    found: list[Value] = []
    levels: list[_Level] = [_Level("", mapping=False)]
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        if count > EVENTS or len(levels) > 200:
            break
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            levels.append(_Level(levels[-1].take_key(), mapping=isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            found += levels.pop().told()
        elif isinstance(event, yaml.ScalarEvent):
            mark = event.start_mark
            levels[-1].scalar(event.value, mark.line + 1 if mark is not None else 0)
        elif isinstance(event, yaml.AliasEvent):
            levels[-1].take_key()
    for level in levels:
        found += level.told()
    return found


class _Level:
    """One open mapping or sequence."""

    def __init__(self, name: str, *, mapping: bool) -> None:
        self.name = name
        self.mapping = mapping
        self.key: str | None = None
        self.values: list[tuple[str, str, int]] = []

    def take_key(self) -> str:
        """The key that the next value belongs to; the sequence's own name within a sequence."""
        key, self.key = (self.key or "") if self.mapping else self.name, None
        return key

    def scalar(self, value: str, line: int) -> None:
        """A key, or a value."""
        if self.mapping and self.key is None:
            self.key = value
        else:
            self.values.append((self.take_key(), value, line))

    def told(self) -> list[Value]:
        """The values, with the role that the mapping names."""
        role = next((v for k, v, _ in self.values if k == "role" and v in _ROLES), "")
        return [(k, role, v, n) for k, v, n in self.values]
