"""TorchScript's source, judged by what it calls."""

import pytest
from tests.scan.container.reading import read, sample

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.container.torchscript import judge_torchscript


def judged(source: str) -> list[Hazard | Hole]:
    """What is said of a source text."""
    return list(judge_torchscript(BytesBlob("x", source.encode()), "m/code/x.py"))


HONEST = """
class M(Module):
  __parameters__ = ["weight", ]
  training : bool
  packed : __torch__.torch.classes.quantized.LinearPackedParamsBase
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    weight = self.weight
    _0 = torch.linear(x, weight, None)
    _1 = ops.quantized.linear(_0, self.packed, 0.5, 3)
    _2 = ops.torchvision.nms(_1, x, 0.5)
    _3 = annotate(List[int], [1, 2])
    return torch.add(_2, CONSTANTS.c0)
"""


def test_honest_code_is_calm() -> None:
    """Operators that compute, and PyTorch's own packed classes."""
    assert judged(HONEST) == []
    assert read(sample("script.pt")).hazards == []
    assert read(sample("mobile.ptl")).hazards == []


@pytest.mark.parametrize(("name", "subject"), [("saves.pt", "torch.save"), ("maps.pt", "torch.from_file")])
def test_files_written_and_mapped_are_dangerous(name: str, subject: str) -> None:
    """As PyTorch itself writes such models."""
    found = [h for h in read(sample(name)).hazards if h.rule == "torchscript-effect"]

    assert [(h.level, h.subject, h.line) for h in found] == [(Level.DANGEROUS, subject, 8)]


@pytest.mark.parametrize(
    ("call", "rule", "level"),
    [
        ("ops.aten.save(x, 'f')", "torchscript-effect", Level.DANGEROUS),
        ("ops.image.read_file('f')", "torchscript-effect", Level.DANGEROUS),
        ("rpc_async('w', f)", "torchscript-effect", Level.DANGEROUS),
        ("ops.mine.run(x)", "torchscript-foreign", Level.UNKNOWN),
        ("__torch__.torch.classes.mine.Thing(x)", "torchscript-foreign", Level.UNKNOWN),
        ("open('f')", "torchscript-not-script", Level.DANGEROUS),
        ("eval('1')", "torchscript-not-script", Level.DANGEROUS),
    ],
)
def test_what_reaches_outside_is_named(call: str, rule: str, level: Level) -> None:
    """Effects are dangerous, strangers unknown."""
    found = judged(f"def f(x):\n  y = {call}\n  return y\n")

    assert {(h.rule, h.level) for h in found if isinstance(h, Hazard)} == {(rule, level)}
    assert {h.line for h in found if isinstance(h, Hazard)} == {2}


def test_imports_are_no_torchscript() -> None:
    """They would not be loaded; something else may be meant to run them."""
    found = judged("import os\nfrom a.b import c\nfrom . import d\n")

    assert [(h.rule, h.subject) for h in found if isinstance(h, Hazard)] == [
        ("torchscript-not-script", "import os"),
        ("torchscript-not-script", "import a.b"),
        ("torchscript-not-script", "import ."),
    ]


def test_source_that_does_not_parse_is_searched_and_a_hole() -> None:
    """The calls are still found, by their text."""
    found = judged("def f(x:\n  y = ops.aten.save(x, 'f')\n")

    assert [h.kind for h in found if isinstance(h, Hole)] == [HoleKind.BROKEN]
    assert [(h.rule, h.line) for h in found if isinstance(h, Hazard)] == [("torchscript-effect", 2)]


def test_long_and_deep_source_ends() -> None:
    """What is too long is a hole; what repeats is said fifty times; a chain without end is no name."""
    assert [h.kind for h in judged("x = 1\n" * 200_000) if isinstance(h, Hole)] == [HoleKind.BOUND]
    assert len(judged("open('f')\n" * 1000)) == 50
    assert judged("torch" + ".x" * 500 + "(1)") == []
    assert all(isinstance(h, Hole) for h in judged("(" * 5000))
