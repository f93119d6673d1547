"""Any text file → credentials that lie in it. A value never leaves this module.

Fast by order: plain substring searches decide which patterns are worth running at all.
"""

import functools
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, Secret
from assaymark.scan.infra._text import too_long
from assaymark.scan.paths import is_test_path

__all__ = ["is_secret_name", "is_text", "looks_real", "scan_secrets"]

MAX_BYTES = 1_000_000
MAX_FINDINGS = 100
MAX_TRIES = 20_000
"""Occurrences of one keyword that are looked at."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STRUCTURED: tuple[tuple[bytes, str, bytes], ...] = (
    (b"AKIA", "aws-key", rb"\bAKIA[A-Z2-7]{16}\b"),
    (b"ASIA", "aws-key", rb"\bASIA[A-Z2-7]{16}\b"),
    (b"ghp_", "github-token", rb"\bghp_[A-Za-z0-9]{36}\b"),
    (b"gho_", "github-token", rb"\bgho_[A-Za-z0-9]{36}\b"),
    (b"ghs_", "github-token", rb"\bghs_[A-Za-z0-9]{36}\b"),
    (b"ghr_", "github-token", rb"\bghr_[A-Za-z0-9]{36}\b"),
    (b"github_pat_", "github-token", rb"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    (b"glpat-", "gitlab-token", rb"\bglpat-[A-Za-z0-9_\-]{20,60}"),
    (b"sk-ant-", "anthropic-key", rb"\bsk-ant-[a-z]{2,6}\d\d-[A-Za-z0-9_\-]{24,200}"),
    (
        b"sk-",
        "openai-key",
        rb"(?<![A-Za-z0-9_\-])sk-(?!ant-)(?:(?:proj|svcacct|admin|or-v1|lf)-)?[A-Za-z0-9_]{20}[A-Za-z0-9_\-]{0,200}",
    ),
    (b"gsk_", "groq-key", rb"\bgsk_[A-Za-z0-9]{48,60}\b"),
    (b"hf_", "huggingface-token", rb"\bhf_[A-Za-z0-9]{30,40}\b"),
    (b"r8_", "replicate-token", rb"\br8_[A-Za-z0-9]{37,40}\b"),
    (b"pcsk_", "pinecone-key", rb"\bpcsk_[A-Za-z0-9_]{40,90}\b"),
    (b"lsv2_", "langsmith-key", rb"\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}\b"),
    (b"xai-", "xai-key", rb"\bxai-[A-Za-z0-9]{60,90}\b"),
    (b"tvly-", "tavily-key", rb"\btvly-[A-Za-z0-9\-]{24,60}\b"),
    (b"xox", "slack-token", rb"\bxox[abeprs]-[0-9]{8,14}-[0-9A-Za-z\-]{16,200}"),
    (
        b"hooks.slack.com",
        "slack-webhook",
        rb"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{20,30}",
    ),
    (b"AIza", "google-key", rb"\bAIza[0-9A-Za-z_\-]{35}(?![0-9A-Za-z_\-])"),
    (b"k_live_", "stripe-key", rb"\b[sr]k_live_[0-9A-Za-z]{20,120}\b"),
    (b"SG.", "sendgrid-key", rb"\bSG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
    (b"pypi-AgEI", "pypi-token", rb"\bpypi-AgEI[A-Za-z0-9_\-]{50,300}"),
    (b"npm_", "npm-token", rb"\bnpm_[A-Za-z0-9]{36}\b"),
    (
        b"PRIVATE KEY-----",
        "private-key",
        (
            rb"-----BEGIN (?:RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY(?: BLOCK)?-----"
            rb"(?:\s|\\n|\\r){1,6}[A-Za-z0-9+/=]{40,80}"
        ),
    ),
    (b"eyJ", "jwt", rb"\beyJ[A-Za-z0-9_\-]{10,1000}\.eyJ[A-Za-z0-9_\-]{10,4000}\.[A-Za-z0-9_\-]{20,1000}"),
)
"""Substring that must occur, kind, pattern. Repetition is bounded, so that cost stays linear."""

_URL = re.compile(rb"([^\s:@/\"'<>$|]{1,60}):([^\s:@/\"'<>|]{3,100})@([\w.\-]{1,80})")
_KEYWORDS = (
    b"secret",
    b"passw",
    b"passphrase",
    b"token",
    b"api_key",
    b"apikey",
    b"api-key",
    b"access_key",
    b"accesskey",
    b"access-key",
    b"private_key",
    b"credential",
)
_ASSIGNED = re.compile(
    rb"(secret|passw(?:or)?d|passphrase|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
    rb"((?:[_-][a-z0-9]{1,16}){0,2})[\"']?[ \t]{0,8}(?::[ \t]{0,4}str[ \t]{0,4})?(?::=|=>|[:=])[ \t]{0,8}"
    rb"(?:(?P<q>[\"'])(?P<quoted>[^\"'\s]{8,200})(?P=q)"
    rb"|(?P<bare>[^\s\"'#;,(){}\[\]]{8,200})(?=[ \t]{0,8}(?:[\r\n#]|\Z)))",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"secret|passw(?:or)?d|passphrase|token|api[_-]?key|access[_-]?key|private[_-]?key|credential",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(
    r"(?:token(?:s|izer|_?limit|_?count|_?endpoint|_?ids|_?size|_?len|_?budget)"
    r"|_?(?:file|path|name|env|env_?var|field|header|url|uri|ref|arn|length|policy|min|max|ttl|type|id"
    r"|manager|expiry))\Z|max_|num_|pad_|eos_|bos_|sep_|mask_",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"your|example|change|placeholder|dummy|fake|sample|insert|redacted|to-?do|foo|bar\b|test|xxx|\*\*\*|\.\.\.|<|\$\{|\{\{|\$\(|\$[A-Z_]|%\(|"
    r"replace|secret|passw|token|none|null|undefined|default|mock|demo|local|abcdef|12345|qwerty|not-?used"
    r"|empty|enter|here|os\.environ|process\.env|getenv|my[-_]|some|api[-_]?key|\bkey\b|env:|vault:|ref\+",
    re.IGNORECASE,
)
_COMMON = frozenset(
    {
        "postgres",
        "postgresql",
        "admin",
        "root",
        "guest",
        "mysql",
        "redis",
        "rabbitmq",
        "neo4j",
        "minio",
        "minioadmin",
        "mongo",
        "user",
        "elastic",
        "sa",
        "app",
        "pass",
        "pwd",
        "neo4jneo4j",
    }
)
_CODE = (
    ".py",
    ".js",
    ".ts",
    ".tsx",
    ".jsx",
    ".mjs",
    ".cjs",
    ".go",
    ".rs",
    ".java",
    ".rb",
    ".php",
    ".cs",
    ".kt",
    ".swift",
    ".c",
    ".cpp",
    ".h",
    ".ipynb",
    ".sql",
    ".md",
    ".rst",
    ".txt",
    ".html",
    ".css",
    ".scala",
    ".svelte",
    ".vue",
)
_SKIPPED = (".lock", ".svg", ".map", ".min.js", ".min.css", ".po", ".pem.pub", ".csv", ".tsv")
_TEMPLATES = (".example", ".sample", ".template", ".dist", ".tmpl", ".tpl", "-example", ".defaults")


def is_text(path: str, head: bytes) -> bool:
    """Whether the file looks like text that people write (no NUL in its head, no lock or vector file)."""
    return b"\0" not in head and not path.endswith(_SKIPPED)


def is_secret_name(name: str) -> bool:
    """Whether a variable or key of this name holds a secret (rather than a limit, a path or a type)."""
    return _NAME.search(name) is not None and _NOT_NAME.search(name) is None


def looks_real(value: str) -> bool:
    """Whether `value` could be a credential rather than an example, a reference or nothing."""
    return len(value) >= 8 and not _is_placeholder(value)


def scan_secrets(blob: Blob) -> Iterator[Fact]:
    """Credentials among the first million bytes."""
    data = blob.read(0, MAX_BYTES)
    found: dict[tuple[int, int], tuple[str, str, bool]] = {}
    for needle, kind, pattern in _STRUCTURED:
        if needle in data:
            for match in _compiled(pattern).finditer(data):
                value = match[0].decode("ascii", "replace")
                found.setdefault(match.span(), (kind, value, _weak(kind, value)))
    if b"://" in data and b"@" in data:
        _urls(data, found)
    _assignments(blob.path, data, found)
    yield from _facts(blob.path, data, found)
    yield from too_long(blob, "secrets", MAX_BYTES) if blob.size > MAX_BYTES else ()


@functools.cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def _facts(path: str, data: bytes, found: dict[tuple[int, int], tuple[str, str, bool]]) -> Iterator[Fact]:
    template = path.lower().endswith(_TEMPLATES) or ".example." in path.lower() or is_test_path(path)
    end = 0
    for (start, stop), (kind, value, weak) in sorted(found.items())[:MAX_FINDINGS]:
        if start < end:
            continue  # the same text, already named by a more exact pattern
        end = stop
        if data[max(0, start - 2) : start] == b":-":  # the fallback of `${NAME:-value}`, not a key in use
            kind = "generic-high-entropy"
        generic = kind in ("password", "generic-high-entropy", "url-password", "jwt")
        shown = value[: 4 if len(value) >= 16 else len(value) // 4]
        if kind == "private-key":
            shown = "----"
        yield Secret(
            at=Location(path, data.count(b"\n", 0, start) + 1),
            kind=kind,
            redacted=f"{shown}… ({len(value)} characters)",
            placeholder=weak or (generic and template),
        )


def _weak(kind: str, value: str) -> bool:
    """Whether a value of the right shape is an example all the same."""
    if kind == "private-key":
        return False
    if kind == "github-token" and value[:4] in ("ghp_", "gho_", "ghs_", "ghr_"):
        return not _github_checksum(value)
    if kind in ("jwt", "slack-webhook"):
        return _entropy(value) < 3.5
    body = (
        value.rpartition("-" if "-" in value[:12] else "_")[2]
        if kind not in ("aws-key", "google-key")
        else value[4:]
    )
    body = body if len(body) >= 12 else value
    return (
        _entropy(body) < 3.0
        or re.search(r"(?i)example|xxxx|your|placeholder|0000|1234567|abcdefg|fake|dummy|test", value)
        is not None
    )


def _github_checksum(token: str) -> bool:
    """GitHub's tokens end in six base-62 digits of the CRC-32 of what stands before them."""
    number = zlib.crc32(token[4:-6].encode())
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return token[-6:] == digits.rjust(6, "0")


