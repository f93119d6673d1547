"""What untrusted text may not cause through tools."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check, met, not_met, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.guard._policies import NOTHING, policies, refused, traffic
from assaymark.scan.facts import GuardDecisions, GuardFile


@check(supports=("5.1.2-6#1",))
def guard_limits_tool_use(
    files: tuple[GuardFile, ...], decisions: tuple[GuardDecisions, ...], today: date
) -> Iterator[Finding]:
    """After untrusted text was read, tools that send, pay, delete or execute are stopped or asked about, and
    tools that nobody offered are refused.

    Why: Whoever can write into a page, mail or ticket that an agent reads chooses what its tools do next. A
    rule on the flow of data holds where no detector recognises the words.

    Fix: In the guard's policy leave `flow` at its defaults (`action: ask`, all four effects,
    `unknown_tools: ask`, `undeclared_tools: block`) and name your tools with their effects and the values
    that their arguments may have.

    Blind spots: Whether a tool does what its rule says is not seen, nor are calls that do not pass through
    the gateway. A rule for a tool that asks for nothing is narrower than none, and not judged here.
    """
    from assaymark.guard.evidence.configured import tool_holes

    found = policies(files, today)
    sound = [one for one in found if not one.fault]
    open_places = [hole for one in sound for hole in tool_holes(one)]
    if fault := refused(found):
        yield fault
    if open_places:
        yield not_met(
            f"Untrusted text may cause what it should not: {counted(len(open_places), 'place')}.",
            *capped(open_places),
            tentative=True,
        )
    elif sound:
        rules = sum(len(one.policy.tools) for one in sound)
        constrained = sum(bool(t.arguments or t.schema) for one in sound for t in one.policy.tools)
        summary = (
            f"Calls after untrusted text are stopped or asked about; {counted(rules, 'tool')} named, "
            f"{constrained} with limits on arguments"
        )
        if decisions:
            yield met(f"{summary}.", *traffic(decisions, found))
        else:
            yield partly_met(
                f"{summary}; no decision in this ledger shows that calls pass through the guard."
            )
    elif not found:
        yield NOTHING
