"""``assaymark log witness``."""

import time
from pathlib import Path

import click

from assaymark._cli.log.source import open_log, verifier_keys
from assaymark._cli.places import key_path
from assaymark.errors import UsageError
from assaymark.ledger.keys import load_or_create_key, public_bytes
from assaymark.ledger.note import ED25519, fit_name, with_signatures
from assaymark.ledger.witness import Witness
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.command("witness")
@click.argument("path", default="")
@click.option("--vkey", "logs", multiple=True, metavar="KEY", help="Key of a log to trust; repeatable.")
@click.option("--state", required=True, type=_FILE, help="Folder in which it remembers.")
@click.option(
    "--key", "key_file", type=_FILE, metavar="PEM", help="Its own key. [default: made on first use]"
)
@click.option("--name", default="", help="Its name in cosignatures, such as witness.example/w1.")
@click.option("-o", "--output", type=_FILE, help="Where to write the head. [default: standard output]")
@click.option("--serve", default="", metavar="HOST:PORT", help="Answer logs that submit heads, over HTTP.")
def command(
    path: str,
    logs: tuple[str, ...],
    state: Path,
    key_file: Path | None,
    name: str,
    output: Path | None,
    serve: str,
) -> None:
    """Be a witness: remember logs, cosign only what extends them.

    Reads the log at PATH (a folder or a URL), compares it with what was seen
    before, and writes its newest head with a cosignature, which `log cosign
    --note` adds to the log. With --serve it answers as C2SP tlog-witness says;
    name port 0 for a free one, and put a proxy with TLS in front of it for others
    than this machine. A log that was cut off or changed is refused, with both
    roots: exit code 14.
    """
    if bool(path) == bool(serve):
        raise UsageError("Say which log to read, or where to listen.", "Give either PATH or --serve.")
    key = load_or_create_key(key_file or key_path().with_name("witness.pem"))
    name = name or f"assaymark.local/witness-{public_bytes(key).hex()[:8]}"
    if not fit_name(name):
        raise UsageError("A witness's name has no spaces and no plus.", "Choose one like example.org/w1.")
    witness = Witness(state, name, key, verifier_keys(logs, ED25519))
    click.echo(f"Witness key: {witness.key.text()}", err=True)
    if serve:
        _serve(witness, serve)
        return
    with open_log(path) as log:
        note, signature = witness.visit(log.tiles, int(time.time()))
    text = with_signatures(note, (signature,))
    if output:
        write_atomically(output, text.encode())
    else:
        click.echo(text, nl=False)


def _serve(witness: Witness, address: str) -> None:
    from assaymark.ledger.witness_server import WitnessServer

    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port[:6]) < 65_536):
        raise UsageError(f"{address[:80]} is no HOST:PORT.", "Write it like 127.0.0.1:8380.")
    with WitnessServer((host.strip("[]") or "127.0.0.1", int(port)), witness) as server:
        shown = f"http://{server.server_address[0]!s}:{server.server_port}/"
        click.echo(f"Listening: {shown}add-checkpoint", err=True)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
