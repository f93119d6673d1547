"""Keras configurations: what loading builds, calls, reads and unmarshals."""

import base64
import json
import marshal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.looked_at import looked_at, verdict, words

from assaymark.inspection import Hazard, Hole, Level
from assaymark.scan.config.keras import judge_keras, judge_keras_text

SAMPLES = Path(__file__).with_name("samples")


def model(*layers: Any) -> dict[str, Any]:
    """A Keras 3 model of these layers."""
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}


def layer(name: str, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """A serialised object."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def function(module: str, name: str) -> dict[str, Any]:
    """A reference to a function."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def judged(value: Any) -> list[tuple[str, str, str]]:
    """Rule, level and subject of what is found."""
    return [(h.rule, str(h.level), h.subject) for h in judge_keras(value) if isinstance(h, Hazard)]


@pytest.mark.parametrize("name", ["functional.json", "layers.json", "attention.json"])
def test_what_keras_writes_of_itself_is_clean(name: str) -> None:
    """Layers, operations, activations, initialisers, optimisers with schedules, losses and metrics."""
    found = looked_at(name, (SAMPLES / name).read_bytes())

    assert (str(found.verdict), found.header.format) == ("clean", "keras-json")


def test_archives_that_keras_writes() -> None:
    """A plain `.keras` is clean; one with a Lambda is dangerous, and the strings of its code are shown."""
    assert verdict("sequential.keras", (SAMPLES / "sequential.keras").read_bytes()) == "clean"

    found = looked_at("lambda.keras", (SAMPLES / "lambda.keras").read_bytes())

    assert [(h.rule, h.member) for h in found.hazards] == [("keras-lambda", "config.json")]
    assert "getpid" in found.hazards[0].evidence


def test_a_registered_class_is_unknown() -> None:
    """A custom object is named by its package, never called malicious and never safe."""
    assert words("custom.json", (SAMPLES / "custom.json").read_bytes()) == [
        ("keras-custom-object", "unknown", "Mine>Own")
    ]


@pytest.mark.parametrize(
    ("part", "rule", "subject"),
    [
        (function("os", "system"), "keras-foreign-function", "os.system"),
        (function("builtins", "exec"), "keras-foreign-function", "builtins.exec"),
        (function("keras.utils", "get_file"), "keras-foreign-function", "keras.utils.get_file"),
        (
            function("keras.config", "enable_unsafe_deserialization"),
            "keras-foreign-function",
            "keras.config.enable_unsafe_deserialization",
        ),
        (
            function("keras.src.utils.file_utils", "get_file"),
            "keras-foreign-function",
            "keras.src.utils.file_utils.get_file",
        ),
        (function("keras.models", "load_model"), "keras-foreign-function", "keras.models.load_model"),
        (layer("Popen", "subprocess"), "keras-foreign-function", "subprocess.Popen"),
        (layer("TFSMLayer", filepath="x"), "keras-acting-object", "TFSMLayer"),
        (layer("TFSMLayer", "keras.src.export.tfsm_layer", filepath="x"), "keras-acting-object", "TFSMLayer"),
        (layer("TorchModuleWrapper", torch="x"), "keras-acting-object", "TorchModuleWrapper"),
        (layer("StringLookup", vocabulary="/etc/passwd"), "keras-reads-file", "StringLookup:/etc/passwd"),
        (
            layer("TextVectorization", vocabulary="http://169.254.169.254/"),
            "keras-reads-file",
            "TextVectorization:http://169.254.169.254/",
        ),
        (layer("IntegerLookup", vocabulary="x"), "keras-reads-file", "IntegerLookup:x"),
        (layer("Lambda", function=["4wEAAAAAAAAAAAAAAAEAAAAC", None, None]), "keras-lambda", "Lambda"),
        (layer("TFOpLambda", function="io.write_file"), "keras-foreign-function", "tensorflow.io.write_file"),
        (
            layer("TensorFlowOpLayer", node_def="{'op': 'WriteFile'}"),
            "keras-foreign-function",
            "TensorFlowOpLayer",
        ),
        ({"class_name": "__lambda__", "config": {"value": ["4wEA", None, None]}}, "keras-lambda", "Lambda"),
        ({"class_name": "__lambda__", "config": {"code": "4wEA"}}, "keras-lambda", "Lambda"),
    ],
)  # fmt: skip
def test_gadgets_are_dangerous(part: dict[str, Any], rule: str, subject: str) -> None:
    """Published ways through a configuration: each is named (CVE-2025-1550, -8747, -9906, -49655 …)."""
    assert judged(model(layer("Dense", units=1), part)) == [(rule, "dangerous", subject)]


@pytest.mark.parametrize(
    "part",
    [
        layer("Dense", units=1, activation="relu"),
        layer("Dense", units=1, activation=function("keras.activations", "gelu")),
        layer("Dense", units=1, activation=function("builtins", "relu")),
        layer("Dense", "keras.src.layers.core.dense"),
        layer("Dense", "tf_keras.layers"),
        layer("Functional", "keras.src.models.functional"),
        layer("StringLookup", vocabulary=["a", "b"]),
        layer("StringLookup", vocabulary=None),
        layer("TFOpLambda", function="math.add"),
        layer("Lambda", function=function("keras.activations", "relu")),
        {"class_name": "__keras_tensor__", "config": {"shape": [1], "keras_history": ["x", 0, 0]}},
        {"class_name": "LSTM", "config": {"units": 2}},
        {
            "class_name": "__typespec__",
            "module": "tensorflow.python.framework.tensor",
            "spec_name": "TensorSpec",
            "config": [],
        },
        {"class_name": "CuDNNLSTM", "config": {"units": 2}},
    ],
)
def test_what_only_computes_is_clean(part: dict[str, Any]) -> None:
    """Near misses of the gadgets, and names that earlier versions wrote."""
    assert judged(model(part)) == []


@pytest.mark.parametrize(
    ("part", "subject"),
    [
        (layer("Own", "my.package", units=1), "my.package.Own"),
        ({"class_name": "Own", "config": {}}, "Own"),
        (function("my.functions", "loss"), "my.functions.loss"),
        (function("builtins", "my_loss"), "builtins.my_loss"),
        ({**layer("Dense"), "registered_name": "Mine>Dense"}, "keras.layers.Mine>Dense"),
        (layer("TFOpLambda", function="unheard_of"), "tensorflow.unheard_of"),
        (
            {
                "class_name": "__typespec__",
                "module": "my",
                "spec_name": "Own",
                "config": [],
                "registered_name": None,
            },
            "my.Own",
        ),
        (
            {"class_name": "Lambda", "config": {"function": "my_function", "module": "my.code"}},
            "my.code.my_function",
        ),
    ],
)
def test_code_from_elsewhere_is_unknown(part: dict[str, Any], subject: str) -> None:
    """What is on no list is said once, by name."""
    assert judged(model(part, part)) == [("keras-custom-object", "unknown", subject)]


def test_hidden_below_plain_keys() -> None:
    """Keras looks into every value of an object without a class, so the scan does too."""
    hidden = {"a": [{"b": {"module": "os", "class_name": "function", "config": "system"}}]}

    assert words("x.keras!/config.json", hidden)[0] == ("keras-foreign-function", "dangerous", "os.system")


def test_code_is_quoted_without_being_read_by_python() -> None:
    """The strings of marshalled code are shown; nothing unmarshals it."""
    code = compile("import socket; socket.create_connection(('example.org', 1))", "<layer>", "exec")
    encoded = base64.b64encode(marshal.dumps(code)).decode()

    found = list(judge_keras(layer("Lambda", function=[encoded, None, None])))

    assert "example.org" in found[0].evidence
    assert "create_connection" in found[0].evidence


def test_text_that_is_no_json_is_a_gap() -> None:
    """Also when it is nested without end."""
    assert [type(p) for p in judge_keras_text(b"{")] == [Hole]
    assert [type(p) for p in judge_keras_text(b"[" * 200_000)] == [Hole]


@settings(max_examples=200, deadline=1000)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["class_name", "module", "config", "registered_name", "function", "vocabulary", "x"]
                ),
                inner | st.sampled_from(["Lambda", "function", "os", "keras.layers", "StringLookup"]),
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_shape_is_judged(value: Any) -> None:
    """Whatever stands where text is expected, the judge only yields hazards of known levels."""
    for part in judge_keras(json.loads(json.dumps(value))):
        assert isinstance(part, Hazard)
        assert part.level in (Level.DANGEROUS, Level.UNKNOWN)
