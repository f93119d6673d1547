"""YAML: Python in tags, and everything else left alone."""

import pytest
from tests.scan.looked_at import holes, verdict, words

KUBERNETES = "apiVersion: v1\nkind: Service\nspec:\n  ports: [{port: 80, target: x}]\n"
CLOUDFORMATION = "Resources:\n  A:\n    Type: !Ref x\n    Value: !GetAtt y.Arn\n"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("a: !!python/object/apply:os.system ['id']\n", "os.system"),
        ("a: !!python/object/new:subprocess.Popen [[x]]\n", "subprocess.Popen"),
        ("a: !!python/name:os.system\n", "os.system"),
        ("a: !!python/module:os\n", "os"),
        ("%TAG ! tag:yaml.org,2002:python/object/apply:\n---\na: !os.system ['id']\n", "os.system"),
        ("a: !<tag:yaml.org,2002:python/object/apply:os.system> ['id']\n", "os.system"),
        ("a: !<tag:yaml.org,2002:%70ython/object/apply:os.system> ['id']\n", "os.system"),
        ("a: [1, {b: !!python/object/apply:my.Thing []}]\n", "my.Thing"),
    ],
)
def test_python_objects_are_dangerous(text: str, subject: str) -> None:
    """Whichever way the tag is written."""
    assert words("config.yaml", text) == [("yaml-python-object", "dangerous", subject)]


@pytest.mark.parametrize(
    "text", [KUBERNETES, CLOUDFORMATION, "a: !!python/tuple [1, 2]\n", "a: 1\n", ": : :\n- [", "! !"]
)
def test_other_yaml_is_nobodys(text: str) -> None:
    """Deployment files, harmless tags and broken text of others."""
    assert verdict("values.yaml", text) == "nothing"


def test_a_target_in_broken_yaml_is_a_gap() -> None:
    """Text that names targets and cannot be read to its end is not clean."""
    assert verdict("config.yaml", "a:\n  _target_: torch.nn.Linear\nb: [\n") == "inconclusive"


@pytest.mark.parametrize("order", [("os.system", "torch.nn.Linear"), ("torch.nn.Linear", "os.system")])
def test_a_key_that_stands_twice_hides_nothing(order: tuple[str, str]) -> None:
    """Loaders differ on which of two values counts."""
    text = f"model:\n  _target_: {order[0]}\n  _target_: {order[1]}\n"

    assert words("config.yaml", text) == [("config-target", "dangerous", "os.system")]


def test_aliases_do_not_explode() -> None:
    """A billion laughs end in a reason."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    text = "\n".join(["m: {_target_: torch.nn.Linear}", *lines])

    assert "aliases" in holes("config.yaml", text)[0].reason


def test_what_stands_before_a_break_is_told() -> None:
    """A loader that reads by events would have built it already."""
    assert words("c.yaml", "a: !!python/object/apply:os.system ['id']\nb: [\n")[0][2] == "os.system"


def test_more_text_than_is_read_is_a_bound() -> None:
    """A long file that names targets is a gap, another long file is nobody's."""
    assert (
        "longer than"
        in holes("config.yaml", "m: {_target_: torch.nn.Linear}\n" + "# x\n" * 600_000)[0].reason
    )
    assert verdict("data.yaml", "a: !x 1\n" + "b: 1\n" * 500_000) == "nothing"
