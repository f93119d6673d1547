"""What calls can do to the world, and which named systems they reach."""

import ast
import re
from collections.abc import Iterator

from assaymark.scan.facts import Effect
from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["SHELL", "effect_of", "effects_of", "leading_text", "sql_is_composed", "touches_of"]

SHELL = frozenset(
    [
        "os.system",
        "os.popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.Popen",
        "subprocess.check_output",
        "subprocess.check_call",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
        "asyncio.create_subprocess_exec",
        "os.execv",
        "os.execvp",
        "os.spawnl",
        "commands.getoutput",
        "pexpect.spawn",
        "pexpect.run",
    ]
)
_EXACT: dict[str, Effect] = {
    **dict.fromkeys(SHELL, Effect.EXECUTE),
    **dict.fromkeys(
        ("eval", "exec", "builtins.exec", "builtins.eval", "runpy.run_path", "runpy.run_module"),
        Effect.EXECUTE,
    ),
    **dict.fromkeys(
        (
            "os.remove",
            "os.unlink",
            "os.rmdir",
            "shutil.rmtree",
            "os.removedirs",
            "pathlib.Path().unlink",
            "pathlib.Path().rmdir",
        ),
        Effect.DELETE,
    ),
    **dict.fromkeys(
        (
            "shutil.move",
            "shutil.copy",
            "shutil.copyfile",
            "os.rename",
            "os.replace",
            "os.makedirs",
            "pathlib.Path().write_text",
            "pathlib.Path().write_bytes",
        ),
        Effect.WRITE,
    ),
    **dict.fromkeys(("pathlib.Path().read_text", "pathlib.Path().read_bytes"), Effect.READ),
    **dict.fromkeys(
        (
            "requests.get",
            "httpx.get",
            "urllib.request.urlopen",
            "requests.request",
            "httpx.request",
            "urllib.request.urlretrieve",
            "requests.head",
        ),
        Effect.FETCH,
    ),
    **dict.fromkeys(
        ("requests.post", "requests.put", "requests.patch", "httpx.post", "httpx.put", "httpx.patch"),
        Effect.SEND,
    ),
    **dict.fromkeys(("requests.delete", "httpx.delete"), Effect.DELETE),
}
_LASTS: dict[str, Effect] = {
    "send_message": Effect.SEND,
    "sendmail": Effect.SEND,
    "send_email": Effect.SEND,
    "send_mail": Effect.SEND,
    "chat_postMessage": Effect.SEND,
    "unlink": Effect.DELETE,
    "delete_object": Effect.DELETE,
    "delete_many": Effect.DELETE,
    "delete_one": Effect.DELETE,
    "drop_collection": Effect.DELETE,
    "delete_collection": Effect.DELETE,
    "insert_one": Effect.WRITE,
    "insert_many": Effect.WRITE,
    "update_one": Effect.WRITE,
    "put_object": Effect.WRITE,
    "put_item": Effect.WRITE,
    "delete_item": Effect.DELETE,
    "write_text": Effect.WRITE,
    "write_bytes": Effect.WRITE,
    "exec_run": Effect.EXECUTE,
    "exec_command": Effect.EXECUTE,
    "executescript": Effect.QUERY,
    "read_sql": Effect.QUERY,
    "read_sql_query": Effect.QUERY,
}
_PAY = re.compile(
    r"(^|\.)(stripe\..*\.(create|capture|confirm|create_async)|(charge|refund|pay|payout|transfer)_?\w*)$",
    re.IGNORECASE,
)
_PAY_WORDS = re.compile(
    r"(^|_)(refund|payment|payout|charge|transfer_(money|funds)|pay|purchase|checkout|place_order|wire)(_|$)",
    re.IGNORECASE,
)
_SESSION = re.compile(
    r"(requests\.Session|httpx\.(Async)?Client|aiohttp\.ClientSession|urllib3\.PoolManager)\(\)\.(\w+)$"
)
_DATABASE = re.compile(
    r"(^|\.|_)(cursor|cur|conn|connection|db|database|session|engine|sqlite3|psycopg\w*|asyncpg|sqlalchemy|duckdb|pool|con)(\(\))?(\.|_|$)",
    re.IGNORECASE,
)
_QUERIES = frozenset(
    {"execute", "executemany", "fetch", "fetchall", "fetchrow", "fetchval", "exec", "raw", "sql"}
)
_WRITE_SQL = re.compile(r"^\s*(insert|update|create|alter|merge|replace|grant)\b", re.IGNORECASE)
_DELETE_SQL = re.compile(r"^\s*(delete|drop|truncate)\b", re.IGNORECASE)


