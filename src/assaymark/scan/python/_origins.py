"""Where a value comes from, as far as its own file shows: assignments followed back to their source."""

import ast
import re
from collections.abc import Iterable

from assaymark.scan.facts import Origin
from assaymark.scan.python._llm_names import is_llm_call
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._roles import is_handler, is_tool

__all__ = ["is_injected", "origin_of", "origins_in", "parameter_behind", "parameter_origin", "worst"]

_RANK = {
    Origin.MODEL_OUTPUT: 8,
    Origin.TOOL_ARGUMENT: 7,
    Origin.REQUEST: 6,
    Origin.RETRIEVED: 5,
    Origin.PARAMETER: 4,
    Origin.UNKNOWN: 3,
    Origin.CONFIGURATION: 2,
    Origin.CONSTANT: 1,
}
_DEPTH = 10
_REQUEST_BASES = (
    "flask.request",
    "quart.request",
    "bottle.request",
    "sanic.request",
    "django.http.HttpRequest()",
)
_REQUEST_CALLS = frozenset(
    {
        "input",
        "streamlit.chat_input",
        "streamlit.text_input",
        "streamlit.text_area",
        "streamlit.file_uploader",
    }
)
_REQUEST_LASTS = frozenset({"receive_text", "receive_json", "get_json"})
_SETTINGS = re.compile(
    r"(^|\.)_*(settings?|config|configuration|conf|cfg|options|opts|args|env|environ)(\(\))?(\.|$)",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"\.Request\(\)\.(user|auth|app)(\.|$)")
_RETRIEVED_LASTS = frozenset(
    [
        "similarity_search",
        "similarity_search_with_score",
        "max_marginal_relevance_search",
        "get_relevant_documents",
        "asimilarity_search",
        "retrieve",
        "aretrieve",
        "as_retriever",
        "extract_text",
        "get_text",
        "scrape",
        "crawl",
        "partition",
    ]
)
_FETCHERS = frozenset(
    [
        "requests.get",
        "requests.post",
        "requests.request",
        "httpx.get",
        "httpx.post",
        "urllib.request.urlopen",
        "httpx.Client().get",
        "httpx.AsyncClient().get",
        "requests.Session().get",
        "aiohttp.ClientSession().get",
    ]
)
_CASTS = frozenset(
    {"int", "float", "bool", "len", "round", "hash", "id", "isinstance", "uuid.UUID", "abs", "sum"}
)
_CLOCKS = (
    "datetime.",
    "time.",
    "uuid.",
    "random.",
    "secrets.",
    "os.getcwd",
    "os.getpid",
    "sys.executable",
    "tempfile.",
)


def worst(origins: Iterable[Origin]) -> Origin:
    """The least trustworthy of several origins; constant if there are none."""
    return max(origins, key=_RANK.__getitem__, default=Origin.CONSTANT)


def origins_in(node: ast.AST | None, scope: Scope, module: Module) -> tuple[Origin, ...]:
    """All origins of the parts of a prompt or message list, least trustworthy first."""
    if node is None:
        return ()
    if isinstance(node, ast.Name) and (found := scope.assigns.get(node.id)) and len(found) < 60:
        parts: list[ast.AST] = list(found)
    else:
        parts = [node]
    found_origins = {origin_of(leaf, scope, module) for part in parts for leaf in _leaves(part)}
    return tuple(sorted(found_origins, key=_RANK.__getitem__, reverse=True))


def _leaves(node: ast.AST) -> list[ast.expr]:
    """What stands inside literal lists, dicts, f-strings and message constructors."""
    found: list[ast.expr] = []
    stack: list[ast.AST] = [node]
    while stack and len(found) < 200:
        one = stack.pop()
        match one:
            case ast.List() | ast.Tuple() | ast.JoinedStr():
                stack.extend(one.elts if not isinstance(one, ast.JoinedStr) else one.values)
            case ast.Dict():
                stack.extend(one.values)
            case ast.FormattedValue():
                stack.append(one.value)
            case ast.BinOp():
                stack += [one.left, one.right]
            case ast.expr():
                found.append(one)
    return found


def origin_of(node: ast.AST | None, scope: Scope, module: Module, depth: int = 0) -> Origin:
    """Where the value of `node` comes from."""
    if node is None or depth > _DEPTH:
        return Origin.UNKNOWN
    match node:
        case ast.Constant():
            return Origin.CONSTANT
        case ast.Name():
            return _of_name(node.id, scope, module, depth)
        case ast.Attribute():
            return _of_attribute(node, scope, module, depth)
        case ast.Subscript() | ast.Await() | ast.Starred() | ast.FormattedValue() | ast.NamedExpr():
            return _of_chain(node.value, scope, module, depth)
        case ast.Call():
            return _of_call(node, scope, module, depth)
        case ast.Compare() | ast.Lambda():
            return Origin.CONSTANT
    parts = _parts(node)
    return (
        worst(origin_of(p, scope, module, depth + 1) for p in parts) if parts is not None else Origin.UNKNOWN
    )


