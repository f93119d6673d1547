"""Whether credentials lie in the files of the project."""

import fnmatch
from collections.abc import Iterator

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail
from assaymark.scan.facts import ContainerBuild, Deployment, IgnoreRule, Secret
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

_UNSURE = ("generic-high-entropy", "password", "url-password", "jwt", "google-key")
"""Kinds whose shape alone does not prove a live credential; a browser key may be meant to be public."""


@check(supports=("5.2.1-4", "5.2.2-1#2"))
def secrets_stay_out_of_the_tree(
    tree: Tree,
    secrets: tuple[Secret, ...],
    rules: tuple[IgnoreRule, ...],
    deployments: tuple[Deployment, ...],
    builds: tuple[ContainerBuild, ...],
) -> Iterator[Finding]:
    """No credential lies in a file of the project.

    Why: A key in the tree is a key in every clone, image and backup, and stays in the history after it
    is deleted. Keys to model providers are stolen within minutes of being pushed.

    Fix: Revoke the credential first, then take it out (`git filter-repo` for the history), read it from
    the environment or a secret store, and add gitleaks as a pre-commit hook and CI job.

    Blind spots: Credentials without a known shape, encrypted or split ones are not seen; nor are those in
    earlier commits. Whether a credential still works is never tried.
    """
    if not any(f.path.rpartition(".")[2] in _SOURCES for f in tree.files) and not secrets:
        yield not_observable("The tree holds no code or configuration in which a credential could lie.")
        return
    kept = [r.pattern for r in rules if r.file == ".gitignore" and not r.pattern.startswith("!")]
    live = [s for s in secrets if not s.placeholder and not s.ignored and not _ignored(s.at.path, kept)]
    aside = [
        s
        for s in live
        if is_test_path(s.at.path) or is_example_path(s.at.path) or is_documentation_path(s.at.path)
    ]
    firm = [s for s in live if s not in aside and s.kind not in _UNSURE]
    unsure = [s for s in live if s not in firm]
    inline = [
        at(f"{d.name} is given {', '.join(d.secrets_inline)} in the file", d)
        for d in deployments
        if d.secrets_inline
    ]
    inline += [at(f"the image is built with {', '.join(b.secrets)} inside", b) for b in builds if b.secrets]
    if firm:
        yield not_met(
            f"{counted(len(firm), 'credential')} of a known kind lie in the tree.", *capped(map(_seen, firm))
        )
    if unsure or inline:
        yield not_met(
            f"{counted(len(unsure) + len(inline), 'value')} look like credentials; a person has to judge.",
            *capped([*inline, *map(_seen, unsure)]),
            tentative=True,
        )
    if not firm and not unsure and not inline:
        ignored = len([s for s in secrets if not s.placeholder])
        also = f"; {counted(ignored, 'value')} in files that .gitignore names" if ignored else ""
        yield met(f"No credential was recognised in {counted(len(tree.files), 'file')}{also}.")


_SOURCES = frozenset(
    {
        "py",
        "js",
        "ts",
        "tsx",
        "jsx",
        "mjs",
        "ipynb",
        "yml",
        "yaml",
        "toml",
        "json",
        "env",
        "cfg",
        "ini",
        "sh",
        "go",
        "rs",
        "java",
        "tf",
    }
)


def _seen(secret: Secret) -> Detail:
    return at(f"{secret.kind}: {secret.redacted}", secret)


def _ignored(path: str, patterns: list[str]) -> bool:
    """Whether .gitignore names the file, for plain patterns; others are left as not ignored."""
    name = path.rpartition("/")[2]
    return any(
        fnmatch.fnmatchcase(path, p.lstrip("/"))
        or ("/" not in p.rstrip("/") and _named(path, name, p.rstrip("/")))
        for p in patterns
    )


def _named(path: str, name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or any(
        fnmatch.fnmatchcase(part, pattern) for part in path.split("/")[:-1]
    )
