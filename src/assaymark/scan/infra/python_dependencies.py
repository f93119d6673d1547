"""Python's declarations of dependencies: pyproject, setup files, Pipfile, conda files."""

import ast
import configparser
import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import Dependency, Fact, Setting
from assaymark.scan.infra._locked import pypi_name
from assaymark.scan.infra._requirement import direct, from_url, host, requirement
from assaymark.scan.structured import line_of_toml_key, read_toml
from assaymark.scan.yaml_reader import YamlDocument

__all__ = [
    "from_environment",
    "from_pipfile",
    "from_pyproject",
    "from_setup_cfg",
    "from_setup_py",
]


def _named(group: str) -> str:
    """An extra called `mcp` holds libraries; the bare name is kept for servers that are started."""
    return f"extra {group}" if group == "mcp" else group


def from_pyproject(path: str, text: str) -> Iterator[Fact]:
    """PEP 621 dependencies and extras, PEP 735 groups, build requirements, Poetry's tables, uv's sources."""
    top, _ = read_toml(text)
    project, tool = _dict(top.get("project")), _dict(top.get("tool"))
    own = pypi_name(str(project.get("name") or ""))
    sources = _dict(_dict(tool.get("uv")).get("sources"))
    lists: list[tuple[str, tuple[str, ...], Any]] = [
        ("", ("project", "dependencies"), project.get("dependencies"))
    ]
    lists += [
        (_named(g), ("project", "optional-dependencies", g), v)
        for g, v in _dict(project.get("optional-dependencies")).items()
    ]
    lists += [
        (_named(g), ("dependency-groups", g), v) for g, v in _dict(top.get("dependency-groups")).items()
    ]
    lists += [("build", ("build-system", "requires"), _dict(top.get("build-system")).get("requires"))]
    for group, keys, entries in lists:
        line = line_of_toml_key(text, *keys)
        for entry in entries if isinstance(entries, list) else ():
            one = (
                requirement(Location(path, _entry_line(text, line, entry)), entry, group)
                if isinstance(entry, str)
                else None
            )
            if one is not None and one.name != own:  # `name[extra]` within its own extras
                yield _with_source(one, sources)
    yield from _poetry(path, text, _dict(tool.get("poetry")))
    for index in _indexes(tool):
        yield Setting(
            at=Location(path, line_of_toml_key(text, "tool")),
            key="extra-index-url",
            value=index,
            category="feature",
        )


def _indexes(tool: dict[str, Any]) -> list[str]:
    uv = _dict(tool.get("uv"))
    urls = uv.get("extra-index-url")
    risky = uv.get("index-strategy") in ("unsafe-best-match", "unsafe-first-match")
    return [host(str(u)) for u in urls] if isinstance(urls, list) and risky else []


def _with_source(one: Dependency, sources: dict[str, Any]) -> Dependency:
    source = _dict(next((s for n, s in sources.items() if pypi_name(n) == one.name), None))
    if "git" not in source and "url" not in source:
        return one
    revision = str(source.get("rev") or source.get("tag") or source.get("branch") or "")
    return from_url(one.at, one.name, f"{source.get('git') or source.get('url')}@{revision}", one.group)


def _entry_line(text: str, start: int, entry: str) -> int:
    """The line of a list entry at or after `start`."""
    offset = 0
    for _ in range(start - 1):
        offset = text.find("\n", offset) + 1
    place = text.find(entry, offset)
    return start if place < 0 else text.count("\n", 0, place) + 1


def _poetry(path: str, text: str, poetry: dict[str, Any]) -> Iterator[Fact]:
    main: tuple[str, tuple[str, ...], Any] = (
        "",
        ("tool", "poetry", "dependencies"),
        poetry.get("dependencies"),
    )
    tables = [main]
    tables += [("dev", ("tool", "poetry", "dev-dependencies"), poetry.get("dev-dependencies"))]
    for group, content in _dict(poetry.get("group")).items():
        tables.append(
            (group, ("tool", "poetry", "group", group, "dependencies"), _dict(content).get("dependencies"))
        )
    for group, keys, table in tables:
        for name, value in _dict(table).items():
            if name.lower() != "python":
                yield _poetry_entry(Location(path, line_of_toml_key(text, *keys, name)), name, value, group)


