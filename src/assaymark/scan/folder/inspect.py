"""All rules of folders over all model folders of what is scanned."""

from collections.abc import Iterator, Mapping, Sequence
from posixpath import normpath

from assaymark.inspection import Hazard
from assaymark.scan.folder.card import judge_card
from assaymark.scan.folder.entry import Finding, Folder, FolderEntry, Read, Tree
from assaymark.scan.folder.layout import follow_links, judge_cache, judge_links
from assaymark.scan.folder.python_files import judge_python, judge_shadows, judge_startup
from assaymark.scan.folder.requirements import judge_requirements, judge_scripts
from assaymark.scan.folder.shards import judge_formats, judge_shards
from assaymark.scan.folder.sizes import judge_sizes

__all__ = ["inspect_folder"]

RULES = (
    judge_shadows,
    judge_python,
    judge_startup,
    judge_shards,
    judge_formats,
    judge_card,
    judge_sizes,
    judge_requirements,
    judge_scripts,
)
"""In this order; each looks at one model folder."""


def inspect_folder(
    entries: Sequence[FolderEntry], read: Read, links: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """What only shows when files are seen side by side.

    Args:
        entries: every regular file with the inspection of its content.
        read: a file's bytes by the path of its entry; for a link, those of what it leads to.
        links: symbolic links, path → target as it is written.

    Pure apart from `read`: the same entries give the same findings, in the same order. A folder counts as a
    model's if weights or a model's configuration lie directly in it; nothing is said of others.
    """
    links = links or {}
    plain = {normpath(e.path): e for e in sorted(entries, key=lambda e: e.path)}
    seen: set[tuple[str, str]] = set()
    yield from judge_links(links)
    yield from judge_cache(plain, read)
    for folder in Tree(follow_links(plain, links), read).models():
        for path, part in _folder(folder):
            key = (path, f"{part.rule}:{part.subject}" if isinstance(part, Hazard) else part.reason)
            if key not in seen:
                seen.add(key)
                yield path, part


def _folder(folder: Folder) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(folder)
