"""A `security.txt` as RFC 9116 describes it."""

from assaymark.observation import Location
from assaymark.scan.document.labels import dates_in
from assaymark.scan.facts import Document, Section

__all__ = ["read_security_txt"]

_TOPICS = {"contact": "contact", "expires": "expiry", "policy": "disclosure"}


def read_security_txt(path: str, sha256: str, text: str) -> Document:
    """The document: each field in `front_matter` under its lower-case name, in order of appearance."""
    fields: list[tuple[str, str]] = []
    for line in text.split("\n")[:2000]:
        name, colon, value = line.strip().partition(":")
        if colon and name and value.strip() and not name.startswith("#") and " " not in name:
            fields.append((name.lower()[:80], value.strip()[:500]))
    topics = tuple(dict.fromkeys(_TOPICS[n] for n, _ in fields if n in _TOPICS))
    dates = [("expires", d) for n, v in fields if n == "expires" for _, _, d in dates_in(v)[:1]]
    words = sum(len(v.split()) for _, v in fields)
    return Document(
        at=Location(path),
        kind="security-txt",
        title="security.txt",
        sha256=sha256,
        words=words,
        sections=(Section(title="", line=1, words=words, topics=topics),),
        topics=topics,
        dates=tuple(dates),
        front_matter=tuple(fields[:100]),
        template=any("example.com" in v for n, v in fields if n == "contact"),
    )
