"""Dockerfiles and Containerfiles → what the image is built from and how it runs."""

import json
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import ContainerBuild, Dependency, Download, Fact
from assaymark.scan.infra.secrets import is_secret_name, looks_real

__all__ = ["is_containerfile", "scan_containerfile"]

MAX_INSTRUCTIONS = 2_000
_NAME = re.compile(r"(?:.+\.)?(?:dockerfile|containerfile)(?:[.\-_][\w.\-]+)?\Z", re.IGNORECASE)
_PIPE = re.compile(
    r"\b(?:curl|wget)\b[^|;&\n]{0,400}\|\s{0,9}(?:sudo\s{1,9})?(?:-E\s{1,9})?(?:ba|z|da)?sh\b"
    r"|\b(?:ba|z)?sh\b\s{1,9}(?:-c\s{1,9})?[\"']?(?:<\(|\$\()\s{0,9}(?:curl|wget)"
)
_URL = re.compile(r"https?://[^\s\"'\\|;&)>]{4,400}")
_STRICT = re.compile(
    r"\bnpm (?:ci|clean-install)\b|--require-hashes|UV_(?:LOCKED|FROZEN)|--frozen-lockfile"
    r"|\buv (?:sync|export|run)\b[^\n]{0,300}--(?:locked|frozen)"
    r"|\b(?:yarn|pnpm|bun)\b[^\n&]{0,80}--immutable|\bpoetry (?:install|sync|export)\b"
    r"|\bpdm (?:sync\b|install\b[^\n&]{0,80}(?:--check|--prod))"
    r"|\bpipenv (?:sync|install\b[^\n&]{0,80}--deploy)"
    r"|\bconda-lock install\b|\bcargo\b[^\n&]{0,80}--locked"
)
_INSTALL = re.compile(
    r"\bpip3? install\b|\buv (?:pip install|sync|add)\b|\bnpm (?:install|i|ci)\b"
    r"|\byarn(?: install)?\s{0,4}(?:$|&|;|--)|\bpnpm (?:install|i)\b|\bbun install\b|\bpoetry install\b"
    r"|\bpdm (?:install|sync)\b|\bpipenv (?:install|sync)\b|\bconda (?:install|env create)\b",
    re.MULTILINE,
)
_TOOLING = re.compile(r"\b(?:pip3? install|npm (?:install|i) (?:-g|--global))\b[^\n&;|]{0,200}")
_TOOLS = frozenset(
    {
        "pip",
        "setuptools",
        "wheel",
        "uv",
        "poetry",
        "pdm",
        "pipenv",
        "npm",
        "pnpm",
        "yarn",
        "corepack",
        "hatch",
        "pipx",
    }
)


class _Instruction(Struct, frozen=True):
    word: str
    rest: str
    line: int


class _Stage:
    def __init__(self, base: str) -> None:
        self.base = base
        self.user = ""
        self.copies: list[str] = []


def is_containerfile(name: str) -> bool:
    """Whether a file name (last component) is that of a Dockerfile or Containerfile."""
    return _NAME.match(name) is not None and not name.lower().endswith(
        (".md", ".py", ".ts", ".js", ".dockerignore")
    )


def scan_containerfile(path: str, text: str) -> Iterator[Fact]:
    """The build as a whole, and what it fetches from fixed addresses."""
    instructions = list(_instructions(text))
    stages, bases = _stages(instructions)
    if not stages:
        return
    final = stages[-1]
    runs = "\n".join(i.rest for i in instructions if i.word == "RUN")
    yield ContainerBuild(
        at=Location(path, next(i.line for i in instructions if i.word == "FROM")),
        bases=tuple(bases),
        pinned=all("@sha256:" in base or base == "scratch" for base in bases),
        user=final.user,
        copies_everything=any(c in (".", "./", "*", "./*") for c in final.copies),
        copies=tuple(dict.fromkeys(final.copies)),
        exposes=_exposed(instructions),
        secrets=_secrets(instructions),
        pipes_to_shell=_PIPE.search(runs) is not None,
        uses_lock=_uses_lock(runs, instructions),
        healthcheck=any(i.word == "HEALTHCHECK" and i.rest.upper() != "NONE" for i in instructions),
    )
    for base in bases:
        yield Dependency(
            at=Location(path, _line_of_base(instructions, base)),
            ecosystem="docker",
            name=base.partition("@")[0].rpartition(":")[0] or base.partition("@")[0],
            spec=base.partition("@")[2] or base.rpartition("/")[2].partition(":")[2],
            pinned="@sha256:" in base,
            hashed="@sha256:" in base,
            mutable="@" not in base and (":" not in base.rpartition("/")[2] or base.endswith(":latest")),
        )
    yield from _downloads(path, instructions)


def _instructions(text: str) -> Iterator[_Instruction]:
    """Instructions with continuation lines joined and here-documents kept with their RUN."""
    lines = text.split("\n")
    number, count = 0, 0
    while number < len(lines) and count < MAX_INSTRUCTIONS:
        start = number
        line = lines[number].strip()
        number += 1
        if not line or line.startswith("#"):
            continue
        parts = [line]
        while parts[-1].endswith("\\") and number < len(lines):
            parts[-1] = parts[-1][:-1]
            following = lines[number].strip()
            number += 1
            parts.append("\\" if following.startswith("#") or not following else following)
        mark = re.search(r"<<-?\s?[\"']?(\w{1,40})", parts[0])
        while mark and number < len(lines):
            parts.append(lines[number] + "\n")
            number += 1
            if lines[number - 1].strip() == mark[1]:
                break
        word, _, rest = " ".join(p.rstrip("\\") for p in parts).partition(" ")
        count += 1
        yield _Instruction(word.upper(), rest.strip(), start + 1)


