"""What verifying a pack gave, for people: a page on the terminal, and the questions in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.pack.policy import Policy
from assaymark.pack.rules import RuleResult
from assaymark.pack.verification import Kind, PackVerification, Question, Signed
from assaymark.report.text import SYMBOLS, counted, printable, share, wrap

__all__ = ["questions_markdown", "told"]

_WIDTH = 80
_FEW = 5
_MANY = 25
_KINDS = {
    Kind.STATEMENT: "pack",
    Kind.CHECKPOINT: "ledger",
    Kind.SIGN_OFF: "sign-off",
    Kind.ATTESTATION: "attestation",
    Kind.WITNESS: "witness",
    Kind.KEYLESS: "sign-off",
}


def told(
    shown: PackVerification, policy: Policy | None, rules: Sequence[RuleResult], name: str
) -> Iterator[str]:
    """The lines, none of them wider than a small terminal."""
    yield from _lines(_headline(shown, name))
    if not shown.ok:
        for problem in shown.problems:
            yield from _lines(f"{problem.place}: {problem.reason}", "  ✗ ", "    ")
        yield ""
        yield from _lines("Nothing that it says may be relied on. Ask the sender for the pack again.")
        return
    found = shown.assessment
    assert found is not None
    yield from _assessed(found)
    yield from _verdicts(shown)
    yield from _part("Signatures", _signatures(shown))
    yield from _part("Against it", _against(shown))
    yield from _part("No longer counted when it was assessed", _aged(shown))
    yield from _part(f"Otherwise on {shown.day}, by the passing of time", _today(shown))
    yield from _part("Withheld, of which only the digest is here", _redacted(shown))
    yield from _part("To know", shown.notes)
    yield from _part(f"Your policy{f', {policy.name}' if policy and policy.name else ''}", _rules(rules))
    yield from _part(f"Questions to ask ({len(shown.questions):,})", _questions(shown))
    yield ""
    yield from _lines(_closing(shown))


def questions_markdown(shown: PackVerification) -> str:
    """A letter's worth of questions, grouped by nothing but their weight."""
    found = shown.assessment
    assert found is not None
    read = (
        f"After reading the pack of {found.assessed_at[:10]} (statement SHA-256 `{shown.statement_sha256}`)"
    )
    lines = [
        f"# Questions about {_md(found.system.name)}",
        "",
        f"{read}, assessed against {found.edition}, on {shown.day}.",
        "",
    ]
    for number, question in enumerate(shown.questions, 1):
        lines += _markdown(number, question)
    return "\n".join(lines)


def _headline(shown: PackVerification, name: str) -> str:
    if shown.ok:
        return f"{name} verifies: every digest, proof and signature holds, every verdict was derived anew."
    return f"{name} does not verify ({counted(len(shown.problems), 'problem')}):"


def _assessed(found: Assessment) -> Iterator[str]:
    system = found.system
    name = " ".join(part for part in (system.name, system.version) if part)
    yield ""
    yield from _lines(f"{name}{f', {system.organisation}' if system.organisation else ''}")
    commit = f", commit {found.commit[:12]}" if found.commit else ""
    yield from _lines(
        f"Assessed {found.assessed_at} against {found.edition} with Assaymark {found.tool_version}{commit}. "
        "A self-assessment; it says what the evidence shows, no more."
    )


def _verdicts(shown: PackVerification) -> Iterator[str]:
    counts = shown.counts
    assert counts is not None
    yield ""
    rows = (
        (Verdict.PASS, counts.passed),
        (Verdict.FAIL, counts.failed),
        (Verdict.INCONCLUSIVE, counts.inconclusive),
    )
    for verdict, number in rows:
        yield f"  {SYMBOLS[verdict]} {verdict.value:<15} {share(number, counts.applicable)}"
    mark, words = SYMBOLS[Verdict.NOT_APPLICABLE], Verdict.NOT_APPLICABLE.value
    yield f"  {mark} {words:<15} {counts.not_applicable} of {counts.total}"