def _parts(node: ast.AST) -> list[ast.expr] | None:
    match node:
        case ast.JoinedStr() | ast.BoolOp():
            return node.values[:40]
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts[:40]
        case ast.Dict():
            return node.values[:40]
        case ast.BinOp():
            return [node.left, node.right]
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.UnaryOp():
            return [node.operand]
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return [g.iter for g in node.generators]
    return None


def _of_chain(node: ast.expr, scope: Scope, module: Module, depth: int) -> Origin:
    if isinstance(node, ast.Attribute) and _environment(module.dotted(node, scope)):
        return Origin.CONFIGURATION
    return origin_of(node, scope, module, depth + 1)


def _environment(name: str) -> bool:
    return name in ("os.environ", "sys.argv", "streamlit.secrets")


def _of_name(name: str, scope: Scope, module: Module, depth: int) -> Origin:
    full = module.imports.get(name, "")
    if full.startswith(_REQUEST_BASES):
        return Origin.REQUEST
    for one in scope.up():
        key = f"origin {name}"
        if key in one.notes:
            return one.notes[key]  # type: ignore[no-any-return]
        values = [*one.assigns.get(name, ())][:12]
        if name in one.params:
            # A parameter reassigned from itself stays what its caller sent.
            own = parameter_origin(name, one, module)
            values_origin = _follow(values, key, one, module, depth) if values else own
            return worst((own, values_origin)) if values_origin is not Origin.CONSTANT else own
        if values:
            return _follow(values, key, one, module, depth)
    if _SETTINGS.search(full or name):
        return Origin.CONFIGURATION
    return Origin.UNKNOWN


def _follow(values: list[ast.expr], key: str, scope: Scope, module: Module, depth: int) -> Origin:
    scope.notes[key] = Origin.CONSTANT  # a name that refers to itself adds nothing
    found = worst(origin_of(v, scope, module, depth + 1) for v in values)
    if depth == 0:
        scope.notes[key] = found
    else:
        del scope.notes[key]
    return found


def parameter_origin(name: str, scope: Scope, module: Module) -> Origin:
    """What a parameter of `scope` carries, by what the function is."""
    if name in ("self", "cls"):
        return Origin.UNKNOWN
    annotation = scope.params.get(name)
    hint = module.dotted(annotation, module.root) if annotation is not None else ""
    if hint.rpartition(".")[2] in ("Request", "HttpRequest", "WebSocket", "UploadFile"):
        return Origin.REQUEST
    if hint in ("int", "float", "bool", "uuid.UUID"):
        return Origin.CONSTANT
    if is_tool(scope, module):
        return Origin.TOOL_ARGUMENT
    if is_handler(scope, module):
        return Origin.UNKNOWN if is_injected(name, scope, module) else Origin.REQUEST
    return _from_callers(name, scope, module)


def parameter_behind(node: ast.AST | None, scope: Scope) -> str:
    """The parameter of the function that a value is made from; nothing if none, or several, are."""
    names = {n.id for n in _some_names(node)}
    for _ in range(3):
        if found := names & scope.params.keys() - {"self", "cls"}:
            return found.pop() if len(found) == 1 else ""
        made = [v for name in sorted(names)[:20] for v in scope.assigns.get(name, ())[:4]]
        names = {n.id for v in made for n in _some_names(v)}
    return ""


def _some_names(node: ast.AST | None) -> list[ast.Name]:
    found = []
    for count, one in enumerate(ast.walk(node) if node is not None else ()):
        if count > 60:
            break
        if isinstance(one, ast.Name):
            found.append(one)
    return found


_CALLERS = 8
"""Call sites looked at for one parameter."""


def _from_callers(name: str, scope: Scope, module: Module) -> Origin:
    """What callers in the same file pass for a parameter, if that is less trustworthy than not knowing."""
    key = f"parameter {name}"
    if key not in scope.notes:
        scope.notes[key] = Origin.PARAMETER  # recursion adds nothing
        sites = [c for c in module.by_last.get(scope.name, ())[:60] if module.target(c.name, c.last) is scope]
        origins = [
            origin_of(given, c.scope, module, 4)
            for c in sites[:_CALLERS]
            if (given := _argument(name, scope, c))
        ]
        scope.notes[key] = worst([Origin.PARAMETER, *origins])
    return scope.notes[key]  # type: ignore[no-any-return]


