"""Lines and files that protected, which a commit removed and no later one brought back."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from assaymark.discover.history_log import Commit, Patch
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["Candidate", "deleted_tests", "is_searched", "model_value", "removed_lines", "still_there"]

_SEARCHED = re.compile(
    r"\.(py|tsx?|mjs|cjs|jsx?|ya?ml|toml|go|json|ini|cfg|env\.example|sh)\Z|(^|/)[^/]*(dockerfile|jenkinsfile|makefile)"
    r"[^/]*\Z|requirements[^/]*\.txt\Z",
    re.IGNORECASE,
)

_CI = re.compile(
    r"(^|/)(\.github/workflows/|\.gitlab-ci|\.circleci/|azure-pipelines|jenkinsfile|"
    r"\.ci/|makefile)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(#|//|\*|/\*|--|\"\"\"|''')")
_DEFINITION = re.compile(r"(?:export |async |default )*(?:def|class|function) (\w+)")
_IMPORT = re.compile(r"^(from|import|export \{|const \{)\b|^[\w.]+,?$")

_KINDS = (
    (
        "rate-limit",
        re.compile(
            r"@?\blimiter\.(?:limit|shared_limit)\b|@ratelimit\b|"
            r"\bRateLimit(?:er|Middleware|Plugin)?\(|"
            r"\bSlowAPIMiddleware\b|\bthrottle_classes\b|@throttle\b|"
            r"\brateLimit\(|\brate_limit(?:ed|er)?\("
        ),
    ),
    (
        "authentication",
        re.compile(
            r"\bDepends\((?:\w+\.)?\w*(?:auth|current_user|"
            r"current_active|verify_|require_|api_key|token)\w*|"
            r"@(?:login_required|jwt_required|require_auth\w*|"
            r"authenticated|requires_auth|auth_required)\b|"
            r"\b(?:requireAuth|isAuthenticated|"
            r"ensureAuthenticated|verifyToken|authMiddleware)\b|"
            r"\bpassport\.authenticate\b|\bverify_(?:token|"
            r"api_key|jwt|signature)\(|"
            r"\bpermission_classes\b|\bcheck_permission\w*\("
        ),
    ),
    (
        "approval",
        re.compile(
            r"\b(?:require|request|needs|wait_for|ask_for|human|"
            r"get)_?(?:approval|confirmation)\w*\b|"
            r"\binterrupt_before\b|\brequires_confirmation\b|"
            r"\brequireApproval\b|\bconfirm_action\(",
            re.IGNORECASE,
        ),
    ),
    (
        "guard",
        re.compile(
            r"\b\w*(?:guardrail|moderation|prompt_?injection|llama_?guard|"
            r"llm_guard)\w*[.(]|"
            r"\b(?:sanitize|sanitise|redact|scan_prompt|scan_output|"
            r"check_injection)\w*\(",
            re.IGNORECASE,
        ),
    ),
    (
        "validation",
        re.compile(
            r"\b(?:validate_\w+|is_safe_\w+|assert_safe_\w+|"
            r"check_input\w*|verify_(?:hash|digest|checksum)\w*)\(|"
            r"\bbleach\.clean\(|\bhmac\.compare_digest\("
        ),
    ),
    (
        "pinning",
        re.compile(
            r"\brevision\s*[=:]\s*['\"][0-9a-f]{40}|@sha256:[0-9a-f]{64}|"
            r"--require-hashes\b|"
            r"\buses:\s*\S+@[0-9a-f]{40}|\bweights_only\s*=\s*True\b"
        ),
    ),
    (
        "limit",
        re.compile(
            r"\b(?:max_iterations|recursion_limit|max_execution_time|"
            r"MAX_CONTENT_LENGTH|max_upload_\w+|max_steps)\s*[=:]"
        ),
    ),
)
_CI_KINDS = (
    (
        "scan",
        re.compile(
            r"\b(?:pip-audit|trivy|gitleaks|bandit|codeql|semgrep|modelscan|"
            r"picklescan|snyk|zizmor|grype|garak|"
            r"trufflehog|detect-secrets|npm audit)\b"
        ),
    ),
    (
        "test",
        re.compile(
            r"\b(?:pytest|vitest|jest|npm (?:run )?test|pnpm (?:run )?test|"
            r"tox|nox|promptfoo eval|deepeval test|"
            r"make test|go test|cargo test)\b"
        ),
    ),
)
_MODEL = re.compile(
    r"(?:^|[\s{(,\"'])[\w.-]{0,40}model(?:_?name|_?id|"
    r"_?version)?[\"']?\s*[=:]\s*[\"']?([A-Za-z][\w./:@-]{2,80})[\"']?\s*[,})]*\s*(?:#.*)?$",
    re.IGNORECASE,
)
_MODEL_NAME = re.compile(
    r"gpt-|claude|gemini|llama|mistral|mixtral|qwen|deepseek|"
    r"command-|o[134](-|$)|phi-|gemma|titan|"
    r"embed|whisper|bert|/|:\d+b",
    re.IGNORECASE,
)


class Candidate(Struct, frozen=True):
    """Something protective that a commit removed."""

    kind: str
    path: str
    text: str
    """The whole line, or the deleted file's path."""
    token: str
    """The part that does the work: if it stands in the same file again, nothing was lost."""
    commit: str


