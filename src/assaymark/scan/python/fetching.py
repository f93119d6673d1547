"""Requests and file reads whose address is decided at run time, and downloads from fixed addresses."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Download, Fact, Origin, OutboundFetch
from assaymark.scan.python._effects import leading_text
from assaymark.scan.python._guards import is_guarded
from assaymark.scan.python._module import Call, Module
from assaymark.scan.python._origins import origin_of, parameter_behind
from assaymark.scan.python.loading import verifies

__all__ = ["downloads", "notebook_downloads", "outbound_fetches"]

_VERBS = ("get", "post", "put", "request", "head", "stream", "patch", "delete")
_FETCHERS = (
    frozenset(f"{lib}.{verb}" for lib in ("requests", "httpx") for verb in _VERBS)
    | {
        f"{lib}().{verb}"
        for lib in (
            "requests.Session",
            "requests.session",
            "httpx.Client",
            "httpx.AsyncClient",
            "aiohttp.ClientSession",
            "urllib3.PoolManager",
        )
        for verb in _VERBS
    }
    | {
        "urllib.request.urlopen",
        "urllib.request.urlretrieve",
        "urllib.request.Request",
        "wget.download",
        "gdown.download",
        "torch.hub.download_url_to_file",
        "pandas.read_csv",
        "trafilatura.fetch_url",
        "newspaper.Article",
        "pooch.retrieve",
        "langchain_community.document_loaders.WebBaseLoader",
        "tensorflow.keras.utils.get_file",
        "keras.utils.get_file",
    }
)
_READERS = frozenset(
    {
        "open",
        "io.open",
        "aiofiles.open",
        "pathlib.Path().read_text",
        "pathlib.Path().read_bytes",
        "pathlib.Path().open",
        "flask.send_file",
        "fastapi.responses.FileResponse",
        "starlette.responses.FileResponse",
    }
)
_CHOSEN = (Origin.REQUEST, Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.RETRIEVED, Origin.PARAMETER)
_URL = re.compile(r"^https?://\S+$", re.IGNORECASE)
_MODEL_FILE = re.compile(
    r"\.(pt|pth|bin|ckpt|onnx|gguf|safetensors|h5|keras|pkl|pickle|joblib|tflite|pb|model)(\?|$)",
    re.IGNORECASE,
)
_DATA_FILE = re.compile(r"\.(csv|tsv|jsonl?|parquet|zip|tar|gz|tgz|npz|arrow|txt)(\?|$)", re.IGNORECASE)
_CODE_FILE = re.compile(r"\.(py|sh|js|ts|ipynb|whl|jar|rb|pl)(\?|$)", re.IGNORECASE)
_BINARY_FILE = re.compile(r"\.(exe|dll|so|dylib|deb|rpm|AppImage|msi)(\?|$)", re.IGNORECASE)
_FIXED = re.compile(r"/[0-9a-f]{40}(/|\b)|sha256[:=-][0-9a-f]{64}")
_VERSIONED = re.compile(r"/(v?\d+\.\d+(\.\d+)?[\w.-]*)/|[-_]v?\d+\.\d+\.\d+")
_MOVING = re.compile(
    r"/(main|master|latest|HEAD|develop|nightly)(/|$)|@latest|/resolve/main/|/raw/main/|raw\.githubusercontent\.com|gist\.github"
)
_WRITES = (
    "write_bytes",
    "write_text",
    "copyfileobj",
    "urlretrieve",
    "get_file",
    "download_url_to_file",
    "extractall",
    "write",
)
_SHELL_FETCH = re.compile(r"\b(curl|wget)\b[^\n|;&]{0,400}?(https?://[^\s'\"|;&)]{1,300})")
_HELPER = re.compile(
    r"^_?(http_get|wget|(download|fetch)_(file|url|model|weights|checkpoint|data|dataset|archive|asset|embeddings?)\w*"
    r"|download|download_(from|and)_\w+|maybe_download\w*)$"
)
_PIPED = re.compile(r"\|\s*(sudo\s+)?(ba|z|da)?sh\b|\|\s*(sudo\s+)?python")
_PIP_URL = re.compile(r"\bpip3?\s+install\b[^\n]{0,300}?((?:git\+)?https?://[^\s'\"]{1,300})")


def outbound_fetches(module: Module) -> Iterable[Fact]:
    """Addresses and paths that somebody else chooses."""
    for call in module.named(sorted(_FETCHERS)):
        yield from _fetch(call, module, file=False)
    for call in module.named(sorted(_READERS)):
        if call.name != "open" or "open" not in module.by_name:
            yield from _fetch(call, module, file=True)


def _fetch(call: Call, module: Module, *, file: bool) -> Iterator[OutboundFetch]:
    address = _address(call, file=file)
    if address is None:
        return
    if not file and _is_fixed_host(address, call, module):
        return
    origin = origin_of(address, call.scope, module)
    if origin is Origin.CONSTANT or (file and origin not in _CHOSEN) or (origin is Origin.PARAMETER and file):
        return
    yield OutboundFetch(
        at=module.at(call),
        callee=call.name[:120],
        origin=origin,
        guarded=is_guarded(address, call.scope, module),
        function=module.where(call.scope, call.line),
        file=file,
        parameter=parameter_behind(address, call.scope) if origin is Origin.PARAMETER else "",
    )


def _address(call: Call, *, file: bool) -> ast.expr | None:
    if file and call.name.startswith("pathlib.Path()") and isinstance(call.node.func, ast.Attribute):
        return call.node.func.value
    position = 1 if call.last in ("request", "stream") else 0
    return call.arg(position, "url", "path", "file", "filepath_or_buffer", "origin", "web_path", "web_paths")


def _is_fixed_host(address: ast.expr, call: Call, module: Module) -> bool:
    """`f"https://api.example.com/v1/{city}"`: the caller chooses a part of the path, not the host."""
    start = leading_text(address, call.scope, module)
    return re.match(r"^https?://[^/{}\s]+/", start) is not None


def downloads(module: Module) -> Iterable[Fact]:
    """Models, data and code fetched from an address written in the source, and kept, loaded or run."""
    for call in module.named(sorted(_FETCHERS)):
        address = _address(call, file=False)
        url = module.text(address, call.scope) or (
            _prefix(address, call, module) if address is not None else ""
        )
        if _URL.match(url) and (what := _what(url, call)) and not (what == "data" and _asks(call)):
            yield _download(call, url, what, module)
    yield from _by_helpers(module)
    for call in module.named(
        ("os.system", "subprocess.run", "subprocess.check_call", "subprocess.call", "subprocess.check_output")
    ):
        command = module.text(call.arg(0, "args"), call.scope)
        for one in _in_shell(command):
            yield Download(
                at=module.at(call),
                url=one[0],
                what=one[1],
                mutable=_is_mutable(one[0]),
                verified="nothing",
                executed=one[2],
            )


def _asks(call: Call) -> bool:
    """`requests.get("https://api.example/search.json", params=…)` asks a service; it fetches no file."""
    return call.kw("params", "json", "data") is not None


def _by_helpers(module: Module) -> Iterator[Download]:
    """`http_get("https://…/" + name, path)`: a helper of the project's own that is named for downloading."""
    for last, calls in module.by_last.items():
        if not _HELPER.match(last):
            continue
        for call in calls:
            address = _address(call, file=False)
            if call.name in _FETCHERS or address is None:
                continue
            start = leading_text(address, call.scope, module)
            url = module.text(address, call.scope) or (f"{start}…" if start else "")
            if _URL.match(url) and "/" in url.partition("://")[2]:
                yield _download(call, url, _what(url, call) or _by_folder(url), module, by_helper=True)


