"""Targets of Hydra, NeMo, latent diffusion and Lightning."""

import pytest
from tests.scan.looked_at import verdict, words


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ({"model": {"_target_": "os.system", "command": "x"}}, "os.system"),
        ({"a": [{"b": {"_target_": "builtins.eval", "_args_": ["1"]}}]}, "builtins.eval"),
        (
            {"m": {"class_path": "subprocess.Popen", "init_args": {}}, "y": {"_target_": "torch.nn.Linear"}},
            "subprocess.Popen",
        ),
        ({"x": {"_target_": "torch.nn.Linear"}, "model": {"target": "os.system", "params": {}}}, "os.system"),
    ],
)  # fmt: skip
def test_targets_that_act(value: object, subject: str) -> None:
    """At any depth, under each of the names that libraries use."""
    assert ("config-target", "dangerous", subject) in words("config.json", value)


def test_safe_and_unknown_targets() -> None:
    """A layer of PyTorch is clean, one's own class unknown."""
    assert verdict("config.json", {"model": {"_target_": "torch.nn.Linear"}}) == "clean"
    assert words("config.json", {"model": {"_target_": "my.Net"}}) == [("config-target", "unknown", "my.Net")]


def test_a_target_elsewhere_is_no_import() -> None:
    """`target` alone is an ordinary word."""
    assert (
        verdict("tsconfig.json", {"target": "es2022", "compilerOptions": {"target": "os.system"}})
        == "nothing"
    )
