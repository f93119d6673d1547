"""OpenVINO's XML, by hand: layers of others, impossible places, and no entity is ever expanded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.weights.looking import covered, formats, hazards, header, holes, parts, rules

from assaymark.inspection import HoleKind, Level


def network(layers: str = "", info: str = "", head: str = "") -> bytes:
    """A network of a constant and these layers."""
    text = f"""<?xml version="1.0"?>{head}
    <net name="model" version="11"><layers>
    <layer id="0" name="w" type="Const" version="opset1">
    <data element_type="f32" offset="64" shape="2" size="8"/></layer>
    {layers}</layers><edges/><rt_info>{info}</rt_info></net>"""
    return text.encode()


def layer(kind: str, version: str) -> str:
    """A layer."""
    return f'<layer id="1" name="l" type="{kind}" version="{version}"/>'


def test_an_ordinary_network_is_clean_and_covered() -> None:
    """All standard sets of operations, and how far into the weights the constants reach."""
    data = network(layer("Convolution", "opset1") + layer("Gelu", "opset13") + layer("X", "experimental"))
    assert hazards("m.xml", data) == []
    assert holes("m.xml", data) == []
    assert covered("m.xml", data) == (len(data), 0)
    assert dict(header("m.xml", data).metadata) == {
        "name": "model", "ir version": "11", "layers": "4", "weights end": "72",
    }  # fmt: skip


@pytest.mark.parametrize("version", ["extension", "my_set"])
def test_layers_of_others_are_unknown(version: str) -> None:
    """They need an extension library."""
    (found,) = hazards("m.xml", network(layer("Mine", version)))
    assert (found.rule, found.level, found.subject) == (
        "openvino-custom-layer",
        Level.UNKNOWN,
        f"{version}::Mine",
    )
    assert found.line > 0


@pytest.mark.parametrize(
    "place", ['offset="-1" size="8"', 'offset="0" size="x"', f'offset="{"9" * 40}" size="1"']
)
def test_impossible_places_are_named(place: str) -> None:
    """Offsets and sizes are numbers of bytes."""
    assert rules("m.xml", network(f"<layer><data {place}/></layer>")) == {"tensor-size"}


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE net [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE net SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE net [<!ENTITY % x SYSTEM "http://x.example/x.dtd"> %x;]>',
    ],
)
def test_documents_with_entities_are_refused(head: str) -> None:
    """Nothing is expanded, nothing is fetched; the file counts as broken."""
    (hole,) = holes("m.xml", network(head=head))
    assert hole.kind is HoleKind.BROKEN
    assert "document type" in hole.reason


def test_depth_and_length_are_bounded() -> None:
    """Elements in elements, and an element that never ends."""
    assert [h.kind for h in holes("m.xml", network("<a>" * 500 + "</a>" * 500))] == [HoleKind.BOUND]
    assert [h.kind for h in holes("m.xml", network('<a b="' + "x" * (6 << 20)))] == [HoleKind.BOUND]


def test_texts_are_judged() -> None:
    """What the converter was told is kept in the file."""
    data = network(
        info='<conversion_parameters><input_model value="https://x.example/model.onnx"/></conversion_parameters>'
    )
    assert rules("m.xml", data, Level.NOTE) == {"metadata-url"}


def test_other_xml_is_left_alone() -> None:
    """Only a network is one."""
    assert formats("pom.xml", b"<project><net/></project>") == []
    android = b'<?xml version="1.0"?><network-security-config><layers/></network-security-config>'
    assert formats("network_security_config.xml", android) == []
    assert formats("model.bin", network()) == ["openvino"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.binary(max_size=30))
def test_any_bytes_end_in_parts(keep: int, rest: bytes) -> None:
    """Damaged anywhere, it ends in hazards or holes."""
    assert parts("m.xml", network()[:keep] + rest, "openvino")
