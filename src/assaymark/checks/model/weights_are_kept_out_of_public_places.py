"""Weights and data that the manifest calls confidential do not lie plainly in the repository."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.model._material import weights
from assaymark.scan.facts import DataFile, IgnoreRule, ModelFile
from assaymark.system.system import Condition, DeclaredAsset, System

_SECRET = ("confidential", "secret", "restricted", "personal", "sensitive", "proprietary")


@check(supports=("5.2.1-4.2", "5.2.1-4"))
def weights_are_kept_out_of_public_places(
    system: System, models: tuple[ModelFile, ...], data: tuple[DataFile, ...], rules: tuple[IgnoreRule, ...]
) -> Iterator[Finding]:
    """Weights and data that the manifest calls confidential do not lie plainly in the repository.

    Why: Everybody who can clone a repository, build from it or pull its image has all that lies in it,
    with every earlier version, and no log tells who took it.

    Fix: Keep confidential weights and training data in storage with access control and encryption, and
    leave only a pointer with the digest here (`dvc add`, or git-lfs on a server with access control).

    Blind spots: Who may read this repository is not visible in it; in a private one with few readers a
    person may judge otherwise. Storage elsewhere, images and backups are not seen.
    """
    found: list[ModelFile | DataFile] = [*weights(models), *in_product(data)]
    stated = system.conditions.get(Condition.CONFIDENTIAL_ASSETS)
    secret = [a for a in system.assets if any(w in a.classification.lower() for w in _SECRET)]
    if not found:
        yield not_applicable("No weights or data files lie in the tree.")
    elif not secret and not (stated and stated.holds):
        yield not_observable(
            f"The manifest gives no class to {counted(len(found), 'model or data file')} in the tree.",
            fix="Give each line of `assets:` in assaymark.yaml a `classification:`.",
        )
    else:
        plain = [f for f in found if _is_secret(f, secret) and not _protected(f, rules)]
        if plain:
            details = [
                at(f"A {f.format} file of {f.size:,} bytes, called confidential, lies here plainly.", f)
                for f in plain
            ]
            summary = f"{counted(len(plain), 'confidential file')} lie plainly in the tree."
            yield not_met(summary, *capped(details), tentative=True)
        else:
            yield met("Nothing that the manifest calls confidential lies plainly in the tree.")


def _is_secret(fact: ModelFile | DataFile, secret: list[DeclaredAsset]) -> bool:
    """Named in the register, or, where the register names no place, any weights or training data."""
    places = [a.location.removeprefix("./").rstrip("/") for a in secret if a.location]
    if places:
        return any(fact.at.path == p or fact.at.path.startswith(f"{p}/") for p in places)
    return isinstance(fact, ModelFile) or fact.role == "train"


def _protected(fact: ModelFile | DataFile, rules: tuple[IgnoreRule, ...]) -> bool:
    if "git-lfs pointer" in fact.problem:
        return True
    name = fact.at.path.rpartition("/")[2]
    patterns = (r.pattern.strip("/") for r in rules if r.file.endswith(".gitignore"))
    return any(
        fnmatchcase(name, p) or fnmatchcase(fact.at.path, p) or fact.at.path.startswith(f"{p}/")
        for p in patterns
    )
