"""Whether evidence is what its check could have said, and whether some of it was withheld."""

from collections.abc import Iterable, Iterator

from assaymark import __version__
from assaymark.assess.assessment import Assessment, Evidence
from assaymark.asset import Inventory
from assaymark.observation import CheckInfo, digest_of
from assaymark.pack.format import BASIS, ENTRIES, MANIFEST
from assaymark.pack.verification import Problem

__all__ = ["older_checks", "unlike_its_check"]

_IMPORT = "import_"
"""How the ids of importers begin: what they say depends on the tool whose report they read."""


def unlike_its_check(found: Assessment) -> Iterator[Problem]:
    """A problem for each entry that speaks beyond its check, and for each check that left no entry."""
    infos = {check.id: check for check in found.checks}
    if len(infos) != len(found.checks):
        yield Problem(BASIS, "names a check twice.")
    for one in found.evidence:
        said = one.observation
        info = infos.get(said.check)
        if said.check == "attestation" or said.check.startswith(_IMPORT):
            continue
        if info is None:
            yield Problem(_place(one), f"is by {said.check[:60]!r}, a check that the pack does not describe.")
        elif beyond := _beyond(info, one):
            yield Problem(_place(one), f"speaks to {beyond}, to which the check {info.id} cannot.")
    yield from _withheld(infos, found.evidence)
    if found.tool_version == __version__:
        yield from _altered(infos.values())
        yield from _swapped(found)


def older_checks(found: Assessment) -> int:
    """How many of the pack's checks have another version in this release, or none."""
    from assaymark.checks import all_checks

    ours = {check.info.id: check.info.version for check in all_checks()}
    return sum(ours.get(c.id) != c.version for c in found.checks if not c.id.startswith(_IMPORT))


def _beyond(info: CheckInfo, one: Evidence) -> str:
    """An obligation to which the check cannot speak, or not decisively; empty if there is none."""
    decisive, any_ = set(info.provisions), {*info.provisions, *info.supports}
    said = one.observation
    for obligation in said.obligations:
        if obligation.partition("#")[0] not in any_:
            return obligation
    for obligation in said.decisive:
        if obligation.partition("#")[0] not in decisive or obligation not in said.obligations:
            return f"{obligation} decisively"
    return ""


def _withheld(infos: Iterable[str], evidence: Iterable[Evidence]) -> Iterator[Problem]:
    """Every check says something on each run, if only that it cannot see: silence is a missing entry."""
    spoke = {one.observation.check for one in evidence}
    for name in infos:
        if name not in spoke and not name.startswith(_IMPORT):
            yield Problem(
                ENTRIES, f"holds no entry of the check {name}, which ran: its evidence was withheld."
            )


def _altered(infos: Iterable[CheckInfo]) -> Iterator[Problem]:
    """Checks of this very release have to be as this release has them."""
    from assaymark.checks import all_checks

    ours = {check.info.id: check.info for check in all_checks()}
    named = {info.id: info for info in infos if not info.id.startswith(_IMPORT)}
    for name, info in named.items():
        if ours.get(name) != info:
            yield Problem(BASIS, f"describes the check {name} otherwise than release {__version__} has it.")
    for name in ours.keys() - named.keys():
        yield Problem(BASIS, f"leaves out the check {name}, which release {__version__} always runs.")


def _swapped(found: Assessment) -> Iterator[Problem]:
    """Checks that looked at manifest or assets bound what they saw by digest."""
    inventory = Inventory(found.assets, found.edges)
    if found.digests.get("all manifest", "") not in ("", digest_of(found.system)):
        yield Problem(MANIFEST, "is not the one that the evidence rests on.")
    if found.digests.get("all assets", "") not in ("", digest_of(inventory)):
        yield Problem(BASIS, "names other assets than the evidence rests on.")


def _place(one: Evidence) -> str:
    return f"{ENTRIES} (entry {one.index})"
