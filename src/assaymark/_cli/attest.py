"""``assaymark attest``: record what a named person states."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from assaymark._cli.places import key_path, ledger_path
from assaymark.errors import UsageError
from assaymark.imports.about import FOLDER
from assaymark.ledger.attestation import (
    LONGEST_DAYS,
    Attestation,
    Document,
    Judged,
    judged_subject,
    key_of,
    render,
    signed,
)
from assaymark.ledger.attestation_files import document_digest
from assaymark.ledger.keys import load_or_create_key
from assaymark.ledger.ledger import Ledger
from assaymark.observation import Certainty, Observation, Outcome
from assaymark.standard.catalogue import catalogue
from assaymark.standard.provision import Obligation, Provision
from assaymark.whole import write_atomically

__all__ = ["command"]

_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}


@click.command("attest")
@click.argument("provisions", nargs=-1, required=True, metavar="PROVISION…")
@click.option("--role", required=True, help="Role in which the person speaks, such as Developer.")
@click.option("--by", "person", required=True, help="Name of the person.")
@click.option("--statement", required=True, help="What is the case, in the person's own words.")
@click.option(
    "--document", "documents", multiple=True, type=click.Path(path_type=Path), help="Evidence; repeatable."
)
@click.option("--valid-for", default="", help="How long it counts: 90d, 12m or 1y. [default: by provision]")
@click.option("--system", "root", default=".", type=click.Path(path_type=Path), help="The assessed folder.")
@click.option("--not-met", is_flag=True, help="State that it is not met: counter-evidence.")
@click.option(
    "--judging", multiple=True, metavar="CHECK", help="Tentative finding that was looked at and is not so."
)
@click.option("--organisation", default="", help="Organisation that the person speaks for.")
@click.option(
    "--organisation-file",
    "shared",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep it in this folder, for several systems to refer to.",
)
@click.option("--unsigned", is_flag=True, help="Do not sign it with this machine's key.")
def command(
    provisions: tuple[str, ...],
    role: str,
    person: str,
    statement: str,
    documents: tuple[Path, ...],
    valid_for: str,
    root: Path,
    not_met: bool,
    judging: tuple[str, ...],
    organisation: str,
    shared: Path | None,
    unsigned: bool,
) -> None:
    """Record what a named person states about a provision.

    PROVISION is an id such as 5.1.1-1, or that of one obligation, such as
    5.1.1-1#2. The statement becomes a small JSON file that people can review,
    in assurance/attestations/, bound to the digests of the documents named: if
    one changes, the statement no longer counts.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no folder.", "Name the assessed folder with --system.")
    today = datetime.now(UTC).date()
    chosen = _obligations(provisions, role)
    home = shared or root / "assurance"
    holder = home.parent if home.name == "assurance" else home
    attestation = Attestation(
        edition=catalogue().edition,
        obligations=tuple(o.id for _, o in chosen),
        met=not not_met,
        role=role,
        by=_filled("--by", person),
        organisation=organisation,
        statement=_filled("--statement", statement),
        documents=tuple(_document(path, root, holder) for path in documents),
        judged=_judged(judging, root),
        made_on=today.isoformat(),
        valid_until=_until(today, valid_for, [p for p, _ in chosen]),
    )
    if not unsigned:
        attestation = signed(attestation, load_or_create_key(key_path()))
    path = home / "attestations" / _name(attestation)
    write_atomically(path, render(attestation))
    click.echo(str(path))
    _tell(attestation)


def _tell(attestation: Attestation) -> None:
    said = "met" if attestation.met else "not met"
    ids = ", ".join(attestation.obligations)
    click.echo(
        f"{attestation.by} ({attestation.role}) states: {ids} {said}, until {attestation.valid_until}.",
        err=True,
    )
    if attestation.met and not attestation.documents:
        click.echo("No document goes with it; an assessor will ask for one (--document).", err=True)


def _filled(option: str, text: str) -> str:
    if not text.strip():
        raise UsageError(f"{option} is empty.", "An attestation needs a named person and a statement.")
    return text.strip()


def _obligations(ids: Sequence[str], role: str) -> list[tuple[Provision, Obligation]]:
    """What the ids name, as far as `role` may speak to it; in the standard's order, each once."""
    everything = [(p, o) for p in catalogue().provisions for o in p.obligations]
    chosen: dict[str, tuple[Provision, Obligation]] = {}
    for wanted in ids:
        named = [(p, o) for p, o in everything if wanted in (p.id, o.id)]
        if not named:
            raise UsageError(f"There is no provision {wanted!r}.", "`assaymark explain` lists them all.")
        allowed = [(p, o) for p, o in named if role in o.actors]
        if not allowed:
            actors = " or ".join(dict.fromkeys(f'"{a}"' for _, o in named for a in o.actors))
            raise UsageError(f"A {role} cannot speak to {wanted}.", f"Give --role {actors}.")
        chosen |= {o.id: (p, o) for p, o in allowed}
    return [pair for pair in everything if pair[1].id in chosen]


def _document(path: Path, root: Path, holder: Path) -> Document:
    digest = document_digest(path, (root.resolve().parent, holder))
    if not digest:
        raise UsageError(
            f"{path} is no readable file inside or beside the system.",
            "Copy the document there, so that its digest can be checked again later.",
        )
    return Document(path=Path(os.path.relpath(path.resolve(), holder.resolve())).as_posix(), sha256=digest)


def _until(today: date, valid_for: str, provisions: Sequence[Provision]) -> str:
    days = min(p.validity_days for p in provisions)
    if valid_for:
        match = re.fullmatch(r"([0-9]{1,4})([dwmy])", valid_for)
        days = int(match[1]) * _UNITS[match[2]] if match else 0
        if not 1 <= days <= LONGEST_DAYS:
            raise UsageError(f"--valid-for {valid_for} is no period up to 5 years.", "Write 90d, 12m or 1y.")
    return (today + timedelta(days=days)).isoformat()


def _judged(checks: Sequence[str], root: Path) -> tuple[Judged, ...]:
    """The newest tentative findings of `checks`, as the ledger holds them."""
    if not checks:
        return ()
    newest: dict[tuple[str, str], tuple[str, list[Observation]]] = {}
    with Ledger.open(ledger_path(root)) as ledger:
        for recorded in ledger.entries():
            if recorded.entry.type != "observation":
                continue
            seen, key = recorded.entry.observation(), recorded.entry.key
            if seen.check in checks:
                place = (seen.check, _report(seen))
                before = newest.get(place, ("", []))
                newest[place] = (key, [*(before[1] if before[0] == key else []), seen])
    found = {
        check: [o for (c, _), (_, seen) in newest.items() if c == check for o in seen] for check in checks
    }
    return tuple(j for check in checks for j in _findings(check, found[check]))


def _report(seen: Observation) -> str:
    """The imported report that an observation is of; two reports of one format are two sources."""
    return next((s.name for s in seen.subjects if s.name.startswith(f"{FOLDER}/")), "")


def _findings(check: str, seen: Sequence[Observation]) -> list[Judged]:
    doubts = [o for o in seen if o.outcome is Outcome.NOT_MET and o.certainty is Certainty.TENTATIVE]
    if not doubts:
        raise UsageError(
            f"The ledger holds no current tentative finding by {check!r}.",
            "Run `assaymark assess` first, and give the check's name as its report prints it.",
        )
    return [Judged(check=check, sha256=judged_subject(o).sha256) for o in doubts]


def _name(attestation: Attestation) -> str:
    first = attestation.obligations[0].replace("#", "_")
    return f"{first}.{attestation.made_on}.{key_of(attestation)[:8]}.json"
