"""A document's bytes → `Document`, `Register` and `Claim` facts."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.document._outline import DOCUMENT_LIMIT, Heading, Outline
from assaymark.scan.document._text import local_links, readable
from assaymark.scan.document.claims import claims_of
from assaymark.scan.document.kinds import kind_by_name, kind_by_title, kind_of
from assaymark.scan.document.labels import labelled_dates, labelled_people, labelled_values, version_names
from assaymark.scan.document.placeholders import is_template, without_placeholders
from assaymark.scan.document.registers import register_of
from assaymark.scan.document.security_txt import read_security_txt
from assaymark.scan.document.topics import topics_of
from assaymark.scan.facts import Document, Fact, ScanProblem, Section

__all__ = ["accepts_document", "outline_of", "scan_document"]

_ALWAYS = {".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc"}
_SOMETIMES = {".txt", ".html", ".htm", ""}
"""Prose only if name or folder says so: these also hold data, prompts and web templates."""
_FOLDERS = {"docs", "doc", "documentation", "policies", "policy", "security", "compliance", "governance",
            "assurance", "legal", ".well-known", ".github"}  # fmt: skip
_FOREIGN = {"node_modules", "vendor", "third_party", "site-packages", ".venv", "venv", "_build"}
_TEMPLATES = {"issue_template", "pull_request_template", "prompts", "instructions", "agents", "chatmodes"}
"""Folders within `.github` that hold forms, or orders to an assistant."""
_NOT_PROSE = ("requirements", "constraints", "vocab", "merges", "robots", "llms", "cmakelists", "license",
              "licence", "copying", "notice.", "top_level", "sources.txt", "entry_points")  # fmt: skip
_WITHOUT_CLAIMS = {"changelog", "release-notes", "decision-record", "threat-model", "risk-register",
                   "risk-assessment", "due-diligence", "test-report", "supplier-register",
                   "incident-plan", "security-txt", "contract-review"}  # fmt: skip
"""Kinds that speak of the past, of other people's products or of what might go wrong."""
_CARD_FIELDS = {
    "architecture": "architecture", "model type": "architecture", "base model": "base_model",
    "finetuned from model": "base_model", "finetuned from": "base_model", "fine-tuned from": "base_model",
    "license": "license", "licence": "license", "context length": "context length",
    "context window": "context length", "maximum context": "context length", "format": "format",
    "file format": "format", "weights format": "format", "parameters": "parameters",
}  # fmt: skip
"""What a model card states in lines or a table, and the key under which it stands in `front_matter`."""
_ADDRESS = re.compile(r"\w@\w[\w-]{0,62}\.\w")
_WORD = re.compile(r"[^\W_]\S*")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,2000}\)")
_TARGET = re.compile(r"\]\([^()\n]{1,2000}\)")
_PART_WORDS = 12
"""Words that a part needs to count as a document of its own."""


def accepts_document(path: str, head: bytes) -> bool:
    """Whether the file is prose for people, by name and folder."""
    file = PurePosixPath(path)
    suffix = file.suffix.lower()
    if suffix not in _ALWAYS and suffix not in _SOMETIMES:
        return False
    if b"\0" in head or _is_foreign(file.parts[:-1]):
        return False
    if suffix in _ALWAYS:
        return True
    if file.name.lower().startswith(_NOT_PROSE):
        return False
    known = bool(kind_by_name(path))
    if suffix == "":
        return known and file.name.upper() == file.name
    return known or bool(_FOLDERS & {p.lower() for p in file.parts[:-1]})


def _is_foreign(folders: tuple[str, ...]) -> bool:
    """Whether the folder holds other people's packages, or notes to a tool rather than to people."""
    if _FOREIGN & set(folders):
        return True
    if ".github" in folders and _TEMPLATES & {f.lower() for f in folders}:
        return True
    return any(f.startswith(".") and f not in (".github", ".well-known") for f in folders)


def scan_document(blob: Blob) -> Iterator[Fact]:
    """One `Document` for the file, one for each part with a telling heading, and its registers and claims."""
    text = readable(blob.read(0, DOCUMENT_LIMIT))
    if kind_by_name(blob.path) == "security-txt":
        yield read_security_txt(blob.path, blob.sha256, text)
        return
    outline, problem = outline_of(blob.path, text)
    if blob.size > DOCUMENT_LIMIT:
        problem = f"only the first {DOCUMENT_LIMIT:,} of {blob.size:,} bytes were read"
    if problem:
        yield ScanProblem(at=Location(blob.path), scanner="document", reason=problem, partial=True)
    document = _document(blob, outline)
    yield document
    yield from _parts(blob, outline, document.kind)
    for grid in outline.grids:
        register = register_of(blob.path, grid)
        if register is not None:
            yield register
    if document.kind not in _WITHOUT_CLAIMS:
        yield from claims_of(blob.path, document.kind, outline)


