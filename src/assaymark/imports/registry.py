"""The importers, in the order of the documentation. The registry is this list."""

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import HEAD

__all__ = ["all_importers", "importer_of", "named"]


def all_importers() -> tuple[Importer, ...]:
    """Every importer. Imported when asked for, so that commands that read no report start quickly."""
    from assaymark.imports import (
        cyclonedx,
        data_origin,
        data_scan,
        garak,
        inspect_ai,
        osv_scanner,
        pip_audit,
        promptfoo,
        pyrit,
        pytm,
        sarif,
        scorecard,
        spdx,
        threagile,
        threat_dragon,
    )

    return (
        sarif.IMPORTER,
        cyclonedx.IMPORTER,
        spdx.IMPORTER,
        pip_audit.IMPORTER,
        osv_scanner.IMPORTER,
        scorecard.IMPORTER,
        garak.IMPORTER,
        pyrit.IMPORTER,
        promptfoo.IMPORTER,
        inspect_ai.IMPORTER,
        threat_dragon.IMPORTER,
        pytm.IMPORTER,
        threagile.IMPORTER,
        data_scan.IMPORTER,
        data_origin.IMPORTER,
    )


def named(name: str) -> Importer:
    """The importer of the format called `name`.

    Raises:
        UsageError: there is none; the advice lists all.
    """
    found = next((i for i in all_importers() if i.format == name), None)
    if found is None:
        raise UsageError(f"{name!r} is no format of reports that is read.", _known())
    return found


def importer_of(data: bytes, name: str) -> Importer:
    """The importer that recognises the report `data`, of a file called `name`.

    Raises:
        UsageError: none does, or several do; the advice lists all formats.
    """
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf")
    found = [i for i in all_importers() if i.recognise(head, name)]
    if len(found) == 1:
        return found[0]
    if found:
        several = " or ".join(f"--as {i.format}" for i in found)
        raise UsageError(f"{name} could be a report of more than one format.", f"Say which: {several}.")
    raise UsageError(f"{name} is no report of a format that is recognised.", _known())


def _known() -> str:
    listed = "; ".join(f"{i.format} ({i.reads})" for i in all_importers())
    return f"Say which it is with --as FORMAT. Read are: {listed}."
