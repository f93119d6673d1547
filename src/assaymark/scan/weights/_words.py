"""Text that a model file says of itself → what in it is worth knowing."""

import re
from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import BytesBlob

__all__ = ["judge_texts", "short"]

MAX_TEXT = 1 << 18
"""Characters of one text that are looked at."""
MAX_URLS = 20
_URL = re.compile(r"\b(?:https?|ftp|wss?|s3|gs|file)://[^\s\"'<>\\^`{|}]{3,300}", re.IGNORECASE)
_CODE = re.compile(
    r"<script[\s>]|javascript:|\bimport (?:os|subprocess|socket|sys)\b|__import__\s{0,8}\("
    r"|\b(?:os\.system|os\.popen|subprocess\.\w{2,20}|builtins\.\w{2,20}|eval|exec)\s{0,8}\(|/bin/(?:ba|z)?sh\b|powershell(?:\.exe)?\s+-"
    r"|\b(?:curl|wget)\s[^\n|]{1,300}\|\s{0,8}(?:ba|z)?sh\b",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAYBE = re.compile(
    r"AKIA|ASIA|gh[posr]_|github_pat_|glpat-|sk-|gsk_|hf_|r8_|pcsk_|lsv2_|xai-|tvly-|xox|hooks\.slack|AIza|k_live_|SG\."
    r"|AgEI|npm_|PRIVATE KEY|eyJ|secret|passw|passphrase|token|api.?key|access.?key|credential|://[^\s]{1,80}@",
    re.IGNORECASE,
)
"""What every credential that is known has in it; without it the patterns are not even loaded."""
_HIDDEN = re.compile("[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\U000e0001\U000e0020-\U000e007f]")


def short(text: str, length: int = 120) -> str:
    """`text` on one line, control characters escaped, cut to `length`."""
    kept = text[: length + 1].encode("unicode_escape").decode("ascii") if _odd(text[:length]) else text
    return kept if len(kept) <= length else kept[: length - 1] + "…"


def _odd(text: str) -> bool:
    return not text.isprintable()


def judge_texts(texts: Iterable[tuple[str, str]]) -> Iterator[Hazard]:
    """Addresses, credentials, code and unseen characters in texts, each given with the name of its place."""
    urls: dict[str, str] = {}
    for name, text in texts:
        text = text[:MAX_TEXT]
        for match in _URL.finditer(text):
            if len(urls) < MAX_URLS:
                urls.setdefault(match[0], name)
        yield from _signs(name, text)
        yield from _secrets(name, text)
    if urls:
        listed = "; ".join(f"{short(url)} in {short(name, 60)}" for url, name in urls.items())
        yield Hazard(
            rule="metadata-url", level=Level.NOTE, evidence=listed[:2000],
            message=f"Its metadata names {len(urls)} address{'es' if len(urls) > 1 else ''}: "
            f"{', '.join(short(u, 80) for u in list(urls)[:3])}.",
        )  # fmt: skip


def _signs(name: str, text: str) -> Iterator[Hazard]:
    match = _CODE.search(text)
    if match is not None:
        around = text[max(0, match.start() - 80) : match.end() + 120]
        yield Hazard(
            rule="metadata-code", level=Level.NOTE, subject=short(name, 80), evidence=short(around, 400),
            message=f"The text of {short(name, 80)} looks like code; nothing runs it on load.",
        )  # fmt: skip
    if not text.isascii() and (hidden := _HIDDEN.search(text)) is not None:
        code = f"U+{ord(hidden[0]):04X}"
        around = text[max(0, hidden.start() - 80) : hidden.end() + 120]
        yield Hazard(
            rule="metadata-hidden-text", level=Level.NOTE, subject=short(name, 80),
            evidence=around.encode("unicode_escape").decode("ascii")[:400],
            message=f"The text of {short(name, 80)} holds characters that nobody sees ({code}).",
        )  # fmt: skip


def _secrets(name: str, text: str) -> Iterator[Hazard]:
    if len(text) < 16 or not _MAYBE.search(text):
        return
    from assaymark.scan.facts import Secret
    from assaymark.scan.infra.secrets import scan_secrets

    data = text.encode("utf-8", "replace")
    for found in scan_secrets(BytesBlob("metadata", data)):
        if isinstance(found, Secret) and not found.placeholder:
            yield Hazard(
                rule="metadata-secret", level=Level.NOTE, subject=short(name, 80),
                message=f"The text of {short(name, 80)} holds a credential: {found.kind}, {found.redacted}.",
            )  # fmt: skip
