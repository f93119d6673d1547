"""``assaymark data verify``: a data set against its manifest."""

from pathlib import Path

import click
import msgspec

from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark.dataset.provenance.making import Place
from assaymark.dataset.provenance.verifying import Verified, read_manifest, verify_data
from assaymark.signing.problems import DoesNotVerify, shown

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_MOST = 50
FAILED = 14


@click.command("verify")
@click.argument("manifest", type=_FILE)
@click.argument("path", required=False, type=_FILE)
@click.option("--public-key", default="", metavar="HEX", help="Key that has to have signed the manifest.")
@click.option("--unsigned", is_flag=True, help="Accept a manifest that has no signature.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(manifest: Path, path: Path | None, public_key: str, unsigned: bool, as_json: bool) -> int:
    """Check that a data set is what its manifest says.

    PATH is the folder of the manifest if it is not named. Every file is read;
    of files that changed, each record that was changed, is missing, was added,
    repeats another or stands elsewhere is named. Exit code 0 if all is as
    recorded, 14 if not, or if the signature does not hold.
    """
    root = path or manifest.parent
    place = Place(root=root if root.is_dir() else root.parent, scope=(".",), manifest=manifest)
    try:
        recorded, key, named = read_manifest(manifest, public_key, unsigned=unsigned)
        with counted() as told:
            found = verify_data(place, recorded, (key, named), told=told)
    except DoesNotVerify as error:
        if not as_json:
            raise
        click.echo(_json(None, error.message))
        return FAILED
    if as_json:
        click.echo(_json(found, ""))
    else:
        for line in _told(found, root):
            click.echo(line, err=not found.ok)
    return 0 if found.ok else FAILED


def _told(found: Verified, root: Path) -> list[str]:
    notes = [f"Note: {shown(note)}" for note in found.notes]
    if found.ok:
        recorded = found.manifest
        records = f", {count(recorded.rows, 'record')}" if recorded.rows else ""
        size = told_bytes(found.bytes_read)
        first = f"{shown(str(root))} is as recorded: {count(len(recorded.entries), 'file')}{records}, {size}."
        return [first, _signer(found), *notes]
    lines = [f"{shown(str(root))} is not as recorded on {found.manifest.made_at[:10]}:"]
    lines += [f"  file {difference}" for difference in found.files[:_MOST]]
    if len(found.files) > _MOST:
        lines.append(f"  and {len(found.files) - _MOST:,} files more")
    for kind, number in found.counts.items():
        lines.append(f"{count(number, 'record')} {kind}:")
        named = [change for change in found.rows if change.kind == kind]
        lines += [f"  {change}" for change in named[:_MOST]]
        if number > _MOST:
            lines.append(f"  and {number - min(_MOST, len(named)):,} more")
    return [*lines, _signer(found), *notes]


def _signer(found: Verified) -> str:
    if not found.signed_by:
        return "The manifest is not signed: whoever can change the data can change it too."
    if found.named:
        return f"Signed by {found.signed_by}."
    return f"Signed by {found.signed_by}; whose key that is, --public-key shows."


def _json(found: Verified | None, problem: str) -> str:
    value = {
        "v": 1,
        "kind": "data-verify",
        "ok": found is not None and found.ok,
        "problem": problem,
        "name": found.manifest.name if found else "",
        "made_at": found.manifest.made_at if found else "",
        "root": found.manifest.root if found else "",
        "signed_by": found.signed_by if found else "",
        "key_named": found is not None and found.named,
        "files": len(found.manifest.entries) if found else 0,
        "records": found.manifest.rows if found else 0,
        "bytes_read": found.bytes_read if found else 0,
        "file_differences": list(found.files) if found else [],
        "record_counts": found.counts if found else {},
        "record_differences": list(found.rows) if found else [],
        "notes": list(found.notes) if found else [],
    }
    return msgspec.json.encode(value, order="sorted").decode()
