"""``assaymark hash``: the release hash manifest of provision 5.2.4-1.2."""

import os
import sys
from pathlib import Path

import click

from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark._cli.sign import tidy
from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.algorithms import ALGORITHMS
from assaymark.signing.compare import compare
from assaymark.signing.hashing import Piece, digest_pieces
from assaymark.signing.listing import DEFAULT_IGNORED, Found
from assaymark.signing.model import found_in, relative
from assaymark.signing.problems import Trouble, shown
from assaymark.signing.sums import decode_sums, encode_sums, guess_algorithm
from assaymark.signing.verify import read_signature
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_MOST = 50
FAILED = 14


@click.command("hash")
@click.argument("path", required=False, type=_FILE)
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="[default: sha256]")
@click.option("--output", type=_FILE, metavar="FILE", help="Write it there. [default: standard output]")
@click.option("--check", type=_FILE, metavar="FILE", help="Check the files against this manifest.")
@click.option("--ignore", multiple=True, metavar="PATH", help="Leave it out, relative to PATH; repeatable.")
@click.option("--strict", is_flag=True, help="With --check: a file that is not listed is a failure, too.")
def command(
    path: Path | None,
    algorithm: str | None,
    output: Path | None,
    check: Path | None,
    ignore: tuple[str, ...],
    strict: bool,
) -> int:
    """Write or check the hashes of a release.

    One line a file, as `sha256sum -c` reads it in PATH. With --check, PATH is
    the folder of the manifest if it is not named. Exit code 14 if a listed file
    is missing or changed.
    """
    if check is not None:
        return _check(path or check.parent, check, algorithm or "", ignore, strict=strict)
    if path is None:
        raise UsageError("What should be hashed?", "Name a folder or a file.")
    return _write(path, algorithm or "sha256", output, ignore)


def _write(path: Path, algorithm: str, output: Path | None, ignore: tuple[str, ...]) -> int:
    own = {relative(path, output)} - {""} if output is not None and path.is_dir() else set()
    listing = found_in(path, ignored=frozenset({*own, *tidy(ignore), *DEFAULT_IGNORED}))
    files = [found for found in listing.files if not _is_output(found)]
    pieces = [Piece(found.name, found.path, found.stamp, algorithm) for found in files]
    with counted() as told:
        results = digest_pieces(pieces, told=told)
    troubles = [*listing.troubles, *(result for result in results if isinstance(result, Trouble))]
    if troubles:
        raise AssaymarkError(
            f"{troubles[0]}; nothing was written.", "Mend it, or leave it out with --ignore PATH."
        )
    if not files:
        raise UsageError(f"There is no file in {path}.", "Name the folder of a release.")
    data = encode_sums(piece.resource(str(digest)) for piece, digest in zip(pieces, results, strict=True))
    if output is None:
        click.echo(data, nl=False)
    else:
        write_atomically(output, data)
    size = told_bytes(sum(found.stamp.size for found in files))
    click.echo(f"Hashed {count(len(files), 'file')}, {size}.", err=True)
    return 0


def _is_output(found: Found) -> bool:
    """Whether it is where standard output goes: `assaymark hash . > SHA256SUMS`."""
    try:
        info = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return (info.st_dev, info.st_ino) == (found.stamp.device, found.stamp.inode)


def _check(root: Path, manifest: Path, algorithm: str, ignore: tuple[str, ...], *, strict: bool) -> int:
    listed = decode_sums(read_signature(manifest), algorithm or guess_algorithm(manifest.name))
    with counted() as told:
        found = compare(
            listed, root, signature=manifest, ignore=tidy(ignore), allow_unlisted=not strict, told=told
        )
    if found.differences:
        click.echo(f"{shown(str(root))} is not as {shown(str(manifest))} lists it:", err=True)
        for difference in found.differences[:_MOST]:
            click.echo(f"  {difference}", err=True)
        if len(found.differences) > _MOST:
            click.echo(f"  and {len(found.differences) - _MOST:,} more", err=True)
        return FAILED
    click.echo(f"{count(found.files, 'file')} as listed, {told_bytes(found.bytes_read)}.")
    if found.unlisted:
        click.echo(
            f"Not listed: {count(len(found.unlisted), 'file')} (--strict makes that a failure).", err=True
        )
    return 0
