"""The HTML report: every link within the page leads somewhere, no id stands twice, nothing is fetched."""

from collections.abc import Iterator
from html.parser import HTMLParser

from assaymark.report.integrity.known import Known, twice

__all__ = ["problems"]

_FETCHING = frozenset({"script", "img", "iframe", "link", "object", "embed", "audio", "video", "source"})


class _Page(HTMLParser):
    """Collects ids, references to them, and addresses that a browser would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if given.get("href", "").startswith("#"):
            self.references.append(given["href"][1:])
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            self.references += given.get(name, "").split()
        address = given.get("src") or given.get("data") or (given.get("href") if tag == "link" else "")
        if tag in _FETCHING and address and not address.startswith("data:"):
            self.fetched.append(address)


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of an HTML report."""
    page = _Page()
    page.feed(data.decode("utf-8"))
    yield from (f"id `{i}` stands more than once" for i in twice(page.ids))
    ids = {*page.ids, "", "top"}
    yield from (
        f"a link leads to `#{r}`, which is not on the page"
        for r in dict.fromkeys(page.references)
        if r not in ids
    )
    yield from (f"a browser would fetch `{a[:100]}`" for a in page.fetched)
    yield from (f"provision {p} is not on the page" for p in known.verdicts if f"p-{p}" not in ids)
