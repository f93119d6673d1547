"""Whether development and production are visibly different places."""

import re
from collections.abc import Iterator

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CiJob, Deployment, Setting
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

_LIVE = ("prod", "staging")
_WORK = ("dev", "test")
_FILES = {
    "prod": (".prod", ".production", "-prod.", "production.", "/prod/", "/production/", "prod."),
    "dev": (
        ".dev",
        ".development",
        "-dev.",
        "development.",
        "/dev/",
        "/development/",
        "dev.",
        ".local",
        "override.",
    ),
}
_CONFIGURATION = re.compile(
    r"/(?:conf|config|configs|configuration|settings|deploy|deployment|deployments|k8s|kubernetes|helm|charts?|infra"
    r"|infrastructure|terraform|overlays|environments?|envs?|docker|compose|values|ops)/|/\.env|compose"
)
"""Where configuration of an environment lies; elsewhere `development.yaml` may mean anything."""
_KINDS = (
    ".yml",
    ".yaml",
    ".toml",
    ".json",
    ".tf",
    ".tfvars",
    ".env",
    ".prod",
    ".production",
    ".dev",
    ".development",
    ".ini",
)


@check(supports=("5.2.2-3#1", "5.2.2-3#2"))
def environments_are_separate(
    tree: Tree, deployments: tuple[Deployment, ...], jobs: tuple[CiJob, ...], settings: tuple[Setting, ...]
) -> Iterator[Finding]:
    """Development and tuning have configuration, deployments and jobs apart from production's.

    Why: Whoever experiments needs freedom, data and old credentials. Where that is the same place as
    production, an experiment's mistake or a poisoned notebook reaches users.

    Fix: Keep one overlay or values file for each environment (k8s/overlays/dev, k8s/overlays/prod), with
    own namespaces, accounts and credentials, and a protected CI environment for production; train in a
    job that cannot deploy.

    Blind spots: Accounts, networks and rights at the cloud provider are not in the tree; that the two
    really have different credentials needs a person or an access list.
    """
    mixed = [j for j in in_product(jobs) if j.trains and j.deploys]
    if mixed:
        yield not_met(
            f"{counted(len(mixed), 'pipeline job')} trains a model and deploys in the same place.",
            *capped(at(f"`{j.name}` trains and deploys with the same rights", j) for j in mixed),
            tentative=True,
        )
        return
    live, work = _places(tree, deployments, _LIVE, "prod"), _places(tree, deployments, _WORK, "dev")
    debug = [s for s in settings if s.category == "environment" and _debugging(s)]
    details = [at("belongs to production", p) for p in live[:10]] + [
        at("belongs to development", p) for p in work[:10]
    ]
    if debug:
        yield not_met(
            f"{counted(len(debug), 'production setting')} turns debugging on.",
            *capped(at(f"{s.key} = {s.value}", s) for s in debug),
            tentative=True,
        )
    elif live and work:
        yield met(
            f"{counted(len(live), 'file')} for production and {counted(len(work), 'file')} for "
            f"development stand apart.",
            *details,
        )
    elif live or work:
        yield partly_met(f"Only {'production' if live else 'development'} has files of its own.", *details)
    else:
        yield not_observable(
            "No file in the tree belongs to one environment; overlays, values files or CI environments named "
            "dev and prod would show the separation."
        )


def _places(tree: Tree, deployments: tuple[Deployment, ...], names: tuple[str, ...], key: str) -> list[str]:
    """Files of an environment: what is deployed there, and configuration that bears its name."""
    deployed = [d.at.path for d in in_product(deployments) if d.environment in names]
    return list(dict.fromkeys(deployed + [f.path for f in tree.files if _belongs(f.path, key)]))


def _belongs(path: str, key: str) -> bool:
    lowered = f"/{path.lower()}"
    if not lowered.endswith(_KINDS) or not any(word in lowered for word in _FILES[key]):
        return False
    if is_test_path(path) or is_example_path(path) or is_documentation_path(path) or "node_modules" in path:
        return False
    return "/" not in path or _CONFIGURATION.search(lowered) is not None


def _debugging(setting: Setting) -> bool:
    path = f"/{setting.at.path.lower()}"
    return (
        any(w in path for w in _FILES["prod"])
        and setting.key.lower().endswith("debug")
        and setting.value.lower() in ("true", "1", "yes")
    )
