"""Safeguards: where they are written, whether they are called, and whether they let through when they break."""

import ast
import functools
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, FailOpen, SafeguardDefinition, SafeguardUse
from assaymark.scan.python._module import Module, Scope

__all__ = ["fail_opens", "safeguard_definitions", "safeguard_kind", "safeguard_uses"]

_KINDS = (
    ("rate-limit", r"rate_?limit\w*|throttle\w*|check_quota|enforce_quota"),
    (
        "authentication",
        r"authenticat\w*|require_(auth|login|user|api_key|token)|verify_(token|jwt|api_key|user|credentials|session|password)|"
        r"check_(auth|token|api_key|login|credentials)|validate_(token|api_key|jwt)|login_required|AuthMiddleware|get_current_user",
    ),
    (
        "authorisation",
        r"authori[sz]e\w*|check_(permission|access|role|owner|ownership)\w*|has_permission|require_(role|permission|admin|owner)\w*|"
        r"can_access|is_(allowed|permitted|authori[sz]ed|owner)|enforce_(policy|permission|access)\w*",
    ),
    (
        "approval",
        r"(require|request|ask_for|await|get|needs|check)_?(human_)?(approval|confirmation|consent)|confirm_(action|with_user|tool)\w*|human_approv\w*|approve_(action|tool)\w*",
    ),
    (
        "read-only",
        r"(ensure|enforce|assert|check|require|is|validate)_?read_?only\w*|read_?only_(guard|check|sql|query)|(ensure|assert|is|validate)_select\w*|reject_writes",
    ),
    (
        "sandbox",
        r"(run|exec|execute)_(in_)?sandbox\w*|sandboxed_\w+|safe_(exec|eval)|Sandbox(ed)?(Executor|Runner)|restrict_(path|paths|builtins)",
    ),
    (
        "redaction",
        r"(redact|scrub|anonymi[sz]e|mask|pseudonymi[sz]e)(_\w+)?|strip_pii|remove_(pii|secrets|personal)\w*|PII(Filter|Redactor|Scrubber)",
    ),
    (
        "moderation",
        r"moderat(e|ion)(_\w+)?|check_(toxicity|moderation|content_policy|harm\w*|safety)|content_filter|is_(toxic|harmful|flagged)|Moderation(Filter|Guard|Service)|filter_(output|response|content|toxic)\w*|safety_(check|filter)",
    ),
    (
        "integrity",
        r"verify_(checksum|digest|hash|sha256|signature|integrity|download|model|weights|manifest)\w*|check_(sum|hash|digest|integrity|signature)\w*|validate_(checksum|hash|signature)",
    ),
    (
        "limit",
        r"(enforce|check)_(\w+_)?(limit|budget|quota|cap|size|max)\w*|limit_(tokens|cost|spend|iterations|size)\w*|BudgetGuard|truncate_(input|prompt|context)\w*",
    ),
    (
        "validation",
        r"(validate|sanitise|sanitize)(_\w+)?|(check|detect|block|filter|reject|scan_for|is)_(prompt_)?(injection|jailbreak|input|prompt|url|path|sql|file|upload|args|arguments|unsafe|malicious|suspicious)\w*|"
        r"(is|ensure|assert|check)_safe_?\w*|is_(valid|safe|private|internal)_(url|path|ip|host|sql|input|query|file|prompt)\w*|\w*Guard(rail)?|\w*(Input|Prompt|Output)(Validator|Sanitizer|Filter)",
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"^_{{0,2}}({pattern})$", re.IGNORECASE if kind != "validation" else 0))
    for kind, pattern in _KINDS
)
_ANY = re.compile(
    r"(valid|sanit|auth|rate|throttl|quota|approv|confirm|consent|read_?only|select|reject|sandbox|safe|restrict|redact|scrub|anonym|mask|"
    r"pseudonym|pii|remove|strip|moderat|toxic|harm|flag|filter|verif|check|enforce|limit|budget|truncate|guard|detect|block|scan|"
    r"is_|can_|has_|require|ensure|assert|jailbreak|injection|login|current_user)",
    re.IGNORECASE,
)
_HOOKS = frozenset(
    {
        "dispatch",
        "process_request",
        "before_request",
        "authenticate",
        "has_permission",
        "has_object_permission",
        "validate",
        "__call__",
        "get_queryset",
        "authenticate_credentials",
    }
)
_ALLOWING = re.compile(r"(allow|safe|valid|permit|ok|authori[sz]ed|approved|clean|verified)", re.IGNORECASE)
_BLOCKING = re.compile(
    r"(toxic|harmful|flagged|blocked|malicious|injection|jailbreak|suspicious|private|unsafe|detect|exceed|internal|violat|leak)",
    re.IGNORECASE,
)
_LENGTH = 60


