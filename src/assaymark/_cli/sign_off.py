"""``assaymark sign-off``: a named person answers for a pack in a role."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assaymark._cli.clock import iso, now
from assaymark._cli.keyless import keyless_options
from assaymark._cli.pack import signing_key
from assaymark._cli.passphrase import passphrase_file_option
from assaymark.errors import UsageError
from assaymark.signing.problems import shown
from assaymark.system.system import SIGNING_ROLES

if TYPE_CHECKING:
    from assaymark.pack.format import SignOffPredicate

__all__ = ["command"]


@click.command("sign-off", short_help="Sign a pack in a role, as a named person.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--role", type=click.Choice(SIGNING_ROLES), help="In which role.  [default: the key's]")
@click.option("--by", "person", default="", help="Name of the person.  [default: the key's]")
@click.option("--statement", default="", help="What the person says, in their own words.")
@click.option("--organisation", default="", help="Organisation that the person speaks for.")
@click.option("--key", metavar="NAME|PATH", help="The person's key.  [default: this machine's]")
@passphrase_file_option
@keyless_options
@click.option("--time", "when", metavar="ISO", help="When it was signed, UTC.  [default: now]")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
def command(
    file: Path,
    role: str | None,
    person: str,
    statement: str,
    organisation: str,
    key: str | None,
    passphrase_file: Path | None,
    keyless: bool,
    identity_token: Path | None,
    sigstore_config: Path | None,
    when: str | None,
    quiet: bool,
) -> int:
    """Sign a pack in a role, as a named person.

    Verifies FILE first, as its receiver would, and writes it anew with one
    signature more; everything else in it stays as it was. A key signs once. A
    role that the manifest's signatories do not give the key is refused.

    With --keyless, Sigstore vouches for who you are instead: FILE stays as it
    is, and the signature is written to FILE.sigstore.json. That uses the
    network, and your identity stands in a public log for good.
    """
    if keyless:
        said = _predicate(role, person, organisation, statement, iso(_moment(when)))
        return _keyless(file, said, identity_token, sigstore_config, quiet=quiet)
    from assaymark.pack.adding import add_sign_off, alone, refuse_wrong_role, verified
    from assaymark.pack.signing_off import Signatory

    moment = _moment(when)
    signer, owner = signing_key(key, passphrase_file)
    role, person = role or owner.role, person or owner.person
    if not (role and person.strip()):
        raise UsageError("A sign-off takes a role and a name.", "Give --role and --by.")
    by = Signatory(
        key=signer,
        role=role,
        name=person,
        organisation=organisation,
        statement=statement,
        signed_at=iso(moment),
    )
    with alone(file) as pack:
        found = verified(file)
        assert found.assessment is not None  # what verifies was derived
        refuse_wrong_role(by, found.assessment.system)
        name = add_sign_off(file, pack, found.assessment.system.name, by)
    if not quiet:
        click.echo(f"Signed {file} as {role}: {name}. The statement and all else in it are as they were.")
    return 0


def _predicate(
    role: str | None, person: str, organisation: str, statement: str, at: str
) -> "SignOffPredicate":
    from assaymark.pack.format import SignOffPredicate

    if not (role and person.strip()):
        raise UsageError("A sign-off takes a role and a name.", "Give --role and --by.")
    return SignOffPredicate(
        role=role,
        name=person,
        organisation=organisation,
        statement=statement,
        signed_at=at,
        public_key="",
        system="",
    )


def _keyless(
    file: Path, said: "SignOffPredicate", token: Path | None, config: Path | None, *, quiet: bool
) -> int:
    from msgspec.structs import replace

    from assaymark.pack.adding import alone, verified
    from assaymark.pack.keyless import beside, keyless_statement
    from assaymark.signing.keyless_signer import KeylessSigner, identity_token
    from assaymark.whole import write_atomically

    signer = KeylessSigner(identity_token(token), config)
    with alone(file) as pack:
        found = verified(file)
        assert found.assessment is not None  # what verifies was derived
        said = replace(said, system=found.assessment.system.name)
        signature = signer.sign(keyless_statement(file, pack, said))
    write_atomically(beside(file), signature)
    if not quiet:
        click.echo(f"Signed {file} as {said.role}, by {shown(signer.identity)}: {beside(file)}.")
    return 0


def _moment(when: str | None) -> datetime:
    if when is None:
        return now()
    try:
        moment = datetime.fromisoformat(when)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--time: {when[:40]!r} is no time.", "Write it as 2026-11-27T12:00:00Z.") from error