def outline_of(path: str, text: str) -> tuple[Outline, str]:
    """The outline by the file's format, and the bound that was hit, if one was."""
    from assaymark.scan.document.html import HTML_LIMIT, read_html
    from assaymark.scan.document.markdown import read_markdown
    from assaymark.scan.document.rst import read_rst

    match PurePosixPath(path).suffix.lower():
        case ".rst":
            outline = read_rst(text)
        case ".html" | ".htm":
            outline = read_html(text[:HTML_LIMIT])
            if len(text) > HTML_LIMIT:
                outline.problem = f"only the first {HTML_LIMIT:,} characters of the page were read"
        case ".adoc" | ".asciidoc":
            outline = read_markdown(text, flavour="adoc")
        case ".txt" | "":
            outline = read_markdown(text, flavour="txt")
        case _:
            outline = read_markdown(text)
    return outline, outline.problem


_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,10}(?:\s[^<>]{0,1000})?/?>")


def _spoken(text: str) -> str:
    """What a reader reads: neither pictures (badges, above all) nor tags, nor the addresses behind links."""
    text = _TAG.sub(" ", text) if "</" in text or "/>" in text else text
    return _TARGET.sub("] ", _IMAGE.sub(" ", text)) if "](" in text else text


def _section(heading: Heading) -> tuple[Section, int]:
    lines: list[str] = []
    placeholders = 0
    for _, text in heading.prose:
        if text:
            kept, count = without_placeholders(text)
            placeholders += count
            lines.append(kept)
    body = "\n".join(lines)
    said = _spoken(body)
    words = len(_WORD.findall(said))
    found = topics_of(f"{heading.title}\n{said}") | ({"contact"} if _ADDRESS.search(body) else set())
    topics = tuple(sorted(found))
    return Section(title=heading.title, line=heading.line, words=words, topics=topics), placeholders


def _document(blob: Blob, outline: Outline, *, kind: str = "", line: int = 0) -> Document:
    sections, placeholders = [], 0
    for heading in outline.headings:
        section, count = _section(heading)
        sections.append(section)
        placeholders += count
    words = sum(s.words for s in sections)
    titles = [h.title for h in outline.headings if h.title]
    title = dict(outline.front_matter).get("title") or (titles[0] if titles else "")
    keys = {k for k, _ in outline.front_matter}
    prose = (text for h in outline.headings for _, text in (*h.prose, (0, h.title)))
    kind = kind or kind_of(blob.path, title, titles, keys)
    stated = labelled_values(outline, _CARD_FIELDS) if kind == "model-card" else []
    return Document(
        at=Location(blob.path, line),
        kind=kind,
        title=title[:300],
        sha256=blob.sha256,
        words=words,
        sections=tuple(sections),
        topics=tuple(sorted({t for s in sections if s.words for t in s.topics})),
        dates=tuple(labelled_dates(outline)),
        people=tuple(labelled_people(outline)),
        versions=version_names(prose),
        links=local_links(blob.path, outline.links),
        template=is_template(placeholders, words, outline.grids),
        front_matter=(*outline.front_matter, *stated),
        part=bool(line),
    )


def _parts(blob: Blob, outline: Outline, whole: str) -> Iterator[Document]:
    """Sections (with what stands under them) whose heading names another kind of document."""
    headings = outline.headings
    if whole in ("changelog", "release-notes") or kind_by_name(blob.path) == "other":
        return
    reach = 0
    for number, heading in enumerate(headings):
        if number < max(reach, 1) or heading.level not in (1, 2, 3):
            continue
        kind = kind_by_title(heading.title)
        if kind in ("", whole, "readme"):
            continue
        reach = number + 1
        while reach < len(headings) and headings[reach].level > heading.level:
            reach += 1
        end = headings[reach].line if reach < len(headings) else 1 << 60
        part = _document(blob, _slice(outline, number, reach, end), kind=kind, line=heading.line)
        if part.words >= _PART_WORDS:
            yield part


def _slice(outline: Outline, start: int, stop: int, end: int) -> Outline:
    first = outline.headings[start].line
    return Outline(
        headings=outline.headings[start:stop],
        grids=[g for g in outline.grids if first <= g.line < end],
        links=[(n, t) for n, t in outline.links if first <= n < end],
    )
