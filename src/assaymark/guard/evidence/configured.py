"""A policy's text → what can be said of it as evidence. Pure; judges no provision."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.guard.event import Action, Channel
from assaymark.guard.policy.calibration import Calibration, read_calibration
from assaymark.guard.policy.lint import lint
from assaymark.guard.policy.load import Loaded, read_policy
from assaymark.guard.policy.model import Effect, Mode, Policy
from assaymark.observation import Detail, Location
from assaymark.scan.facts import GuardFile

__all__ = ["Configured", "calibrations", "configured", "holes", "tool_holes"]

_STRANGERS = (Channel.USER, Channel.TOOL_DESCRIPTION, Channel.TOOL_RESULT, Channel.DOCUMENT)
"""Channels on which somebody else's text reaches the model."""
_GRAVE = (Effect.SEND, Effect.PAY, Effect.DELETE, Effect.EXECUTE)


class Configured(Struct, frozen=True, kw_only=True):
    """One policy file, read."""

    file: GuardFile
    loaded: Loaded | None
    """None: the guard would refuse to start with it."""
    fault: str = ""
    """Why it would."""

    @property
    def policy(self) -> Policy:
        """The policy; only asked of those that could be read."""
        assert self.loaded is not None
        return self.loaded.policy

    def at(self, message: str, *place: str | int) -> Detail:
        """A statement at a place of the file."""
        line = self.loaded.line(place) if self.loaded is not None and place else 0
        return Detail(message, Location(self.file.at.path, line))


def configured(files: Sequence[GuardFile], today: date) -> list[Configured]:
    """The policies among `files`. One that cannot be read counts if its name says that it is the guard's."""
    found = []
    for file in files:
        if file.kind != "policy":
            continue
        try:
            loaded = read_policy(file.text.encode("utf-8", "replace"), file.at.path)
        except ModuleNotFoundError as error:  # a pattern needs an extra
            found.append(Configured(file=file, loaded=None, fault=f"it cannot be read without {error.name}"))
            continue
        except AssaymarkError as error:
            if "guard" in file.at.path.rpartition("/")[2].lower():
                first = error.message.splitlines()
                found.append(Configured(file=file, loaded=None, fault=" ".join(first[:2])[:300]))
            continue
        errors = [p for p in lint(loaded.policy, today) if p.severity == "error" and not p.code]
        fault = f"{errors[0].at}: {errors[0].message}" if errors else ""
        found.append(Configured(file=file, loaded=loaded, fault=fault))
    return found


def calibrations(files: Sequence[GuardFile]) -> list[tuple[GuardFile, Calibration | None]]:
    """The calibrations among `files`; None for one that is damaged."""
    found: list[tuple[GuardFile, Calibration | None]] = []
    for file in files:
        if file.kind == "calibration":
            try:
                found.append((file, read_calibration(file.text.encode("utf-8", "replace"), file.at.path)))
            except AssaymarkError:
                found.append((file, None))
    return found


def holes(one: Configured, today: date) -> list[Detail]:
    """Where text of strangers passes unjudged or unstopped."""
    policy, found = one.policy, []
    if policy.mode is Mode.SHADOW:
        found.append(one.at("Shadow mode: what is found is recorded and passes.", "mode"))
    for channel in _STRANGERS:
        rule = policy.channel(channel)
        acts = [step.action for step in rule.steps] or [rule.action]
        if not rule.scan:
            found.append(one.at(f"Text on `{channel}` is not scored.", "channels", channel.value, "scan"))
        elif not any(action is not Action.ALLOW for action in acts):
            found.append(one.at(f"An attack on `{channel}` passes.", "channels", channel.value))
        if rule.on_error == "allow":
            place = ("channels", channel.value, "on_error")
            found.append(one.at(f"Fail-open: `{channel}` passes when a step breaks.", *place))
    if policy.limits.on_deadline == "allow":
        found.append(one.at("Fail-open: what is not judged in time passes.", "limits", "on_deadline"))
    found += [
        one.at(f"The exception `{rule.id}` of {rule.owner} ended on {rule.until}.", "exceptions", n)
        for n, rule in enumerate(policy.exceptions)
        if rule.until < today.isoformat()
    ]
    return found


def tool_holes(one: Configured) -> list[Detail]:
    """What untrusted text may cause through tools without being stopped."""
    policy, found = one.policy, []
    if policy.mode is Mode.SHADOW:
        found.append(one.at("Shadow mode: calls of tools are not stopped.", "mode"))
    free = [effect for effect in _GRAVE if effect not in policy.flow.effects]
    if policy.flow.action is Action.ALLOW or free:
        names = ", ".join(free) if free else "any effect"
        found.append(one.at(f"Untrusted text may cause calls that {names}.", "flow"))
    missing = [c for c in (Channel.TOOL_RESULT, Channel.DOCUMENT) if c not in policy.flow.untrusted]
    if missing:
        names = ", ".join(f"`{c}`" for c in missing)
        found.append(one.at(f"Text on {names} is trusted to cause calls.", "flow", "untrusted"))
    found += [
        one.at(f"`{name}` may be called freely.", "flow", name)
        for name in ("unknown_tools", "undeclared_tools")
        if getattr(policy.flow, name) is Action.ALLOW
    ]
    for n, tool in enumerate(policy.tools):
        if tool.after_untrusted is Action.ALLOW and set(tool.effects) & set(_GRAVE):
            found.append(one.at(f"`{tool.name}` acts after untrusted text, unasked.", "tools", n))
    return found
