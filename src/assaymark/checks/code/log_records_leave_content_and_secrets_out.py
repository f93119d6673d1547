"""Check: log records leave content and secrets out."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, LogSite

__all__ = ["log_records_leave_content_and_secrets_out"]


@check(supports=("5.4.2-1", "5.2.1-4"))
def log_records_leave_content_and_secrets_out(
    logs: tuple[LogSite, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Log records carry neither credentials nor the text of prompts, answers and documents.

    Why: logs are copied to more places and read by more people than any database. A prompt in a log is
    personal data in a log; a key in a log is a key in every backup.

    Fix: log ids, lengths, counts and digests (`hashlib.sha256(text.encode()).hexdigest()`). If content is
    needed for investigation, keep it in a store of its own with its own access list and retention, and
    put a redaction step in front of it. Remove keys and tokens from log statements and rotate them.

    Blind spots: content logged by libraries at debug level, by web servers, or inside exception traces;
    redaction by a logging filter in another file.
    """
    own = in_product(logs, files)
    if not own:
        yield not_applicable("No place that writes a log record was found in the product's source.")
        return
    secret = [f for f in own if f.secret]
    # What a command-line tool prints for its user is an answer, not a record.
    content = [f for f in own if f.content and not f.secret and f.sink != "print"]
    if not secret and not content:
        shown = any(f.content for f in own)
        but = "; content is only in what is printed for a user" if shown else " and none with content"
        yield met(f"{counted(len(own), 'log statement')} read; none with a credential{but}.")
        return
    details = [at(f"A credential goes into a record ({f.sink}).", f) for f in secret]
    details += [at(f"Prompt, answer or record content goes into a record ({f.sink}).", f) for f in content]
    yield not_met(
        f"Log statements with a credential: {len(secret)}; with content: {len(content)}; read: {len(own)}.",
        *capped(details),
        tentative=not secret,
    )
