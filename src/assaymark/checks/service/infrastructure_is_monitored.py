"""Whether anything watches what runs."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CiJob, ContainerBuild, Deployment, LibraryUse, Mechanism

_WATCHERS = (
    "prometheus", "grafana", "alertmanager", "otel", "opentelemetry", "datadog", "sentry", "loki", "jaeger",
    "tempo",
    "langfuse", "zabbix", "netdata", "newrelic", "falco", "fluent", "elastic-agent", "uptime-kuma", "phoenix",
)  # fmt: skip


@check(supports=("5.1.3-4", "5.4.2-4"))
def infrastructure_is_monitored(
    deployments: tuple[Deployment, ...],
    builds: tuple[ContainerBuild, ...],
    libraries: tuple[LibraryUse, ...],
    mechanisms: tuple[Mechanism, ...],
    jobs: tuple[CiJob, ...],
) -> Iterator[Finding]:
    """Something collects the state of the running system, and something raises an alert.

    Why: An AI system keeps risk that no control removes; what was tolerated at the start is only
    tolerable while somebody would notice that it grew.

    Fix: Export metrics (OpenTelemetry, prometheus-client), keep alert rules in the tree beside the
    deployment, and let a scheduled job scan images and infrastructure files.

    Blind spots: Monitoring that a platform provides by itself is not in the tree, nor is whether anybody
    reads it. A monitoring plan in docs/ or an attestation shows the review.
    """
    stack = [
        at(f"{d.name} runs {d.image}", d)
        for d in in_product(deployments)
        if any(w in d.image.lower() for w in _WATCHERS)
    ]
    stack += [at(f"uses {u.library}", u) for u in in_product(libraries) if u.category == "observability"]
    stack += [
        at(f"{m.name} measures", m) for m in in_product(mechanisms) if m.kind in ("metric", "drift-detection")
    ]
    alerts = [at(f"{m.name} raises an alert", m) for m in in_product(mechanisms) if m.kind == "alert"]
    alerts += [at(f"{d.name} raises alerts", d) for d in in_product(deployments) if "alertmanager" in d.image]
    alerts += [at(f"`{j.name}` scans on a schedule", j) for j in jobs if j.scans and "schedule" in j.triggers]
    signs = [at("the image has a health check", b) for b in in_product(builds) if b.healthcheck]
    if stack and alerts:
        yield met(
            f"{counted(len(stack), 'collector')} and {counted(len(alerts), 'alert')} were seen.",
            *capped([*stack, *alerts]),
        )
    elif stack or alerts or signs:
        lacking = "nothing that raises an alert" if stack else "no collector of metrics or traces"
        yield partly_met(f"Seen in part: {lacking} is in the tree.", *capped([*stack, *alerts, *signs]))
    else:
        yield not_observable(
            "No collector of metrics or traces, alert rule or health check is in the tree; monitoring may be "
            "provided by the platform, which a plan in docs/ would show."
        )