def is_searched(path: str) -> bool:
    """Whether removed safeguards and model settings are looked for in `path`: code, CI and configuration."""
    return _SEARCHED.search(path) is not None


def _kinds(path: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return (*_CI_KINDS, _KINDS[5]) if _CI.search(path) else _KINDS


def _is_product(path: str) -> bool:
    return not (is_test_path(path) or is_example_path(path) or is_documentation_path(path))


def removed_lines(patches: Iterable[Patch]) -> Iterator[Candidate]:
    """Removed lines of each kind, unless the same change adds one of that kind to the same file."""
    for patch in patches:
        if not _is_product(patch.path):
            continue
        for kind, pattern in _kinds(patch.path):
            taken = [
                (line, m[0]) for line in patch.removed if (m := pattern.search(line)) and _acts(line, m[0])
            ]
            if taken and not any(pattern.search(line) for line in patch.added):
                for line, token in taken:
                    yield Candidate(kind, patch.path, line[:300], token, patch.commit)


def _acts(line: str, token: str) -> bool:
    """Neither a comment, an import nor its own definition: taking those away removes no call."""
    if _COMMENT.match(line) or _IMPORT.match(line):
        return False
    defined = _DEFINITION.match(line)
    return defined is None or token.rstrip("(") not in defined[1]


def deleted_tests(commits: Iterable[Commit], present: Sequence[str]) -> Iterator[Candidate]:
    """Deleted test files of which neither the name nor a successor is there, while what they tested is."""
    names = {p.rpartition("/")[2] for p in present}
    stems = {n.partition(".")[0] for n in names if not is_test_path(n)}
    tests = {_tested(n) for n in names if is_test_path(n)}
    for commit in commits:
        for path, status in commit.files:
            name = path.rpartition("/")[2]
            tested = _tested(name)
            if status == "D" and tested and name not in names and tested in stems and tested not in tests:
                yield Candidate("test", path, path, name, commit.id)


def _tested(name: str) -> str:
    found = re.match(
        r"test_(\w+)\.py\Z|(\w+?)_test\.(?:py|go)\Z|([\w-]+)\.(?:test|spec)\.[cm]?[jt]sx?\Z", name
    )
    return next((g for g in found.groups() if g), "") if found else ""


def still_there(candidate: Candidate, present: Mapping[str, Sequence[str]]) -> bool:
    """Whether the file at HEAD holds the token, or any file holds the very line.

    Args:
        candidate: a removed line.
        present: path → lines at HEAD that hold one of the tokens.
    """
    if any(candidate.token in line for line in present.get(candidate.path, ())):
        return True
    return any(line.strip() == candidate.text for lines in present.values() for line in lines)


def model_value(patch: Patch) -> str | None:
    """The model that a patch sets, empty if it only removes one; None if it touches no model setting."""
    for line in patch.added:
        found = _MODEL.search(line)
        if found and _MODEL_NAME.search(found[1]):
            return found[1]
    gone = any((m := _MODEL.search(line)) and _MODEL_NAME.search(m[1]) for line in patch.removed)
    return "" if gone else None
