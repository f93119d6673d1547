"""Which parser reads which file; each file is read and parsed once."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact
from assaymark.scan.infra import (
    containers,
    deployments,
    github,
    gitlab,
    ignore_files,
    lockfiles,
    npm_dependencies,
    other_ci,
    python_dependencies,
    requirements_files,
    settings,
)
from assaymark.scan.infra._text import LIMIT, base_name, problem, read_text, too_long
from assaymark.scan.structured import line_of_json_key, line_of_toml_key, read_json, read_toml
from assaymark.scan.yaml_reader import YamlDocument, read_yaml

__all__ = ["accepts_file", "scan_file"]

LOCK_LIMIT = 20_000_000
"""Bytes of a lock file, or of requirements with their digests, that are read."""
SETTINGS_LIMIT = 256_000
"""Bytes: a longer YAML, JSON or TOML file is data, not configuration."""

_ENV = re.compile(r"\.env(?:\..+|rc)?\Z|.+\.env\Z|env\.(?:example|sample|template|dist)\Z")
_SETTINGS_JSON = re.compile(
    r"config|settings|mcp|agent|langgraph|\Aapp\.json|\Amodel|generation|prompt|guardrail|policy"
)
_NOT_SETTINGS = (
    "package.json",
    "tsconfig",
    "jsconfig",
    "composer.json",
    "tokenizer",
    "vocab",
    "special_tokens",
    "added_tokens",
    "components.json",
    "eslint",
    "babel",
    "prettier",
    "jest.config",
    "angular.json",
    "nx.json",
    "lerna.json",
    "openapi",
    "swagger",
    "mkdocs",
    "renovate",
    "dependabot",
    "pre-commit",
    "codecov",
    "cdx.json",
    "spdx.json",
)
_CI_SCRIPT = re.compile(
    r"(?:^|/)(?:\.ci|ci|\.buildkite|\.github/scripts)/[\w.\-]+\Z|(?:^|/)(?:release|deploy|publish)[\w\-]*\.sh\Z"
)
_HELM_LINE = re.compile(r"^[ \t]*\{\{[^\n]*\}\}[ \t]*$", re.MULTILINE)
_LARGE_YAML = re.compile(rb"^(?:apiVersion|services|jobs|stages):", re.MULTILINE)
_HELM_INLINE = re.compile(r"\{\{[^\n]*?\}\}")


def accepts_file(path: str, head: bytes) -> bool:
    """Whether the file has a name that one of these parsers knows."""
    if b"\0" in head:
        return False
    name = base_name(path)
    return (
        name.endswith((".yml", ".yaml", ".toml", ".json", ".jsonc", ".env"))
        or name in ("setup.py", "setup.cfg", "pipfile", "makefile", "gnumakefile", "jenkinsfile", "justfile")
        or name in ignore_files.IGNORE_FILES
        or lockfiles.lock_of(name) is not None
        or requirements_files.is_requirements(path, name)
        or (_ENV.match(name) is not None and not name.endswith((".py", ".ts", ".js")))
        or ("file" in name and containers.is_containerfile(name))
        or _CI_SCRIPT.search(path) is not None
    )


def scan_file(blob: Blob) -> Iterator[Fact]:
    """The facts of one file, by the parser that its name, or for YAML and JSON its content, asks for."""
    name = base_name(blob.path)
    if lockfiles.lock_of(name) is not None:
        yield from lockfiles.scan_lock(blob.path, read_text(blob, LOCK_LIMIT))
        yield from too_long(blob, "lock file", LOCK_LIMIT)
    elif requirements_files.is_requirements(blob.path, name):
        yield from requirements_files.from_requirements(blob.path, read_text(blob, LOCK_LIMIT))
        yield from too_long(blob, "dependencies", LOCK_LIMIT)
    elif name.endswith((".yml", ".yaml")):
        yield from _yaml(blob, name)
    elif name.endswith((".json", ".jsonc")):
        yield from _json(blob, name)
    else:
        yield from _plain(blob, name)
        yield from too_long(blob, "infrastructure")


def _plain(blob: Blob, name: str) -> Iterator[Fact]:
    path = blob.path
    text = read_text(blob)
    if name in ignore_files.IGNORE_FILES:
        yield from ignore_files.scan_ignore(path, text)
    elif name == "pyproject.toml" or name == "pipfile":
        wrong = read_toml(text)[1]
        read = (
            python_dependencies.from_pyproject
            if name == "pyproject.toml"
            else python_dependencies.from_pipfile
        )
        yield from read(path, text) if not wrong else (problem(blob, "dependencies", wrong),)
    elif name == "setup.py":
        yield from python_dependencies.from_setup_py(path, text)
    elif name == "setup.cfg":
        yield from python_dependencies.from_setup_cfg(path, text)
    elif name in ("makefile", "gnumakefile", "justfile"):
        yield from other_ci.scan_makefile(path, text)
    elif name.endswith(".toml"):
        yield from _toml_settings(blob, text)
    elif _ENV.match(name):
        yield from settings.from_env(path, text)
    elif containers.is_containerfile(name):
        yield from containers.scan_containerfile(path, text)
    elif name == "jenkinsfile" or _CI_SCRIPT.search(path):
        yield from other_ci.scan_script(path, text)


def _toml_settings(blob: Blob, text: str) -> Iterator[Fact]:
    if blob.size <= SETTINGS_LIMIT:
        value, wrong = read_toml(text)
        if wrong:
            yield problem(blob, "settings", wrong)
        yield from settings.from_values(blob.path, value, partial(line_of_toml_key, text))


def _json(blob: Blob, name: str) -> Iterator[Fact]:
    if name == "package.json":
        text = read_text(blob)
        wrong = read_json(text)[1]
        found = npm_dependencies.from_package_json(blob.path, text)
        yield from found if not wrong else (problem(blob, "dependencies", wrong),)
    elif (
        blob.size <= SETTINGS_LIMIT
        and _SETTINGS_JSON.search(name)
        and not any(n in name for n in _NOT_SETTINGS)
    ):
        text = read_text(blob)
        value, wrong = read_json(_without_comments(text) if name.endswith("c") else text)
        line = partial(line_of_json_key, text)
        if wrong:
            yield problem(blob, "settings", wrong)
        elif settings.is_mcp_config(blob.path, value):
            yield from settings.from_mcp(blob.path, value, line)
        elif isinstance(value, dict):
            yield from settings.from_values(blob.path, value, line)


def _without_comments(text: str) -> str:
    return re.sub(r"^[ \t]*//[^\n]*", "", text, flags=re.MULTILINE)


def _yaml(blob: Blob, name: str) -> Iterator[Fact]:
    if blob.size > SETTINGS_LIMIT and _LARGE_YAML.search(blob.read(0, 4096)) is None:
        if name.startswith("environment"):
            yield problem(blob, "dependencies", f"longer than {SETTINGS_LIMIT:,} bytes")
        return
    text = read_text(blob)
    path = blob.path
    helm = "{{" in text and ("/templates/" in path or "/charts/" in path)
    result = read_yaml(_without_templates(text) if helm else text)
    if result.problem:
        yield problem(blob, "yaml", result.problem, partial=bool(result.documents))
    if blob.size > LIMIT:
        yield from too_long(blob, "yaml")
    for document in result.documents:
        yield from _yaml_document(blob, name, document, helm=helm)


def _without_templates(text: str) -> str:
    """A chart's template as YAML that can be read: whole-line actions dropped, inline ones as a word."""
    return _HELM_INLINE.sub("templated", _HELM_LINE.sub("", text))