def _argument(name: str, scope: Scope, call: Call) -> ast.expr | None:
    order = [p for p in scope.params if p not in ("self", "cls")]
    return call.arg(order.index(name), name) if name in order else None


def is_injected(name: str, scope: Scope, module: Module) -> bool:
    """Whether a handler's parameter is supplied by the framework (`Depends`), not by the client."""
    args = scope.node.args  # type: ignore[union-attr]
    ordered = [*args.posonlyargs, *args.args]
    defaults = dict(zip(reversed([a.arg for a in ordered]), reversed(args.defaults), strict=False))
    defaults |= {a.arg: d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None}
    value = defaults.get(name)
    if isinstance(value, ast.Call) and module.dotted(value.func, scope).endswith(("Depends", "Security")):
        return True
    hint = scope.params.get(name)
    return isinstance(hint, ast.Subscript) and any(
        isinstance(n, ast.Name) and n.id in ("Depends", "Security") for n in ast.walk(hint)
    )


def _of_attribute(node: ast.Attribute, scope: Scope, module: Module, depth: int) -> Origin:
    name = module.dotted(node, scope)
    if _IDENTITY.search(name):
        return Origin.UNKNOWN  # who called was established by the server, not written by the caller
    if name.startswith(_REQUEST_BASES) or ".Request()." in name:
        return Origin.REQUEST
    if _environment(name):
        return Origin.CONFIGURATION
    if name.startswith("self.") and name.count(".") == 1:
        values = module.self_attributes.get(node.attr, ())
        own = [v for v in values if not isinstance(v, ast.Name)]
        if values and len(own) == len(values) and depth < 4:
            return worst(origin_of(v, scope, module, depth + 3) for v in own[:6])
        return Origin.CONFIGURATION if _SETTINGS.search(name) else Origin.UNKNOWN
    if _SETTINGS.search(name) and not isinstance(node.value, ast.Call):
        inner = origin_of(node.value, scope, module, depth + 1)
        return (
            inner
            if inner in (Origin.REQUEST, Origin.TOOL_ARGUMENT, Origin.MODEL_OUTPUT)
            else Origin.CONFIGURATION
        )
    return origin_of(node.value, scope, module, depth + 1)


def _of_call(node: ast.Call, scope: Scope, module: Module, depth: int) -> Origin:
    name = module.dotted(node.func, scope)
    last = name.rpartition(".")[2]
    known = _of_known_call(name, last)
    if known is not None:
        return known
    if is_llm_call(node, module):
        return Origin.MODEL_OUTPUT
    target = module.target(name, last)
    if target is not None:
        return _of_function(node, target, scope, module, depth)
    parts: list[ast.expr] = [*node.args, *(k.value for k in node.keywords)]
    if isinstance(node.func, ast.Attribute):
        parts.append(node.func.value)
    known_parts = [
        o for p in parts[:20] if (o := origin_of(p, scope, module, depth + 1)) is not Origin.UNKNOWN
    ]
    if "." not in name and name not in _BUILTINS and not known_parts:
        return Origin.UNKNOWN
    return worst(known_parts) if known_parts else Origin.UNKNOWN


_BUILTINS = frozenset({"str", "list", "dict", "tuple", "set", "sorted", "open", "format", "repr", "bytes"})


def _of_known_call(name: str, last: str) -> Origin | None:
    if name in (
        "os.getenv",
        "os.environ.get",
        "os.path.expanduser",
        "importlib.resources.files",
        "pathlib.Path.home",
    ):
        return Origin.CONFIGURATION
    if last in ("parse_args", "parse_known_args", "get_settings", "load_dotenv"):
        return Origin.CONFIGURATION
    if name in _REQUEST_CALLS or last in _REQUEST_LASTS or name.startswith(_REQUEST_BASES):
        return Origin.REQUEST
    if last in _RETRIEVED_LASTS or name in _FETCHERS:
        return Origin.RETRIEVED
    if name in _CASTS or name.startswith(_CLOCKS):
        return Origin.CONSTANT
    return None


def _of_function(node: ast.Call, target: Scope, scope: Scope, module: Module, depth: int) -> Origin:
    """What a function of the same file gives back: its returns, and for its parameters the arguments."""
    if "returns" not in target.notes:
        target.notes["returns"] = Origin.UNKNOWN  # recursion adds nothing
        target.notes["returns"] = worst(origin_of(r, target, module, depth + 2) for r in target.returns[:12])
    given: Origin = target.notes["returns"]
    if given is Origin.PARAMETER:
        return worst(
            origin_of(a, scope, module, depth + 1) for a in [*node.args, *(k.value for k in node.keywords)]
        )
    return given if target.returns else Origin.UNKNOWN
