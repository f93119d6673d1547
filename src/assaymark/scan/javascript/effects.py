"""What a function can do to the world: its calls, and those of functions it calls in the same file."""

import functools
import re
from collections.abc import Iterator

from assaymark.scan.facts import Effect
from assaymark.scan.javascript.llm import client_of
from assaymark.scan.javascript.module import Call, Function
from assaymark.scan.javascript.values import Values

__all__ = ["calls_within", "effects_of", "reaches_of", "touches_of"]

_EFFECTS: tuple[tuple[re.Pattern[str], Effect], ...] = (
    (
        re.compile(
            r"(child_process::|execa::|shelljs::)|(^|\.)(execSync|spawnSync|execFile|runCode|runCommand)$"
            r"|^(eval|Function)$|^vm::|Sandbox.*\.(exec|run\w*)$"
        ),
        Effect.EXECUTE,
    ),
    (
        re.compile(
            r"(stripe|paypal|paddle|braintree|square)\b.*\.(create|capture|confirm|pay|charge|send)$"
            r"|(^|\.)(refund\w*|charge\w*|transferFunds|sendPayment|createPayment\w*"
            r"|pay[A-Z]\w*|issueRefund"
            r"|sendTransaction|withdraw)$",
            re.IGNORECASE,
        ),
        Effect.PAY,
    ),
    (
        re.compile(
            r"(nodemailer::|@sendgrid|resend::|twilio|@slack|mailgun).*\.(send\w*|create|postMessage)$"
            r"|(^|\.)(sendMail|sendEmail|sendMessage|sendSms|postMessage|sendNotification"
            r"|publishPost|tweet)$"
        ),
        Effect.SEND,
    ),
    (
        re.compile(
            r"fs(-extra|/promises)?::(promises\.)?(unlink|rm|rmdir|remove|emptyDir)\w*$"
            r"|\.(delete|deleteOne|deleteMany|destroy|drop\w*|removeItem|deleteObject)$|(^"
            r"|\.)delete[A-Z]\w*$"
        ),
        Effect.DELETE,
    ),
    (
        re.compile(
            r"fs(-extra|/promises)?::(promises\.)?(write|append|copy|rename|mkdir|createWrite)\w*$|(^|\.)(write|append)File\w*$"
            r"|\.(insert|insertOne|insertMany|update|updateOne|updateMany|upsert|create"
            r"|createMany|save|putObject)$"
        ),
        Effect.WRITE,
    ),
    (
        re.compile(r"(^|\.)(query|\$queryRaw\w*|\$executeRaw\w*|raw|execute|prepare)$|sql\.unsafe$"),
        Effect.QUERY,
    ),
    (
        re.compile(
            r"^fetch$|^(axios|got|undici|node-fetch|ky|superagent)::|(^|\.)(scrape|crawl)\w*$"
            r"|page\.goto$"
        ),
        Effect.FETCH,
    ),
    (
        re.compile(
            r"fs(-extra|/promises)?::(promises\.)?(read|createRead|readdir|stat)\w*$"
            r"|\.(find|findOne|findMany|findUnique|findFirst|select|from)$"
        ),
        Effect.READ,
    ),
)
_DATABASE = re.compile(
    r"(prisma|(^|\.)db\b|drizzle|knex|mongoose|sequelize|supabase|pool|pg::|mysql|sqlite|redis|kv\b|Model\b"
    r"|collection|repository|\.(findOne|findMany|findUnique|findFirst|findById|insertOne|deleteOne)$)",
    re.IGNORECASE,
)
_LOCAL_MODEL = re.compile(r"(@huggingface/transformers|@xenova/transformers|onnxruntime|@tensorflow|web-llm)")
_HOST = re.compile(r"https?://([^/\s'\"`$?#:]{1,120})")
_LEVELS = 4
"""How many calls deep functions of the same file are followed."""


def calls_within(values: Values, function: Function, level: int = 0) -> Iterator[Call]:
    """The calls of `function`, of functions inside it, and of functions of the file that it calls."""
    seen: set[int] = set()
    pending: list[tuple[Function, int]] = [(function, level)]
    while pending and len(seen) < 60:
        here, depth = pending.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        pending += [(f, depth) for f in here.inner]
        for call in here.calls:
            yield call
            if depth < _LEVELS and call.target.type == "identifier":
                called = values.module.named(values.call_name(call))
                if called is not None:
                    pending.append((called, depth + 1))


def effects_of(values: Values, calls: tuple[Call, ...]) -> tuple[Effect, ...]:
    """Effects of `calls`, in the vocabulary's order."""
    found: set[Effect] = set()
    for call in calls:
        name = values.call_name(call)
        if name.startswith(("console.", "zod::", "Object.", "JSON.", "Math.", "document.", "path::")):
            continue
        found |= _effects(name)
        if name == "fetch" and _method(values, call) in ("POST", "PUT", "PATCH", "DELETE"):
            found.add(Effect.DELETE if _method(values, call) == "DELETE" else Effect.SEND)
    return tuple(e for e in Effect if e in found)


@functools.lru_cache(maxsize=4_096)
def _effects(name: str) -> frozenset[Effect]:
    """Effects that a callee's name tells."""
    return frozenset(effect for shape, effect in _EFFECTS if shape.search(name))


def _method(values: Values, call: Call) -> str:
    options = values.properties(call.arguments[1], call.function) if len(call.arguments) > 1 else {}
    return (values.constant(options.get("method"), call.function) or "GET").upper()


def touches_of(values: Values, calls: tuple[Call, ...]) -> tuple[str, ...]:
    """Hosts and systems that `calls` name."""
    found: dict[str, None] = {}
    for call in calls:
        name = values.call_name(call)
        if _DATABASE.search(name) and not name.startswith("console."):
            found["database"] = None
        for argument in call.arguments[:1]:
            literal = "".join(p[0] for p in values.pieces(argument, call.function))[:2_000]
            found.update(dict.fromkeys(_HOST.findall(literal)))
    return tuple(found)[:20]


def reaches_of(values: Values, calls: tuple[Call, ...]) -> tuple[str, ...]:
    """Of llm, model, tool, database, file, shell, fetch: what `calls` reach."""
    effects = effects_of(values, calls)
    names = [values.call_name(call) for call in calls]
    reached = {
        "llm": any(client_of(values, call) for call in calls),
        "model": any(_LOCAL_MODEL.search(n) for n in names),
        "tool": any(n.endswith((".callTool", "callTool")) for n in names),
        "database": any(_DATABASE.search(n) for n in names if not n.startswith(("console.", "zod::"))),
        "file": any(re.match(r"(node:)?fs(-extra|/promises)?::", n) for n in names),
        "shell": Effect.EXECUTE in effects,
        "fetch": Effect.FETCH in effects,
    }
    return tuple(k for k, v in reached.items() if v)