def _signatures(shown: PackVerification) -> Iterator[str]:
    for one in _merged(shown.signatures):
        whose = f"known to you as {one.trusted}" if one.trusted else "a key unknown to you"
        person = ", ".join(part for part in (one.name, one.organisation) if part)
        role = f" as {one.role}" if one.role else ""
        who = f" by {person}{role}" if person and one.kind is not Kind.CHECKPOINT else ""
        at = f" on {one.at[:10]}" if one.at else ""
        key = f"{one.key[:16]}…, {whose}" if one.key else one.trusted
        yield f"{_KINDS[one.kind]}{who}{at}: {key}"


def _merged(signatures: Iterable[Signed]) -> Iterator[Signed]:
    """One line for all attestations of a person in a role."""
    seen = set()
    for one in signatures:
        same = (one.kind, one.name, one.role, one.key)
        if one.kind is not Kind.ATTESTATION or same not in seen:
            seen.add(same)
            yield one


def _against(shown: PackVerification) -> Iterator[str]:
    for one in shown.against:
        more = f" (and {len(one.said) - 1} more)" if len(one.said) > 1 else ""
        waived = f" Waived by {one.waived_by} until {one.waived_until}." if one.waived_by else ""
        yield f"{one.provision} {one.verdict.value}: {one.said[0]}{more}{waived}"


def _aged(shown: PackVerification) -> Iterator[str]:
    for one in shown.aged:
        yield f"entry {one.entry} by {one.by}, {one.freshness.value}: {one.because}"


def _today(shown: PackVerification) -> Iterator[str]:
    for change in shown.today:
        yield f"{change.provision} {change.now.value}, was {change.then.value}: {change.because}"


def _redacted(shown: PackVerification) -> Iterator[str]:
    for paper in shown.redacted:
        yield f"{paper.name}: {paper.sha256[:16]}… {paper.reason}"


def _rules(rules: Sequence[RuleResult]) -> Iterator[str]:
    for rule in sorted(rules, key=lambda r: r.met):
        yield f"{'met' if rule.met else 'NOT MET'}: {rule.rule}. {rule.reason}"


def _questions(shown: PackVerification) -> Iterator[str]:
    for question in shown.questions[:_FEW]:
        about = f"{question.about}: " if question.about else ""
        yield f"{about}{question.question} (to: {' or '.join(question.to)})"
    if len(shown.questions) > _FEW:
        yield f"… and {len(shown.questions) - _FEW:,} more; --questions FILE.md writes them all."


def _closing(shown: PackVerification) -> str:
    trusted = [s for s in shown.signatures if s.trusted and s.kind in (Kind.STATEMENT, Kind.SIGN_OFF)]
    identities = [s.trusted for s in shown.signatures if s.kind is Kind.KEYLESS]
    if not trusted and identities:
        return f"It is whole, and signed by {identities[0]}, as you asked."
    if trusted:
        who = " and ".join(dict.fromkeys(s.trusted for s in trusted))
        keys = "key" if len({s.trusted for s in trusted}) == 1 else "keys"
        return f"It is whole, and signed by {who}, whose {keys} you named."
    return (
        "This shows that it is whole. Whose it is has to be known otherwise: get the key from the sender "
        "over a channel that you trust, and give it with --trust NAME=HEX."
    )


def _part(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    if listed:
        yield ""
        yield title
        for item in listed[:_MANY]:
            yield from _lines(item, "  • ", "    ")
        if len(listed) > _MANY:
            yield f"  … and {len(listed) - _MANY:,} more; --json lists them all."


def _lines(text: str, first: str = "", rest: str = "") -> Iterator[str]:
    return wrap(printable(text), _WIDTH, first, rest)


def _markdown(number: int, question: Question) -> list[str]:
    about = f"{_md(question.about)}: " if question.about else ""
    lines = [f"## {number}. {about}{_md(question.question)}", ""]
    lines += [f"To: {_md(' or '.join(question.to))}.", "", f"Why: {_md(question.why)}", ""]
    for title, items in (("It should cover:", question.points), ("It could show:", question.would_answer)):
        if items:
            lines += [title, "", *(f"- {_md(item)}" for item in items), ""]
    return lines


def _md(text: str) -> str:
    """Text of a stranger that stays text in Markdown: one line, no markup."""
    flat = " ".join(printable(text.replace("\n", " ")).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|!" else c for c in flat)
