"""Mechanisms recognised by structure: a call, decorator, import or class that does the work."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, Mechanism
from assaymark.scan.python._asking import asked_at
from assaymark.scan.python._llm_names import known_llm_calls
from assaymark.scan.python._mechanism_names import LASTS, STARTS
from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["mechanisms"]

_BY_LAST = {last: kind for kind, lasts in LASTS.items() for last in lasts}
_FUNCTIONS = (
    ("drift-detection", r"(detect|check|compute|measure|monitor)_(\w+_)?drift"),
    (
        "output-filter",
        r"(filter|check|scan|validate|screen|guard)_(model_)?(output|response|answer|completion)s?|detect_(system_)?prompt_leak\w*|redact_(output|response)",
    ),
    (
        "input-validation",
        r"(validate|check|screen|sanitise|sanitize|scan)_(user_)?(input|prompt|message|query|question|request)s?",
    ),
    ("kill-switch", r"(is_)?kill_?switch\w*|emergency_stop|(disable|stop|pause)_(agent|model|assistant)s?"),
    ("audit-log", r"(write|record|append|log|emit|add)_audit\w*|audit_log\w*|audit_event"),
    (
        "human-approval",
        r"(require|request|await|ask_for|get)_(human_)?(approval|confirmation)\w*|human_approval\w*",
    ),
    ("fallback", r"(\w+_)?fallback(_\w+)?"),
    ("retention", r"(purge|delete|prune|expire)_(old|expired|stale)_\w+|apply_retention\w*"),
    ("erasure", r"(erase|forget|purge|delete)_(user|subject|personal|customer)(_data|_records|s)?"),
    (
        "internal-state",
        r"(monitor|record|log|capture)_(activations?|attention|hidden_states?|logits|embeddings?|logprobs|internal_states?)\w*",
    ),
    ("citation", r"(add|format|build|extract|collect|verify)_(citations?|sources|references)\w*"),
    ("rollback", r"(roll_?back|revert)_(model|prompt|version|deployment)\w*"),
    (
        "alert",
        r"(send|raise|trigger|emit)_alerts?\w*|alert_(on|when|if)_\w+|notify_(on_?call|security|operators?)\w*",
    ),
    ("canary", r"(run|check|score|evaluate)_canar(y|ies)\w*|canary_(check|prompts?)\w*"),
    ("confidence", r"(compute|estimate|get)_confidence\w*|confidence_(score|of)\w*"),
    ("explanation", r"explain(_\w+)?|generate_(explanation|rationale)\w*"),
    (
        "digest-check",
        r"verify_(checksum|digest|sha256|hash|integrity)\w*|check_(sha256|digest|checksum|hash)\w*",
    ),
    (
        "evaluation",
        r"(run|perform)_(\w+_)?(evaluation|evals?|red_?team\w*)|evaluate_(model|prompts?|agent|answers?|responses?)\w*",
    ),
)
_NAMES = tuple((kind, re.compile(rf"^_?({pattern})$")) for kind, pattern in _FUNCTIONS)
_FIRST_WORDS = re.compile(
    r"drift|output|response|answer|completion|prompt|input|message|query|question|kill|stop|disable|pause|audit|approv|confirm|fallback|"
    r"purge|delete|prune|expire|retention|erase|forget|activation|attention|hidden|logit|embedding|logprob|internal|citation|source|"
    r"reference|roll|revert|alert|notify|canar|confidence|explain|rationale|explanation|checksum|digest|sha256|hash|integrity|eval|request|red_?team"
)
_FIELDS = {
    "citation": re.compile(r"^(citations?|sources?|references|source_documents|source_nodes)$"),
    "confidence": re.compile(r"^(confidence(_score)?|certainty|probability)$"),
    "explanation": re.compile(r"^(explanation|rationale|reasoning|reason_codes|justification)$"),
}
_SCHEMAS = frozenset(
    {
        "BaseModel",
        "TypedDict",
        "NamedTuple",
        "SQLModel",
        "Struct",
        "Schema",
        "BaseSchema",
        "Serializer",
        "Model",
    }
)
_ANSWERS = re.compile(
    r"(answer|response|result|output|reply|prediction|message|completion|verdict|decision|report|search|retriev|chunk|rag)",
    re.IGNORECASE,
)
_VALIDATORS = ("field_validator", "validator", "model_validator", "root_validator")


def mechanisms(module: Module) -> Iterable[Fact]:
    """Each mechanism once for a function and name."""
    seen: set[tuple[str, str, str]] = set()
    for kind, name, place, scope in _found(module):
        key = (kind, name, scope.qualname)
        if key not in seen:
            seen.add(key)
            line = place if isinstance(place, int) else getattr(place, "lineno", scope.line)
            yield Mechanism(
                at=module.at(line), kind=kind, name=name[:120], function=module.where(scope, line)
            )


def _found(module: Module) -> Iterator[tuple[str, str, ast.AST | int, Scope]]:
    for call in module.calls:
        kind = _of_call(call, module)
        if kind:
            yield kind, call.name, call.line, call.scope
    for scope in module.functions:
        yield from _of_function(scope, module)
        if asked := asked_at(scope, module):
            yield "human-approval", asked.name, asked.line, scope
    for owner in module.classes:
        yield from _of_fields(owner, module)
    yield from _by_options(module)


def _of_call(call: Call, module: Module) -> str:
    name = call.name
    if call.last in _BY_LAST and (
        call.last not in ("interrupt", "alert") or "." in name or module.uses("langgraph")
    ):
        kind = _BY_LAST[call.last]
        return kind if kind != "model-registry" or module.uses(*_REGISTRIES) else ""
    if name.endswith(".moderations.create"):
        return "moderation"
    if "." in name and name[0] in _INITIALS:
        for kind, starts in STARTS.items():
            if name.startswith(starts):
                return kind
    return ""


_REGISTRIES = (
    "mlflow",
    "wandb",
    "comet_ml",
    "neptune",
    "clearml",
    "sagemaker",
    "google.cloud",
    "azureml",
    "azure",
    "hopsworks",
    "bentoml",
    "databricks",
    "snowflake",
)
"""Any class may have a method called `register_model`; these packages have registries behind it."""
_INITIALS = frozenset(start[0] for starts in STARTS.values() for start in starts)


def _of_function(scope: Scope, module: Module) -> Iterator[tuple[str, str, ast.AST | int, Scope]]:
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = module.dotted(target, module.root)
        if name.rpartition(".")[2] in _VALIDATORS and module.uses("pydantic"):
            yield "input-validation", name, scope.line, scope
        elif not isinstance(decorator, ast.Call):
            kind = next((k for k, starts in STARTS.items() if "." in name and name.startswith(starts)), "")
            if kind:
                yield kind, name, scope.line, scope
    if _FIRST_WORDS.search(scope.name) and not scope.name.startswith("test"):
        for kind, pattern in _NAMES:
            if pattern.match(scope.name) and _does_something(scope):
                yield kind, scope.name, scope.line, scope
                break


def _does_something(scope: Scope) -> bool:
    """A body that computes, decides or refuses; not a stub."""
    return bool(scope.calls or scope.tests or scope.raises)


def _of_fields(owner: Scope, module: Module) -> Iterator[tuple[str, str, ast.AST | int, Scope]]:
    """Fields of a response model that help a person to judge an answer."""
    if not _is_answer(owner, module):
        return
    for statement in owner.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            for kind, pattern in _FIELDS.items():
                if pattern.match(statement.target.id) and not _is_choice(statement.target.id, owner):
                    yield kind, f"{owner.name}.{statement.target.id}", statement, owner


def _is_choice(field_name: str, owner: Scope) -> bool:
    """`source` in a schema named for no answer is where to look, not where something was found."""
    return field_name in ("source", "sources") and _ANSWERS.search(owner.name) is None


def _is_answer(owner: Scope, module: Module) -> bool:
    """A class with `citations` may be anything; a schema, or one named for an answer, reaches people."""
    bases = [module.dotted(base, module.root) for base in owner.node.bases]  # type: ignore[union-attr]
    named = _ANSWERS.search(owner.name) is not None
    return bool(bases) and (named or any(b.rpartition(".")[2] in _SCHEMAS for b in bases))


_OPTIONS = {
    "output_hidden_states": "internal-state",
    "output_attentions": "internal-state",
    "logprobs": "internal-state",
    "top_logprobs": "internal-state",
    "return_source_documents": "citation",
    "interrupt_before": "human-approval",
    "interrupt_on": "human-approval",
    "needs_approval": "human-approval",
    "human_in_the_loop": "human-approval",
    "fallbacks": "fallback",
    "input_guardrails": "guardrail",
    "output_guardrails": "output-filter",
}


def _by_options(module: Module) -> Iterator[tuple[str, str, ast.AST | int, Scope]]:
    """Keywords that switch a mechanism on."""
    known = known_llm_calls(module)
    for call in module.calls:
        for keyword in call.node.keywords:
            kind = _OPTIONS.get(keyword.arg or "")
            off = isinstance(keyword.value, ast.Constant) and keyword.value.value in (False, None, 0)
            if kind and not off and (kind != "internal-state" or known or "output_" in (keyword.arg or "")):
                yield kind, f"{call.last}({keyword.arg})", call.line, call.scope
