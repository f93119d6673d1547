"""Check: content does not leave through telemetry."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, TraceExport

__all__ = ["content_does_not_leave_through_telemetry"]


@check(supports=("5.2.1-4", "5.3.1-1#1"))
def content_does_not_leave_through_telemetry(
    exports: tuple[TraceExport, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Traces, analytics and shared links do not carry prompts, answers or records out of the system.

    Why: tracing services for language models record whole conversations by default, and a shared link
    opens a local demonstration to the internet. Users were rarely told, and the data is then outside
    your access control.

    Fix: mask before sending (`Langfuse(mask=…)`, `LANGSMITH_HIDE_INPUTS=true`, `before_send` for Sentry,
    `TRACELOOP_TRACE_CONTENT=false`), host the tracing service yourself, or switch it off outside
    development. Remove `share=True`. Name the recipient in the privacy notice.

    Blind spots: switches in environment variables and dashboards, and telemetry of libraries. Whether a
    transfer is allowed and announced is for a person to judge.
    """
    own = in_product(exports, files)
    if not own:
        yield not_applicable("No tracing, analytics or shared link was recognised in the product's source.")
        return
    leaving = [f for f in own if f.content]
    if leaving:
        ranked = sorted(leaving, key=lambda f: f.destination != "gradio-share")
        yield not_met(
            f"Exports that carry content out of the system: {len(leaving)} of {len(own)}.",
            *capped([at(f"Prompts, answers or records go to {f.destination}.", f) for f in ranked]),
            tentative=True,
        )
        return
    unknown = [f for f in own if f.content is None]
    if unknown:
        yield partly_met(
            f"Exports that may or may not carry content: {len(unknown)} of {len(own)}.",
            *capped([at(f"What goes to {f.destination} is not told by the code.", f) for f in unknown]),
        )
    else:
        yield met(f"{counted(len(own), 'export')} found; none carries content.")
