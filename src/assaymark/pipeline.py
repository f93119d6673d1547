"""The product's sentence: describe, discover, scan, check, record, assess."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from assaymark import __version__
from assaymark.assess.applicability import decide
from assaymark.assess.assessment import Assessment, Evidence
from assaymark.assess.freshness import freshness
from assaymark.assess.judge import judge
from assaymark.assess.thresholds import thresholds
from assaymark.assess.waivers import invalid_waivers
from assaymark.asset import Inventory
from assaymark.checks import all_checks
from assaymark.checks._check import Check
from assaymark.checks._findings import in_product
from assaymark.checks._runner import Inputs, run, run_key
from assaymark.discover.collect import Collected, collect
from assaymark.discover.conditions import found_conditions
from assaymark.discover.image_folders import image_folders
from assaymark.discover.inventory import build_inventory
from assaymark.discover.link import linked
from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.evidence.tally import NEWEST, tally
from assaymark.imports.binding import COMMIT
from assaymark.imports.files import Imports, read_imports
from assaymark.imports.newest import observe_all
from assaymark.imports.observations import Observed
from assaymark.imports.present import Present, present
from assaymark.ledger.attestation_files import Attestations, Attested, read_attestations
from assaymark.ledger.entry import Entry, entry, fitted
from assaymark.ledger.keys import load_key, load_or_create_key
from assaymark.ledger.ledger import Ledger, Recorded
from assaymark.ledger.verify import Verification, verify
from assaymark.observation import CheckInfo
from assaymark.scan.facts import Fact, History
from assaymark.scan.paths import is_unpacked_release
from assaymark.source.walk import shown_path
from assaymark.standard.catalogue import catalogue
from assaymark.system.manifest import default_system, read_manifest
from assaymark.system.system import System
from assaymark.vulnerability.look import Sources, look_up

__all__ = ["COMMIT", "MANIFESTS", "Places", "assess_folder", "describe", "evidence_files", "look"]

MANIFESTS = ("assaymark.yaml", "assaymark.yml", "assurance/assaymark.yaml")
"""Where the owner's description is looked for, in this order."""

LEDGER_NAMES = ("ledger", "ledger.db")
"""What a ledger in the folder's ``assurance/`` is called, now and formerly."""

_MAX_MANIFEST = 1_000_000


class Places(Struct, frozen=True, kw_only=True):
    """Where Assaymark reads and writes apart from the assessed folder."""

    ledger: Path
    key: Path
    cache: Path | None = None
    """Database of digests and facts; None remembers nothing."""
    skip: frozenset[Path] = frozenset()
    """Paths that this run writes to and must not read as the system's."""
    advisories: Sources = Sources()
    """Databases of known flaws to look into, beside the advisories that travel with Assaymark."""


def describe(root: Path) -> System:
    """The system as its manifest describes it, or an unnamed one where there is none.

    Raises:
        UsageError: the manifest has errors; the message names each with its line.
    """
    path = next((root / name for name in MANIFESTS if os.path.lexists(root / name)), None)
    if path is None:
        return default_system(root.resolve().name)
    name = path.relative_to(root).as_posix()
    real = os.path.realpath(path)
    if not os.path.isfile(real) or not Path(real).is_relative_to(root.resolve()):  # noqa: PTH113 - any path
        raise UsageError(
            f"{name} is no file of this folder.",
            "Put the manifest itself there: no folder, pipe or link to another place.",
        )
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_MANIFEST + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.", "Make it readable.") from error
    if len(data) > _MAX_MANIFEST:
        raise UsageError(f"{name} is longer than {_MAX_MANIFEST:,} bytes.", "A manifest is a page or two.")
    return read_manifest(data, name)


