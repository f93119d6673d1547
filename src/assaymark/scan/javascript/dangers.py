"""Where values act: code, shells, queries, addresses, paths, HTML; and what is fetched by name."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assaymark.observation import Location
from assaymark.scan.facts import (
    Deserialisation,
    Download,
    DynamicExecution,
    Effect,
    Fact,
    HubReference,
    ModelOutputSink,
    Origin,
    OutboundFetch,
)
from assaymark.scan.javascript.libraries import library_of
from assaymark.scan.javascript.module import Call, Function, line_of, text
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["danger_facts", "worst"]

_CODE = re.compile(r"^(eval|Function|setTimeout\.eval)$|^(node:)?vm::(runIn\w+|Script|compileFunction)$")
_SHELL = re.compile(r"^(node:)?child_process::(exec|execSync)$|^shelljs::exec$|^execa::execaCommand\w*$")
_SPAWN = re.compile(
    r"^(node:)?child_process::(spawn|spawnSync|execFile|execFileSync|fork)$|^execa::(execa)?\w*$"
)
_CONTAINED = re.compile(r"(isolated-vm|quickjs|@e2b|e2b|Sandbox|daytona|wasmer).*\.(run\w*|exec\w*|eval\w*)$")
_QUERY = re.compile(r"(^|\.)(query|execute|raw|\$queryRawUnsafe|\$executeRawUnsafe|unsafe|prepare|exec)$")
_SQL = re.compile(
    r"\b(select\s.{0,200}\bfrom|insert\s+into|update\s+\S{1,80}\s+set|delete\s+from"
    r"|drop\s+table)\b",
    re.IGNORECASE | re.DOTALL,
)
_FETCH = re.compile(
    r"^fetch$|^(axios|got|undici|node-fetch|ky|superagent|needle)::(get|post|put"
    r"|request|fetch|head|stream)?(\(\))?$"
    r"|^(node:)?https?::(get|request)$|\.goto$"
)
_FILE = re.compile(
    r"^(node:)?fs(/promises|-extra)?::(promises\.)?(readFile|readFileSync"
    r"|createReadStream|writeFile|writeFileSync"
    r"|createWriteStream|unlink|unlinkSync|rm|rmSync|appendFile)$|^(res|reply)\.(sendFile|download)$"
)
_GUARD = re.compile(
    r"allow_?(list|ed)|white_?list|is_?(allowed|safe|private|internal|valid\w*Url"
    r"|valid\w*Path)|ssrf|block_?list"
    r"|startsWith\(|(sanitize|validate|assert|check|ensure|resolve|safe)_?\w{0,20}(url|uri|path|host|file)"
    r"|\.hostname\b|basename\(|includes\((url|host|parsed|path)",
    re.IGNORECASE,
)
_HTML = ("innerHTML", "outerHTML")
_CLEANS = re.compile(r"(dompurify|sanitize|purify|escape|encode|xss)", re.IGNORECASE)
_HUB = re.compile(r"^(@huggingface|@xenova)/transformers::(pipeline|\w+\.from_pretrained)$")
_PROMPT_HUB = re.compile(r"^(langchain/hub(/node)?|langsmith)::.*pull(Prompt\w*)?$")
_COMMIT = re.compile(r"^[0-9a-f]{40}$|^[0-9a-f]{64}$")
_MOVING = re.compile(
    r"raw\.githubusercontent\.com/[^/]+/[^/]+/(refs/heads/)?(main|master|dev|HEAD)/"
    r"|/(resolve|raw)/(main|master)/|[@/:]latest\b|/archive/(refs/heads/)?(main"
    r"|master)"
)
_REMOTE = re.compile(
    r"raw\.githubusercontent\.com|huggingface\.co/.{1,200}/(resolve|raw)/|gist\.github|/releases/"
)
_PIPED = re.compile(r"(curl|wget)\b[^|]{1,500}\|\s*(sudo\s+)?(ba|z|da)?sh\b")
_ACTS = frozenset({Origin.REQUEST, Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.RETRIEVED})
_ORDER = (
    Origin.REQUEST,
    Origin.MODEL_OUTPUT,
    Origin.TOOL_ARGUMENT,
    Origin.RETRIEVED,
    Origin.PARAMETER,
    Origin.UNKNOWN,
    Origin.CONFIGURATION,
    Origin.CONSTANT,
)


def danger_facts(values: Values) -> Iterator[Fact]:
    """Facts about every call, assignment and attribute of the module that acts on a value."""
    for call in values.module.calls:
        name = values.call_name(call)
        if name and not call.tagged:
            yield from _executions(values, call, name)
            yield from _queries(values, call, name)
            yield from _addresses(values, call, name)
            yield from _references(values, call, name)
    yield from _markup(values)


def worst(origins: frozenset[Origin]) -> Origin:
    """The origin that matters most among several."""
    return next((o for o in _ORDER if o in origins), Origin.UNKNOWN)


def _place(values: Values, call: Call) -> Location:
    return Location(values.module.path, call.line)


def _sink(values: Values, call: Call, name: str, sink: str, node: "Node", guarded: bool) -> Iterator[Fact]:
    if Origin.MODEL_OUTPUT in values.origins(node, call.function):
        yield ModelOutputSink(
            at=_place(values, call),
            sink=sink,
            callee=_short(name),
            guarded=guarded,
            function=call.function.qualified,
        )


def _short(name: str) -> str:
    return name.removeprefix("node:").replace("::", ".").rstrip(".")[:80]


def _executions(values: Values, call: Call, name: str) -> Iterator[Fact]:
    contained = _CONTAINED.search(name) is not None
    shell = _SHELL.search(name) is not None
    spawn = _SPAWN.search(name) is not None
    if not call.arguments or not (contained or shell or spawn or _CODE.search(name)):
        return
    given = call.arguments[0]
    if name == "Function":
        given = call.arguments[-1]
    elif spawn:
        shell_on = any("shell" in values.properties(a, call.function) for a in call.arguments)
        through = values.constant(given, call.function) in (
            "sh",
            "bash",
            "/bin/sh",
            "/bin/bash",
            "cmd",
            "powershell",
        )
        given = call.arguments[1] if (through or shell_on) and len(call.arguments) > 1 else given
    origins = values.origins(given, call.function)
    literal = "".join(p[0] for p in values.pieces(given, call.function))
    if _PIPED.search(literal):
        yield Download(
            at=_place(values, call),
            url=literal[:200],
            what="code",
            mutable=True,
            verified="nothing",
            executed=True,
        )
    if origins <= {Origin.CONSTANT}:
        return
    yield DynamicExecution(
        at=_place(values, call),
        callee=_short(name),
        effect=Effect.EXECUTE,
        origin=worst(origins),
        sandboxed=contained,
        function=call.function.qualified,
    )
    yield from _sink(values, call, name, "shell" if shell or spawn else "eval", given, contained)


def _queries(values: Values, call: Call, name: str) -> Iterator[Fact]:
    if not call.arguments or not _QUERY.search(name) or "child_process" in name:
        return
    pieces = values.pieces(call.arguments[0], call.function)
    literal = " ".join(p[0] for p in pieces)
    inserted = [p for p in pieces if p[1] and not p[2] <= {Origin.CONSTANT, Origin.CONFIGURATION}]
    whole = bool(inserted) and not literal.strip()
    origins = frozenset(o for p in inserted for o in p[2])
    if not inserted or not (_SQL.search(literal) or (whole and origins & _ACTS)):
        return
    if whole and not origins & {Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.REQUEST}:
        return
    yield DynamicExecution(
        at=_place(values, call),
        callee=_short(name),
        effect=Effect.QUERY,
        origin=worst(origins),
        function=call.function.qualified,
    )
    yield from _sink(values, call, name, "sql", call.arguments[0], False)


def _addresses(values: Values, call: Call, name: str) -> Iterator[Fact]:
    fetches, opens = _FETCH.search(name) is not None, _FILE.search(name) is not None
    if not call.arguments or not (fetches or opens):
        return
    given = values.properties(call.arguments[0], call.function).get("url", call.arguments[0])
    pieces = values.pieces(given, call.function)
    literal = pieces[0][0] if pieces else ""
    if fetches and literal:
        yield from _download(values, call, "".join(p[0] for p in pieces))
        if re.match(r"https?://[^/]+/|/", literal):
            return  # the host is fixed
    origins = frozenset(o for p in pieces if p[1] for o in p[2])
    if not origins or origins <= {Origin.CONSTANT, Origin.CONFIGURATION}:
        return
    if opens and not origins & _ACTS:
        return
    guarded = _guarded(call.function)
    yield OutboundFetch(
        at=_place(values, call),
        callee=_short(name),
        origin=worst(origins),
        guarded=guarded,
        function=call.function.qualified,
        file=opens,
    )
    yield from _sink(values, call, name, "file" if opens else "url", given, guarded)


def _guarded(function: Function) -> bool:
    return function.node is not None and _GUARD.search(text(function.node, 20_000)) is not None


def _download(values: Values, call: Call, url: str) -> Iterator[Fact]:
    if not _REMOTE.search(url):
        return
    body = text(call.function.node, 20_000)
    verified = "digest" if "createHash" in body or "digest(" in body else "nothing"
    executed = re.search(r"\b(eval|new Function|runIn\w+Context)\s*\(", body) is not None
    what = "prompt" if "prompt" in url.lower() else "model" if "huggingface" in url else "unknown"
    yield Download(
        at=_place(values, call),
        url=url[:200],
        what="code" if executed else what,
        mutable=_MOVING.search(url) is not None,
        verified=verified,
        executed=executed,
    )


def _references(values: Values, call: Call, name: str) -> Iterator[Fact]:
    if _HUB.search(name):
        index = 1 if name.endswith("pipeline") else 0
        if len(call.arguments) > index:
            yield _hub(values, call, name, call.arguments[index])
    elif _PROMPT_HUB.search(name) and call.arguments:
        reference = values.constant(call.arguments[0], call.function) or ""
        revision = reference.partition(":")[2]
        yield HubReference(
            at=_place(values, call),
            kind="prompt",
            name=reference[:200],
            loader=_short(name),
            revision=revision,
            pinned=re.fullmatch(r"[0-9a-f]{8,64}", revision) is not None,
        )
    elif name in ("node-serialize::unserialize", "funcster::deepDeserialize") and call.arguments:
        yield Deserialisation(
            at=_place(values, call),
            callee=_short(name),
            safe=False,
            origin=worst(values.origins(call.arguments[0], call.function)),
        )


def _hub(values: Values, call: Call, name: str, node: "Node") -> HubReference:
    reference = values.constant(node, call.function) or ""
    options = values.properties(call.arguments[-1], call.function)
    revision = values.constant(options.get("revision"), call.function) or ""
    local = reference.startswith((".", "/")) or "local_files_only" in options
    kind = "tokenizer" if "Tokenizer" in name else "model"
    return HubReference(
        at=_place(values, call),
        kind=kind,
        name=reference[:200],
        loader=_short(name),
        revision=revision[:80],
        pinned=_COMMIT.match(revision) is not None,
        local=local,
    )


def _markup(values: Values) -> Iterator[Fact]:
    """Model output that becomes markup."""
    for left, right, function in values.module.assignments:
        if left.type == "member_expression" and text(left.child_by_field_name("property"), 20) in _HTML:
            yield from _html(values, right, function, text(left, 80), line_of(left))
    for node, function in values.module.attributes:
        if node.named_children and text(node.named_children[0], 40) == "dangerouslySetInnerHTML":
            yield from _html(
                values, node.named_children[-1], function, "dangerouslySetInnerHTML", line_of(node)
            )


def _html(values: Values, node: "Node", function: Function, callee: str, line: int) -> Iterator[Fact]:
    raw = text(node, 2_000)
    named = re.search(r"\b(completion|answer|aiResponse|assistant\w*|llm\w*|modelOutput|generated\w*)\b", raw)
    speaks = any(library_of(s) in ("ai", "@ai-sdk/react", "openai") for s in values.module.import_lines)
    origins = values.origins(node, function)
    if Origin.MODEL_OUTPUT in origins or (named and speaks):
        guarded = _CLEANS.search(raw) is not None or _cleaned(values, node, function)
        yield ModelOutputSink(
            at=Location(values.module.path, line),
            sink="html",
            callee=callee,
            guarded=guarded,
            function=function.qualified,
        )


def _cleaned(values: Values, node: "Node", function: Function) -> bool:
    followed = values.follow(node, function)
    return followed is not None and _CLEANS.search(text(followed, 400)) is not None
