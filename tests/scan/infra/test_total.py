"""No bytes under any name make a parser raise, nor a hostile text take long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.infra.reading import read

from assaymark.scan.facts import Fact

NAMES = [
    "Dockerfile", "docker-compose.yml", ".github/workflows/a.yml", ".gitlab-ci.yml", ".circleci/config.yml",
    "azure-pipelines.yml", "k8s/a.yaml", "chart/templates/a.yaml", "serverless.yml", "pyproject.toml",
    "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "environment.yml", "package.json", "uv.lock",
    "poetry.lock", "Pipfile.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock",
    "conda-lock.yml",
    ".env", "config.json", ".mcp.json", "config.toml", ".gitignore", "Makefile", "Jenkinsfile",
    ".ci/run", "a.txt",
]  # fmt: skip
SEEDS = [
    "jobs: {a: {steps: [1, {uses: 3, run: [x]}], needs: {b: c}, permissions: 1}}\non: [1]\n",
    "services: {a: {image: 1, ports: [{}], environment: [1], command: {}, deploy: []}}\n",
    "apiVersion: 1\nkind: Pod\nspec: {containers: [{env: [1], ports: [2]}], volumes: {}}\n",
    "stages: 1\ninclude: [1, {template: 2}]\na: {script: {x: 1}, rules: [1], extends: [b, 1]}\n",
    '{"mcpServers": {"a": {"command": 1, "args": {"x": 1}}}, "dependencies": [1], "packages": {"a": 1}}',
    '{"mcpServers": {"a": {"command": "uvx", "args": ["--from"]}}}',
    "FROM\nFROM a AS\nCOPY\nADD [\nRUN <<EOF\nENV\nUSER\nARG\n", "FROM ${A:-${B}}\nRUN a \\\n",
    "[project]\ndependencies = 1\noptional-dependencies = [1]\n[tool]\npoetry = 1\nuv = []\n",
    "dependencies: [1, {pip: 1}, {pip: [1]}, '']\n", "a @ \nb[\n-e\n--hash\n\\\n",
    "functions: {a: 1}\nprovider: 1\n",
    "orbs: {a: 1}\njobs: {t: 1}\nworkflows: {w: {jobs: [1, {t: 2}]}}\n",
    "stages: [1, {jobs: [1, {steps: 1}]}]\n",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_odd_shapes_raise_nothing(name: str) -> None:
    """Values of the wrong type, in every file."""
    for seed in SEEDS:
        assert all(isinstance(f, Fact) for f in read(name, seed))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(SEEDS), st.binary(max_size=40), st.integers(0, 80))
def test_broken_bytes_raise_nothing(name: str, seed: str, noise: bytes, place: int) -> None:
    """Noise anywhere in a file."""
    data = seed.encode()
    assert all(isinstance(f, Fact) for f in read(name, data[:place] + noise + data[place:]))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_length_costs_little(name: str) -> None:
    """Long runs of what the patterns look for stay within seconds."""
    start = time.perf_counter()
    for unit in (
        "a: ",
        "[",
        '{"a":',
        "curl ",
        "FROM a\n",
        "x" * 50 + "=",
        "secret=",
        "://a:",
        "a" * 99 + " \\\n",
        "&&",
    ):
        read(name, unit * (400_000 // len(unit)))
    assert time.perf_counter() - start < 30
