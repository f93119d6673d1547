"""What a function reaches that is worth protecting, in its own file, and what it calls in others."""

import sys
from collections.abc import Iterator

from assaymark.scan.facts import Effect
from assaymark.scan.python._effects import effects_of
from assaymark.scan.python._llm_names import is_llm_call
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._roles import is_tool

__all__ = ["foreign_calls", "foreign_name", "reached", "reaches_of"]

_CALLS = 40
"""Calls into other files that are kept for one function."""
_REACHES = {
    Effect.EXECUTE: "shell",
    Effect.FETCH: "fetch",
    Effect.QUERY: "database",
    Effect.READ: "file",
}
_DATABASE = frozenset(
    {"execute", "executemany", "query", "find_one", "insert_one", "similarity_search", "commit"}
)
_MODEL = frozenset({"predict", "predict_proba", "transcribe", "forward"})
_LIBRARIES = frozenset(
    {
        "anthropic",
        "boto3",
        "django",
        "fastapi",
        "flask",
        "google",
        "httpx",
        "huggingface_hub",
        "langchain",
        "langchain_community",
        "langchain_core",
        "litellm",
        "llama_index",
        "mlflow",
        "mcp",
        "numpy",
        "openai",
        "pandas",
        "pydantic",
        "pytest",
        "redis",
        "requests",
        "rich",
        "scipy",
        "sklearn",
        "sqlalchemy",
        "starlette",
        "streamlit",
        "torch",
        "torchvision",
        "tqdm",
        "transformers",
        "yaml",
    }
)
"""Roots that are no part of the project, so that nobody looks for them there."""


def foreign_name(name: str, module: Module) -> str:
    """The name if it can mean something in another file of the project, else nothing."""
    root = name.partition(".")[0]
    if root in sys.stdlib_module_names or root in _LIBRARIES:
        return ""
    base, made, method = name.partition("()")
    heads = _heads(module)
    if base not in heads and base.rpartition(".")[0] not in heads:
        return ""
    return base + method if not made or (method.count(".") == 1 and "(" not in method) else ""


def _heads(module: Module) -> frozenset[str]:
    if "heads" not in module.notes:
        module.notes["heads"] = frozenset(full for full in module.imports.values() if full)
    return module.notes["heads"]  # type: ignore[no-any-return]


def foreign_calls(scope: Scope, module: Module) -> tuple[str, ...]:
    """Dotted names of what a function calls, itself or through helpers of its file, in other files."""
    names = (foreign_name(c.name, module) for one in module.callees(scope)[:12] for c in one.calls)
    return tuple(dict.fromkeys(n for n in names if n))[:_CALLS]


def reaches_of(scope: Scope, module: Module) -> tuple[str, ...]:
    """Of llm, model, tool, database, file, shell, fetch: what a function reaches in its file."""
    if "reaches" not in scope.notes:
        effects = effects_of(scope, module)
        found = {_REACHES[e] for e in effects if e in _REACHES}
        if {Effect.WRITE, Effect.DELETE} & set(effects):
            found.add("file")
        for one in module.callees(scope):
            if is_tool(one, module):
                found.add("tool")
            for call in one.calls:
                found |= set(reached(call, module))
        scope.notes["reaches"] = tuple(sorted(found))
    return scope.notes["reaches"]  # type: ignore[no-any-return]


def reached(call: Call, module: Module) -> Iterator[str]:
    """What a single call reaches, as far as its name says."""
    if is_llm_call(call.node, module):
        yield "llm"
    elif call.last in _MODEL:
        yield "model"
    elif call.last in _DATABASE:
        yield "database"
