"""Models that a replay asks: a command, or an address. What they answer is hostile until it is read.

A command is the user's own, run without a shell: it reads one JSON object a line and writes one answer a
line. An address is asked by POST with `{"records": [...]}` and gives `{"answers": [...]}`; nobody else is
asked: no proxy, no redirect.
"""

import base64
import contextlib
import http.client
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
import numpy as np

from assaymark.dataset.replay import Predict
from assaymark.errors import AssaymarkError, UsageError

__all__ = ["by_command", "by_url", "encoded"]

_MOST_BYTES = 256 << 20
"""Bytes of answers that are read."""
_BATCH = 32
"""Records of one request."""
_COMMAND = "It has to write one answer a line, in the order of the records, and end."
_URL = 'It has to answer {"records": [...]} with {"answers": [...]}, one for each record.'


def by_command(command: str, *, timeout: float) -> Predict:
    """A command as the model.

    Args:
        command: program and arguments, as a shell would split them; no shell is started.
        timeout: seconds for all records of one run.

    Raises:
        UsageError: it is no command.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{command[:80]!r} is no command: {error}.", "Quote it as for a shell.") from error
    if not words:
        raise UsageError("The command is empty.", "Name the program and its arguments.")

    def predict(records: Sequence[dict[str, Any]]) -> list[str]:
        asked = b"".join(msgspec.json.encode(encoded(r)) + b"\n" for r in records)
        return _lines(_ran(words, asked, timeout))

    return predict


def by_url(url: str, *, timeout: float) -> Predict:
    """An address as the model.

    Args:
        url: `http://` or `https://`.
        timeout: seconds for one request of at most 32 records.

    Raises:
        UsageError: it is no such address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url[:80]} is no address of a model.", "Write http://… or https://….")

    def predict(records: Sequence[dict[str, Any]]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(records), _BATCH):
            batch = [encoded(r) for r in records[start : start + _BATCH]]
            found += _answers(_posted(url, msgspec.json.encode({"records": batch}), timeout), len(batch))
        return found

    return predict


def encoded(record: dict[str, Any]) -> dict[str, Any]:
    """The record as JSON holds it: pixels as base64 of height × width × 3 bytes, no lone surrogates."""
    found = {k: _plain(v) for k, v in record.items()}
    image = record.get("image")
    if isinstance(image, np.ndarray):
        found["image"] = {
            "height": image.shape[0],
            "width": image.shape[1],
            "rgb": base64.b64encode(np.ascontiguousarray(image).tobytes()).decode(),
        }
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_plain(str(k)): _plain(v) for k, v in value.items()}
    if value is None or isinstance(value, bool | int | float):
        return value
    return _plain(str(value))


def _ran(words: list[str], asked: bytes, timeout: float) -> bytes:
    """What the command wrote; its input and output are files, so that neither side waits for the other."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as got, tempfile.TemporaryFile() as said:
        given.write(asked)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command, split and run without a shell
                words, stdin=given, stdout=got, stderr=said, timeout=timeout, check=False
            )
        except OSError as error:
            raise UsageError(
                f"{words[0]} cannot be run: {error.strerror or error}.", "Name a program that is there."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise AssaymarkError(
                f"{words[0]} did not end within {timeout:g} seconds.", "Allow more with --timeout."
            ) from error
        said.seek(0)
        words_said = said.read(2_000).decode("utf-8", "replace").strip()
        if done.returncode:
            raise AssaymarkError(f"{words[0]} ended with {done.returncode}: {words_said[-600:]}", _COMMAND)
        got.seek(0)
        found = got.read(_MOST_BYTES + 1)
        if len(found) > _MOST_BYTES:
            raise AssaymarkError(f"{words[0]} wrote more than {_MOST_BYTES:,} bytes.", _COMMAND)
        return found


def _lines(data: bytes) -> list[str]:
    """An answer a line: a JSON string, number or object with `answer`; else the line itself."""
    return [_answer(line) for line in data.decode("utf-8", "replace").splitlines() if line.strip()]


def _answer(line: str) -> str:
    value: Any = line
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        value = msgspec.json.decode(line)
    if isinstance(value, dict):
        value = next((value[k] for k in ("answer", "label", "response") if k in value), line)
    if isinstance(value, bool | float | int):
        return line.strip() if not line.lstrip().startswith("{") else str(value)
    return value if isinstance(value, str) else line


def _posted(url: str, body: bytes, timeout: float) -> bytes:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            data = reply.read(_MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AssaymarkError(f"{parts.hostname} gave no answer: {error}.", "See whether it runs.") from error
    if reply.status != 200:
        raise AssaymarkError(f"{parts.hostname} answered with status {reply.status}.", _URL)
    if len(data) > _MOST_BYTES:
        raise AssaymarkError(f"{parts.hostname} gave more than {_MOST_BYTES:,} bytes.", _URL)
    return data


def _answers(data: bytes, wanted: int) -> list[str]:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise AssaymarkError(f"The model's answer is no JSON: {error}.", _URL) from error
    answers = value.get("answers") if isinstance(value, dict) else None
    if not isinstance(answers, list) or len(answers) != wanted:
        raise AssaymarkError("The model did not give one answer for each record.", _URL)
    return [a if isinstance(a, str) else msgspec.json.encode(a).decode() for a in answers]
