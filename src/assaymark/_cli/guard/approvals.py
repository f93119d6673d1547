"""``assaymark guard approvals``: what waits for a human, and the human's answer."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("approvals")
@click.option("--store", type=_FILE, help="The queue's file, as the policy's `approvals.store` names it.")
@click.option("--policy", type=_FILE, help="Take the file from this policy.")
@click.pass_context
def command(ctx: click.Context, store: Path | None, policy: Path | None) -> None:
    """Show what waits for a human, and answer it.

    An answer counts once, for exactly the call that was asked about. What
    nobody answers in time is denied.
    """
    ctx.obj = _path(store, policy)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON Lines.")
@click.option("--all", "everything", is_flag=True, help="Answered and expired ones too.")
@click.pass_obj
def _list(path: str, as_json: bool, everything: bool) -> None:
    """List the questions, newest first."""
    now = time.time()
    for row in _store(path).newest():
        state = row.state_at(now)
        if state != "open" and not everything:
            continue
        if as_json:
            click.echo(json.dumps(_plain(row, state)))
        else:
            click.echo(f"{row.id}  {state:<8}  {_when(row.asked)}  {_safe(row.tool)}  [{row.effects}]")


@command.command("show")
@click.argument("question")
@click.pass_obj
def _show(path: str, question: str) -> None:
    """Show one question."""
    row = _store(path).get(question)
    if row is None:
        raise UsageError(f"There is no question {_safe(question)}.", "See `assaymark guard approvals list`.")
    for name, value in _plain(row, row.state_at(time.time())).items():
        if value not in ("", 0, 0.0):
            shown = _when(value) if name in ("asked", "expires", "answered") else _safe(str(value))
            click.echo(f"{name + ':':<12} {shown}")


@command.command("approve")
@click.argument("question")
@click.option("--by", required=True, help="Your name; it is recorded.")
@click.option("--reason", default="", help="Why; it is recorded.")
@click.pass_obj
def _approve(path: str, question: str, by: str, reason: str) -> None:
    """Let the call pass, once."""
    _answer(path, question, True, by, reason)


@command.command("deny")
@click.argument("question")
@click.option("--by", required=True, help="Your name; it is recorded.")
@click.option("--reason", default="", help="Why; it is recorded.")
@click.pass_obj
def _deny(path: str, question: str, by: str, reason: str) -> None:
    """Do not let the call pass."""
    _answer(path, question, False, by, reason)


def _answer(path: str, question: str, approved: bool, by: str, reason: str) -> None:
    if not by.strip():
        raise UsageError("An answer needs the name of a person.", "Give --by NAME.")
    if not _store(path).answer(question, approved, by.strip()[:200], reason[:1000], time.time()):
        raise AssaymarkError(
            f"The question {_safe(question)} is unknown, answered already, or has expired.",
            "See `assaymark guard approvals list --all`.",
        )
    click.echo(f"{question}: {'approved' if approved else 'denied'}.")


def _path(store: Path | None, policy: Path | None) -> str:
    if store is not None:
        return str(store)
    if policy is not None:
        from assaymark.guard.policy.load import load

        if named := load(policy).policy.approvals.store:
            return str(policy.parent / named)
        raise UsageError(f"The policy {policy} names no `approvals.store`.", "Name the file with --store.")
    raise UsageError("No queue is named.", "Give --store FILE or --policy FILE.")


def _store(path: str) -> Any:
    from assaymark.guard.proxy.approvals_store import Store

    return Store(path, must_exist=True)


def _plain(row: Any, state: str) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(row)
    return found | {"state": state}


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _safe(text: str) -> str:
    """What could steer a terminal made visible."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
