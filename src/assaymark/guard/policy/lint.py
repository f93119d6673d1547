"""Doubts about a policy that is well-formed: what cannot work, what lets more pass than it seems to.

An `error` is something that cannot mean what it says; a guard with one refuses to start. A `warning` is
allowed and named, each time the policy is loaded, so that a fail-open or a shadow mode is never forgotten.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from assaymark.guard.event import Action, Channel, strictest
from assaymark.guard.policy.lint_tools import tool_problems
from assaymark.guard.policy.model import ChannelPolicy, ExceptionRule, Mode, Policy
from assaymark.guard.policy.needs import hold_back_needed
from assaymark.guard.policy.problem import Problem
from assaymark.guard.policy.vocabulary import PERSONAL_KINDS, SECRET_KINDS, matches

__all__ = ["Problem", "cannot_stream", "lint"]

_YEAR = 366
_OWN = (Channel.SYSTEM, Channel.ASSISTANT)
"""Channels that the operator and the model fill, seldom scored."""
_BROAD_HOSTS = {"*", "*.*", "**", "*.com", "*.net", "*.org", "*.io", "*.dev"}


def lint(policy: Policy, today: date, shipped: Mapping[Channel, float] | None = None) -> tuple[Problem, ...]:
    """Everything doubtful in `policy`, errors first.

    Args:
        policy: as loaded.
        today: the day on which exceptions are judged.
        shipped: the detector's operating point for each channel, if known.
    """
    found = [
        *_whole(policy),
        *_channels(policy, shipped or {}),
        *_exceptions(policy, today),
        *tool_problems(policy),
        *_egress(policy),
        *_quotas(policy),
        *cannot_stream(policy),
    ]
    return tuple(sorted(found, key=lambda p: (p.severity != "error", p.place and str(p.place[0]))))


def cannot_stream(policy: Policy) -> tuple[Problem, ...]:
    """What cannot be done to a text whose beginning has left already; a streaming caller refuses to start."""
    found = []
    overlap = policy.egress.system_prompt
    if overlap is not None and overlap.action in (Action.REDACT, Action.ANNOTATE):
        found.append(
            Problem.error(
                ("egress", "system_prompt", "action"),
                f"`{overlap.action}` cannot run on a stream: the share is known only once most has left",
                "Write `block` or `ask`, or do not offer streaming.",
                code="stream/overlap",
            )
        )
    output = policy.channel(Channel.OUTPUT)
    acts = {step.action for step in output.steps} | ({output.action} if not output.steps else set())
    if Action.ANNOTATE in acts:
        found.append(
            Problem.error(
                ("channels", "output"),
                "`annotate` cannot run on a stream: there is no reader behind the output to be told",
                "Write `allow`, `redact`, `ask` or `block`.",
                code="stream/annotate",
            )
        )
    needed = hold_back_needed(policy)
    if policy.stream.hold_back_chars < needed:
        found.append(
            Problem.error(
                ("stream", "hold_back_chars"),
                f"{policy.stream.hold_back_chars} characters are fewer than the {needed} that the rules for"
                " what may leave need to recognise the longest thing they look for",
                f"Write {needed} or more, or switch the long rules off.",
                code="stream/hold_back",
            )
        )
    return tuple(found)


def _whole(policy: Policy) -> Iterator[Problem]:
    if policy.mode is Mode.SHADOW:
        yield Problem.warning(
            ("mode",),
            "shadow mode: everything is recorded and nothing is stopped",
            "Write `mode: enforce` once the log looks right.",
        )
    if policy.limits.on_deadline == "allow":
        yield Problem.warning(
            ("limits", "on_deadline"),
            "fail-open: a message that takes too long to judge passes unjudged",
            "Write `deny`, the default.",
        )
    if policy.approvals.timeout_seconds == 0 and Action.ASK in _actions(policy):
        yield Problem.error(
            ("approvals", "timeout_seconds"),
            "`ask` is used, and no human can answer within 0 seconds",
            "Write a time in which somebody can answer, or `block` instead of `ask`.",
        )
    if policy.log.content:
        yield Problem.warning(
            ("log", "content"),
            "the text of messages goes into OpenTelemetry spans",
            "Write `false` unless whoever reads the spans may read every conversation.",
        )


def _actions(policy: Policy) -> set[Action]:
    used = {policy.flow.action, policy.flow.unknown_tools, policy.flow.undeclared_tools}
    for channel in (policy.channel(c) for c in Channel):
        used |= {channel.hidden, *([s.action for s in channel.steps] or [channel.action])}
    for tool in policy.tools:
        used |= {tool.action, tool.on_violation} | ({tool.after_untrusted} - {None})  # type: ignore[operator]
    egress = policy.egress
    rules = (egress.system_prompt, egress.secrets, egress.personal_data, egress.links, egress.images)
    used |= {rule.action for rule in rules if rule is not None}
    return used | ({egress.canary} if egress.canary else set())


def _channels(policy: Policy, shipped: Mapping[Channel, float]) -> Iterator[Problem]:
    for channel, rule in policy.channels.items():
        place: tuple[str | int, ...] = ("channels", channel.value)
        yield from _steps(place, rule)
        if rule.on_error == "allow":
            yield Problem.warning(
                (*place, "on_error"),
                f"fail-open: what a failing step did not judge on `{channel}` passes",
                "Write `deny`, the default.",
            )
        if not rule.scan and channel not in _OWN:
            yield Problem.warning(
                (*place, "scan"), f"text on `{channel}` is not scored", "Leave `scan` out to have it scored."
            )
        point = shipped.get(channel)
        acting = [s.threshold for s in rule.steps if s.action is not Action.ALLOW]
        if point is not None and acting and min(acting) > point:
            yield Problem.warning(
                (*place, "steps"),
                f"the lowest step that acts ({min(acting):g}) is looser than the shipped operating point"
                f" ({point:g})",
                "Lower it, or measure on your own traffic with `assaymark guard calibrate`.",
            )


def _steps(place: tuple[str | int, ...], rule: ChannelPolicy) -> Iterator[Problem]:
    for n, (before, step) in enumerate(zip(rule.steps, rule.steps[1:], strict=False), start=1):
        here = (*place, "steps", n)
        if step.threshold == before.threshold:
            yield Problem.error(
                here,
                f"the step before it has the same threshold ({step.threshold:g}), so one of them is never"
                " reached",
                "Remove one.",
            )
        elif step.threshold < before.threshold:
            yield Problem.error(
                here,
                f"threshold {step.threshold:g} comes after {before.threshold:g}",
                "Write thresholds in rising order.",
            )
        elif strictest(step.action, before.action) is not step.action:
            yield Problem.error(
                here,
                f"`{step.action}` at a higher score is laxer than `{before.action}` at a lower one",
                "Let strictness rise with the score.",
            )
        elif step.action is before.action:
            yield Problem.warning(here, "does the same as the step before it", "Remove it.")


def _exceptions(policy: Policy, today: date) -> Iterator[Problem]:
    twice = {name for name, count in Counter(rule.id for rule in policy.exceptions).items() if count > 1}
    for n, rule in enumerate(policy.exceptions):
        place: tuple[str | int, ...] = ("exceptions", n)
        if rule.id in twice:
            yield Problem.error(
                (*place, "id"), f"`{rule.id}` is the id of another exception too", "Give each its own."
            )
        until = date.fromisoformat(rule.until)
        if until < today:
            yield Problem.warning(
                (*place, "until"),
                f"`{rule.id}` ended on {rule.until} and counts for nothing",
                "Remove it, or let its owner decide on a new date.",
            )
        elif (until - today).days > _YEAR:
            yield Problem.warning(
                (*place, "until"),
                f"`{rule.id}` runs for more than a year, until {rule.until}",
                "Choose a date at which somebody looks again.",
            )
        yield from _narrowing(place, rule)


def _narrowing(place: tuple[str | int, ...], rule: ExceptionRule) -> Iterator[Problem]:
    if not (rule.sha256 or rule.phrase.strip() or _narrow(rule.tool) or _narrow(rule.source) or rule.tenant):
        everything = any(not glob.strip("*/") for glob in rule.rules)
        problem = Problem.error if everything and not rule.channels else Problem.warning
        yield problem(
            place,
            f"`{rule.id}` is not narrowed by text, tool, source or tenant"
            + (": it switches the whole guard off" if everything and not rule.channels else ""),
            "Add `sha256`, `phrase`, `tool`, `source` or `tenant`.",
        )
    elif rule.phrase and len(rule.phrase.strip()) < 8 and not rule.sha256:
        yield Problem.warning(
            (*place, "phrase"), "a phrase this short occurs by chance", "Write more of the text that recurs."
        )


def _narrow(glob: str) -> bool:
    return bool(glob.strip("*?"))


def _egress(policy: Policy) -> Iterator[Problem]:
    egress = policy.egress
    for name, rule, known in (
        ("secrets", egress.secrets, SECRET_KINDS),
        ("personal_data", egress.personal_data, PERSONAL_KINDS),
    ):
        for n, glob in enumerate(rule.kinds if rule else ()):
            if not any(matches(glob, kind) for kind in known):
                yield Problem.error(
                    ("egress", name, "kinds", n),
                    f"`{glob}` is no kind that is known",
                    f"Known: {', '.join(sorted(known))}.",
                )
    for name, hosts in (("links", egress.links), ("images", egress.images)):
        for n, glob in enumerate(hosts.allow if hosts else ()):
            place = ("egress", name, "allow", n)
            if glob.casefold() in _BROAD_HOSTS or not glob.strip("*.?"):
                yield Problem.error(place, f"`{glob}` allows hosts of strangers", "Name the hosts you run.")
            elif "/" in glob or ":" in glob or "@" in glob:
                yield Problem.error(place, f"`{glob}` is no host", "Write the host only: `docs.example.org`.")
            elif "*" in glob and not glob.startswith("*."):
                yield Problem.warning(
                    place, f"`{glob}` also fits hosts of strangers", "Let `*.` stand only at the beginning."
                )
    for name in ("canary", "system_prompt", "secrets", "images"):
        if getattr(egress, name) is None:
            yield Problem.warning(
                ("egress", name),
                "switched off, though on by default",
                "Leave the key out to have it.",
            )


def _quotas(policy: Policy) -> Iterator[Problem]:
    for n, quota in enumerate(policy.quotas):
        if quota.amount == 0:
            yield Problem.error(
                ("quotas", n, "amount"),
                f"a quota of 0 {quota.what} refuses everything",
                "Write the amount, or remove the quota.",
            )
        if quota.what == "cost" and not policy.prices:
            yield Problem.error(
                ("quotas", n),
                "a quota on cost without `prices` never counts anything",
                "Add `prices` for the models in use.",
            )
