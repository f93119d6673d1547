"""Cards against configurations and licences, and names that imitate."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.folder.side_by_side import CONFIG, WEIGHTS, rules

from assaymark.scan.folder.card import front_matter, imitated

APACHE = "\n  Apache License\n  Version 2.0, January 2004\n"
MIT = "MIT License\n\nCopyright (c) 2024\n\nPermission is hereby granted, free of charge, to any person\n"


def card(**values: Any) -> str:
    """A card with this front matter."""
    lines = [f"{key}: {value}" for key, value in values.items()]
    return "---\n" + "\n".join(lines) + "\n---\n# Model\n"


def folder(**files: Any) -> dict[str, Any]:
    """A model's folder; file names with a dot are given by `__`."""
    named = {name.replace("__", "."): content for name, content in files.items()}
    return {"config.json": CONFIG, "model.safetensors": WEIGHTS, **named}


@pytest.mark.parametrize(
    "files",
    [
        folder(
            README__md=card(license="apache-2.0", pipeline_tag="text-generation", tags="[llama, x]"),
            LICENSE=APACHE,
        ),
        folder(README__md=card(license="mit"), LICENSE=MIT),
        folder(README__md=card(license="other"), LICENSE="Our own terms."),
        folder(README__md="# No front matter\n", LICENSE=APACHE),
        folder(README__md="---\nbroken: [\n---\n"),
        folder(README__md="---\n- a\n---\n"),
        folder(README__md=card(base_model="meta-llama/Llama-3.1-8B")),
    ],
)
def test_cards_that_agree(files: dict[str, Any]) -> None:
    """Nothing is said of what fits, or says nothing."""
    assert rules(files) == set()


@pytest.mark.parametrize(
    ("files", "path", "rule"),
    [
        (folder(README__md=card(license="mit"), LICENSE=APACHE), "README.md", "folder-card-licence"),
        (folder(README__md=card(pipeline_tag="image-classification")), "README.md", "folder-card-purpose"),
        (folder(README__md=card(tags="[gpt2]")), "README.md", "folder-card-purpose"),
        (
            folder(
                README__md=card(base_model="a/b"),
                adapter_config__json={"peft_type": "LORA", "base_model_name_or_path": "c/d"},
            ),
            "README.md",
            "folder-card-base",
        ),
        (folder(adapter_config__json={"peft_type": "LORA"}), "adapter_config.json", "folder-adapter-base"),
        (folder(README__md=card(base_model="meta-Ilama/Llama-3")), "README.md", "folder-imitated-name"),
        (
            folder(config__json={**CONFIG, "auto_map": {"AutoModel": "mistralal/x--m.M"}}),
            "config.json",
            "folder-imitated-name",
        ),
    ],
)
def test_cards_that_disagree(files: dict[str, Any], path: str, rule: str) -> None:
    """Licence, purpose, base model and names are notes: a person has to look."""
    assert (path, rule, "note") in rules(files)


@pytest.mark.parametrize(
    ("owner", "known"),
    [
        ("meta-llama", ""),
        ("Meta-Llama", ""),
        ("meta-Ilama", "meta-llama"),
        ("meta_llama", "meta-llama"),
        ("mistralal", "mistralai"),
        ("mistral-ai", "mistralai"),
        ("0penai", "openai"),
        ("deepseek-al", "deepseek-ai"),
        ("acme", ""),
        ("somebody", ""),
        ("", ""),
        ("x" * 1000, ""),
        ("microsfot", "microsoft"),
        ("gooogle", "google"),
    ],
)
def test_names_that_imitate(owner: str, known: str) -> None:
    """One letter apart, or letters that look alike; the well-known name itself imitates nobody."""
    assert imitated(owner) == known


def test_front_matter_is_bounded_yaml() -> None:
    """Only a mapping between two lines of dashes counts."""
    assert front_matter(card(license="mit")) == {"license": "mit"}
    assert front_matter("---\na: 1\n") == {}
    assert front_matter("x") == {}


@given(st.text(max_size=100))
def test_any_text_has_a_front_matter(text: str) -> None:
    """Or none; never an error."""
    assert isinstance(front_matter("---\n" + text + "\n---\n"), dict)