@functools.lru_cache(maxsize=50_000)  # names recur from file to file
def safeguard_kind(name: str) -> str:
    """What a function or class of this name protects, or nothing."""
    if len(name) > _LENGTH or not _ANY.search(name):
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(name)), "")


def _defined(module: Module) -> list[tuple[Scope, str]]:
    cached = module.notes.get("safeguards")
    if cached is None:
        scopes = [*module.functions, *(c for c in module.classes if not _is_data(c, module))]
        cached = module.notes["safeguards"] = [(s, kind) for s in scopes if (kind := safeguard_kind(s.name))]
    return cached


def _is_data(owner: Scope, module: Module) -> bool:
    """An exception, enumeration or record named after a safeguard is none."""
    words = ("Error", "Exception", "Enum", "TypedDict", "NamedTuple", "Protocol", "BaseModel", "Settings")
    return any(module.dotted(b, module.root).endswith(words) for b in owner.node.bases)  # type: ignore[union-attr]


def safeguard_definitions(module: Module) -> Iterable[Fact]:
    """Functions and classes that say by their name that they protect."""
    for scope, kind in _defined(module):
        if isinstance(scope.node, ast.ClassDef) or not _is_abstract(scope):
            yield SafeguardDefinition(
                at=module.at(scope),
                name=scope.name,
                kind=kind,
                used=_is_used(scope, module),
                trivial=scope.is_function and _is_trivial(scope),
            )