def _urls(data: bytes, found: dict[tuple[int, int], tuple[str, str, bool]]) -> None:
    for match in _matches_after(data, b"://", _URL):
        user, value, host = (part.decode("utf-8", "replace") for part in match.groups())
        own = (
            value == user or value.lower() in _COMMON or host in ("localhost", "127.0.0.1") or "." not in host
        )
        found.setdefault(match.span(2), ("url-password", value, own or _is_placeholder(value)))


def _matches_after(data: bytes, mark: bytes, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    place, tries = data.find(mark), 0
    while place >= 0 and tries < MAX_TRIES:
        match = pattern.match(data, place + len(mark))
        if match is not None:
            yield match
        tries += 1
        place = data.find(mark, place + len(mark))


def _candidates(data: bytes) -> Iterator[re.Match[bytes]]:
    """Assignments at the places where a keyword stands; far quicker than one pattern over all text."""
    lowered = data.lower()
    for word in _KEYWORDS:
        place, tries = lowered.find(word), 0
        while place >= 0 and tries < MAX_TRIES:
            match = _ASSIGNED.match(data, place)
            if match is not None:
                yield match
            tries += 1
            place = lowered.find(word, place + len(word))


def _assignments(path: str, data: bytes, found: dict[tuple[int, int], tuple[str, str, bool]]) -> None:
    code = path.lower().endswith(_CODE)
    for match in _candidates(data):
        group = "quoted" if match["quoted"] else "bare"
        if group == "bare" and code:
            continue  # an expression, not a value
        line_start = data.rfind(b"\n", max(0, match.start() - 60), match.start()) + 1
        before = re.search(rb"[\w\-]{0,40}\Z", data[max(line_start, match.start() - 40) : match.start()])
        name = ((before[0] if before else b"") + match[1] + match[2]).decode("utf-8", "replace")
        value = match[group].decode("utf-8", "replace")
        kind = (
            "password" if "passw" in name.lower() or "passphrase" in name.lower() else "generic-high-entropy"
        )
        if is_secret_name(name) and _secret_like(kind, value):
            weak = _is_placeholder(value) or data[match.end() : match.end() + 1] == b"("
            found.setdefault(match.span(group), (kind, value, weak))


_PUBLISHABLE = ("phc_", "pk_live_", "pk_test_", "sb_publishable_", "client-token-")
"""Keys that their services mean to be published: PostHog projects, Stripe and Clerk, Supabase, Datadog."""


def _secret_like(kind: str, value: str) -> bool:
    if value.startswith(_PUBLISHABLE):
        return False
    if "/" in value[:2] or value.startswith(("http", "arn:", "projects/")) or " " in value:
        return False
    digits = any(c.isdigit() for c in value)
    letters = any(c.isalpha() for c in value)
    if kind == "password":
        return digits and letters
    return (
        len(value) >= 16
        and digits
        and letters
        and _entropy(value) >= 3.4
        and re.fullmatch(r"[A-Za-z0-9+/=_.\-~]+", value) is not None
    )


def _is_placeholder(value: str) -> bool:
    return (
        _PLACEHOLDER.search(value) is not None
        or value.lower() in _COMMON
        or len(set(value)) <= max(3, len(value) // 8)
    )


def _entropy(value: str) -> float:
    total = len(value) or 1
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
