"""Two bills are compared by what stands in them, whatever format each has."""

import json

import msgspec
import pytest
from tests.report.bom.sample import FILES, ON, SYSTEM, bom_of, full, named

from assaymark.bom import Bom, Hash
from assaymark.errors import UsageError
from assaymark.report.bom.compare import Changed, Comparison, compare, comparison_text
from assaymark.report.bom.cyclonedx import render_cyclonedx
from assaymark.report.bom.snapshot import Snapshot, read_snapshot
from assaymark.report.bom.spdx import render_spdx


def as_cyclonedx(bom: Bom, spec: str = "1.6") -> Snapshot:
    """The bill, written as CycloneDX and read back."""
    return read_snapshot(render_cyclonedx(bom, spec=spec, tool_version="1", timestamp=ON), "a.json")


def as_spdx(bom: Bom) -> Snapshot:
    """The bill, written as SPDX and read back."""
    return read_snapshot(render_spdx(bom, tool_version="1", timestamp=ON), "a.json")


def changed(**files: str | bytes) -> Comparison:
    """The sample against the sample with some files replaced."""
    renamed = {k.replace("__", "/").replace("_dot_", "."): v for k, v in files.items()}
    return compare(as_cyclonedx(bom_of(FILES, SYSTEM)), as_cyclonedx(bom_of({**FILES, **renamed}, SYSTEM)))


@pytest.mark.parametrize("bom", [full(), named("\u202e\x1b half \ud800")], ids=["full", "hostile"])
def test_every_format_says_the_same(bom: Bom) -> None:
    """CycloneDX 1.6, 1.7 and SPDX of one bill give one snapshot."""
    assert as_cyclonedx(bom) == as_cyclonedx(bom, "1.7") == as_spdx(bom)


def test_nothing_changed() -> None:
    """A bill against itself."""
    found = compare(as_cyclonedx(full()), as_spdx(full()))

    assert comparison_text(found) == f"Since the bill of {ON}: nothing changed.\n"


def test_a_new_file_is_added_and_a_lost_one_removed() -> None:
    """In either direction."""
    more = bom_of({**FILES, "extra.py": "x = 1\n"}, SYSTEM)
    less = bom_of(FILES, SYSTEM)

    assert compare(as_cyclonedx(less), as_cyclonedx(more)).added == ("file:extra.py",)
    assert compare(as_cyclonedx(more), as_cyclonedx(less)).removed == ("file:extra.py",)


def test_other_weights_are_a_change() -> None:
    """Of the model and of its file."""
    found = changed(model_dot_safetensors=FILES["model.safetensors"] + b"tail")  # type: ignore[operator]

    assert Changed("model:model.safetensors", ("other content",)) in found.changed
    assert Changed("file:model.safetensors", ("other content",)) in found.changed


def test_a_package_at_another_version_is_a_change() -> None:
    """Not one that went and one that came; what needs it still does."""
    lock = str(FILES["uv.lock"]).replace("0.28.1", "0.29.0")
    found = changed(uv_dot_lock=lock)

    assert Changed("package:pypi/httpx@0.29.0", ("version 0.28.1 → 0.29.0",)) in found.changed
    assert (found.added, found.removed, found.links_added, found.links_removed) == ((), (), (), ())


def test_a_licence_that_changes_is_a_change() -> None:
    """From one set of words to another."""
    found = changed(README_dot_md=str(FILES["README.md"]).replace("apache-2.0", "mit"))

    assert Changed("model:model.safetensors", ("licence Apache-2.0 → MIT",)) in found.changed


def test_digests_that_a_lock_gains_are_no_other_content() -> None:
    """As long as one of the earlier ones is still accepted."""
    bom = full()
    more = tuple(
        msgspec.structs.replace(c, hashes=(Hash("sha256", "d" * 64),)) if c.name == "anthropic" else c
        for c in bom.components
    )
    found = compare(as_cyclonedx(bom), as_cyclonedx(msgspec.structs.replace(bom, components=more)))

    assert found.changed == (Changed("package:pypi/anthropic@0.40.0", ("other accepted digests",)),)


def test_the_text_counts_and_escapes() -> None:
    """A name that plays with a terminal is shown as its escapes."""
    text = comparison_text(compare(as_cyclonedx(bom_of(FILES)), as_cyclonedx(named("\x1b[2J"))))

    assert "\x1b" not in text
    assert "  + file:\\x1b[2J" in text
    assert "added" in text.splitlines()[-1]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"7", b'{"bomFormat": "SPDX"}', b'{"bomFormat": "CycloneDX"}', b'{"@graph": [{}]}',
     b'{"@graph": 3}', json.dumps({"bomFormat": "CycloneDX", "components": [3]}).encode(), b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_bill_of_ours_is_refused(data: bytes) -> None:
    """With the name of the file and advice, whatever it is."""
    with pytest.raises(UsageError, match=r"old\.json"):
        read_snapshot(data, "old.json")
