"""Add a sign-off to a pack that exists: the file is written anew, the content of every member as it was."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.keys import public_bytes
from assaymark.pack.container import Container
from assaymark.pack.dsse import parse_envelope
from assaymark.pack.format import MANIFEST, STATEMENT
from assaymark.pack.read import OpenPack, open_pack
from assaymark.pack.roles import RoleSignature, demanded, judge_signatures
from assaymark.pack.signing_off import Signatory, member_of, signed_off
from assaymark.pack.verification import PackVerification
from assaymark.pack.verify import verify_pack
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.system.system import System
from assaymark.whole import written_whole

__all__ = ["add_sign_off", "alone", "claim_of", "refuse_wrong_role", "verified"]

_AWAITED = "asks for signatures that are not there"
"""How `pack.verify` begins to say that a demanded sign-off is missing."""


def claim_of(by: Signatory) -> RoleSignature:
    """The sign-off that `by` is about to make, as the manifest's demands are held against."""
    return RoleSignature(role=by.role, name=by.name, key=public_bytes(by.key).hex(), valid=True)


def verified(path: Path) -> PackVerification:
    """What the pack at `path` shows; sign-offs that the manifest asks for may still be missing.

    Raises:
        DoesNotVerify: anything else about it does not hold.
    """
    found = verify_pack(path)
    problems = [p for p in found.problems if p.place != MANIFEST or not p.reason.startswith(_AWAITED)]
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DoesNotVerify(
            f"{path} does not verify: {problems[0].place}: {problems[0].reason}{more}",
            "`assaymark verify-pack` says all of it. Do not sign it; pack again.",
        )
    return found


def refuse_wrong_role(by: Signatory, system: System) -> None:
    """Make sure that the manifest lets the key sign in the role.

    Raises:
        UsageError: there is no such role, or the manifest's signatories say otherwise.
    """
    refused = judge_signatures([claim_of(by)], demanded(system)).refused
    if refused:
        raise UsageError(
            f"The sign-off would not count. {shown(refused[0].reason)}",
            "Sign with the key and in the role that the manifest's `signatories` give, or have them changed "
            "and pack again.",
        )


@contextmanager
def alone(path: Path) -> Iterator[OpenPack]:
    """The pack at `path`, open, while no other sign-off is added to it.

    Raises:
        AssaymarkError: another one was added meanwhile; it is there, and this one has to be made on top.
    """
    with open_pack(path) as pack:
        fcntl.flock(pack.fileno(), fcntl.LOCK_EX)
        if not os.path.samestat(os.fstat(pack.fileno()), path.stat()):
            raise AssaymarkError(f"{path} was replaced just now.", "Run it again.")
        yield pack


def add_sign_off(path: Path, pack: OpenPack, system: str, by: Signatory) -> str:
    """Write the pack at `path` anew with a sign-off more; `pack` is that file, verified, held by `alone`.

    Returns:
        The name of the new member.

    Raises:
        UsageError: the key has signed it already.
        AssaymarkError: it cannot be written; the file is as it was.
    """
    new = member_of(public_bytes(by.key))
    if new in pack:
        raise UsageError(
            f"{path} bears a sign-off by this key already.",
            "A person signs once; another signs with a key of theirs.",
        )
    payload = parse_envelope(pack.read(STATEMENT), f"The statement of {path}").payload
    name, content = signed_off(payload, system, by)
    with written_whole(path) as file:
        container = Container(file)
        for member in sorted((*pack.names, name)):
            container.add(member, content if member == name else pack.chunks(member))
        container.finish()
        pack.unchanged()
    return name
