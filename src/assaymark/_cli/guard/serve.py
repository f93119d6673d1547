"""``assaymark guard serve``: the gateway before a model."""

import importlib
import os
from pathlib import Path
from typing import Any

import click

from assaymark._cli.places import key_path
from assaymark.errors import AssaymarkError, UsageError

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_TOKEN = "ASSAYMARK_APPROVALS_TOKEN"  # noqa: S105 - the name of a variable


@click.command("serve")
@click.option(
    "--upstream", required=True, metavar="URL", help="The model's server: https://host[:port][/path]."
)
@click.option("--policy", type=_FILE, help="Policy file; the shipped default if none is named.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535))
@click.option("--tls-cert", type=_FILE, help="Certificate chain, PEM.")
@click.option("--tls-key", type=_FILE, help="Its private key, PEM.")
@click.option("--shadow", is_flag=True, help="Decide and record; change and block nothing.")
@click.option("--ledger", type=_FILE, help="Record decisions in this ledger.")
@click.option("--traffic-log", type=_FILE, help="Also keep every text in this file, for `guard replay`.")
@click.option(
    "--admin-port", type=click.IntRange(0, 65535), help="Health and metrics on a port of their own."
)
@click.option("--pass-unknown", is_flag=True, help="Let paths that the guard does not judge pass.")
@click.option("--tenant-header", default="", help="Header in which a trusted proxy names the tenant.")
@click.option("--concurrency", default=256, show_default=True, type=click.IntRange(min=1))
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of a detector trained elsewhere.")
def command(**options: Any) -> None:
    """Put the guard before a model.

    Point your client's base URL at it; keys pass through to the upstream and
    are never written down. SIGTERM lets open requests finish.

    With ASSAYMARK_APPROVALS_TOKEN set, questions to a human can be answered at
    /approvals, beside /metrics; with `approvals.store` in the policy also by
    `assaymark guard approvals`.
    """
    try:
        server = importlib.import_module("assaymark.guard.proxy.server")
        startup = importlib.import_module("assaymark.guard.proxy.startup")
        assembly = importlib.import_module("assaymark.guard.library.assembly")
    except ModuleNotFoundError as error:
        raise AssaymarkError(
            f"The gateway needs {error.name}, which is not installed.",
            "Run `pip install 'assaymark[guard]'`.",
        ) from None
    _check(options)
    loaded = startup.read_policy_file(options["policy"], options["shadow"], _told)
    parts = assembly.assembled(loaded, options["weights"])
    recorders = _recorders(options, parts.policy)
    approvals = _approvals(options, loaded)
    state = _state(options, parts, recorders, approvals)
    try:
        server.serve(state, _routes(approvals), told=_told)
    finally:
        lost = state.recording.lost + sum(recorder.close() for recorder in recorders)
    if lost:
        raise AssaymarkError(
            f"{lost} decisions could not be written before the end.", "Look after the disk under the log."
        )


def _check(options: dict[str, Any]) -> None:
    if bool(options["tls_cert"]) != bool(options["tls_key"]):
        raise UsageError("A certificate and its key belong together.", "Give --tls-cert and --tls-key.")
    for name in ("tls_cert", "tls_key"):
        if options[name] and not options[name].is_file():
            raise UsageError(f"There is no file {options[name]}.", f"Mend --{name.replace('_', '-')}.")


def _state(options: dict[str, Any], parts: Any, recorders: list[Any], approvals: Any) -> Any:
    from assaymark.guard.evidence.traffic_log import Several
    from assaymark.guard.proxy.settings import Settings, origin
    from assaymark.guard.proxy.state import State
    from assaymark.guard.proxy.tracing import tracer_from

    settings = Settings(
        upstream=origin(options["upstream"]),
        host=options["host"],
        port=options["port"],
        admin_port=options["admin_port"],
        tls_cert=str(options["tls_cert"] or ""),
        tls_key=str(options["tls_key"] or ""),
        pass_unknown=options["pass_unknown"],
        tenant_header=options["tenant_header"],
        concurrency=options["concurrency"],
    )
    tracer = tracer_from(os.environ, parts.policy.log.content)
    recorder = recorders[0] if len(recorders) == 1 else Several(*recorders) if recorders else None
    state = State(settings, parts, recorder, approvals, tracer)
    approvals.on_record = state.record
    state.on_close.append(approvals.close)
    return state


def _recorders(options: dict[str, Any], policy: Any) -> list[Any]:
    """What writes decisions down; a log that was asked for and cannot be had stops the start."""
    found = []
    path = options["ledger"] or (_beside(options, policy.log.ledger) if policy.log.ledger else None)
    if path is not None:
        recorder = importlib.import_module("assaymark.guard.evidence.recorder")
        found.append(recorder.open_recorder(path, policy, key_path()))
    if options["traffic_log"] is not None:
        found.append(
            importlib.import_module("assaymark.guard.evidence.traffic_log").TrafficLog(options["traffic_log"])
        )
    if not found:
        _told("warning: decisions are counted but written nowhere; name a file with --ledger")
    return found


def _approvals(options: dict[str, Any], loaded: Any) -> Any:
    from assaymark.guard.proxy.approvals import Approvals
    from assaymark.guard.proxy.approvals_store import Store

    store = loaded.policy.approvals.store
    return Approvals(Store(str(_beside(options, store)) if store else ""), loaded.policy, loaded.sha256)


def _routes(approvals: Any) -> list[Any]:
    from assaymark.guard.proxy.approvals_http import approval_routes

    token = os.environ.get(_TOKEN, "")
    return approval_routes(approvals, token) if token else []


def _beside(options: dict[str, Any], name: str) -> Path:
    """A file that the policy names, relative to the policy."""
    return options["policy"].parent / name if options["policy"] else Path(name)


def _told(line: str) -> None:
    click.echo(line, err=True)
