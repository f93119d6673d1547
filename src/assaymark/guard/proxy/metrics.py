"""Counters for Prometheus, in a registry of their own. No label holds text, a key or a tenant."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from assaymark.guard.core.events import Record
from assaymark.guard.event import Action

__all__ = ["Metrics"]

_SPACE = "assaymark_guard"
_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Everything that is counted."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        one = self.registry
        self.requests = Counter(
            "requests", "Requests answered.", ["protocol", "status"], namespace=_SPACE, registry=one
        )
        self.decisions = Counter(
            "decisions", "Decisions made.", ["phase", "action", "wanted"], namespace=_SPACE, registry=one
        )
        self.findings = Counter(
            "findings", "Findings.", ["family", "channel", "action"], namespace=_SPACE, registry=one
        )
        self.bypasses = Counter(
            "bypasses",
            "Passed although a step failed, was late, or an exception said so.",
            ["reason"],
            namespace=_SPACE,
            registry=one,
        )
        self.unread = Counter(
            "unread",
            "Passed without being read: what is not text, or not in the body.",
            ["kind"],
            namespace=_SPACE,
            registry=one,
        )
        self.errors = Counter("errors", "What went wrong.", ["kind"], namespace=_SPACE, registry=one)
        self.judging = Histogram(
            "judging_seconds", "Time to decide.", ["phase"], buckets=_QUICK, namespace=_SPACE, registry=one
        )
        self.latency = Histogram(
            "request_seconds", "Whole exchange.", ["protocol"], buckets=_LONG, namespace=_SPACE, registry=one
        )
        self.held = Histogram(
            "hold_back_seconds", "Time an event was held back.", buckets=_LONG, namespace=_SPACE, registry=one
        )
        self.active = Gauge("active_requests", "Requests in progress.", namespace=_SPACE, registry=one)
        self.queue = Gauge("record_queue", "Decisions waiting to be written.", namespace=_SPACE, registry=one)

    def record(self, record: Record) -> None:
        """Count one decision."""
        decision = record.decision
        self.decisions.labels(decision.phase, decision.action, decision.wanted).inc()
        self.judging.labels(decision.phase).observe(decision.elapsed_ms / 1000)
        for finding in decision.findings:
            family = finding.rule.partition("/")[0]
            known = 0 <= finding.segment < len(record.segments)
            channel = record.segments[finding.segment].channel if known else "message"
            self.findings.labels(family, channel, finding.action).inc()
            if finding.excepted_by:
                self.bypasses.labels("exception").inc()
            elif family == "error" and finding.action is Action.ALLOW:
                self.bypasses.labels("error").inc()
            elif finding.rule == "limit/deadline" and finding.action is Action.ALLOW:
                self.bypasses.labels("deadline").inc()
