"""What surrounds the code: containers, deployments, pipelines, dependencies, settings, secrets."""

import msgspec
from msgspec import Raw, Struct

from assaymark.scan.facts._base import Fact

__all__ = [
    "ActionUse",
    "CiJob",
    "ContainerBuild",
    "Dependency",
    "Deployment",
    "IgnoreRule",
    "LockedFile",
    "LockedPackage",
    "Lockfile",
    "Secret",
    "Setting",
]


class Dependency(Fact, frozen=True, kw_only=True):
    """One requirement as declared by the project (not by a lock file)."""

    ecosystem: str
    """pypi, npm, conda, docker, go, cargo."""
    name: str
    """Normalised name."""
    spec: str = ""
    """Version constraint as written."""
    pinned: bool
    """Exactly one version can satisfy it."""
    hashed: bool = False
    """A digest stands beside it."""
    mutable: bool = False
    """It names a branch, a bare URL or `latest`."""
    group: str = ""
    """Extra, dev group or stage."""
    version: str = ""
    """The one version that can satisfy it, where that is a release in a registry; else empty."""
    hashes: tuple[str, ...] = ()
    """The digests beside it, as `sha256:HEX`."""
    local: bool = False
    """It is a folder or file of the project itself, in no registry."""
    needed_by: tuple[str, ...] = ()
    """Packages that need it, as the notes of pip-compile and uv (`# via`) tell."""


class LockedFile(Struct, frozen=True, array_like=True):
    """One archive of a package; written as a list, since a lock names thousands."""

    address: str
    """Without user, password and query."""
    hashes: tuple[str, ...] = ()
    """As written: `sha256:HEX` or `sha512-BASE64`."""


class LockedPackage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One package that a lock file fixes."""

    ecosystem: str
    """pypi, npm or conda: a conda lock holds packages of PyPI as well."""
    name: str
    """Normalised as its ecosystem compares names."""
    version: str = ""
    """The release in a registry; empty where the lock names a commit or an address instead."""
    line: int = 0
    source: str = ""
    """Where it comes from if not from a registry: `git`, `url`, or `path` for another folder or file."""
    stated: str = ""
    """The version that the lock states where that is no release in a registry. This and what follows
    stands in a lock's `detail` only."""
    hashes: tuple[str, ...] = ()
    """Digests that it accepts without saying of which file: `sha256:HEX` or `sha512-BASE64`, as written."""
    files: tuple[LockedFile, ...] = ()
    """Its archives, where the lock gives their addresses."""
    address: str = ""
    """Repository, address or folder it comes from, where that is not the ecosystem's registry."""
    licence: str = ""
    """As the lock states it."""
    needs: tuple[tuple[str, str], ...] = ()
    """Name and version of what it needs; an empty version means the only one in the lock."""


class Lockfile(Fact, frozen=True, kw_only=True):
    """A file that fixes the versions of everything."""

    ecosystem: str
    tool: str
    """pip, uv, poetry, pdm, pipenv, conda-lock, npm, pnpm, yarn, bun."""
    entries: int
    hashed: int
    """Entries with a digest."""
    covers: str = ""
    """Path of the declaration it belongs to."""
    packages: tuple[LockedPackage, ...] = ()
    """What it fixes, in the file's order, by name, version and line; empty for a requirements file, whose
    lines are dependencies."""
    detail: Raw = Raw(b"[]")
    """The same packages with all that is known of them, as JSON: a lock names thousands of archives, every
    assessment reads its facts, and only a bill of materials wants those."""
    bare: int = 0
    """The last of the packages, of which only name and version are kept since the lock is too long."""

    def __hash__(self) -> int:
        return hash((self.at, self.packages))

    def whole(self) -> tuple[LockedPackage, ...]:
        """`packages` with digests, archives, licences, origins and needs."""
        return msgspec.json.decode(self.detail, type=tuple[LockedPackage, ...])


