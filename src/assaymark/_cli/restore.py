"""``assaymark restore``: prove from a manifest and a backup that a state can be restored, or restore it."""

import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark import __version__
from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark._cli.verify import verifier_from
from assaymark.errors import UsageError
from assaymark.signing.backup import backup_kind
from assaymark.signing.drill import Drilled, drill
from assaymark.signing.manifest import Manifest
from assaymark.signing.names import name_fault
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.signing.reading import CannotRead, Stamp, digest_file
from assaymark.signing.record import BackupRecord, ManifestRecord, encode_record, record_of
from assaymark.signing.restore import check_target, restore
from assaymark.signing.sums import decode_sums, guess_algorithm
from assaymark.signing.verify import Verifier, read_signature, signed_manifest, unverified_manifest
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_MOST = 50
FAILED = 14


@click.command("restore")
@click.argument("manifest", type=_FILE)
@click.argument("backup", type=_FILE)
@click.option("--drill", "only_drill", is_flag=True, help="Prove it; write nothing but the record.")
@click.option(
    "--to", "target", type=_FILE, metavar="FOLDER", help="Write the restored copy there; a new folder."
)
@click.option("--prefix", metavar="PATH", help="Folder inside the backup. [default: found out]")
@click.option("--key", type=_FILE, metavar="PEM", help="Public key that has to have signed the manifest.")
@click.option("--trust", multiple=True, type=_FILE, metavar="PEM", help="Certificates to trust; repeatable.")
@click.option("--identity", default="", metavar="NAME", help="Who has to have signed it with Sigstore.")
@click.option("--issuer", default="", metavar="URL", help="The OpenID provider that vouched for NAME.")
@click.option(
    "--sigstore-root", type=_FILE, metavar="FILE", help="A trusted_root.json. [default: the package's]"
)
@click.option("--record", type=_FILE, metavar="FILE", help="Write a JSON record of it, to keep as evidence.")
def command(
    manifest: Path,
    backup: Path,
    only_drill: bool,
    target: Path | None,
    prefix: str | None,
    key: Path | None,
    trust: tuple[Path, ...],
    identity: str,
    issuer: str,
    sigstore_root: Path | None,
    record: Path | None,
) -> int:
    """Prove that a known good state can be restored, or restore it.

    MANIFEST is a model signature or a sums file; BACKUP is a folder, or a tar,
    tar.gz or zip archive, which is read without being unpacked. With --drill
    every listed file is read from the backup and compared. With --to the files
    are written, too, into a new folder that appears only once they were read
    back right. Exit code 14 if a file is missing or differs.
    """
    if not only_drill and target is None:
        raise UsageError("Prove or restore?", "Give --drill, or --to FOLDER, or both.")
    if prefix and (fault := name_fault(prefix)):
        raise UsageError(f"--prefix {shown(prefix)!r} {fault}.", "Give a path inside the backup.")
    if target is not None:
        check_target(target)
    began, start = datetime.now(UTC), time.monotonic()
    data = read_signature(manifest)
    verifier = verifier_from(key, trust, (identity, issuer), sigstore_root)
    listed, by = _manifest(manifest, data, verifier)
    stamp = _stamp(backup)
    about = _about(backup)
    with counted() as told:
        drilled = drill(listed, backup, prefix=prefix, told=told)
    if drilled.ok and target is not None:
        restore(listed, backup, target, drilled.prefix)
    seconds = time.monotonic() - start
    if _stamp(backup) != stamp:
        raise DoesNotVerify(f"The backup {backup} changed while it was read.", "Run it again.")
    for line in _told(drilled, backup, seconds, by, target):
        click.echo(line, err=not drilled.ok)
    if record is not None:
        known_good = ManifestRecord(name=manifest.name, sha256=hashlib.sha256(data).hexdigest(), signed_by=by)
        made = record_of(
            drilled,
            manifest=known_good,
            backup=about,
            tool=f"assaymark {__version__}",
            began=began,
            seconds=seconds,
            restored=drilled.ok and target is not None,
        )
        write_atomically(record, encode_record(made))
    return 0 if drilled.ok else FAILED


def _manifest(path: Path, data: bytes, verifier: Verifier | None) -> tuple[Manifest, str]:
    """What is listed, and who signed it; empty if that was not asked for."""
    if not data.lstrip().startswith(b"{"):
        if verifier is not None:
            raise UsageError(
                f"{path} carries no signature.", "Leave --key and --trust out, or name a signature."
            )
        return decode_sums(data, guess_algorithm(path.name)), ""
    if verifier is None:
        return unverified_manifest(data), ""
    signed = signed_manifest(data, verifier)
    return signed.manifest, signed.by


def _about(backup: Path) -> BackupRecord:
    kind = backup_kind(backup)
    return BackupRecord(
        name=backup.resolve().name, kind=kind, sha256="" if kind == "folder" else _sha256(backup.resolve())
    )


def _stamp(backup: Path) -> Stamp | None:
    """What tells that an archive is still the same; each file of a folder is watched when it is read."""
    return Stamp.of(backup.stat()) if backup.is_file() else None


def _sha256(path: Path) -> str:
    try:
        return digest_file(path, "sha256")
    except CannotRead as error:
        raise DoesNotVerify(f"{path} {error}.", "Run it again when nothing writes to it.") from error


def _told(drilled: Drilled, backup: Path, seconds: float, by: str, target: Path | None) -> list[str]:
    below = f" below {shown(drilled.prefix)}/" if drilled.prefix else ""
    figures = (
        f"{drilled.files:,} of {count(drilled.listed, 'file')}, {told_bytes(drilled.size)}, {seconds:.1f} s"
    )
    notes = [f"Note: {note}" for note in drilled.notes]
    if not drilled.ok:
        differences = [f"  {difference}" for difference in drilled.differences[:_MOST]]
        if len(drilled.differences) > _MOST:
            differences.append(f"  and {len(drilled.differences) - _MOST:,} more")
        head = f"The state cannot be restored from {shown(str(backup))}{below}: {figures} as listed."
        return [head, *differences, *notes]
    lines = [f"The state can be restored from {shown(str(backup))}{below}: {figures}."]
    if target is not None:
        lines.append(f"Restored to {shown(str(target))} and read back.")
    lines.append(
        f"Manifest signed by: {by}" if by else "Who made the manifest was not verified (--key, --trust)."
    )
    return [*lines, *notes]
