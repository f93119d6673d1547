"""PMML: what libraries write, and what XML can do to its readers."""

from pathlib import Path

import pytest
from tests.scan.looked_at import holes, looked_at, verdict, words

SAMPLES = Path(__file__).with_name("samples")
BOMB = '<!DOCTYPE p [<!ENTITY a "xx"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def pmml(inner: str = "", before: str = "") -> str:
    """A document with something in it, or before it."""
    return (
        f'<?xml version="1.0"?>{before}<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">{inner}</PMML>'
    )


@pytest.mark.parametrize("name", ["catboost.pmml", "nyoka.pmml"])
def test_what_libraries_write_is_clean(name: str) -> None:
    """Models of CatBoost and nyoka, with their version."""
    found = looked_at(name, (SAMPLES / name).read_bytes())

    assert (found.header.format, str(found.verdict)) == ("pmml", "clean")
    assert any(key == "PMML.version" for key, _ in found.header.metadata)


@pytest.mark.parametrize("before", [BOMB, OUTSIDE, "<!DOCTYPE p>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_dangerous(before: str, encoding: str) -> None:
    """No entity is ever declared, let alone expanded or fetched."""
    content = (
        pmml("<Header>&c;</Header>", before).replace("?>", f' encoding="{encoding}"?>', 1).encode(encoding)
    )
    found = looked_at("model.pmml", content)

    assert [(h.rule, str(h.level)) for h in found.hazards if h.rule.startswith("pmml")] == [
        ("pmml-doctype", "dangerous")
    ]


def test_inclusion_is_dangerous() -> None:
    """XInclude fetches for readers that heed it."""
    include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'

    assert words("m.pmml", pmml(include)) == [("pmml-doctype", "dangerous", "file:///etc/passwd")]


def test_functions_that_pmml_does_not_define() -> None:
    """JPMML takes a dotted name for a class; built-in functions are plain words."""
    assert words("m.pmml", pmml('<Apply function="java.lang.Runtime"/>')) == [
        ("pmml-foreign-function", "unknown", "java.lang.Runtime")
    ]
    assert verdict("m.pmml", pmml('<Apply function="+"/><Apply function="x-log1p"/>')) == "clean"


def test_extensions_are_noted() -> None:
    """They do nothing by themselves."""
    assert words("m.pmml", pmml('<Extension name="script" value="x"/>')) == [
        ("pmml-extension", "note", "script")
    ]


def test_depth_is_bounded() -> None:
    """A thousand open elements end in a reason."""
    assert "nested deeper" in holes("m.pmml", pmml("<a>" * 1000))[0].reason


@pytest.mark.parametrize("length", range(120))
def test_cut_documents_are_gaps(length: int) -> None:
    """Every prefix with the root element in it is inconclusive."""
    text = pmml("<Header/>")
    assert verdict("m.pmml", text[: len(text) - 1 - length % 100]) in {"inconclusive", "nothing"}


def test_other_xml_is_not_claimed() -> None:
    """A word in the text makes no PMML."""
    assert looked_at("x.xml", "<html>about PMML</html>") is None
    assert looked_at("x.py", "text = '<PMML version=1>'") is None


def test_instructions_are_noted() -> None:
    """A style sheet is followed by some readers only."""
    text = pmml().replace("?><PMML", '?><?xml-stylesheet href="x"?><PMML')

    assert words("m.pmml", text) == [("pmml-extension", "note", "?xml-stylesheet")]