def _stages(instructions: list[_Instruction]) -> tuple[list[_Stage], list[str]]:
    """Stages in order with inherited user, and base images that are not earlier stages."""
    stages: list[_Stage] = []
    named: dict[str, _Stage] = {}
    bases: list[str] = []
    defaults: dict[str, str] = {}
    for one in instructions:
        if one.word == "ARG" and not stages:
            key, _, value = one.rest.partition("=")
            defaults[key.strip()] = value.strip().strip("\"'")
        elif one.word == "FROM":
            words = [w for w in one.rest.split() if not w.startswith("--")]
            base = _substitute(words[0], defaults) if words else ""
            earlier = named.get(base.lower())
            stage = _Stage(base)
            if earlier is not None:
                stage.user, stage.copies = earlier.user, list(earlier.copies)
            elif base:
                bases.append(base)
            stages.append(stage)
            if len(words) >= 3 and words[1].upper() == "AS":
                named[words[2].lower()] = stage
        elif stages:
            _follow(stages[-1], one)
    return stages, list(dict.fromkeys(bases))


def _follow(stage: _Stage, one: _Instruction) -> None:
    if one.word == "USER":
        stage.user = one.rest.split()[0] if one.rest.split() else ""
    elif one.word in ("COPY", "ADD") and "--from=" not in one.rest:
        stage.copies += _sources(one.rest)


def _sources(rest: str) -> list[str]:
    while rest.startswith("--"):
        rest = rest.partition(" ")[2].lstrip()
    if rest.startswith("["):
        try:
            words = [str(w) for w in json.loads(rest)]
        except (ValueError, RecursionError):
            return []
    else:
        words = rest.split()
    return words[:-1][:50]


def _substitute(text: str, values: dict[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        return values.get(found[1], found[2] or found[0])

    return re.sub(r"\$\{?(\w{1,60})(?::?-([^}]{0,200}))?\}?", one, text)


def _exposed(instructions: list[_Instruction]) -> tuple[int, ...]:
    words = [w.partition("/")[0] for i in instructions if i.word == "EXPOSE" for w in i.rest.split()]
    return tuple(int(w) for w in words if w.isdigit() and len(w) <= 5)


def _secrets(instructions: list[_Instruction]) -> tuple[str, ...]:
    """Names of ARG and ENV that are given a real-looking secret value in the file."""
    found: list[str] = []
    for one in instructions:
        if one.word in ("ENV", "ARG"):
            pairs = re.findall(r"(\w{1,80})=(\"[^\"]{0,500}\"|'[^']{0,500}'|\S{0,500})", one.rest)
            if one.word == "ENV" and not pairs and " " in one.rest:
                pairs = [tuple(one.rest.split(None, 1))]
            found += [n for n, v in pairs if is_secret_name(n) and looks_real(v.strip("\"'"))]
    return tuple(dict.fromkeys(found))


def _uses_lock(runs: str, instructions: list[_Instruction]) -> bool | None:
    installs = _INSTALL.findall(_TOOLING.sub(_without_tools, runs))
    if not installs:
        return None
    env = " ".join(i.rest for i in instructions if i.word == "ENV")
    return _STRICT.search(runs) is not None or "UV_FROZEN" in env or "UV_LOCKED" in env


def _without_tools(found: re.Match[str]) -> str:
    """Drop an install that only brings the installer itself, the project, or nothing that a lock covers."""
    words = [w.strip("\"'") for w in found[0].split()[2:] if not w.startswith("-")]
    names = {re.split(r"[=<>~!\[@]", w)[0].lower() for w in words if w}
    return "" if names and names <= _TOOLS else found[0]


def _line_of_base(instructions: list[_Instruction], base: str) -> int:
    return next((i.line for i in instructions if i.word == "FROM" and base in i.rest), 0) or next(
        (i.line for i in instructions if i.word == "FROM"), 0
    )


def _downloads(path: str, instructions: list[_Instruction]) -> Iterator[Fact]:
    for one in instructions:
        if one.word not in ("RUN", "ADD"):
            continue
        if one.word == "RUN" and not re.search(r"\b(?:curl|wget)\b", one.rest):
            continue
        verified = _verified(one)
        for url in dict.fromkeys(_URL.findall(one.rest)[:20]):
            if "localhost" in url or "127.0.0.1" in url or url.rstrip("/").endswith(("/health", "/healthz")):
                continue
            yield Download(
                at=Location(path, one.line),
                url=url[:300],
                what=_what(url, one.rest),
                mutable=re.search(
                    r"/(?:main|master|latest|head|nightly|stable)(?:[/.]|\Z)|[?&]latest", url, re.IGNORECASE
                )
                is not None,
                verified=verified,
                executed=_PIPE.search(one.rest) is not None,
            )


def _verified(one: _Instruction) -> str:
    if re.search(r"sha(?:256|512|1)sum|shasum|--checksum=sha", one.rest):
        return "digest"
    return (
        "signature"
        if re.search(r"\bgpg\b[^\n]{0,80}--verify|\bcosign verify|\bminisign -V", one.rest)
        else "nothing"
    )


def _what(url: str, context: str) -> str:
    lowered = url.lower()
    if re.search(r"\.(?:safetensors|gguf|bin|pt|pth|onnx|h5|pkl|ckpt|tflite)(?:\?|\Z)", lowered):
        return "model"
    if lowered.endswith((".sh", ".py", ".js")) or _PIPE.search(context):
        return "code"
    return "data" if lowered.endswith((".csv", ".json", ".jsonl", ".parquet")) else "binary"