class ContainerBuild(Fact, frozen=True, kw_only=True):
    """A Dockerfile or Containerfile."""

    bases: tuple[str, ...]
    """Base images as written, one a stage; stages that refer to earlier stages are left out."""
    pinned: bool
    """Every base is fixed by digest."""
    user: str = ""
    """Last USER of the final stage; empty means root."""
    copies_everything: bool = False
    """`COPY . .` or `ADD . .` in the final stage."""
    copies: tuple[str, ...] = ()
    """Sources copied into the final stage."""
    exposes: tuple[int, ...] = ()
    secrets: tuple[str, ...] = ()
    """Names of ARG or ENV that carry a secret value."""
    pipes_to_shell: bool = False
    """`curl … | sh` or the like."""
    uses_lock: bool | None = None
    """Dependencies are installed from a lock file in the strict form (npm ci, uv sync --locked,
    pip --require-hashes); None if nothing is installed."""
    healthcheck: bool = False


class Deployment(Fact, frozen=True, kw_only=True):
    """A service in a compose file, Kubernetes manifest or the like."""

    name: str
    kind: str
    """compose, kubernetes, helm, terraform, serverless."""
    image: str = ""
    pinned: bool = False
    """The image is fixed by digest."""
    ports: tuple[str, ...] = ()
    """Published ports as written."""
    every_interface: bool = False
    """A port is published on all interfaces."""
    privileged: bool = False
    """Privileged, host network, docker socket mounted, or root with all capabilities."""
    mounts: tuple[str, ...] = ()
    limits: bool = False
    """CPU or memory is bounded."""
    secrets_inline: tuple[str, ...] = ()
    """Names of environment variables whose secret value is written in the file."""
    environment: str = ""
    """dev, test, staging, prod, as the file's or namespace's name says."""
    unauthenticated_store: bool = False
    """A database or vector store is started with authentication off or a default password."""
    serves_model: bool = False
    """The image or command is a model server (vllm, ollama, tgi, triton, …)."""


class CiJob(Fact, frozen=True, kw_only=True):
    """One job of a CI pipeline."""

    system: str
    """github, gitlab, circleci, azure, jenkins, script."""
    workflow: str
    name: str
    triggers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Jobs that must have succeeded, transitively within the workflow."""
    tests: bool = False
    evaluates: bool = False
    """Runs a model or prompt evaluation (promptfoo, garak, deepeval, pytest on an eval folder, …)."""
    scans: tuple[str, ...] = ()
    """Scanners it runs: pip-audit, trivy, codeql, gitleaks, modelscan, zizmor …"""
    releases: bool = False
    """Publishes a package, image, model or release."""
    deploys: bool = False
    trains: bool = False
    validates_data: bool = False
    signs: bool = False
    """Signs or attests what it publishes, or writes an SBOM."""
    secrets: tuple[str, ...] = ()
    """Names of secrets it may read."""
    write_permissions: tuple[str, ...] = ()
    """Write scopes of its token; `all` if nothing restricts it."""
    runs_untrusted: bool = False
    """Checks out or runs code of a pull request in a context that holds secrets or write power, or
    puts attacker-controlled text into a shell script."""
    gated: bool | None = None
    """For a job that releases or deploys: tests must have succeeded first, or an environment with
    approval stands before it; None for other jobs."""
    ignores_failure: bool = False
    """continue-on-error, allow_failure or `|| true` on tests, scans or evaluations."""


class ActionUse(Fact, frozen=True, kw_only=True):
    """A third-party CI action, template or image that a pipeline uses."""

    name: str
    version: str
    pinned: bool
    """Fixed by full commit hash or digest."""


class Setting(Fact, frozen=True, kw_only=True):
    """A configuration value that changes how the AI system works or is protected."""

    key: str
    """Dotted key as in the file."""
    value: str
    """As written, shortened to 120 characters; a secret's value is never kept."""
    category: str
    """model, temperature, prompt, tool, guardrail, limit, auth, retention, telemetry, logging,
    environment, feature, mcp-server."""


class Secret(Fact, frozen=True, kw_only=True):
    """Something that looks like a credential in the tree."""

    kind: str
    """openai-key, aws-key, private-key, github-token, generic-high-entropy, password …"""
    redacted: str
    """First four characters and the length; never the value."""
    placeholder: bool
    """An example value (`changeme`, `sk-xxxx`, test fixtures)."""
    ignored: bool = False
    """The file is named by .gitignore, so it may not be in the repository."""


class IgnoreRule(Fact, frozen=True, kw_only=True):
    """A line of .gitignore, .dockerignore or .gitattributes that keeps sensitive things out or in LFS."""

    file: str
    """Which ignore file."""
    pattern: str