def effect_of(call: Call, module: Module) -> Effect | None:
    """What this one call can do, if anything."""
    name, last = call.name, call.last
    if name in _EXACT:
        return _EXACT[name]
    if name == "open" or (last == "open" and name in ("io.open", "aiofiles.open", "pathlib.Path().open")):
        return _opened(call, module)
    if session := _SESSION.search(name):
        verb = session[3]
        return {
            "get": Effect.FETCH,
            "head": Effect.FETCH,
            "request": Effect.FETCH,
            "delete": Effect.DELETE,
        }.get(
            verb,
            Effect.SEND if verb in ("post", "put", "patch") else None,
        )
    if last in _QUERIES and (
        _DATABASE.search(name.rpartition(".")[0])
        or module.uses("sqlite3", "sqlalchemy", "psycopg2", "psycopg")
    ):
        return _queried(call, module)
    if last in _LASTS:
        return (
            None if last == "send_message" and ("genai" in name or "chat" in name.lower()) else _LASTS[last]
        )
    if _PAY.search(name) and ("stripe" in name or "." in name or last not in module.by_name):
        return Effect.PAY
    return None


def _opened(call: Call, module: Module) -> Effect:
    mode = module.text(call.arg(1, "mode"), call.scope)
    return Effect.WRITE if any(c in mode for c in "wax+") else Effect.READ


def _queried(call: Call, module: Module) -> Effect | None:
    statement = call.arg(0, "query", "sql", "statement", "operation")
    if statement is None:
        return None
    text = leading_text(statement, call.scope, module)
    if _DELETE_SQL.search(text):
        return Effect.DELETE
    if _WRITE_SQL.search(text):
        return Effect.WRITE
    composed = sql_is_composed(statement, call.scope, module) or not text
    return Effect.QUERY if composed else Effect.READ


def leading_text(node: ast.expr, scope: Scope, module: Module) -> str:
    """The constant text with which a string expression begins."""
    for _ in range(8):
        if isinstance(node, ast.Name) and (found := module.value_of(node, scope)):
            node, scope = found
        elif isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.BinOp):
            node = node.left
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
        ):
            node = node.func.value
        elif isinstance(node, ast.Call) and node.args:
            node = node.args[0]
        else:
            break
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def sql_is_composed(node: ast.AST, scope: Scope, module: Module, depth: int = 0) -> bool:
    """Whether a query's text is put together from values rather than passed with parameters."""
    if depth > 5:
        return False
    match node:
        case ast.JoinedStr():
            values = [v.value for v in node.values if isinstance(v, ast.FormattedValue)]
            return any(module.constant(v, scope) is None for v in values)
        case ast.BinOp(op=ast.Mod() | ast.Add()):
            return module.constant(node, scope) is None
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
        case ast.Call() if module.dotted(node.func, scope).rpartition(".")[2] == "text" and node.args:
            return sql_is_composed(node.args[0], scope, module, depth + 1)
        case ast.Name():
            found = module.value_of(node, scope)
            return found is not None and sql_is_composed(found[0], found[1], module, depth + 1)
    return False


def effects_of(scope: Scope, module: Module) -> tuple[Effect, ...]:
    """What a function, and the functions of the same file that it calls, can do."""
    cached = scope.notes.get("effects")
    if cached is None:
        found = {e for one in module.callees(scope) for call in one.calls if (e := effect_of(call, module))}
        if _PAY_WORDS.search(scope.name) and not scope.name.startswith(("get_", "list_", "check_")):
            found.add(Effect.PAY)
        cached = scope.notes["effects"] = tuple(sorted(found))
    return cached


_HOST = re.compile(r"^[a-z][a-z0-9+]*://([^/\s?#]{1,200})", re.IGNORECASE)


def touches_of(scope: Scope, module: Module) -> tuple[str, ...]:
    """Named systems that a function reaches: hosts, databases, paths, services."""
    found: dict[str, None] = {}
    for one in module.callees(scope):
        for call in one.calls:
            effect = effect_of(call, module)
            if effect is not None:
                found |= dict.fromkeys(_touched(call, effect, module))
    return tuple(found)[:20]


def _touched(call: Call, effect: Effect, module: Module) -> Iterator[str]:
    first = call.arg(0, "url", "path", "file")
    text = leading_text(first, call.scope, module) if first is not None else ""
    if host := _HOST.match(text):
        yield host[1]
    elif effect in (Effect.QUERY, Effect.READ, Effect.WRITE, Effect.DELETE) and call.last in _QUERIES:
        yield "database"
    elif effect is Effect.EXECUTE:
        yield "shell" if call.name in SHELL else "interpreter"
    elif effect is Effect.PAY:
        yield "stripe" if "stripe" in call.name else "payments"
    elif effect is Effect.SEND:
        yield "mail" if "mail" in call.name.lower() or "smtp" in call.name.lower() else "network"
    elif effect is Effect.FETCH:
        yield "network"
    else:
        yield text[:80] if text else "files"
