"""An ONNX file as the model of a replay: text, hashed text, images and tables, or a clear refusal."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, numpy_helper

from assaymark.dataset.replay_onnx import Input, by_onnx
from assaymark.errors import UsageError

CLASSES = ("bad", "good")


def written(
    path: Path,
    given: Any,
    nodes: list[Any],
    constants: dict[str, Any],
    kind: int = TensorProto.FLOAT,
    shape: tuple[Any, ...] = ("n", 2),
) -> Path:
    """A file with one input `x` and one output `y`."""
    graph = helper.make_graph(
        nodes,
        "g",
        [given],
        [helper.make_tensor_value_info("y", kind, shape)],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def linear(path: Path, width: int, column: int, *, flat: list[Any] | None = None) -> Path:
    """Two outputs: the second grows with one column, the first is a half."""
    weights = np.zeros((width, 2), np.float32)
    weights[column, 1] = 1
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, flat or ["n", width])
    nodes = [helper.make_node("Gemm", ["f", "w", "b"], ["y"])]
    nodes.insert(0, helper.make_node("Flatten" if flat else "Identity", ["x"], ["f"]))
    return written(path, given, nodes, {"w": weights, "b": np.array([0.5, 0], np.float32)})


def test_columns_of_a_table_go_in_by_name(tmp_path: Path) -> None:
    """In the order that the user gives; a cell that is no number is not a number."""
    path = linear(tmp_path / "m.onnx", 2, 1)
    records = [{"cells": {"age": 1, "hours": 9, "name": "x"}}, {"cells": {"age": 9, "hours": "0"}}]

    asked = by_onnx(path, Input(columns=("age", "hours"), classes=CLASSES))
    assert asked(records) == ["good", "bad"]
    assert by_onnx(path, Input(columns=("hours", "age")))(records) == ["1", "1"]
    with pytest.raises(UsageError, match="takes no such records"):
        by_onnx(path, Input(columns=("age",)))(records)


def test_words_go_in_by_their_hash(tmp_path: Path) -> None:
    """Counted in the column that CRC-32 gives."""
    path = linear(tmp_path / "m.onnx", 64, zlib.crc32(b"zq") % 64)

    asked = by_onnx(path, Input(form="hashed", classes=CLASSES))
    assert asked([{"text": "a ZQ film"}, {"prompt": "a film"}]) == ["good", "bad"]


@pytest.mark.parametrize("shape", [["n", 3, 4, 4], ["n", 4, 4, 3], ["n", 1, 4, 4]])
def test_images_go_in_as_the_model_wants_them(tmp_path: Path, shape: list[Any]) -> None:
    """Channels first or last, colour or grey, divided by the scale."""
    path = linear(tmp_path / "m.onnx", 48 if 3 in shape else 16, 0, flat=shape)
    white, dark = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 90, np.uint8)
    white[0, 0] = 255

    asked = by_onnx(path, Input(classes=CLASSES))
    assert asked([{"image": white}, {"image": dark}]) == ["good", "bad"]
    with pytest.raises(UsageError, match="not all of one size"):
        asked([{"image": white}, {"image": dark[:2]}])


def test_text_goes_in_as_strings(tmp_path: Path) -> None:
    """A model that gives labels is taken at its word."""
    given = helper.make_tensor_value_info("x", TensorProto.STRING, ["n"])
    path = written(
        tmp_path / "m.onnx",
        given,
        [helper.make_node("Identity", ["x"], ["y"])],
        {},
        TensorProto.STRING,
        ("n",),
    )

    assert by_onnx(path, Input())([{"text": "good"}, {"prompt": "bad"}]) == ["good", "bad"]


@pytest.mark.parametrize("data", [b"", b"no model", b"\x80\x04cos\nsystem\n."])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, data: bytes) -> None:
    """A pickle is never loaded."""
    (tmp_path / "m.onnx").write_bytes(data)

    with pytest.raises(UsageError, match="cannot be loaded"):
        by_onnx(tmp_path / "m.onnx", Input())


def test_a_form_that_fits_nothing_has_to_be_said(tmp_path: Path) -> None:
    """The advice names what there is."""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 3])
    path = written(
        tmp_path / "m.onnx", given, [helper.make_node("Identity", ["x"], ["y"])], {}, shape=("n", 2, 3)
    )

    with pytest.raises(UsageError, match="fits no kind of record") as raised:
        by_onnx(path, Input())
    assert "hashed" in raised.value.advice
    assert json.dumps(raised.value.message)
