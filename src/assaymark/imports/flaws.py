"""What the readers of vulnerability audits share: known flaws of package versions → statements."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from assaymark.imports.reading import capped, told
from assaymark.imports.report import Statement, Tested
from assaymark.observation import Certainty, CheckInfo, Detail, Method, Outcome

__all__ = ["Flaw", "audit_info", "audit_statements"]

OBLIGATIONS = ("5.2.3-1#1", "5.4.1-1#1")
_ALONE = 20
"""Packages with flaws that get a statement of their own, so that mending one leaves the others alone."""


class Flaw(Struct, frozen=True, order=True, kw_only=True):
    """A known flaw of one version of one package."""

    package: str
    """`pypi/requests`."""
    version: str
    id: str
    fixed: tuple[str, ...] = ()
    """Releases that mend it."""
    doubted: bool = False
    """Whether the tool itself says that it may not matter, such as that the code is not called."""


def audit_statements(
    flaws: Iterable[Flaw], audited: Sequence[Tested], skipped: Sequence[str]
) -> tuple[Statement, ...]:
    """One statement for each package with flaws, or one that there is none.

    Counter-evidence is firm where a release mends the flaw: then a patch was possible and was not taken.
    Where none does, or the tool doubts it, a person judges.

    Args:
        flaws: what was found.
        audited: every package that was looked up.
        skipped: one sentence for each package that was not.
    """
    found: dict[Tested, list[Flaw]] = {}
    for flaw in sorted(set(flaws)):
        found.setdefault(Tested("package", flaw.package, flaw.version), []).append(flaw)
    if not found:
        return (_none(audited, skipped),)
    by_weight = sorted(found, key=lambda t: (not _is_firm(found[t]), -len(found[t]), t))
    groups = [(t,) for t in by_weight[:_ALONE]]
    rest = tuple(by_weight[_ALONE:])
    return tuple(
        _some(group, [f for t in group for f in found[t]]) for group in (*groups, *([rest] * bool(rest)))
    )


def _none(audited: Sequence[Tested], skipped: Sequence[str]) -> Statement:
    missing = f" {told(len(skipped), 'package was', 'packages were')} skipped." if skipped else ""
    looked = told(len(set(audited)), "package")
    return Statement(
        obligations=OBLIGATIONS,
        outcome=Outcome.PARTLY_MET if skipped else Outcome.MET,
        summary=f"no known flaw in {looked}.{missing}" if audited else f"no known flaw.{missing}",
        details=capped([Detail(s) for s in skipped]),
        method=Method.EXAMINE,
        fix="Have the skipped packages audited too." if skipped else "",
    )


def _some(packages: tuple[Tested, ...], flaws: list[Flaw]) -> Statement:
    firm = _is_firm(flaws)
    named = f"{packages[0].name.partition('/')[2]} {packages[0].value}"
    who = named if len(packages) == 1 else f"{len(packages):,} further packages"
    return Statement(
        obligations=OBLIGATIONS,
        outcome=Outcome.NOT_MET,
        summary=f"{who} {'has' if len(packages) == 1 else 'have'} {told(len(flaws), 'known flaw')}.",
        details=capped([Detail(_words(f)) for f in flaws]),
        method=Method.EXAMINE,
        certainty=Certainty.FIRM if firm else Certainty.TENTATIVE,
        fix=_fix(flaws),
        tested=packages,
    )


def _is_firm(flaws: list[Flaw]) -> bool:
    return any(f.fixed and not f.doubted for f in flaws)


def _words(flaw: Flaw) -> str:
    mended = f"mended in {', '.join(flaw.fixed[:3])}" if flaw.fixed else "no release mends it"
    doubt = "; the tool says that it may not matter here" if flaw.doubted else ""
    return f"{flaw.package.partition('/')[2]} {flaw.version} has {flaw.id} ({mended}{doubt})."


def _fix(flaws: list[Flaw]) -> str:
    if any(f.fixed for f in flaws):
        return "Update to a release that mends it, lock that, and audit again."
    return (
        "Replace the package, or have a person state with reasons why the flaw does not bear on the system."
    )


def audit_info(id_: str, tool: str) -> CheckInfo:
    """What the importers of audits have in common."""
    return CheckInfo(
        id=id_,
        version=1,
        title=f"An audit of the dependencies by {tool} finds no known flaw.",
        why="A flaw that is published is a flaw that is tried.",
        fix="Update to a release that mends the flaw, lock that, and audit again.",
        blind_spots="It knows what the database held on the day of the audit. Packages that the tree does "
        "not fix to a version cannot be compared with those that were audited. That a flaw is older or "
        "younger than a policy allows is not weighed here, unlike in `known_flaws_are_patched_in_time`.",
        provisions=(),
        supports=("5.2.3-1", "5.4.1-1"),
    )