def assess_folder(
    root: Path,
    places: Places,
    *,
    now: datetime | None = None,
    rehash: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Assessment:
    """Assess the AI system in the folder `root` against every provision.

    Reads the folder, writes only to `places`.

    Args:
        root: the folder.
        places: ledger, signing key and cache.
        now: time of the assessment, UTC; the present if None.
        rehash: trust no cached digest.
        jobs: processes for parsing; None means one a core.
        progress: told files done and files in all while parsing.

    Raises:
        AssaymarkError: nothing to assess, a manifest with errors, or a ledger that does not verify.
    """
    now = now or datetime.now(UTC)
    root = Path(os.path.realpath(root))
    system = describe(root)
    imports = read_imports(root)
    seen = collect(
        root,
        exclude=system.exclude,
        skip=places.skip | _databases(places.advisories) | evidence_files(root, places.ledger, imports),
        cache=places.cache,
        rehash=rehash,
        jobs=jobs,
        progress=progress,
    )
    decided = _decisions(places)
    flaws = look_up(in_product(seen.facts), places.advisories, now.date())
    facts = linked((*seen.facts, *image_folders(seen.tree), flaws, *decided))
    inventory = build_inventory(facts, seen.tree, system)
    inputs = Inputs(facts, system=system, inventory=inventory, tree=seen.tree, today=now.date())
    attestations = read_attestations(root, system.attestations)
    checks = all_checks()
    there = present(facts, inventory, seen.tree) if imports.found else None
    observed = observe_all(imports.found, there) if there else ()
    entries, verified = _record(places, system, checks, inputs, attestations, observed, now)
    history = next((f for f in facts if isinstance(f, History)), None)
    digests = inputs.digests() | attestations.digests | ({COMMIT: history.head} if history else {})
    digests |= {name: digest for o in observed for name, digest in o.digests.items()}
    infos = tuple(dict.fromkeys((*(c.info for c in checks), *(i.importer.info for i in imports.found))))
    evidence = _evidence(entries, infos, digests, now)
    problems = (*attestations.problems, *imports.problems, *(p for o in observed for p in o.problems))
    made = _assessment(root, system, seen, facts, inventory, infos, evidence, problems, verified, now)
    subjects = {s.name for e in evidence for s in e.observation.subjects}
    return replace(
        made,
        commit=history.head if history else "",
        digests={name: digest for name, digest in sorted(digests.items()) if name in subjects},
    )


def look(root: Path, cache: Path | None = None) -> Present:
    """The present version of the system in `root`, as far as reports can be compared with it. Writes nothing.

    Raises:
        AssaymarkError: nothing to look at, or a manifest with errors.
    """
    root = Path(os.path.realpath(root))
    system = describe(root)
    seen = collect(root, exclude=system.exclude, skip=evidence_files(root), cache=cache)
    facts = linked((*seen.facts, *image_folders(seen.tree)))
    return present(facts, build_inventory(facts, seen.tree, system), seen.tree)


def _decisions(places: Places) -> tuple[Fact, ...]:
    """What the guard decided, if it writes to this system's ledger under this machine's key."""
    if not places.ledger.exists() or not places.key.is_file():
        return ()
    with Ledger.open(places.ledger, load_key(places.key)) as ledger:
        return tally(ledger.last_ours(NEWEST), len(ledger) > NEWEST)


def _databases(sources: Sources) -> frozenset[Path]:
    """Databases of flaws that may lie in the folder: they are no part of the system."""
    return frozenset(Path(os.path.realpath(place)) for place in sources.osv if "://" not in place)


def evidence_files(root: Path, ledger: Path | None = None, imports: Imports | None = None) -> frozenset[Path]:
    """Paths in `root` that are evidence about the system and no part of it: its ledgers, others' reports.

    Args:
        root: the folder.
        ledger: where the ledger in use lies, if not in the folder's ``assurance/``.
        imports: the reports, if they were read already.
    """
    root = Path(os.path.realpath(root))
    ledgers = (
        {Path(os.path.realpath(ledger))} if ledger else set()
    )  # unlike `resolve`, no ring of links raises
    ledgers |= {root / "assurance" / name for name in LEDGER_NAMES}
    beside = ("{}", "{}-journal", "{}.v1", ".{}.converting")
    reports = (root / path for path in (imports or read_imports(root)).files)
    return frozenset({p.with_name(form.format(p.name)) for p in ledgers for form in beside} | set(reports))


def _record(
    places: Places,
    system: System,
    checks: Sequence[Check],
    inputs: Inputs,
    attestations: Attestations,
    observed: Sequence[Observed],
    now: datetime,
) -> tuple[list[Recorded], Verification]:
    """The ledger's entries for the present inputs; what it does not hold yet is observed and appended.

    A check whose version and inputs are those of an earlier run is answered from the ledger.
    """
    keys = {run_key(check, inputs): check for check in checks}
    stated = {a.key: a for a in attestations.found}
    imported = {o.key: o for o in observed}
    wanted = [*keys, *stated, *imported]
    with Ledger.open(places.ledger, load_or_create_key(places.key)) as ledger:
        known = ledger.recorded(wanted)
        new = [e for k, c in keys.items() if k not in known for e in _observed(k, c, inputs, system, now)]
        new += [_stated(k, a, system, now) for k, a in stated.items() if k not in known]
        new += [e for k, o in imported.items() if k not in known for e in _imported(k, o, system, now)]
        ledger.append(new)
        recorded = ledger.recorded(wanted)
    verified = verify(places.ledger)
    if not verified.ok:
        problem = verified.problems[0]
        place = "" if problem.index is None else f" at entry {problem.index}"
        raise AssaymarkError(
            f"The ledger {places.ledger} does not verify{place}: {problem.message}",
            "Its evidence cannot be relied on. See `assaymark log verify`; restore a copy, or move it away.",
        )
    return [r for key in wanted for r in recorded.get(key, ())], verified


def _observed(key: str, check: Check, inputs: Inputs, system: System, now: datetime) -> Iterable[Entry]:
    return [_entry("observation", fitted(o), key, system, now) for o in run([check], inputs)]


def _imported(key: str, observed: Observed, system: System, now: datetime) -> Iterable[Entry]:
    return [_entry("observation", fitted(o), key, system, now) for o in observed.observations]


def _stated(key: str, attested: Attested, system: System, now: datetime) -> Entry:
    return _entry("attestation", attested.observation, key, system, now)


def _entry(kind: str, body: object, key: str, system: System, now: datetime) -> Entry:
    return entry(kind, body, time=now.strftime("%Y-%m-%dT%H:%M:%SZ"), system=system.name, key=key)


def _evidence(
    entries: Iterable[Recorded],
    checks: Sequence[CheckInfo],
    digests: Mapping[str, str],
    now: datetime,
) -> tuple[Evidence, ...]:
    versions = {c.id: c.version for c in checks}
    weighed = []
    for recorded in entries:
        observation = recorded.entry.observation()
        state, because = freshness(observation, digests=digests, versions=versions, today=now.date())
        weighed.append(
            Evidence(
                index=recorded.index,
                leaf=recorded.leaf,
                recorded_at=recorded.time,
                observation=observation,
                freshness=state,
                stale_because=because,
            )
        )
    return tuple(sorted(weighed, key=lambda e: e.index))


def _assessment(
    root: Path,
    system: System,
    seen: Collected,
    facts: Sequence[Fact],
    inventory: Inventory,
    checks: tuple[CheckInfo, ...],
    evidence: tuple[Evidence, ...],
    problems: tuple[str, ...],
    verified: Verification,
    now: datetime,
) -> Assessment:
    standard = catalogue()
    found = found_conditions(facts, inventory)
    scope = {p.id: decide(p, system, found) for p in standard.provisions}
    return Assessment(
        system=system,
        edition=standard.edition,
        catalogue_sha256=standard.sha256,
        tool_version=__version__,
        assessed_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        root=shown_path(root.resolve().name),
        provisions=standard.provisions,
        results=judge(standard.provisions, scope, evidence, system, now.date()),
        evidence=evidence,
        checks=checks,
        assets=inventory.assets,
        edges=inventory.edges,
        not_looked_at=seen.not_looked_at,
        thresholds=thresholds(standard.provisions),
        problems=(*_release(seen), *invalid_waivers(system, now.date()), *problems),
        files=len(seen.tree.files),
        ledger_size=verified.size,
        ledger_root=verified.root,
        ledger_origin=verified.origin,
        checkpoint=verified.checkpoint,
        public_key=verified.public_key,
        circumstances={condition.value: places for condition, places in sorted(found.items())},
    )


def _release(seen: Collected) -> tuple[str, ...]:
    if not is_unpacked_release(f.path for f in seen.tree.files):
        return ()
    told = (
        "This is an unpacked package, not a repository: pipelines, policies, most documents and the history "
        "are not in it. Assess the repository for the whole picture."
    )
    return (told,)
