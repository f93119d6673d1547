"""Turn an edition's YAML into the canonical JSON that the product loads.

Run it as ``python -m assaymark.standard.compile`` after every change to the data. YAML is what people edit;
reading it takes a second, the JSON a few milliseconds. A test compares the two.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from assaymark.observation import canonical
from assaymark.standard.catalogue import EDITIONS

__all__ = ["PHASES", "compiled", "main"]

PHASES = ("design", "development", "deployment", "maintenance", "end_of_life")
"""Files of an edition, in the standard's order."""


def compiled(folder: Path) -> bytes:
    """Canonical JSON of the edition in `folder`.

    Raises:
        jsonschema.ValidationError: a file does not follow the schema.
    """
    edition = _read(folder / "edition.yaml", "edition")
    titles = {row["number"]: row["title"] for row in edition["principles"]}
    provisions = [row for name in PHASES for row in _phase(_read(folder / f"{name}.yaml", "phase"), titles)]
    kept = {key: edition[key] for key in ("edition", "published", "principles", "sources")}
    return canonical({**kept, "provisions": provisions})


def main(root: Path = Path(__file__).parent) -> None:
    """Write `catalogue.json` beside the YAML of every edition below `root`."""
    for folder in EDITIONS.values():
        path = root / folder
        (path / "catalogue.json").write_bytes(compiled(path))
        sys.stdout.write(f"wrote {path / 'catalogue.json'}\n")


def _phase(data: dict[str, Any], titles: dict[int, str]) -> Iterator[dict[str, Any]]:
    for row in data["provisions"]:
        yield {**row, "phase": data["phase"], "principle_title": titles[row["principle"]]}


def _read(path: Path, kind: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    schema = json.loads((path.parent / "schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, {"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    return data


if __name__ == "__main__":
    main()