def _yaml_document(blob: Blob, name: str, document: YamlDocument, *, helm: bool) -> Iterator[Fact]:
    path, value = blob.path, document.value
    if not isinstance(value, dict):
        return
    pipeline = _pipeline_parser(path, name)
    if pipeline is not None:
        yield from pipeline(path, document)
    elif deployments.is_compose(name, value):
        yield from deployments.scan_compose(path, document)
    elif deployments.is_kubernetes(value):
        yield from deployments.scan_kubernetes(path, document, "helm" if helm else "kubernetes")
    elif name.startswith("serverless.") and "functions" in value:
        yield from deployments.scan_serverless(path, document)
    elif name.startswith("environment") and isinstance(value.get("dependencies"), list):
        yield from python_dependencies.from_environment(path, document)
    elif settings.is_mcp_config(path, value):
        yield from settings.from_mcp(path, value, document.line)
    elif blob.size <= SETTINGS_LIMIT and not any(n in name for n in _NOT_SETTINGS):
        yield from settings.from_values(path, value, document.line)


def _pipeline_parser(path: str, name: str) -> Callable[[str, YamlDocument], Iterator[Fact]] | None:
    """The CI system whose file this is, by where it lies."""
    if github.is_workflow(path):
        return github.scan_workflow
    if name in ("action.yml", "action.yaml"):
        return github.scan_action
    if name.endswith("gitlab-ci.yml") or "/.gitlab/ci/" in f"/{path}":
        return gitlab.scan_gitlab
    if path.endswith(".circleci/config.yml"):
        return other_ci.scan_circleci
    return other_ci.scan_azure if name.startswith("azure-pipelines") else None
