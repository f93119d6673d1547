"""Template text → its syntax tree; nothing is compiled, rendered or evaluated."""

import functools
import warnings

from jinja2 import Environment, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

__all__ = ["MAX_LENGTH", "MAX_NODES", "Refused", "parse", "subtree"]

MAX_LENGTH = 1 << 18
"""Characters of a template that are parsed; the longest in common use has some 30,000."""
MAX_NODES = 100_000
"""Nodes of a syntax tree that are judged."""


class Refused(ValueError):
    """A template that is not judged; the message says why."""

    def __init__(self, reason: str, *, bound: bool) -> None:
        super().__init__(reason)
        self.bound = bound
        """A limit was hit; otherwise it is no valid template."""


class _Generation(Extension):
    """`{% generation %}`, by which training code marks what the assistant says, and `{% debug %}`."""

    tags = {"generation", "debug"}  # noqa: RUF012 - as the base class declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The tag's body, as if the tag were not there; `debug`, which shows all names, as a call."""
        tag = next(parser.stream)
        if tag.value == "debug":
            name = nodes.Name("debug", "load", lineno=tag.lineno)
            return [
                nodes.Output([nodes.Call(name, [], [], None, None, lineno=tag.lineno)], lineno=tag.lineno)
            ]
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@functools.cache
def _environment() -> Environment:
    extensions: list[str | type[Extension]] = ["jinja2.ext.loopcontrols", "jinja2.ext.do", _Generation]
    return Environment(trim_blocks=True, lstrip_blocks=True, extensions=extensions)  # noqa: S701 - never renders


def parse(text: str) -> nodes.Template:
    """The syntax tree.

    Raises:
        Refused: it is too long or nested too deeply, or is not a template in Jinja's language.
    """
    if len(text) > MAX_LENGTH:
        raise Refused(f"{len(text):,} characters, more than the {MAX_LENGTH:,} that are parsed", bound=True)
    try:
        with warnings.catch_warnings():  # an odd escape in a string is the template's own affair
            warnings.simplefilter("ignore")
            tree = _environment().parse(text)
    except TemplateError as error:
        line = getattr(error, "lineno", 0)
        raise Refused(f"not a valid template: {str(error)[:200]} (line {line})", bound=False) from None
    except RecursionError:
        raise Refused("nested more deeply than Python's own limit", bound=True) from None
    except (ValueError, OverflowError, AssertionError, MemoryError) as error:
        raise Refused(f"not a valid template: {str(error)[:200]}", bound=False) from None
    if len(subtree(tree)) > MAX_NODES:
        raise Refused(f"more than {MAX_NODES:,} nodes", bound=True)
    return tree


def subtree(root: nodes.Node) -> list[nodes.Node]:
    """A node and all below it, in source order, at most one more than `MAX_NODES`."""
    found: list[nodes.Node] = []
    stack = [root]
    while stack and len(found) <= MAX_NODES:
        node = stack.pop()
        found.append(node)
        stack.extend(reversed(list(node.iter_child_nodes())))
    return found