def _poetry_entry(place: Location, name: str, value: Any, group: str) -> Dependency:
    options = _dict(value)
    if "git" in options or "url" in options:
        revision = str(options.get("rev") or options.get("tag") or options.get("branch") or "")
        return from_url(place, name, f"{options.get('git') or options.get('url')}@{revision}", group)
    spec = str(options.get("version", "") if options else value)
    spec = "" if "path" in options else spec
    exact = re.fullmatch(r"(?:==?\s?)?\d[\w.+!]*", spec) is not None and not spec.endswith(".*")
    return Dependency(
        at=place,
        ecosystem="pypi",
        name=pypi_name(name),
        spec="" if spec == "*" else spec[:120],
        pinned=exact or "path" in options,
        group=group,
        version=spec.lstrip("= ") if exact else "",
        local="path" in options,
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def from_pipfile(path: str, text: str) -> Iterator[Fact]:
    """A Pipfile's packages."""
    top, _ = read_toml(text)
    for table, group in (("packages", ""), ("dev-packages", "dev")):
        for name, value in _dict(top.get(table)).items():
            yield _poetry_entry(
                Location(path, line_of_toml_key(text, table, name)), name, _pipfile_value(value), group
            )


def _pipfile_value(value: Any) -> Any:
    if isinstance(value, dict) and "ref" in value:
        return {**value, "rev": value["ref"]}
    return value


def from_setup_cfg(path: str, text: str) -> Iterator[Fact]:
    """install_requires and extras of a setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    lists = [("", parser.get("options", "install_requires", fallback=""))]
    if parser.has_section("options.extras_require"):
        lists += list(parser.items("options.extras_require"))
    for group, value in lists:
        for entry in value.split("\n"):
            one = (
                requirement(Location(path, _entry_line(text, 1, entry.strip())), entry.strip(), group)
                if entry.strip()
                else None
            )
            if one is not None:
                yield one


def from_setup_py(path: str, text: str) -> Iterator[Fact]:
    """Literal install_requires and extras_require of a setup.py, read from its syntax tree."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "setup":
            for keyword in node.keywords:
                if keyword.arg in ("install_requires", "setup_requires", "tests_require", "extras_require"):
                    group = {"install_requires": ""}.get(keyword.arg, keyword.arg.partition("_")[0])
                    yield from _literal_strings(path, keyword.value, group)


def _literal_strings(path: str, node: ast.AST, group: str) -> Iterator[Fact]:
    lists = (
        [node]
        if isinstance(node, ast.List | ast.Tuple)
        else node.values
        if isinstance(node, ast.Dict)
        else []
    )
    for one in lists:
        for element in one.elts if isinstance(one, ast.List | ast.Tuple) else ():
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                found = requirement(Location(path, element.lineno), element.value, group)
                if found is not None:
                    yield found


def _conda_release(spec: str) -> str:
    """The release that `==1.2`, `=1.2.3` or `=1.2=build` asks for; `=1.2` asks for any 1.2.x."""
    found = re.match(
        r"\s?(?:==\s?(\d[\w.+!]{0,60})|=\s?(\d{1,9}(?:\.\w{1,20}){2,6})|=(\d[\w.+!]{0,60})=\S{1,80})\Z", spec
    )
    return next((g for g in found.groups() if g), "") if found else ""


def from_environment(path: str, document: YamlDocument) -> Iterator[Fact]:
    """A conda environment file, with the pip section inside it."""
    entries = document.value.get("dependencies")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        place = Location(path, document.line("dependencies", index))
        if isinstance(entry, str):
            name, spec = re.match(r"\s{0,9}([\w.\-:/]{0,100})(.{0,120})", entry).groups()  # type: ignore[union-attr]
            if name and name.lower() not in ("python", "pip"):
                exact = re.match(r"\s?={1,2}\s?\d[^*]*\Z", spec) is not None
                yield Dependency(
                    at=place,
                    ecosystem="conda",
                    name=name.rpartition(":")[2].lower(),
                    spec=spec.strip(),
                    pinned=exact,
                    version=_conda_release(spec),
                )
        elif isinstance(entry, dict) and isinstance(entry.get("pip"), list):
            for number, text in enumerate(entry["pip"]):
                where = Location(path, document.line("dependencies", index, "pip", number))
                one = direct(where, str(text)) or (
                    None if str(text).startswith("-") else requirement(where, str(text))
                )
                if one is not None:
                    yield one
