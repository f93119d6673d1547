"""What a tool call may do, given what was read before it: data-flow, schema and argument rules.

A call is judged on four questions, each with a finding of its own:

* Was the tool offered at all (`flow/undeclared_tool`)?
* Did untrusted text precede it, and can the tool do harm (`flow/untrusted_to_EFFECT`, `flow/unknown_tool`)?
* Are the arguments what the tool's rule allows (`tool/arguments`, `tool/schema`, `tool/argument`)?
* Does a telling value in them come from untrusted text alone (a `Reason` of the finding)?

Names of tools are compared after folding compatibility forms and dropping invisible characters, so that a
look-alike of an allowed tool is an unknown tool, never the allowed one: a name that changes by folding counts
as undeclared.
"""

from collections.abc import Sequence

from assaymark.guard.event import Action, Finding, Reason, ToolCall, strictest
from assaymark.guard.policy.model import Effect, Policy, ToolRule
from assaymark.guard.policy.vocabulary import guessed_effects, matches, tool_name
from assaymark.guard.rules.arguments import argument_findings, parsed_arguments
from assaymark.guard.rules.origins import foreign_values, strings_of

__all__ = ["effects_of", "judge_call", "tool_rule", "trusted_tool"]

_SHOWN = 8
"""Foreign values reported for one call."""


def judge_call(
    call: ToolCall,
    *,
    tainted: bool | Sequence[str],
    offered: frozenset[str] | None,
    policy: Policy,
    untrusted: Sequence[str] = (),
    trusted: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Findings `flow/…` and `tool/…` about one assembled call.

    Args:
        call: name and arguments as the model sent them; the arguments may be malformed.
        tainted: whether untrusted text was read in this conversation, or labels of the segments that were
            (`document:/messages/3`), which the message then names.
        offered: names of the tools that the request offered; None if that is not known.
        policy: rules for tools and flow.
        untrusted: the untrusted texts themselves, if values should be traced to them.
        trusted: the texts of people and operator, in which a value may occur too and then is not foreign.
    """
    rule = tool_rule(call.name, policy)
    findings = [*_undeclared(call, offered, policy), *argument_findings(call, rule, policy.limits)]
    reasons = _reasons(call, untrusted, trusted) if tainted else ()
    findings += _flow(call, rule, tainted, policy, reasons)
    if rule is not None and rule.action is not Action.ALLOW:
        message = f"Each call of this tool is to be {_DONE[rule.action]} by the policy's rule `{rule.name}`."
        findings.append(Finding(rule="tool/action", message=message, action=rule.action, reasons=reasons))
    return tuple(findings)


_DONE = {
    Action.ANNOTATE: "marked",
    Action.REDACT: "redacted",
    Action.ASK: "approved by a human, as asked",
    Action.BLOCK: "blocked, as asked",
}


def tool_rule(name: str, policy: Policy) -> ToolRule | None:
    """The first rule whose glob fits the tool's name as written; None if none does."""
    return next((rule for rule in policy.tools if matches(rule.name, name)), None)


def trusted_tool(name: str, policy: Policy) -> bool:
    """Whether the tool's results are not untrusted text."""
    rule = tool_rule(name, policy)
    return rule is not None and rule.trusted


def effects_of(name: str, policy: Policy) -> tuple[tuple[Effect, ...], bool]:
    """What the tool can do, and whether that is a guess from its name."""
    rule = tool_rule(name, policy)
    if rule is not None and rule.effects:
        return rule.effects, False
    return guessed_effects(name), True


def _undeclared(call: ToolCall, offered: frozenset[str] | None, policy: Policy) -> list[Finding]:
    if offered is None or call.name in offered:
        return []
    alike = tool_name(call.name) in {tool_name(name) for name in offered}
    message = "The model calls a tool that the request did not offer"
    message += ", whose name looks like one that it did." if alike else "."
    return [Finding(rule="flow/undeclared_tool", message=message, action=policy.flow.undeclared_tools)]


def _flow(
    call: ToolCall,
    rule: ToolRule | None,
    tainted: bool | Sequence[str],
    policy: Policy,
    reasons: tuple[Reason, ...],
) -> list[Finding]:
    if not tainted:
        return []
    effects, guessed = effects_of(call.name, policy)
    grave = [effect for effect in effects if effect in policy.flow.effects]
    if rule is not None and rule.after_untrusted is not None:
        name, action = grave[0] if grave else next(iter(effects), "tool"), rule.after_untrusted
        what = f"whose rule `{rule.name}` asks for `{action}` then"
    elif grave and (rule is None or rule.effects or guessed):
        name, action = grave[0], policy.flow.action
        if rule is None:
            action = strictest(action, policy.flow.unknown_tools)
        what = f"which can {name}" + (" (guessed from its name)" if guessed else "")
    elif rule is None:
        name, action = "", policy.flow.unknown_tools
        what = "of which the policy knows nothing"
        if effects and not grave:
            what += f" (its name suggests `{effects[0]}`)"
    else:
        return []
    if action is Action.ALLOW:
        return []
    message = f"After untrusted text was read{_where(tainted)}, the model calls a tool {what}."
    finding = f"flow/untrusted_to_{name}" if name else "flow/unknown_tool"
    return [Finding(rule=finding, message=message, action=action, reasons=reasons)]


def _where(tainted: bool | Sequence[str]) -> str:
    if isinstance(tainted, bool) or not tainted:
        return ""
    labels = [label[:80] if label[:80].isprintable() else ascii(label[:80]) for label in tainted[:3]]
    more = f" and {len(tainted) - 3} more" if len(tainted) > 3 else ""
    return f" ({', '.join(labels)}{more})"


def _reasons(call: ToolCall, untrusted: Sequence[str], trusted: Sequence[str]) -> tuple[Reason, ...]:
    if not untrusted:
        return ()
    value, _ = parsed_arguments(call.arguments)
    strings = strings_of(value) if value is not None else [("", call.arguments)]
    found = foreign_values(strings, untrusted=untrusted, trusted=trusted)
    return tuple(
        Reason(f"the {f.kind} at `{f.pointer[:80]}` stands in untrusted text only", 1.0)
        for f in found[:_SHOWN]
    )
