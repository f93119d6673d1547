"""Chat templates as programs in Jinja's language: read as syntax trees, never rendered."""

from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.template.parse import Refused, parse, subtree

__all__ = ["judge_template", "judge_templates"]

MAX_FOUND = 60
"""Hazards of one template that are listed."""
MAX_ALL = 1 << 19
"""Characters of all templates of one file together."""


def judge_templates(templates: Iterable[tuple[str, str]]) -> Iterator[Hazard | Hole]:
    """Every template of one file, each given as name and text, up to a bound on their sum."""
    left = MAX_ALL
    for name, text in templates:
        left -= len(text)
        if left < 0:
            reason = f"its templates have more than {MAX_ALL:,} characters; the rest was not judged"
            yield Hole(kind=HoleKind.BOUND, reason=reason)
            return
        yield from judge_template(text, _escaped(name, 80))


def judge_template(text: str, name: str) -> Iterator[Hazard | Hole]:
    """What rendering a template would reach for, and what it says only sometimes.

    Args:
        text: the template.
        name: what the file calls it: `tokenizer.chat_template`, `chat_template.tool_use`.

    A template that cannot be parsed, or not within the bounds, is a hole. No rule fires on its word alone:
    ordinary templates of every family stay without a hazard above a note.
    """
    try:
        yield from _judged(text, name)
    except Refused as refused:
        kind = HoleKind.BOUND if refused.bound else HoleKind.BROKEN
        yield Hole(kind=kind, reason=f"template {name}: {refused}")
    except RecursionError:
        yield Hole(kind=HoleKind.BOUND, reason=f"template {name}: nested more deeply than Python's own limit")


def _judged(text: str, name: str) -> Iterator[Hazard]:
    from assaymark.scan.template.conditions import conditional_texts
    from assaymark.scan.template.escape import escapes
    from assaymark.scan.template.values import names_set

    tree = parse(text)
    lines = text.splitlines() or [""]
    known = names_set(tree)
    seen: set[tuple[str, str]] = set()

    def hazard(rule: str, level: Level, subject: str, message: str, line: int) -> Iterator[Hazard]:
        if len(seen) < MAX_FOUND and (rule, subject) not in seen:
            seen.add((rule, subject))
            yield Hazard(
                rule=rule, level=level, subject=_escaped(subject, 200), line=line,
                message=_escaped(f"Template {name}, line {line}: {message}", 600),
                evidence=_around(lines, line),
            )  # fmt: skip

    for node, (rule, level, subject, message) in escapes(tree, known):
        yield from hazard(rule, level, subject, message, node.lineno)
    for found in conditional_texts(tree, known):
        rule = "template-rewrites-content" if found.rewrites else "template-conditional-text"
        shown = " ".join(found.text.split())[:200]
        does = "replaces what a message says by" if found.rewrites else "says"
        message = f"It {does} “{shown}” only if {found.condition}."
        yield from hazard(rule, Level.UNKNOWN, found.condition[:200], message, found.line)
    yield from _literals(tree, hazard)


def _literals(tree: object, hazard: object) -> Iterator[Hazard]:
    from jinja2 import nodes

    from assaymark.scan.template.literals import judge_literal

    assert isinstance(tree, nodes.Template)
    assert callable(hazard)
    for node in subtree(tree):
        text = node.data if isinstance(node, nodes.TemplateData) else getattr(node, "value", None)
        if isinstance(text, str) and len(text) > 1 and isinstance(node, nodes.TemplateData | nodes.Const):
            for rule, level, subject, message in judge_literal(text):
                yield from hazard(rule, level, subject, message, node.lineno)


def _around(lines: list[str], line: int) -> str:
    """The lines around the one that is judged, escaped where nobody would see a character."""
    first = max(0, line - 2)
    return _escaped("\n".join(one[:600] for one in lines[first : line + 1]), 1500)


def _escaped(text: str, length: int) -> str:
    shown = "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text
    )
    return shown[:length]
