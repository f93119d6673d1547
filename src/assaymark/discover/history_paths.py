"""What a path in the history is: a prompt, a model, a data manifest, a setting, a document, an evaluation."""

import functools
import re

from assaymark.scan.paths import is_test_path

__all__ = ["is_evaluation", "is_risk_record", "trail_subject"]

_SUBJECTS = (
    (
        "evaluation",
        re.compile(
            r"(^|/)(evals?|evaluations?|red_?team|promptfoo|"
            r"benchmarks?)(/|[^/]*\.[a-z]+\Z)|"
            r"(^|/)[^/]*(promptfoo|evaluation|eval_)[^/]*\.(ya?ml|"
            r"json|py|md)\Z"
        ),
    ),
    (
        "lockfile",
        re.compile(
            r"(^|/)(uv|poetry|pdm|pipfile|package-lock|pnpm-lock|yarn|"
            r"bun|cargo|conda-lock|requirements)"
            r"(\.lock|\.json|\.ya?ml|\.lockb?|\.txt)\Z"
        ),
    ),
    (
        "prompt",
        re.compile(
            r"(^|/)(system_?)?prompts?/(.*/)?[^/]+\.(txt|md|ya?ml|json|jinja2?|j2|toml|xml|prompt|prompty)\Z|"
            r"(^|/)(system_?)?prompts/(.*/)?(?!__init__|index)[^/]+\.(py|ts)\Z|"
            r"(^|/)([a-z]+_)?prompts?\.(py|ts)\Z|\.(prompt|prompty|mustache)\Z|"
            r"(^|/)[^/]*prompts?[^/]*\.(txt|md|ya?ml|json|jinja2?|j2|toml)\Z|"
            r"(^|/)(system|persona|instructions)\.(txt|md)\Z|(^|/)modelfile\Z"
        ),
    ),
    (
        "data",
        re.compile(
            r"\.dvc\Z|(^|/)dvc\.(lock|yaml)\Z|(^|/)croissant\.json\Z|(^|"
            r"/)(data|datasets?|corpus|knowledge)/.*"
            r"\.(csv|tsv|jsonl?|parquet|ya?ml|arrow)\Z|(^|/)[^/]*(dataset|"
            r"provenance|data_?sources)[^/]*"
            r"\.(ya?ml|json|csv|md)\Z"
        ),
    ),
    (
        "model",
        re.compile(
            r"\.(safetensors|gguf|onnx|pt|pth|pkl|joblib|h5|keras|tflite|"
            r"cbm|ckpt|skops|pmml)\Z|"
            r"(^|/)(adapter_config|generation_config|tokenizer_config|"
            r"mlmodel)(\.json)?\Z|"
            r"(^|/)models?/.*\.bin\Z"
        ),
    ),
    (
        "document",
        re.compile(
            r"(^|/)[^/]*(threat|risk|security|model_?-?card|"
            r"data_?-?(card|sheet)|architecture|incident|"
            r"recovery|privacy|maintenance|changelog|design|adr|"
            r"governance|user_?-?guide|readme)[^/]*"
            r"\.(md|rst|txt|pdf|docx|ya?ml|csv)\Z|(^|/)(docs|adr|"
            r"decisions|assurance)/.*\.(md|rst)\Z"
        ),
    ),
    (
        "configuration",
        re.compile(
            r"(^|/)(config|configs|conf|settings|deploy|k8s|helm|"
            r"charts|\.github/workflows|infra)/.*"
            r"\.(ya?ml|toml|json|ini|cfg|env|tf)\Z|"
            r"(^|/)(config|settings|litellm[^/]*|"
            r"docker-compose[^/]*|compose|guardrails?|mcp|agent)[^/]*"
            r"\.(ya?ml|toml|json|ini|cfg|py|ts)\Z|(^|/)(dockerfile|"
            r"\.env\.example|containerfile)\Z|"
            r"(^|/)pyproject\.toml\Z"
        ),
    ),
)
_RISK = re.compile(
    r"(^|/)[^/]*(threat|risk|dpia|hazard|misuse|abuse)[^/]*\.(md|rst|txt|csv|ya?ml|json|"
    r"xlsx|docx|pdf)\Z|"
    r"(^|/)(adr|adrs|decisions|risks?|threats?|threat[-_]models?|rfcs?)/"
)
_EVALUATED = re.compile(
    r"(^|/)(evals?|evaluations?|red_?team|results?|metrics)(/|[^/]*\.[a-z]+\Z)|(^|/)metrics\.json\Z"
)


@functools.lru_cache(maxsize=100_000)
def trail_subject(path: str) -> str:
    """Which trail `path` belongs to; empty for files whose history says nothing here."""
    lowered = path.lower()
    if is_test_path(lowered):
        return ""
    return next((name for name, pattern in _SUBJECTS if pattern.search(lowered)), "")


@functools.lru_cache(maxsize=100_000)
def is_risk_record(path: str) -> bool:
    """A threat model, risk register or decision record."""
    return _RISK.search(path.lower()) is not None


@functools.lru_cache(maxsize=100_000)
def is_evaluation(path: str) -> bool:
    """An evaluation, its results, or a test."""
    lowered = path.lower()
    return (
        is_test_path(lowered) or _EVALUATED.search(lowered) is not None or trail_subject(path) == "evaluation"
    )
