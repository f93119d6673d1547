"""Folders of images are data sets, though no single file says so."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.asset import FileEntry, Tree
from assaymark.observation import Location, digest_of
from assaymark.scan.facts import DataFile

__all__ = ["image_folders"]

MINIMUM = 20
"""Images in one folder, or in folders side by side, that make a data set (ours)."""
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_NOT_DATA = {"docs", "doc", "assets", "static", "public", "img", "icons", "screenshots", "figures", "media"}


def image_folders(tree: Tree) -> Iterator[DataFile]:
    """One fact a data set of images; sub-folders side by side count as its labels.

    ``train/cat/*.png`` and ``train/dog/*.png`` are one data set ``train`` with two labels. Folders
    named for pictures of a website or of documentation are left out.
    """
    by_folder: dict[PurePosixPath, list[FileEntry]] = {}
    for entry in tree.files:
        if entry.path.lower().endswith(_SUFFIXES):
            path = PurePosixPath(entry.path)
            if path.suffix and not _NOT_DATA & {p.lower() for p in path.parts}:
                by_folder.setdefault(path.parent, []).append(entry)
    by_parent: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in by_folder:
        by_parent.setdefault(folder.parent, []).append(folder)
    for parent, folders in sorted(by_parent.items()):
        groups = [folders] if len(folders) > 1 else [[f] for f in folders]
        for group in groups:
            yield from _data_set(parent if len(group) > 1 else group[0], group, by_folder)


def _data_set(
    top: PurePosixPath, folders: list[PurePosixPath], by_folder: dict[PurePosixPath, list[FileEntry]]
) -> Iterator[DataFile]:
    images = sorted(e for f in folders for e in by_folder[f])
    if len(images) < MINIMUM:
        return
    yield DataFile(
        at=Location(str(top)),
        format="image-folder",
        sha256=digest_of([(e.path, e.sha256) for e in images]),
        size=sum(e.size for e in images),
        rows=len(images),
        labels=tuple(sorted(f.name for f in folders)) if len(folders) > 1 else (),
    )
