"""A list of URLs against what was got and who holds the domains now: where content can differ from what was
seen.

Whoever annotated a list saw other content than whoever downloads it later ("split view"). Each row is looked
at alone; nothing is fetched. Findings are counted by kind, with the first rows, and by domain: whoever
controls a domain controls all its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from assaymark.dataset.provenance.addresses import Address, address
from assaymark.dataset.provenance.columns import moment
from assaymark.dataset.provenance.fetched import Fetched, base_name
from assaymark.dataset.provenance.manifest import Minimum, Origin
from assaymark.dataset.provenance.minimum import Tally
from assaymark.dataset.provenance.registrations import Registration, find_registration
from assaymark.dataset.provenance.url_list import Listed

__all__ = ["KINDS", "Domain", "Problem", "SplitView", "look"]

KINDS: Mapping[str, tuple[str, str]] = {
    "content_changed": ("suspect", "what was got is not what was annotated"),
    "size_changed": ("suspect", "what was got has another size than what was annotated"),
    "registered_since": ("suspect", "the domain was registered again after it was annotated: another owner"),
    "domain_expired": ("suspect", "the domain has expired: anybody can register it and serve what they like"),
    "registration_changed": ("to explain", "the domain's registration changed after it was annotated"),
    "expires_soon": ("to explain", "the domain expires within 30 days"),
    "ip_host": ("to explain", "the host is a number: whoever has the address today serves it"),
    "shortener": ("to explain", "a short address: its owner can lead it elsewhere"),
    "user_in_url": ("to explain", "the address holds a user name, which hides its host"),
    "without_tls": ("to explain", "fetched without TLS: anybody on the way can change it"),
    "not_a_url": ("note", "it is no address of the web"),
    "no_digest": ("note", "no SHA-256 is recorded: a change cannot be noticed"),
    "no_time": ("note", "no time of annotation: changes of the domain cannot be told"),
    "not_got": ("note", "it is not among what was got"),
    "unknown_domain": ("note", "the domain is not in the registration data"),
}
"""Kind → level and what it means; in the order in which people should read them."""

_FIRST = 10
_DOMAINS = 50
_MOST_DOMAINS = 5_000_000
_SOON = 30


class Problem(Struct, frozen=True, kw_only=True):
    """One kind of risk."""

    id: str
    level: str
    """`suspect`, `to explain` or `note`, as of findings."""
    summary: str
    records: int
    domains: int
    """How many domains they are of."""
    first: tuple[str, ...]
    """The first: `row: URL`."""


class Domain(Struct, frozen=True, kw_only=True):
    """One domain, and how much of the list it controls."""

    domain: str
    records: int
    share: float
    problems: tuple[str, ...] = ()


class SplitView(Struct, frozen=True, kw_only=True):
    """What the list showed."""

    records: int
    domains: int
    verified: int
    """Records whose content was got and is as annotated, by digest."""
    problems: tuple[Problem, ...]
    largest: tuple[Domain, ...]
    """Domains with most records."""
    buyable: tuple[Domain, ...]
    """Expired, or registered again since: those with most records."""
    buyable_records: int
    minimum: Minimum

    @property
    def changed(self) -> int:
        """Records whose content is not as annotated."""
        return sum(p.records for p in self.problems if p.id in ("content_changed", "size_changed"))

    @property
    def suspect(self) -> bool:
        """Whether any risk is more than one to explain."""
        return any(p.level == "suspect" for p in self.problems)


def look(
    parts: Iterable[Listed],
    now: datetime,
    *,
    fetched: Fetched | None = None,
    registrations: Mapping[str, Registration] | None = None,
    annotated: datetime | None = None,
) -> SplitView:
    """Look at all rows of a list.

    Args:
        parts: the rows.
        now: what counts as today.
        fetched: what was got; None if nobody can say.
        registrations: domain → registration; None if there is no such data.
        annotated: when the list was annotated, for rows that do not say it.
    """
    state = _State(now, fetched, registrations, annotated)
    for part in parts:
        state.take(part)
    return state.result()


class _State:
    def __init__(
        self, now: datetime, fetched: Fetched | None, registrations: Mapping[str, Registration] | None,
        annotated: datetime | None,
    ) -> None:  # fmt: skip
        self.now, self.fetched, self.registrations, self.annotated = now, fetched, registrations, annotated
        self.tally = Tally(now)
        self.rows = self.verified = self.buyable = 0
        self.counts: Counter[str] = Counter()
        self.first: dict[str, list[str]] = defaultdict(list)
        self.domains: Counter[str] = Counter()
        self.wrong: dict[str, set[str]] = defaultdict(set)

    def take(self, part: Listed) -> None:
        count = len(part.urls)
        named = [f or base_name(u) for f, u in zip(part.files, part.urls, strict=True)]
        got = self.fetched.find(part.urls) if self.fetched is not None else [None] * count
        if self.fetched is not None:
            by_name = self.fetched.find(named)
            got = [a if a is not None else b for a, b in zip(got, by_name, strict=True)]
        said = self.annotated.isoformat() if self.annotated else ""
        self.tally.add("row", self.rows + 1, count, Origin(retrieved_at=said), part.urls, part.times)
        for at in range(count):
            self.rows += 1
            self._row(part, at, got[at])

    def _row(self, part: Listed, at: int, got: tuple[str, int] | None) -> None:
        url = part.urls[at]
        where = address(url)
        domain, kinds = where.domain, list(where.risks)
        kinds += self._content(part.sha256[at], part.sizes[at], got)
        if where.host and "ip_host" not in kinds:
            covered, more = self._registration(where, moment(part.times[at]) or self.annotated)
            domain, kinds = covered or domain, kinds + more
        if len(self.domains) < _MOST_DOMAINS or domain in self.domains:
            self.domains[domain or "(none)"] += 1
        self.buyable += bool({"domain_expired", "registered_since"} & set(kinds))
        for kind in kinds:
            self.counts[kind] += 1
            self.wrong[kind].add(domain or "(none)")
            if len(self.first[kind]) < _FIRST:
                self.first[kind].append(f"{self.rows}: {url[:300]}")

    def _content(self, digest: str, size: int, got: tuple[str, int] | None) -> list[str]:
        kinds = [] if digest else ["no_digest"]
        if self.fetched is None:
            return kinds
        if digest and ((got is not None and got[0] == digest) or self.fetched.has(digest)):
            self.verified += 1
            return kinds
        if got is None:
            return [*kinds, "not_got"]
        if digest and got[0]:
            return [*kinds, "content_changed"]
        return [*kinds, "size_changed"] if 0 <= size != got[1] >= 0 else kinds

    def _registration(self, where: Address, seen: datetime | None) -> tuple[str, list[str]]:
        if self.registrations is None:
            return "", []
        found = find_registration(self.registrations, where.host)
        if found is None:
            return "", ["unknown_domain"]
        domain, registration = found
        kinds = [] if seen is not None else ["no_time"]
        if registration.expires is not None and registration.expires < self.now:
            kinds.append("domain_expired")
        elif registration.expires is not None and (registration.expires - self.now).days < _SOON:
            kinds.append("expires_soon")
        if seen is not None and registration.created is not None and registration.created > seen:
            kinds.append("registered_since")
        elif seen is not None and registration.changed is not None and registration.changed > seen:
            kinds.append("registration_changed")
        return domain, kinds

    def result(self) -> SplitView:
        problems = tuple(
            Problem(
                id=kind, level=level, summary=summary, records=self.counts[kind],
                domains=len(self.wrong[kind]), first=tuple(self.first[kind]),
            )
            for kind, (level, summary) in KINDS.items()
            if self.counts[kind]
        )  # fmt: skip
        buyable = self.wrong["domain_expired"] | self.wrong["registered_since"]
        return SplitView(
            records=self.rows, domains=len(self.domains), verified=self.verified, problems=problems,
            largest=self._largest(self.domains), buyable_records=self.buyable,
            buyable=self._largest({d: self.domains[d] for d in buyable}),
            minimum=self.tally.result(),
        )  # fmt: skip

    def _largest(self, counts: Mapping[str, int]) -> tuple[Domain, ...]:
        order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_DOMAINS]
        return tuple(
            Domain(
                domain=domain, records=records, share=records / max(1, self.rows),
                problems=tuple(kind for kind in KINDS if domain in self.wrong[kind]),
            )
            for domain, records in order
        )  # fmt: skip
