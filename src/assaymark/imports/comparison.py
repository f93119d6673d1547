"""A supplier's list of parts against what is there: what each names that the other does not. Pure."""

from collections.abc import Iterator

from assaymark.asset import AssetKind
from assaymark.imports.binding import same_model
from assaymark.imports.present import Present
from assaymark.imports.reading import capped, told
from assaymark.imports.report import ImportedReport, Statement
from assaymark.observation import Detail, Location, Method, Outcome

__all__ = ["OBLIGATIONS", "compared"]

OBLIGATIONS = ("5.2.1-1#1", "5.1.2-4#2", "5.2.3-1#1")
"""What a comparison speaks to: the inventory, due diligence on components, and the supply chain."""

_FIX = "Have the list written anew for the version that is used, and ask its supplier about what differs."


def compared(report: ImportedReport, now: Present) -> Statement:
    """What the parts that `report` lists and those that are there differ in.

    One version with two contents is counter-evidence, tentative: a package can be built twice.
    """
    unseen, unlisted, other = (
        list(_unseen(report, now)),
        list(_unlisted(report, now)),
        list(_other(report, now)),
    )
    strange = list(_strange(report, now))
    parts = [t for t in report.tested if t.kind in ("package", "file", "model")]
    known = len(parts) - len(unseen) - len(other)
    figures = (
        f"{known:,} of {told(len(parts), 'listed part')} are here as listed, {len(other):,} in another "
        f"version, {len(unseen):,} are not seen here; {told(len(unlisted), 'part')} here "
        f"{'is' if len(unlisted) == 1 else 'are'} not listed."
    )
    agree = not (unseen or unlisted or other or strange)
    nothing = not parts or not known
    return Statement(
        obligations=OBLIGATIONS,
        outcome=_outcome(nothing, agree, bool(strange)),
        summary=f"{figures}{_told(strange)}" if parts else "it lists no part that could be compared.",
        details=capped(strange + other + unseen + unlisted),
        method=Method.EXAMINE,
        fix="" if agree and not nothing else _FIX,
    )


def _outcome(nothing: bool, agree: bool, strange: bool) -> Outcome:
    if strange:
        return Outcome.NOT_MET
    if nothing:
        return Outcome.NOT_OBSERVABLE
    return Outcome.MET if agree else Outcome.PARTLY_MET


def _told(strange: list[Detail]) -> str:
    count = told(len(strange), "package")
    has = "has" if len(strange) == 1 else "have"
    return f" {count} at the listed version {has} another digest here." if strange else ""


def _strange(report: ImportedReport, now: Present) -> Iterator[Detail]:
    """Packages at the same version of which the list and the lock files have no archive in common."""
    listed: dict[str, set[str]] = {}
    for one in report.tested:
        if one.kind == "archive":
            listed.setdefault(one.name, set()).add(one.value)
    for name, digests in sorted(listed.items()):
        if name in now.archives and not digests & now.archives[name]:
            yield Detail(f"{name} is listed with digests that no lock file here accepts.")


def _unseen(report: ImportedReport, now: Present) -> Iterator[Detail]:
    digests = set(now.files.values()) | {a.sha256 for a in now.assets if a.sha256}
    for one in report.tested:
        if one.kind == "package":
            gone = one.name not in now.packages
        elif one.kind in ("file", "model"):
            gone = one.name not in now.files and one.value not in digests
            gone = gone and not (
                one.kind == "model" and any(same_model(a.name, one.name) for a in now.assets)
            )
        else:
            continue
        if gone:
            yield Detail(f"Listed and not seen here: {one.kind} {one.name} {one.value[:64]}".strip() + ".")


def _other(report: ImportedReport, now: Present) -> Iterator[Detail]:
    digests = set(now.files.values())
    for one in report.tested:
        there = now.packages.get(one.name, frozenset()) if one.kind == "package" else frozenset()
        if there and one.value and one.value not in there:
            yield Detail(f"Listed as {one.name} {one.value}; here it is {', '.join(sorted(there)[:5])}.")
        digest = one.value if one.kind in ("file", "model") and len(one.value) == 64 else ""
        if digest and digest not in digests and one.name in now.files:
            yield Detail(f"{one.name} is here with another content than listed.", Location(one.name))


def _unlisted(report: ImportedReport, now: Present) -> Iterator[Detail]:
    packages = {t.name for t in report.tested if t.kind == "package"}
    if packages:
        for name in sorted(now.packages.keys() - packages):
            yield Detail(f"Here and not listed: package {name}.")
    listed = [t for t in report.tested if t.kind in ("model", "file")]
    if any(t.kind == "model" for t in listed):
        digests, names = {t.value for t in listed}, {t.name for t in listed}
        for asset in now.assets:
            known = asset.sha256 in digests or asset.location in names or asset.name in names
            if asset.kind is AssetKind.MODEL and not known:
                place = next(iter(asset.seen_at), None)
                yield Detail(f"Here and not listed: model {asset.name}.", place)
