"""A CSV, YAML or JSON file that keeps a register → `Register` facts."""

import csv
from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.document._plain_yaml import PlainYamlError
from assaymark.scan.document._text import readable
from assaymark.scan.document.registers import (
    has_register_name,
    header_kind,
    read_csv,
    read_yaml,
    register_of,
)
from assaymark.scan.facts import Fact, ScanProblem

__all__ = ["REGISTER_LIMIT", "accepts_register", "scan_register"]

REGISTER_LIMIT = 1024 * 1024
"""Bytes of a register that are read."""


def accepts_register(path: str, head: bytes) -> bool:
    """Whether a CSV's first line has a register's columns, or a YAML or JSON file has a register's name."""
    file = PurePosixPath(path)
    match file.suffix.lower():
        case ".csv" | ".tsv":
            line = readable(head).partition("\n")[0]
            if len(line) > 2000:
                return False
            return any(header_kind(line.replace('"', "").split(d)) for d in ",;\t")
        case ".yaml" | ".yml" | ".json":
            return has_register_name(file.stem) and not file.parts[0].startswith(".")
    return False


def scan_register(blob: Blob) -> Iterator[Fact]:
    """The registers in the file; a file of this name that keeps none says nothing."""
    text = readable(blob.read(0, REGISTER_LIMIT))
    is_table = PurePosixPath(blob.path).suffix.lower() in (".csv", ".tsv")
    if blob.size > REGISTER_LIMIT:
        reason = f"only the first {REGISTER_LIMIT:,} of {blob.size:,} bytes were read"
        yield ScanProblem(at=Location(blob.path), scanner="register", reason=reason, partial=is_table)
        if not is_table:
            return
    try:
        grids = read_csv(text) if is_table else read_yaml(text)
    except (PlainYamlError, csv.Error) as problem:
        yield ScanProblem(at=Location(blob.path), scanner="register", reason=str(problem))
        return
    for grid in grids:
        register = register_of(blob.path, grid)
        if register is not None:
            yield register
