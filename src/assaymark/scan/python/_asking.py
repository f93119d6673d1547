"""Questions put to a person at the terminal before something is done."""

import ast
import re

from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["asked_at"]

_CONFIRMS = frozenset(
    {
        "click.confirm",
        "typer.confirm",
        "rich.prompt.Confirm.ask",
        "questionary.confirm",
        "inquirer.confirm",
        "prompt_toolkit.shortcuts.confirm",
    }
)
_NEAR = 20
"""Lines between what is shown and the question about it."""
_YES = frozenset({"y", "yes", "n", "no"})
_ABOUT = re.compile(
    r"\b(run|runs|running|execut\w{1,6}|approv\w{1,4}|allow|perform)\b[^.\n]{0,40}"
    r"\b(code|commands?|tools?|actions?|scripts?|calls?|functions?|quer(y|ies))\b",
    re.IGNORECASE,
)


def asked_at(scope: Scope, module: Module) -> Call | None:
    """The call by which `scope` asks a person whether code, a command or a tool shall run.

    A bare `input` counts only if the same function compares an answer with yes or no.
    """
    if "asks" not in scope.notes:
        asking = [c for c in scope.calls if c.name in _CONFIRMS or (c.name == "input" and _weighed(scope))]
        plain = next((c for c in asking if _ABOUT.search(_literal(c))), None)
        said = [c for c in scope.calls if c.name == "print"][:50] if asking and plain is None else []
        before = next((c for c in said if _ABOUT.search(_literal(c))), None)
        after = next((c for c in asking if before is not None and 0 <= c.line - before.line <= _NEAR), None)
        scope.notes["asks"] = plain or after
    found: Call | None = scope.notes["asks"]
    return found


def _weighed(scope: Scope) -> bool:
    compares = [n for test in scope.tests for n in ast.walk(test) if isinstance(n, ast.Compare)]
    words = [w for one in compares for side in one.comparators for w in ast.walk(side)]
    return any(isinstance(w, ast.Constant) and str(w.value).lower() in _YES for w in words)


def _literal(call: Call) -> str:
    parts = [n.value for v in call.node.args[:2] for n in ast.walk(v) if isinstance(n, ast.Constant)]
    return " ".join(p[:400] for p in parts if isinstance(p, str))
