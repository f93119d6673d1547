"""``assaymark pack``: everything that a stranger needs to check an assessment, in one signed file."""

import gc
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from assaymark._cli.clock import iso, now
from assaymark._cli.pack_witness import have_cosigned, witnesses_named
from assaymark._cli.passphrase import passphrase_file_option
from assaymark._cli.places import cache_path, key_path, keyring_path, ledger_path
from assaymark._cli.progress import Progress
from assaymark.errors import UsageError
from assaymark.system.system import SIGNING_ROLES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from assaymark.assess.assessment import Assessment
    from assaymark.ledger.keyring import KeyInfo
    from assaymark.pack.signing_off import Signatory
    from assaymark.pack.write import Packed
    from assaymark.pipeline import Places

__all__ = ["command", "head_in", "signing_key"]

_MAX_HEAD = 16_384


@click.command("pack", short_help="Assess, and write one signed file that a stranger can check.")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--out",
    "-o",
    default="assessment.assaypack",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The file to write, whole or not at all.",
)
@click.option("--key", metavar="NAME|PATH", help="Key that signs the pack.  [default: this machine's]")
@passphrase_file_option
@click.option("--redact", is_flag=True, help="Leave the content of documents out; their digests stay.")
@click.option(
    "--since",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="HEAD",
    help="A signed head that the receiver holds; the pack shows that the ledger extends it. Repeatable.",
)
@click.option("--witness", "urls", multiple=True, metavar="URL", help="Have it cosign the head; repeatable.")
@click.option(
    "--witness-key", "keys", multiple=True, metavar="KEY", help="Key of each --witness, NAME+ID+KEY."
)
@click.option("--role", type=click.Choice(SIGNING_ROLES), help="Sign off at once, in this role.")
@click.option("--by", "person", default="", help="Name of the person who signs off.")
@click.option("--statement", default="", help="What the person says, in their own words.")
@click.option("--organisation", default="", help="Organisation that the person speaks for.")
@click.option(
    "--osv",
    multiple=True,
    metavar="PATH|URL",
    help="Database of known flaws (OSV's all.zip); repeatable. Nothing is fetched unless you name a URL.",
)
@click.option("--check", is_flag=True, help="Verify the pack once it is written.")
@click.option("--json", "as_json", is_flag=True, help="Say what is inside as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors and warnings.")
@click.option("--rehash", is_flag=True, help="Read every file again; trust no cached digest.")
@click.option("--no-cache", is_flag=True, help="Remember nothing between runs.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for parsing.  [default: one a core]")
def command(
    path: Path,
    out: Path,
    key: str | None,
    passphrase_file: Path | None,
    redact: bool,
    heads: tuple[Path, ...],
    urls: tuple[str, ...],
    keys: tuple[str, ...],
    role: str | None,
    person: str,
    statement: str,
    organisation: str,
    osv: tuple[str, ...],
    check: bool,
    as_json: bool,
    quiet: bool,
    rehash: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Assess, and write one signed file that a stranger can check.

    Assesses the folder PATH as `assess` does and writes the verdicts, all the
    evidence with proofs, the owner's statements and their documents, and the
    bill of materials into one file. `assaymark verify-pack` checks it on
    another machine, offline. With SOURCE_DATE_EPOCH the same folder and ledger
    give the same bytes.
    """
    from assaymark.pipeline import Places
    from assaymark.vulnerability.look import Sources

    gc.set_threshold(100_000, 50, 100)  # see `assess`
    if bool(role) != bool(person):
        raise UsageError("A sign-off takes a role and a name.", "Give both --role and --by, or neither.")
    witnesses = witnesses_named(urls, keys)
    moment = now()
    signer, _ = signing_key(key, passphrase_file)
    by = _signatory(signer, role, person, statement, organisation, moment) if role else None
    places = Places(
        ledger=ledger_path(path),
        key=key_path(),
        cache=None if no_cache else cache_path(path) / "facts.db",
        skip=frozenset({out.resolve()}),
        advisories=Sources(osv=osv, cache=None if no_cache else cache_path(path).with_name("advisories")),
    )
    assessment = _assessed(path, places, moment, by, rehash=rehash, jobs=jobs, quiet=quiet)
    templates = None if no_cache else cache_path(path).with_name("templates")
    since = tuple(head_in(head) for head in heads)
    have_cosigned(path, assessment, places, witnesses)
    bom = _bom(path, out, assessment, no_cache, jobs)
    packed = _packed(path, out, assessment, places, signer, by, bom, since, templates, redact=redact)
    if as_json:
        click.echo(_as_json(packed))
    elif not quiet:
        click.echo(_told(packed, assessment, by), nl=False)
    return _checked(out, quiet=quiet) if check else 0


def signing_key(named: str | None, passphrase: Path | None) -> "tuple[Ed25519PrivateKey, KeyInfo]":
    """The key called `named` (a name in the keyring or a path), or this machine's; and whose it is."""
    from assaymark._cli.passphrase import asked_passphrases
    from assaymark.ledger.keyring import MACHINE, KeyInfo, load_signing_key
    from assaymark.ledger.keys import load_or_create_key

    if named:
        return load_signing_key(named, keyring_path(), asked_passphrases(passphrase))
    return load_or_create_key(key_path()), KeyInfo(name=MACHINE)


def head_in(path: Path) -> str:
    """The signed head in a file, as `assaymark log head` printed it or as it was sent."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_HEAD + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a signed head.", "Give what `log head` printed."
        ) from error
    if len(data) > _MAX_HEAD:
        raise UsageError(f"{path} is longer than any signed head.", "Give what `log head` printed.")
    return text


def _signatory(
    key: "Ed25519PrivateKey", role: str, person: str, statement: str, organisation: str, moment: datetime
) -> "Signatory":
    from assaymark.pack.signing_off import Signatory

    return Signatory(
        key=key,
        role=role,
        name=person,
        organisation=organisation,
        statement=statement,
        signed_at=iso(moment),
    )


def _assessed(
    path: Path,
    places: "Places",
    moment: datetime,
    by: "Signatory | None",
    *,
    rehash: bool,
    jobs: int | None,
    quiet: bool,
) -> "Assessment":
    """The assessment; a sign-off that would not count is refused before the work."""
    from assaymark.pack.adding import refuse_wrong_role
    from assaymark.pipeline import assess_folder, describe

    if by is not None:
        refuse_wrong_role(by, describe(path))
    with Progress(not quiet, "Parsing") as progress:
        return assess_folder(path, places, now=moment, rehash=rehash, jobs=jobs, progress=progress.tell)


def _bom(path: Path, out: Path, assessment: "Assessment", no_cache: bool, jobs: int | None) -> bytes:
    from assaymark._cli.bom import rendered, seen_in

    seen = seen_in(path, frozenset({out.resolve()}), no_cache, jobs)
    return rendered(seen.bom, "cyclonedx-1.6", assessment.assessed_at)


def _packed(
    path: Path,
    out: Path,
    assessment: "Assessment",
    places: "Places",
    signer: "Ed25519PrivateKey",
    by: "Signatory | None",
    bom: bytes,
    since: tuple[str, ...],
    templates: Path | None,
    *,
    redact: bool,
) -> "Packed":
    from assaymark.ledger.keys import load_key, public_bytes
    from assaymark.ledger.ledger import Ledger
    from assaymark.pack.history import one_at_a_time
    from assaymark.pack.log import log_of
    from assaymark.pack.papers import gather, secrets_in
    from assaymark.pack.write import Keys, write_pack

    papers = gather(path, assessment, redact=redact)
    for warning in secrets_in(papers):
        click.echo(f"Warning: {warning} It goes into the pack; --redact leaves documents out.", err=True)
    machine = load_key(places.key)
    with one_at_a_time(places.key), Ledger.open(places.ledger, machine) as ledger:
        return write_pack(
            out,
            assessment,
            log_of(ledger),
            Keys(signer, public_bytes(machine)),
            papers=papers,
            bom=bom,
            since=since,
            signatory=by,
            templates=templates,
        )


def _told(packed: "Packed", assessment: "Assessment", by: "Signatory | None") -> str:
    """What is inside, what was left out, what it is known by, how to check it."""
    from assaymark.report.view import tally
    from assaymark.signing.problems import shown

    said = packed.predicate
    counts = tally(assessment.results)
    verdicts = (
        f"{counts.passed} pass, {counts.failed} fail, {counts.inconclusive} inconclusive, "
        f"{counts.not_applicable} not applicable, of {counts.total} provisions"
    )
    lines = [
        f"Wrote {packed.path}: {packed.size:,} bytes, {len(packed.members)} members.",
        f"  System: {shown(said.system)}, assessment {said.assessments} in the ledger {said.ledger}.",
        f"  Verdicts: {verdicts}.",
        f"  Evidence: {len(assessment.evidence):,} ledger entries, each with its proof.",
        f"  Attestations: {len(said.attestations)}. Documents: {len(said.documents)}.",
        *_left_out(packed),
        *_still_to_sign(assessment, packed, by),
        f"  SHA-256: {packed.sha256}",
        f"  Signed with the key {said.public_key}.",
        f"Tell the receiver that key by another way, and to run: assaymark verify-pack {packed.path.name}",
    ]
    return "\n".join(lines) + "\n"


def _left_out(packed: "Packed") -> Iterable[str]:
    from assaymark.signing.problems import shown

    for paper in packed.predicate.redacted:
        yield f"  Left out: {shown(paper.name)}. {paper.reason}"


def _still_to_sign(assessment: "Assessment", packed: "Packed", by: "Signatory | None") -> Iterable[str]:
    """What the manifest's `sign_off` asks beyond what the pack bears."""
    from assaymark.pack.adding import claim_of
    from assaymark.pack.roles import demanded, judge_signatures

    missing = judge_signatures([claim_of(by)] if by else [], demanded(assessment.system)).missing
    if missing:
        yield f"  Still to sign (assaymark sign-off {packed.path.name}): {' '.join(missing)}"


def _as_json(packed: "Packed") -> bytes:
    said = packed.predicate
    value = {
        "file": str(packed.path),
        "size": packed.size,
        "sha256": packed.sha256,
        "system": said.system,
        "assessment": said.assessments,
        "ledger": said.ledger,
        "publicKey": said.public_key,
        "members": [{"name": m.name, "size": m.size, "sha256": m.sha256} for m in packed.members],
        "redacted": said.redacted,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def _checked(out: Path, *, quiet: bool) -> int:
    """Verify what was written, as the receiver would; signatures that are still to come do not count."""
    from assaymark.pack.adding import verified

    found = verified(out)
    if not quiet:
        click.echo(f"Verified: {found.entries:,} entries, every digest, proof, signature and verdict holds.")
    return 0
