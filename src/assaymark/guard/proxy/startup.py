"""Policy, detector and rules → `Parts`, or a refusal to start. A guard that could not guard never listens."""

import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace

from assaymark.errors import AssaymarkError, UsageError
from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.ports import Parts
from assaymark.guard.detector.detector import Detector
from assaymark.guard.detector.scorer import ChannelScorer
from assaymark.guard.detector.self_test import SAMPLES, self_test
from assaymark.guard.event import Action, Channel, Phase, Segment
from assaymark.guard.front import reveal
from assaymark.guard.policy.calibration import thresholds_for
from assaymark.guard.policy.lint import lint
from assaymark.guard.policy.load import Loaded, default_policy, load
from assaymark.guard.policy.model import Mode
from assaymark.guard.rules.egress import EgressStream, egress
from assaymark.guard.rules.exceptions import excepted
from assaymark.guard.rules.flow import judge_call
from assaymark.guard.rules.quota import Quotas

__all__ = ["make_parts", "read_policy_file"]

_HEADS = {"user": Channel.USER, "document": Channel.DOCUMENT, "output": Channel.OUTPUT}


def read_policy_file(path: Path | None, shadow: bool, told: Callable[[str], None]) -> Loaded:
    """The policy, doubted.

    Args:
        path: None takes the shipped default.
        shadow: decide and record only, whatever the file says.
        told: gets each warning.

    Raises:
        UsageError: it cannot be read, or holds something that cannot work (on a stream, for one).
    """
    loaded = load(path) if path is not None else default_policy()
    problems = lint(loaded.policy, _today())
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        lines = [f"line {loaded.line(p.place)}: {p.at}: {p.message}. {p.advice}" for p in errors]
        raise UsageError(
            "The policy cannot work as written:\n" + "\n".join(lines), "Nothing was started. Mend the policy."
        )
    for problem in problems:
        told(f"warning: line {loaded.line(problem.place)}: {problem.at}: {problem.message}. {problem.advice}")
    if shadow:
        told("warning: shadow mode: everything is decided and recorded, nothing is blocked")
        loaded = replace(loaded, policy=replace(loaded.policy, mode=Mode.SHADOW))
    return loaded


def make_parts(loaded: Loaded, weights: Path | None = None) -> Parts:
    """Load the detector, test it, and put the parts together.

    Raises:
        AssaymarkError: the detector cannot be loaded or fails its self-test, alone or within the chain.
    """
    detector = Detector.load(weights)
    self_test(detector)
    parts = Parts(
        policy=loaded.policy,
        policy_sha256=loaded.sha256,
        scorer=ChannelScorer(detector, thresholds_for(loaded, detector.version)),
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
    _test_chain(parts)
    return parts


def _test_chain(parts: Parts) -> None:
    """An attack must come out of the whole chain as one: a chain that lets it pass is not wired up."""
    strict = replace(parts, policy=type(parts.policy)())
    for head, attack, text in SAMPLES:
        segment = Segment(text=text, channel=_HEADS[head])
        decision = judge(Case(phase=Phase.RESPONSE, segments=(segment,), pointers=False), strict)
        if (decision.wanted is Action.BLOCK) is not attack:
            rules = ", ".join(f.rule for f in decision.findings) or "nothing found"
            raise AssaymarkError(
                f"The guard fails its self-test: {text[:40]!r} gave {decision.wanted} ({rules}).",
                "Do not put it into service: reinstall the package, or name a folder with trained weights.",
            )


def _today() -> date:
    return datetime.now(UTC).date()
