"""Shell text of a pipeline → what it does: tests, evaluates, scans, releases, deploys, trains, signs.

Commands are taken apart into words and matched by their leading words, so that a mention in an
argument, a comment or an `echo` does not count as doing it.
"""

import functools
import re

from msgspec import Struct

from assaymark.scan.infra import deed_words as words

__all__ = ["Deeds", "Step", "action_step", "commands_of", "script_step"]

MAX_COMMANDS = 2_000
MAX_SCRIPT = 200_000
_SPLIT = re.compile(r"\|\||&&|[;|\n]")
_WORD = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[^\s\"']+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_RUNNERS = (
    "make",
    "just",
    "task",
    "npm",
    "yarn",
    "pnpm",
    "bun",
    "tox",
    "nox",
    "hatch",
    "invoke",
    "inv",
    "poe",
    "rake",
    "turbo",
    "nx",
)
_INTERPRETERS = ("python", "python3", "bash", "sh", "node", "tsx", "ts-node", "deno", "bun", "zsh", "pwsh")
_TOLERATED = re.compile(r"\|\|[ \t]*(?:true|:|echo|exit 0)\b|\|\|[ \t]*:")
_WANTED = ("tests", "evaluates", "scans")

Deeds = frozenset[str]


class Step(Struct, frozen=True):
    """What one step does, and whether its failure is swallowed."""

    deeds: Deeds
    scans: tuple[str, ...] = ()
    tolerated: bool = False
    """A test, evaluation or scan in it may fail without failing the step."""


def commands_of(script: str) -> list[tuple[str, ...]]:
    """The simple commands in `script`, as words without quotes, wrappers and assignments removed."""
    text = script[:MAX_SCRIPT].replace("\\\n", " ")
    lines = (line.partition(" #")[0] for line in text.split("\n") if not line.lstrip().startswith("#"))
    pieces = _SPLIT.split("\n".join(lines))[:MAX_COMMANDS]
    found = (_unwrap([w.strip("\"'()`{}") for w in _WORD.findall(piece)]) for piece in pieces)
    return [command for command in found if command]


def _unwrap(command: list[str]) -> tuple[str, ...]:
    changed = True
    while command and changed:
        changed = False
        if _ASSIGNMENT.match(command[0]) or command[0] in ("then", "do", "else", "if", "!", "env", "@", "-"):
            command, changed = command[1:], True
            continue
        command[0] = _unversioned(command[0].lstrip("@-$") or command[0])
        for wrapper in words.WRAPPERS:
            if tuple(command[: len(wrapper)]) == wrapper and len(command) > len(wrapper):
                command, changed = _after_options(command[len(wrapper) :]), True
                break
    return tuple(command)


def _unversioned(program: str) -> str:
    """`promptfoo` for `promptfoo@0.118.0`; a scope's own `@` stays."""
    return program[:1] + program[1:].partition("@")[0]


def _after_options(command: list[str]) -> list[str]:
    """What a wrapper starts: its own options stand before it; an option may bring one value."""
    taking = ("--with", "--extra", "--group", "--from", "-p", "--python", "--package", "-e", "--env-file")
    while command and command[0].startswith("-"):
        command = command[2:] if command[0] in taking else command[1:]
    return command


@functools.lru_cache(maxsize=4096)
def script_step(script: str) -> Step:
    """What a shell script does."""
    deeds: set[str] = set()
    scans: list[str] = []
    for command in commands_of(script):
        done, scan = _deeds_of(command)
        deeds |= done
        scans += [scan] if scan else []
    return Step(frozenset(deeds), tuple(dict.fromkeys(scans)), _swallows(script))


def _swallows(script: str) -> bool:
    for line in script[:MAX_SCRIPT].replace("\\\n", " ").split("\n"):
        if "||" in line and _TOLERATED.search(line):
            before = line.partition("||")[0]
            if any(set(_deeds_of(c)[0]) & set(_WANTED) for c in commands_of(before)):
                return True
    return False


def _deeds_of(command: tuple[str, ...]) -> tuple[set[str], str]:
    program = command[0].rpartition("/")[2] if command[0].startswith(("/", "./node_modules")) else command[0]
    command = (program, *command[1:])
    if program in ("echo", "printf", "pip", "pip3", "apt-get", "apt", "brew", "cd", "cat", "grep"):
        return set(), ""
    deeds = {deed for deed, table in words.PROGRAMS.items() if any(_starts(command, p) for p in table)}
    scan = next((" ".join(p) for p in words.SCANNERS_BY_PROGRAM if _starts(command, p)), "")
    if scan:
        deeds.add("scans")
    deeds |= _by_target(command) if not deeds else set()
    if "tests" in deeds and any(
        _named(word, "evaluates") for word in command[1:] if "/" in word or "-k" in command
    ):
        deeds.add("evaluates")
    if program in ("docker", "podman") and "build" in command and "--push" in command:
        deeds.add("releases")
    if program in ("docker", "podman") and ({"--sbom", "--sbom=true", "--provenance=true"} & set(command)):
        deeds.add("signs")
    if "releases" in deeds and {"--provenance", "--sign", "--attestations"} & set(command):
        deeds.add("signs")
    rehearsal = any("testpypi" in word or "test.pypi" in word for word in command)
    if rehearsal or "--dry-run" in command or "--help" in command or "--version" in command:
        deeds -= {"releases", "deploys"}
    return deeds, scan or ("make target" if "scans" in deeds else "")


def _starts(command: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether the words of `pattern` lead the command, options between them left out."""
    if command[0] != pattern[0]:
        return False
    rest = [w for w in command[1:] if not w.startswith("-") or w in pattern]
    return tuple(rest[: len(pattern) - 1]) == pattern[1:]


def _by_target(command: tuple[str, ...]) -> set[str]:
    """Deeds told by the name of a make target, a package script or a script file."""
    if command[0] in _RUNNERS:
        names = [
            w
            for w in command[1:]
            if not w.startswith("-") and w not in ("run", "run-script", "exec") and "=" not in w
        ]
    elif command[0] in _INTERPRETERS:
        names = [w for w in command[1:] if not w.startswith("-")][:1]
    elif "/" in command[0] or command[0].endswith((".sh", ".py")):
        names = [command[0]]
    else:
        return set()
    return {deed for name in names for deed in words.TARGETS if _named(name, deed)}


@functools.lru_cache(maxsize=4096)
def _named(name: str, deed: str) -> bool:
    stem = (
        name.rstrip("/").rpartition("/")[2].lower().rpartition(".")[0]
        if "." in name.rpartition("/")[2]
        else name.rstrip("/").rpartition("/")[2].lower()
    )
    flat = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")
    parts = flat.split("-")
    return any(t in parts if "-" not in t else t in flat for t in words.TARGETS[deed])


def action_step(name: str, options: dict[str, object]) -> Step:
    """What a GitHub action does, by its name and the options it is given."""
    lowered = name.lower()
    deeds = {
        deed
        for deed, names in words.ACTIONS.items()
        if any(lowered == n or lowered.startswith(n + "/") for n in names)
    }
    if lowered.startswith("docker/build-push-action"):
        deeds |= {"releases"} if options.get("push") not in (None, False, "false") else set()
        signed = options.get("sbom") not in (None, False) or options.get("provenance") not in (
            None,
            False,
            "false",
        )
        deeds |= {"signs"} if signed else set()
    if lowered == "pypa/gh-action-pypi-publish" and "test.pypi" in str(options.get("repository-url", "")):
        deeds.discard("releases")  # a rehearsal
    scans = (lowered.removesuffix("-action"),) if "scans" in deeds else ()
    return Step(frozenset(deeds), scans)
