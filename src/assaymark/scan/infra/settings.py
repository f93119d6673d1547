"""Configuration values that change how the AI system works or is protected."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import Dependency, Fact, Setting
from assaymark.scan.infra.npm_dependencies import npm_dependency
from assaymark.scan.infra.secrets import is_secret_name

__all__ = ["category_of", "from_env", "from_mcp", "from_values", "is_mcp_config"]

MAX_SETTINGS = 500
MAX_VISITED = 20_000
_CATEGORIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "guardrail",
            r"guard_?rail|moderation|safety|content_?filter|llama_?guard|jailbreak|prompt_?injection|(?:^|_)pii(?:_|$)|redact|block(?:ed|list)|allow(?:ed|list)|deny_?list|sandbox|read_?only|approval|human_?in|hitl|confirm",
        ),
        ("temperature", r"^temperature$|_temperature$|^top_?[pk]$"),
        (
            "limit",
            r"max_|_max$|limit|quota|budget|time_?out|rate_|_per_(?:second|minute|hour|day)|throttl|retries|concurren|ttl",
        ),
        ("retention", r"retention|retain|expire|purge|delete_after|keep_(?:days|last)|_days$"),
        (
            "auth",
            r"auth|login|oauth|oidc|jwt|cors|allowed_(?:hosts|origins)|require_(?:key|token)|public_access|anonymous|rbac|(?:^|_)sso(?:_|$)|csrf",
        ),
        (
            "telemetry",
            r"telemetry|tracing|analytics|sentry|posthog|langsmith|langfuse|wandb|otel|opentelemetry|phone_?home|usage_?stat|do_not_track",
        ),
        ("logging", r"(?:^|_)log(?:s|ging|ger|_level)?(?:_|$)|audit|verbose"),
        ("prompt", r"prompt|instructions$|system_?message|persona"),
        ("tool", r"^tools?$|_tools?$|functions?$|plugins?$|skills?$|capabilit"),
        (
            "model",
            r"^model$|model_?(?:name|id|path|version|revision|repo)?$|_model$|^llm|llm_|deployment_?name|checkpoint|embedding|base_?url$|api_?base$|provider$|trust_remote_code|quantization",
        ),
        ("environment", r"^env$|environment$|_env$|^stage$|^debug$|app_?env|node_?env"),
        ("feature", r"feature|enable|disable|flag|experimental|beta"),
    )
)
_ASSIGN = re.compile(r"\A\s{0,9}(?:export\s{1,9})?([A-Za-z_][A-Za-z0-9_.\-]{0,100})\s{0,9}=\s{0,9}(.*)\Z")
_EXACT = re.compile(r"\d[\w.+\-]*\Z")
_GENERAL = frozenset(
    {
        "name",
        "id",
        "enabled",
        "enable",
        "disabled",
        "value",
        "path",
        "provider",
        "type",
        "version",
        "revision",
        "mode",
        "level",
    }
)
_SERVER_KEYS = ("mcpServers", "servers", "mcp_servers", "context_servers")


def category_of(key: str) -> str:
    """What kind of setting the last part of a dotted key names; empty if none that matters."""
    parent, _, last = key.rpartition(".")
    if parent and last.lower() in _GENERAL:  # `guardrails.enabled` speaks of guardrails
        return _category(parent.rpartition(".")[2]) or _category(last)
    return _category(last)


@functools.lru_cache(maxsize=8192)
def _category(word: str) -> str:
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word[:200]).replace("-", "_")
    return next((name for name, pattern in _CATEGORIES if pattern.search(word)), "")


def _setting(place: Location, key: str, value: Any) -> Setting | None:
    category = category_of(key)
    if not category:
        return None
    secret = is_secret_name(key.rpartition(".")[2])
    shown = ("(set)" if value not in ("", None) else "") if secret else _shown(value)
    return Setting(at=place, key=key[:200], value=shown, category=category)


def _shown(value: Any) -> str:
    text = "true" if value is True else "false" if value is False else "" if value is None else str(value)
    text = re.sub(r"//[^/@\s]{1,200}@", "//…@", text)
    return " ".join(text[:400].split())[:120]


def from_env(path: str, text: str) -> Iterator[Fact]:
    """A .env file."""
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        found = _ASSIGN.match(line[:2_000]) if not line.lstrip().startswith("#") else None
        one = _setting(Location(path, number), found[1], found[2].strip().strip("\"'")) if found else None
        if one is not None and count < MAX_SETTINGS:
            count += 1
            yield one


def from_values(path: str, value: Any, line: Any) -> Iterator[Fact]:
    """Leaves of a mapping, depth first; `line` gives the line of a key path."""
    stack: list[tuple[tuple[str, ...], Any]] = [((), value)]
    visited = count = 0
    while stack and visited < MAX_VISITED and count < MAX_SETTINGS:
        keys, here = stack.pop()
        visited += 1
        if isinstance(here, dict) and len(keys) < 12:
            stack += [((*keys, str(k)), v) for k, v in reversed(here.items())]
        elif (
            isinstance(here, list)
            and here
            and all(isinstance(v, str | int | float | bool) for v in here[:50])
        ):
            here = ", ".join(str(v) for v in here[:20])
        if keys and not isinstance(here, dict | list):
            one = _setting(Location(path), ".".join(keys), here)
            if one is not None:
                count += 1
                yield Setting(
                    at=Location(path, line(*keys)), key=one.key, value=one.value, category=one.category
                )


def is_mcp_config(path: str, value: Any) -> bool:
    """Whether a JSON or YAML value configures MCP servers."""
    name = path.rpartition("/")[2].lower()
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("mcpServers"), dict) or (
        "mcp" in name and any(isinstance(value.get(k), dict) for k in _SERVER_KEYS)
    )


def from_mcp(path: str, value: dict[str, Any], line: Any) -> Iterator[Fact]:
    """Each MCP server: a setting, and the package that its command fetches."""
    for key in _SERVER_KEYS:
        servers = value.get(key)
        for name, server in list(servers.items())[:200] if isinstance(servers, dict) else ():
            if not isinstance(server, dict):
                continue
            place = Location(path, line(key, str(name)))
            args = server.get("args")
            words = (
                [str(server.get("command") or "")] + [str(a) for a in args if isinstance(a, str | int)]
                if isinstance(args, list)
                else [str(server.get("command") or "")]
            )
            shown = str(server.get("url") or server.get("serverUrl") or " ".join(_without_secrets(words)))
            yield Setting(
                at=place, key=f"{key}.{name}", value=_shown(shown.partition("?")[0]), category="mcp-server"
            )
            package = _package(place, words)
            if package is not None:
                yield package


def _without_secrets(words: list[str]) -> list[str]:
    return [
        w if not is_secret_name(words[i - 1]) and not is_secret_name(w.partition("=")[0]) else "…"
        for i, w in enumerate(words)
    ]


def _package(place: Location, words: list[str]) -> Dependency | None:
    """The package that npx, uvx or docker would fetch to start the server."""
    program = words[0].rpartition("/")[2]
    plain = [w for w in words[1:] if not w.startswith("-")]
    if program in ("npx", "bunx", "pnpx") and plain:
        name, _, version = plain[0][1:].partition("@")
        return npm_dependency(place, plain[0][0] + name, version, "mcp")
    if program in ("uvx", "pipx") and plain:
        chosen = (
            words[words.index("--from") + 1]
            if "--from" in words[:-1]
            else plain[-1 if plain[0] == "run" else 0]
        )
        name, _, version = chosen.replace("==", "@").partition("@")
        remote = "://" in chosen
        return Dependency(
            at=place,
            ecosystem="pypi",
            name=name.lower()[:200],
            spec=version[:120],
            pinned=bool(_EXACT.match(version)) and not remote,
            mutable=version in ("", "latest") or remote,
            group="mcp",
        )
    if program == "docker" and "run" in plain:
        image = next((w for w in words if "/" in w and not w.startswith(("-", "/")) and "=" not in w), "")
        if image:
            tag = image.partition("@")[2] or image.rpartition("/")[2].partition(":")[2]
            return Dependency(
                at=place,
                ecosystem="docker",
                name=image.partition("@")[0].partition(":")[0],
                spec=tag,
                pinned="@sha256:" in image,
                hashed="@sha256:" in image,
                mutable=tag in ("", "latest"),
                group="mcp",
            )
    return None
