"""News of AI threats reaches staff over more than one channel."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath

from assaymark.checks._check import Finding, at, check, met
from assaymark.checks.document._documents import expectation, filled, judge, pick
from assaymark.scan.facts import Document
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")
_CHANNELS = (
    "bulletin",
    "newsletter",
    "wiki",
    "mail",
    "chat",
    "slack",
    "teams",
    "intranet",
    "feed",
    "meeting",
)


@check(supports=("5.1.1-2.1",))
def threat_updates_use_several_channels(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """News of AI threats reaches staff over more than one channel.

    Why: One channel reaches those who already read it.

    Fix: Name the channels (bulletin, wiki, team chat …) in docs/awareness/README.md, or archive what
    was sent over each in a folder of its own below docs/awareness/.

    Blind spots: Channels are taken from what documents name and from the folders of an archive; that
    anything was sent, or read, is not checked.
    """
    expected = expectation("threat_updates_use_several_channels", _TABLE)
    archived = {
        channel: document
        for document in filled(pick(documents, ("awareness",), system))
        for part in PurePosixPath(document.at.path.lower()).parts
        for channel in _CHANNELS
        if channel in part
    }
    if len(archived) > 1:
        yield met(
            f"Updates were sent over {len(archived)} channels.",
            *(at(f"An update by {channel}.", document) for channel, document in sorted(archived.items())),
        )
        return
    yield from judge(expected, documents, system, today)