def _is_abstract(scope: Scope) -> bool:
    body = [s for s in scope.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body:
        return True
    raises = body[0].exc if isinstance(body[0], ast.Raise) else None
    target = raises.func if isinstance(raises, ast.Call) else raises
    return isinstance(target, ast.Name) and target.id == "NotImplementedError"


def _is_used(scope: Scope, module: Module) -> bool:
    registered = any(_registers(d) for d in scope.decorators)
    hook = scope.name in _HOOKS or (scope.name.startswith("__") and scope.name.endswith("__"))
    overrides = isinstance(scope.parent and scope.parent.node, ast.ClassDef) and bool(
        getattr(scope.parent and scope.parent.node, "bases", ())
    )
    exported = any(
        isinstance(n, ast.Constant) and n.value == scope.name
        for v in module.root.assigns.get("__all__", ())
        for n in ast.walk(v)
    )
    return registered or hook or overrides or exported or module.references[scope.name] > 0


def _registers(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )
    return name not in (
        "staticmethod",
        "classmethod",
        "property",
        "cache",
        "lru_cache",
        "wraps",
        "contextmanager",
        "override",
        "cached_property",
        "abstractmethod",
    )


def _is_trivial(scope: Scope) -> bool:
    """Whether the body can only let through: it passes, logs, or returns True or its own argument."""
    body = [s for s in scope.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if not body or isinstance(scope.parent and scope.parent.node, ast.ClassDef):
        return False
    return len(body) <= 3 and all(_lets_through(s, scope) for s in body)


def _lets_through(statement: ast.stmt, scope: Scope) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Return(value=None | ast.Constant(value=True)):
            return not (statement.value is not None and _BLOCKING.search(scope.name))
        case ast.Return(value=ast.Name()):
            return statement.value.id in scope.params  # type: ignore[union-attr]
        case ast.Return(value=ast.Constant(value=False | None)):
            return _BLOCKING.search(scope.name) is not None
        case ast.Expr(value=ast.Call()):
            return _is_log(statement.value)
    return False


def _is_log(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    target = node.func
    if isinstance(target, ast.Name):
        return target.id == "print"
    return isinstance(target, ast.Attribute) and target.attr in (
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "exception",
        "critical",
        "log",
    )


def safeguard_uses(module: Module) -> Iterable[Fact]:
    """References to names that some other file may define as a safeguard."""
    own = {scope.name for scope, _ in _defined(module)}
    seen: dict[str, int] = {}
    for call in module.calls:
        last = call.last
        if last not in seen and last not in own and _ANY.search(last) and safeguard_kind(last):
            seen[last] = call.line
    for name, count in module.references.items():
        if (
            name not in seen
            and name not in own
            and count > 0
            and len(name) < _LENGTH
            and safeguard_kind(name)
        ):
            seen[name] = module.import_lines.get(module.imports.get(name, ""), 0)
    for bound, full in module.imports.items():
        original = full.rpartition(".")[2]
        if (
            original != bound
            and original not in own
            and module.references[bound] > 0
            and safeguard_kind(original)
        ):
            seen.setdefault(original, module.import_lines.get(full, 0))
    for name, line in seen.items():
        yield SafeguardUse(at=module.at(line), name=name)


def fail_opens(module: Module) -> Iterable[Fact]:
    """Handlers around a safeguard that go on as if it had allowed."""
    for scope in module.scopes:
        for attempt in scope.tries:
            guarded = _guarded_call(attempt) or (
                scope.name if scope.is_function and safeguard_kind(scope.name) else ""
            )
            if guarded:
                yield from _open_handlers(attempt, guarded, scope, module)


def _guarded_call(attempt: ast.Try) -> str:
    """Name of the first safeguard called in the body of a try."""
    for statement in attempt.body[:30]:
        for count, node in enumerate(ast.walk(statement)):
            if count > 400:
                break
            if isinstance(node, ast.Call):
                target = node.func
                name = (
                    target.attr
                    if isinstance(target, ast.Attribute)
                    else target.id
                    if isinstance(target, ast.Name)
                    else ""
                )
                if name and safeguard_kind(name) not in ("", "redaction"):
                    return name
    return ""


def _open_handlers(attempt: ast.Try, guarded: str, scope: Scope, module: Module) -> Iterator[FailOpen]:
    for handler in attempt.handlers:
        if not _is_broad(handler):
            continue
        how = _how(handler, guarded, attempt, scope)
        if how:
            yield FailOpen(
                at=module.at(handler),
                function=module.where(scope, handler.lineno),
                safeguard=guarded,
                how=how,
            )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what a broken safeguard raises rather than one expected refusal."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [k.attr if isinstance(k, ast.Attribute) else getattr(k, "id", "") for k in kinds]
    broad = (
        "Exception",
        "BaseException",
        "Timeout",
        "TimeoutError",
        "ConnectionError",
        "RequestException",
        "HTTPError",
        "APIError",
        "RedisError",
        "ImportError",
    )
    return any(n in broad or n.endswith(("Timeout", "ConnectionError", "APIError")) for n in names)


def _how(handler: ast.ExceptHandler, guarded: str, attempt: ast.Try, scope: Scope) -> str:
    own = scope.is_function and bool(safeguard_kind(scope.name))
    refusing = _BLOCKING.search(scope.name if own else guarded) is not None
    for statement in handler.body:
        match statement:
            case ast.Raise():
                return ""
            case ast.Return():
                return _returned(statement.value, refusing, own, scope)
            case ast.Continue() | ast.Break():
                return "continues without it" if isinstance(statement, ast.Continue) and not own else ""
            case ast.Assign(value=ast.Constant(value=value)) if isinstance(value, bool):
                return _assigned(statement, value)
            case ast.If() | ast.With() | ast.Try() | ast.For() | ast.While() | ast.Match():
                return ""
            case ast.Expr(value=ast.Call()) if not _is_log(statement.value) and not _is_quiet(
                statement.value
            ):
                return ""  # it calls something: that may refuse
    return _fell_through(attempt, own, scope, guarded)


def _is_quiet(node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else None
    return isinstance(target, ast.Attribute) and target.attr in (
        "inc",
        "increment",
        "capture_exception",
        "record_exception",
        "append",
        "print_exc",
        "observe",
    )


def _returned(value: ast.expr | None, refusing: bool, own: bool, scope: Scope) -> str:
    if isinstance(value, ast.Constant) and value.value is True and not refusing:
        return "returns True" if own else ""
    if isinstance(value, ast.Constant) and value.value is False and refusing and own:
        return "returns False, which means nothing was found"
    if own and isinstance(value, ast.Name) and value.id in scope.params:
        return "returns its input unchecked"
    if own and value is None:
        return (
            "returns without refusing"
            if not scope.returns or all(_is_nothing(r) for r in scope.returns)
            else ""
        )
    if (
        own
        and isinstance(value, ast.Tuple)
        and value.elts
        and isinstance(value.elts[0], ast.Constant)
        and value.elts[0].value is True
    ):
        return "returns True" if not refusing else ""
    return ""


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _assigned(statement: ast.Assign, value: bool) -> str:
    names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
    opens = any(
        (value and _ALLOWING.search(n) and not _BLOCKING.search(n)) or (not value and _BLOCKING.search(n))
        for n in names
    )
    return "default allows" if opens else ""


def _fell_through(attempt: ast.Try, own: bool, scope: Scope, guarded: str) -> str:
    """The handler swallows the error and the function goes on."""
    if own:
        refuses = bool(scope.raises) or any(
            isinstance(r, ast.Constant) and r.value is False for r in scope.returns
        )
        last = scope.node.body[-1]
        allows = (
            isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is True
        )
        return (
            "passes"
            if allows or (refuses and last is attempt and not _BLOCKING.search(scope.name) and scope.raises)
            else ""
        )
    bare = any(isinstance(s, ast.Expr) and guarded in _called(s.value) for s in attempt.body)
    return "continues without it" if bare else ""


def _called(node: ast.expr) -> str:
    node = node.value if isinstance(node, ast.Await) else node
    target = node.func if isinstance(node, ast.Call) else None
    return (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )
