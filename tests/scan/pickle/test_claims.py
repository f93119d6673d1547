"""Content decides what is a pickle; ordinary text is none, whatever its first letter."""

import pickle
from pathlib import Path

import pytest
from tests.scan.pickle.reading import call, one

from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import Look
from assaymark.scan.pickle.claims import claims_pickle

SOURCE = Path(__file__).resolve().parents[3]


def claimed(data: bytes, name: str = "file") -> bool:
    """Whether the inspector wants it."""
    return claims_pickle(Look(name, data[:4096], BytesBlob(name, data)))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("made", [[1, 2], {"a": (1, "b")}, 5, "text", 2.5, None], ids=str)
def test_pickles_are_claimed_by_content(made: object, protocol: int) -> None:
    """Whatever the name, from protocol 2 on; older ones if they hold more than one opcode."""
    data = pickle.dumps([made] if protocol < 2 else made, protocol)

    assert claimed(data, "weights.bin")
    assert claimed(data, "x")


def test_old_pickles_with_a_payload_are_claimed() -> None:
    """Importing a name is enough, even where the pickle breaks afterwards."""
    assert claimed(b"cos\nsystem\n(S'id'\ntR.", "readme.txt")
    assert claimed(b"(S'id'\nios\nsystem\n.", "x")
    assert claimed(b"cos\nsystem\n(S'id'\ntR\xff", "x")
    assert claimed(call("os", "system", one("id"))[:-3], "x")


TEXTS = {
    "csv": b"name,value\na,1\nb,2\n",
    "numbers": b"1\n2\n3\n",
    "json": b'{"a": [1, 2, 3], "b": null}\n',
    "json list": b"[1, 2, 3]",
    "code": b"import os\nclass A:\n    pass\n",
    "c code": b"int main(void) { return 0; }\n",
    "markdown": b"# Title\n\nSome text. And more.\n",
    "sentence": b"in the beginning\nwas the word\nand so on.\n",
    "capitals": b"NOTE: nothing. Here.\n",
    "yaml": b"a: 1\nb:\n  - c\n",
    "ini": b"[section]\nkey = value\n",
    "html": b"<html><body>.</body></html>",
    "svg path": b"M10 10 L20 20.",
    "licence": b"Licensed under the Apache License, Version 2.0.\n",
    "one letter": b"N",
    "dot": b".",
    "empty": b"",
    "brackets": b"(((((((((",
    "parentheses": b"(a).",
    "lisp": b"(define x 1)\n",
    "dataset": b"c\nd\ne\n",
    "classes": b"cat\ndog\nbird\n",
    "ids": b"id\nimage\nlabel\n",
    "zeros": b"\0" * 4096,
}


@pytest.mark.parametrize("name", TEXTS)
def test_ordinary_text_is_not_claimed(name: str) -> None:
    """No table, source, prose or markup is taken for an old pickle."""
    assert not claimed(TEXTS[name])


def test_our_own_sources_are_not_claimed() -> None:
    """Every text file of this repository's documents and code is left alone."""
    paths = [p for folder in ("src", "docs") for p in (SOURCE / folder).rglob("*") if p.is_file()]
    taken = [
        p.name
        for p in paths
        if p.suffix in (".py", ".md", ".yaml", ".json") and claimed(p.read_bytes(), p.name)
    ]

    assert len(paths) > 100
    assert taken == []


def test_the_name_promises_a_pickle() -> None:
    """Under a pickle's name other content is claimed, and becomes a hole; known other formats are not."""
    assert claimed(b"no pickle at all", "model.pkl")
    assert not claimed(b"PK\x03\x04rest", "model.pkl")
    assert not claimed(b"", "model.pkl")
