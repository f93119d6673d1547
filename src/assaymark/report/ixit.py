"""One assessment as implementation extra information for testing (IXIT): facts a tester starts from. Pure.

It gives what is known of the system, by whom and from where, and names for every provision what a tester
still has to ask for, so that a gap is a row and not an omission.
"""

from collections.abc import Iterable, Iterator

from assaymark.assess.assessment import Assessment
from assaymark.asset import Asset, AssetKind
from assaymark.report import ixit_format as v1
from assaymark.report.ics import SELF_ASSESSMENT
from assaymark.report.ixit_provision import place_of, provision_information
from assaymark.report.json_v1 import json_document, system_v1
from assaymark.report.json_v1_format import EdgeV1, LedgerV1, NotLookedAtV1, ThresholdV1, ToolV1
from assaymark.report.view import rows
from assaymark.system.conditions import IN_WORDS
from assaymark.system.register import matches
from assaymark.system.system import Condition, DeclaredAsset

__all__ = ["extra_information", "render_ixit_json"]


def render_ixit_json(assessment: Assessment) -> bytes:
    """The information as an indented JSON document in UTF-8, ending with a line end."""
    return json_document(extra_information(assessment))


def extra_information(assessment: Assessment) -> v1.IxitV1:
    """What a tester needs to know, as far as the assessment knows it."""
    a = assessment
    checks = {c.id: c for c in a.checks}
    by_path = _by_path(a.assets)
    return v1.IxitV1(
        edition=a.edition,
        catalogue_sha256=a.catalogue_sha256,
        tool=ToolV1(version=a.tool_version),
        assessed_at=a.assessed_at,
        statement=SELF_ASSESSMENT,
        system=system_v1(a),
        manifest_sha256=a.system.manifest_sha256,
        people=_people(a),
        circumstances=tuple(_circumstances(a)),
        kinds=_kinds(a),
        edges=tuple(EdgeV1(source=e.source, relation=e.relation.value, target=e.target) for e in a.edges),
        documents=tuple(
            v1.DeclaredDocumentV1(kind=kind, paths=paths)
            for kind, paths in sorted(a.system.documents.items())
        ),
        accepted_risks=tuple(_risks(a)),
        thresholds=tuple(ThresholdV1(name=t.name, value=t.value, meaning=t.meaning) for t in a.thresholds),
        checks=tuple(
            v1.IxitCheckV1(id=c.id, version=c.version, title=c.title, blind_spots=c.blind_spots)
            for c in a.checks
        ),
        not_looked_at=tuple(
            NotLookedAtV1(path=n.path, reason=n.reason, files=n.files) for n in a.not_looked_at
        ),
        excluded=a.system.exclude,
        problems=a.problems,
        ledger=LedgerV1(size=a.ledger_size, root=a.ledger_root, public_key=a.public_key),
        ledger_origin=a.ledger_origin,
        provisions=tuple(provision_information(row, by_path, checks) for row in rows(a)),
    )


def _by_path(assets: Iterable[Asset]) -> dict[str, list[Asset]]:
    found: dict[str, list[Asset]] = {}
    for asset in assets:
        if asset.location:
            found.setdefault(asset.location, []).append(asset)
    return found


def _people(a: Assessment) -> tuple[v1.PersonV1, ...]:
    """Everybody whom the material names, by name, with what for."""
    found: dict[str, dict[str, None]] = {}
    for name, what in _named(a):
        if name.strip():
            found.setdefault(name, {})[what] = None
    return tuple(v1.PersonV1(name=name, answers_for=tuple(what)) for name, what in sorted(found.items()))


def _named(a: Assessment) -> Iterator[tuple[str, str]]:
    s = a.system
    yield s.owner, "the manifest"
    yield from ((name, "data, as Data Custodian") for name in s.custodians)
    yield from ((st.by or s.owner, f"the statement on {c.value}") for c, st in sorted(s.conditions.items()))
    yield from ((d.owner, f"the {d.kind} {d.name}") for d in s.assets)
    yield from ((r.owner, f"accepting the risk {r.id}") for r in s.accepted_risks)
    yield from ((w.owner, f"waiving {w.provision}") for w in s.waivers)
    for e in a.evidence:
        o = e.observation
        if o.check == "attestation":  # an import's `by` is a tool
            yield o.by, f"entry {e.index}, as {o.role}" if o.role else f"entry {e.index}"


def _circumstances(a: Assessment) -> Iterator[v1.CircumstanceV1]:
    for condition in Condition:
        stated = a.system.conditions.get(condition)
        yield v1.CircumstanceV1(
            id=condition.value,
            words=IN_WORDS[condition],
            stated=stated.holds if stated else None,
            reason=stated.reason if stated else "",
            by=(stated.by or a.system.owner) if stated else "",
            seen_at=tuple(map(place_of, a.circumstances.get(condition.value, ()))),
        )


def _risks(a: Assessment) -> Iterator[v1.AcceptedRiskV1]:
    for r in a.system.accepted_risks:
        yield v1.AcceptedRiskV1(
            id=r.id,
            component=r.component,
            risk=r.risk,
            reason=r.reason,
            mitigation=r.mitigation,
            owner=r.owner,
            until=r.until,
        )


def _kinds(a: Assessment) -> tuple[v1.KindV1, ...]:
    """Every kind, empty ones too; what only the register names comes last in its kind."""
    register = a.system.assets
    known = tuple(k.value for k in AssetKind)
    others = sorted({d.kind for d in register} - {*known})
    return tuple(
        v1.KindV1(kind=kind, assets=tuple(_assets(a.assets, [d for d in register if d.kind == kind], kind)))
        for kind in (*known, *others)
    )


def _assets(found: Iterable[Asset], register: list[DeclaredAsset], kind: str) -> Iterator[v1.IxitAssetV1]:
    unmatched = list(register)
    for asset in sorted((x for x in found if x.kind.value == kind), key=lambda x: x.id):
        line = next((d for d in register if matches(d, asset)), None)
        if line in unmatched:
            unmatched.remove(line)
        yield _asset(asset, line)
    yield from map(_only_declared, unmatched)


def _asset(x: Asset, line: DeclaredAsset | None) -> v1.IxitAssetV1:
    return v1.IxitAssetV1(
        id=x.id,
        name=x.name,
        location=x.location,
        version=x.version,
        sha256=x.sha256,
        size=x.size,
        pinned=x.pinned,
        note=x.note,
        found=True,
        declared=x.declared or line is not None,
        owner=line.owner if line else "",
        classification=line.classification if line else "",
        source=line.source if line else "",
        seen_at=tuple(map(place_of, x.seen_at)),
    )


def _only_declared(line: DeclaredAsset) -> v1.IxitAssetV1:
    return v1.IxitAssetV1(
        id=f"{line.kind}:{line.name}",
        name=line.name,
        location=line.location,
        version=line.version,
        sha256=line.sha256,
        size=0,
        pinned=None,
        note="Only the register names it; nothing in the tree was recognised as it.",
        found=False,
        declared=True,
        owner=line.owner,
        classification=line.classification,
        source=line.source,
        seen_at=(),
    )
