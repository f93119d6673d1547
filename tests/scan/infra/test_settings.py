"""Configuration values are sorted by what they govern."""

import pytest
from tests.scan.infra.reading import only

from assaymark.scan.facts import IgnoreRule, Setting
from assaymark.scan.infra.settings import category_of


@pytest.mark.parametrize(
    ("key", "category"),
    [
        ("llm.model", "model"),
        ("temperature", "temperature"),
        ("guardrails.enabled", "guardrail"),
        ("maxTokens", "limit"),
        ("log_level", "logging"),
        ("system_prompt", "prompt"),
        ("AUTH_REQUIRED", "auth"),
        ("telemetry.enabled", "telemetry"),
        ("retention_days", "retention"),
        ("colour", ""),
    ],
)
def test_keys_fall_into_categories(key: str, category: str) -> None:
    """The last part decides, or its parent where it is a general word."""
    assert category_of(key) == category


def test_values_are_shown_but_never_secrets() -> None:
    """A value is kept with its line; a secret's is not."""
    found = only(Setting, "config.yaml", "llm:\n  model: gpt-x\n  model_api_key: abc\nauth_token: s3cr3t\n")
    assert ("llm.model", "gpt-x", 2) in [(s.key, s.value, s.at.line) for s in found]
    assert all("s3cr3t" not in s.value for s in found)


def test_env_toml_and_json_are_read_too() -> None:
    """Three more spellings of the same setting."""
    assert only(Setting, ".env", "export MODEL='m'\n# X=1\n")[0].value == "m"
    assert only(Setting, "settings.toml", "[llm]\nmodel = 'm'\n")[0].at.line == 2
    assert only(Setting, "config.json", '{\n"model": "m"}')[0].at.line == 2


def test_ignore_rules() -> None:
    """Comments and empty lines are no rules."""
    assert [r.pattern for r in only(IgnoreRule, ".gitignore", "# x\n\n.env\n!keep\n")] == [".env", "!keep"]
