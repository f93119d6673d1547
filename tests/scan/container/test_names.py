"""Suffixes against content, several formats at once, and names that lead somewhere."""

import pytest

from assaymark.inspection import Level
from assaymark.scan.container.member_names import (
    collisions,
    escapes,
    link_hazards,
    name_hazards,
    normal,
    shown,
)
from assaymark.scan.container.names import polyglot, wrong_extension


@pytest.mark.parametrize(
    ("path", "formats", "level"),
    [
        ("m.safetensors", ["pickle"], Level.UNKNOWN),
        ("m.GGUF", ["zip"], Level.UNKNOWN),
        ("a!/x.npy", ["pickle"], Level.UNKNOWN),
        ("config.json", ["pickle"], Level.UNKNOWN),
        ("m.onnx", ["onnx", "pickle"], Level.UNKNOWN),
        ("m.pkl", ["torch-zip"], Level.NOTE),
        ("m.pt", ["safetensors"], Level.NOTE),
        ("m.npz", ["bzip2"], Level.NOTE),
        ("m.zip", ["7z"], Level.NOTE),
    ],
)
def test_a_suffix_that_promises_something_else_is_named(path: str, formats: list[str], level: Level) -> None:
    """More than a note where it promises a format that runs nothing and the content could."""
    found = wrong_extension(path, formats)

    assert found is not None
    assert (found.rule, found.level) == ("wrong-extension", level)


@pytest.mark.parametrize(
    ("path", "formats"),
    [
        ("m.safetensors", ["safetensors"]), ("m.bin", ["pickle"]), ("model", ["zip"]),
        ("m.pkl", ["joblib"]), ("m.joblib", ["zlib"]), ("m.pt", ["torch-zip"]), ("m.json", ["xgboost-json"]),
        ("m.xml", ["openvino"]), ("m.keras", ["keras-v3"]), ("m.nemo", ["tar"]), ("m.pth", ["torch-zip"]),
        ("m.json", []), ("", ["zip"]),
        ("m.npy", ["npy"]), ("x.tar.gz", ["gzip"]), ("m.zip", ["torch-zip"]), ("m.h5", ["keras-h5"]),
    ],
)  # fmt: skip
def test_honest_names_are_calm(path: str, formats: list[str]) -> None:
    """What the libraries call their own files, and names that promise nothing."""
    assert wrong_extension(path, formats) is None


def test_two_formats_at_once_are_named() -> None:
    """Formats of one family are one."""
    found = polyglot(["safetensors", "zip", "torch-zip"])

    assert found is not None
    assert (found.level, found.subject) == (Level.UNKNOWN, "safetensors+zip")
    assert polyglot(["pickle", "joblib"]) is None
    assert polyglot(["torch-zip", "zip"]) is None
    assert polyglot(["gguf"]) is polyglot([]) is None


@pytest.mark.parametrize(
    "name", ["/a", "\\a", "C:x", "..", "a/../../b", "a\\..\\..\\b", "./../x", "//host/x"]
)
def test_names_that_leave_the_folder(name: str) -> None:
    """With either slash."""
    assert escapes(name)
    assert next(name_hazards(name)).level is Level.DANGEROUS


@pytest.mark.parametrize("name", ["a", "./a", "a/b/..c", "a..b", "...", "Icon\r", "ä/ö", "a b"])
def test_names_that_stay(name: str) -> None:
    """Dots are no steps, and the Mac's folder icon ends in a carriage return."""
    assert not escapes(name)
    assert list(name_hazards(name)) == []


def test_names_that_climb_and_come_back_are_unknown() -> None:
    """Some readers refuse them."""
    assert [h.level for h in name_hazards("a/../b")] == [Level.UNKNOWN]


@pytest.mark.parametrize(
    ("name", "level"), [("a\u202egpj", Level.UNKNOWN), ("a\0", Level.DANGEROUS), ("a\u200b", Level.UNKNOWN)]
)
def test_names_with_what_cannot_be_seen(name: str, level: Level) -> None:
    """Direction marks, zero width, NUL; the message shows them escaped."""
    found = next(name_hazards(name))

    assert found.level is level
    assert found.message.isprintable()


def test_messages_are_short_and_printable() -> None:
    """Whatever the name."""
    assert shown("x" * 500) == "x" * 120 + "…"
    assert shown("a\n\x1b\U000e0041") == "a\\n\\x1b\\U000e0041"


def test_collisions_fold_case_slashes_and_normal_forms() -> None:
    """They decide only where a loader looks members up by name."""
    assert normal("A\\./B .//c.") == "a/b/c"
    assert [h.level for h in collisions(["e\u0301", "\u00e9"], model=False)] == [Level.NOTE]
    assert [h.level for h in collisions(["x/data.pkl", "X/DATA.PKL", "t", "T"], model=True)] == [
        Level.DANGEROUS, Level.NOTE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "target", "out"),
    [
        ("l", "a", False),
        ("d/l", "../a", False),
        ("d/l", "../../a", True),
        ("l", "/a", True),
        ("l", "C:\\x", True),
    ],
)
def test_links_are_followed_by_name_only(name: str, target: str, out: bool) -> None:
    """From the folder they lie in."""
    levels = [h.level for h in link_hazards(name, target)]

    assert levels == [Level.DANGEROUS if out else Level.NOTE]
