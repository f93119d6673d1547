"""Policy, detector and rules → `Parts`, tested before use: a guard that could not guard never starts."""

import hashlib
import secrets
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.ports import Parts, Scorer
from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.scorer import ChannelScorer
from assaymark.guard.detector.self_test import SAMPLES, self_test
from assaymark.guard.event import Action, Channel, Phase, Segment
from assaymark.guard.front import reveal
from assaymark.guard.policy.calibration import thresholds_for
from assaymark.guard.policy.lint import lint
from assaymark.guard.policy.load import Loaded, default_policy, load
from assaymark.guard.policy.model import Policy
from assaymark.guard.rules.egress import EgressStream, egress
from assaymark.guard.rules.exceptions import excepted
from assaymark.guard.rules.flow import judge_call
from assaymark.guard.rules.quota import Quotas

__all__ = ["assembled", "opened", "refuse_streaming"]

_HEADS = {
    "user": Channel.USER,
    "document": Channel.DOCUMENT,
    "output": Channel.OUTPUT,
    "tool": Channel.TOOL_DESCRIPTION,
}


def opened(policy: Policy | Loaded | str | Path | None) -> Loaded:
    """The policy, read and doubted.

    Raises:
        UsageError: it cannot be read, or holds something that cannot work.
    """
    loaded = _loaded(policy)
    errors = [
        f"line {loaded.line(p.place)}: {p.at}: {p.message}. {p.advice}"
        for p in lint(loaded.policy, _today())
        if p.severity == "error" and not p.code.startswith("stream/")
    ]
    if errors:
        raise UsageError("The policy cannot work as written:\n" + "\n".join(errors), "Mend the policy.")
    return loaded


def refuse_streaming(policy: Policy) -> None:
    """Streams may begin.

    Raises:
        UsageError: a rule of the policy cannot run on a stream.
    """
    problems = [p for p in lint(policy, _today()) if p.code.startswith("stream/")]
    if problems:
        lines = [f"{p.at}: {p.message}. {p.advice}" for p in problems]
        raise UsageError("The policy cannot run on a stream:\n" + "\n".join(lines), "Mend the policy.")


def assembled(loaded: Loaded, detector: Detector | Scorer | str | Path | None) -> Parts:
    """Load the detector, test it, and put the parts together.

    Args:
        loaded: the policy.
        detector: None takes the shipped weights, a path those in that folder. A `Scorer` of the caller's own
            is his own responsibility: it is not tested.

    Raises:
        AssaymarkError: the detector cannot be loaded, or fails its self-test, alone or within the chain.
    """
    own = detector is not None and not isinstance(detector, Detector | str | Path)
    parts = Parts(
        policy=loaded.policy,
        policy_sha256=loaded.sha256,
        scorer=_scorer(loaded, detector),
        reveal=reveal,
        excepted=excepted,
        judge=judge_call,
        egress=egress,
        follow=EgressStream,
        book=Quotas(loaded.policy, time.monotonic),
        now=time.monotonic,
        today=_today,
        new_id=lambda: uuid.uuid4().hex,
        secret=secrets.token_bytes(32),
    )
    if not own:
        _test_chain(parts)
    return parts


def _scorer(loaded: Loaded, detector: Detector | Scorer | str | Path | None) -> Scorer:
    if detector is not None and not isinstance(detector, Detector | str | Path):
        return detector
    if not isinstance(detector, Detector):
        detector = Detector.load(Path(detector) if detector is not None else None)
    self_test(detector)
    return ChannelScorer(detector, thresholds_for(loaded, detector.version))


def _loaded(policy: Policy | Loaded | str | Path | None) -> Loaded:
    if policy is None:
        return default_policy()
    if isinstance(policy, Loaded):
        return policy
    if isinstance(policy, Policy):
        return Loaded(policy, hashlib.sha256(msgspec.json.encode(policy, order="sorted")).hexdigest(), "")
    return load(policy)


def _test_chain(parts: Parts) -> None:
    """An attack must come out of the whole chain as one: a chain that lets it pass is not wired up."""
    strict = replace(parts, policy=Policy())
    for head, attack, text in SAMPLES:
        segment = Segment(text=text, channel=_HEADS[head], at="/text")
        decision = judge(Case(phase=Phase.RESPONSE, segments=(segment,)), strict)
        if (decision.wanted is Action.BLOCK) is not attack:
            found = ", ".join(f.rule for f in decision.findings) or "nothing found"
            raise AssaymarkError(
                f"The guard fails its self-test: {text[:40]!r} gave {decision.wanted} ({found}).",
                "Do not put it into service: reinstall the package, or name a folder with trained weights.",
            )


def _today() -> date:
    return datetime.now(UTC).date()
