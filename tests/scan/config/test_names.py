"""Dotted names that a configuration would have imported."""

import pytest

from assaymark.inspection import Level
from assaymark.scan.config.names import judge_name


@pytest.mark.parametrize(
    "name",
    ["torch.nn.Linear", "torch.nn.modules.activation.Tanh", "torch.optim.AdamW", "builtins.dict",
     "nemo.collections.asr.modules.ConvASREncoder", "sentence_transformers.models.Pooling",
     "torch.nn.functional.gelu", "pytorch_lightning.Trainer"],
)  # fmt: skip
def test_safe_names(name: str) -> None:
    """Classes that only hold what they are given."""
    assert judge_name(name) is None


@pytest.mark.parametrize(
    "name",
    ["os.system", "posix.system", "subprocess.Popen", "builtins.eval", "eval", "torch.load", "torch.hub.load",
     "torch.nn.os.system", "torch.serialization.os.system", "nemo.utils.sys.modules", "numpy.load",
     "collections.OrderedDict.__init__.__globals__", "hydra.utils.get_method", "importlib.import_module",
     "pandas.read_pickle", "pydoc.locate", "functools.partial", "operator.attrgetter"],
)  # fmt: skip
def test_dangerous_names(name: str) -> None:
    """What acts, whatever way leads to it."""
    assert judge_name(name) is Level.DANGEROUS


@pytest.mark.parametrize(
    "name",
    ["my.Model", "torch.nn.linear", "torch.nn.Linear.forward", "nemo.Evil.collections.X", "x", "", "a..b"],
)
def test_unknown_names(name: str) -> None:
    """A name that is on no list, and names that only begin like a safe one."""
    assert judge_name(name) is Level.UNKNOWN


def test_a_name_of_any_length_is_judged() -> None:
    """A million dots cost nothing to speak of."""
    assert judge_name("a." * 500_000) is Level.UNKNOWN


def test_the_first_module_of_a_sentence_model_is_its_own_library_s() -> None:
    """Every model of sentence-transformers names it; it loads what lies in the model's own folder."""
    for name in ("sentence_transformers.base.modules.transformer", "sentence_transformers.models"):
        assert judge_name(f"{name}.Transformer") is None
    assert judge_name("sentence_transformers.util.http_get") is Level.DANGEROUS
