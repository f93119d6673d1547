"""An Inspect log in its archive form, `.eval`: the one member that is wanted, read with bounds. Pure.

`inspect_ai` writes a ZIP file with `_journal/start.json`, `samples/*.json`, `summaries.json` and, once the
run has ended, `header.json`; members are packed with Zstandard (method 93) since 2026, with deflate before.
Its directories are found as `scan.container` finds them, since readers disagree about hostile ones: an
archive with two of them, with the wanted member twice, or with a local header that says something else, is
refused.
"""

from zlib import crc32

from assaymark.errors import UsageError
from assaymark.imports.reading import MAX_BYTES
from assaymark.scan.blob import BytesBlob
from assaymark.scan.container.blobs import StreamBlob, allowance_of
from assaymark.scan.container.zip_directory import Directory, find_directories
from assaymark.scan.container.zip_local import read_local
from assaymark.scan.container.zip_members import Reader
from assaymark.scan.part import Limits

__all__ = ["archived"]

_LIMITS = Limits(members=200_000, expanded=MAX_BYTES + 1, held=MAX_BYTES + 1)
_ADVICE = "Have Inspect write it again, or as JSON: inspect log convert --to json."
_ENCRYPTED = 0x1


def archived(data: bytes, name: str, wanted: tuple[str, ...]) -> tuple[str, bytes]:
    """The first of `wanted` that the archive holds, and its content.

    Raises:
        UsageError: the archive is damaged or ambiguous, or holds none of them.
    """
    blob = BytesBlob(name, data)
    directory = _directory(blob, name)
    for member in wanted:
        found = [e for e in directory.entries if e.name == member]
        if len(found) > 1:
            raise UsageError(f"{name} holds {member} {len(found)} times.", _ADVICE)
        if not found:
            continue
        entry, local = found[0], read_local(blob, found[0].offset)
        if local is None or local.raw != entry.raw or local.method != entry.method:
            raise UsageError(
                f"{name}: what its directory says of {member} is not what stands there.", _ADVICE
            )
        if (entry.flags | local.flags) & _ENCRYPTED:
            raise UsageError(f"{name}: {member} is encrypted.", _ADVICE)
        opened = Reader(blob, _LIMITS, allowance_of(blob, _LIMITS)).open(entry, local)
        if opened.blob is None:
            raise UsageError(f"{name}: {member} is packed in a way that is not read.", _ADVICE)
        content = opened.blob.read(0, MAX_BYTES + 1)
        broken = isinstance(opened.blob, StreamBlob) and bool(opened.blob.problem)
        if broken or len(content) != entry.size or crc32(content) != entry.crc:
            raise UsageError(f"{name}: {member} is damaged, or longer than {MAX_BYTES:,} bytes.", _ADVICE)
        return member, content
    raise UsageError(f"{name} holds no log of Inspect.", _ADVICE)


def _directory(blob: BytesBlob, name: str) -> Directory:
    directories = list(find_directories(blob, _LIMITS.members))
    if not directories:
        raise UsageError(f"{name} has no directory that can be read; it may have been cut off.", _ADVICE)
    if len(directories) > 1:
        raise UsageError(f"{name} has several directories: readers see different archives in it.", _ADVICE)
    if directories[0].cut:
        raise UsageError(f"{name} lists more than {_LIMITS.members:,} members.", _ADVICE)
    return directories[0]