def _by_folder(url: str) -> str:
    """What lies in a folder of the address that is named for it."""
    folders = set(re.findall(r"[a-z]+", url.lower()))
    if folders & {"model", "models", "weights", "checkpoint", "checkpoints", "embeddings"}:
        return "model"
    return "data" if folders & {"data", "dataset", "datasets", "corpus", "corpora"} else "unknown"


def _prefix(address: ast.expr, call: Call, module: Module) -> str:
    if not isinstance(address, ast.JoinedStr | ast.BinOp):
        return ""
    start = leading_text(address, call.scope, module)
    tail = address.values[-1] if isinstance(address, ast.JoinedStr) and address.values else None
    end = tail.value if isinstance(tail, ast.Constant) and isinstance(tail.value, str) else ""
    return f"{start}…{end}" if _URL.match(start) and end != start else ""


def _what(url: str, call: Call) -> str:
    for pattern, what in (
        (_MODEL_FILE, "model"),
        (_CODE_FILE, "code"),
        (_BINARY_FILE, "binary"),
        (_DATA_FILE, "data"),
    ):
        if pattern.search(url):
            return what
    if _executed(call):
        return "code"
    keeps = call.last in _WRITES or any(
        c.last in ("write_bytes", "copyfileobj", "extractall") for c in call.scope.calls
    )
    return "unknown" if keeps else ""


def _download(call: Call, url: str, what: str, module: Module, *, by_helper: bool = False) -> Download:
    return Download(
        at=module.at(call),
        url=url[:300],
        what=what,
        mutable=_is_mutable(url),
        verified=_verified(call),
        executed=_executed(call),
        by_helper=by_helper,
    )


def _is_mutable(url: str) -> bool:
    if _FIXED.search(url):
        return False
    return _MOVING.search(url) is not None or not _VERSIONED.search(url)


def _verified(call: Call) -> str:
    if call.kw("known_hash", "file_hash", "hash_prefix", "expected_hash", "sha256") is not None or verifies(
        call.scope, 10**9
    ):
        signed = any("signature" in c.last.lower() or "cosign" in c.name for c in call.scope.calls)
        return "signature" if signed else "digest"
    sizes = any(c.name == "os.path.getsize" or c.last in ("stat", "getsize") for c in call.scope.calls)
    return "size" if sizes else "nothing"


def _executed(call: Call) -> bool:
    return any(
        c.name in ("exec", "eval", "os.system", "runpy.run_path", "importlib.import_module")
        for c in call.scope.calls
    )


def _in_shell(command: str) -> Iterator[tuple[str, str, bool]]:
    """Address, kind and whether it is run, for each download in a shell command."""
    bounded = command[:20_000]
    piped = _PIPED.search(bounded) is not None
    for match in _SHELL_FETCH.finditer(bounded):
        url = match[2]
        kinds = ((_MODEL_FILE, "model"), (_CODE_FILE, "code"), (_BINARY_FILE, "binary"), (_DATA_FILE, "data"))
        yield url, next((w for p, w in kinds if p.search(url)), "code" if piped else "unknown"), piped
    for match in _PIP_URL.finditer(bounded):
        yield match[1], "code", True


def notebook_downloads(module: Module, shell: Iterable[tuple[int, str]]) -> Iterable[Fact]:
    """Downloads on the shell lines of a notebook."""
    for line, command in shell:
        for url, what, executed in _in_shell(command):
            yield Download(
                at=module.at(line),
                url=url[:300],
                what=what,
                mutable=_is_mutable(url),
                verified="nothing",
                executed=executed,
            )
