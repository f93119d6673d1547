"""The text of a stream that the core has not let go yet."""

from collections.abc import Iterable, Sequence

from assaymark.guard.core.events import AskHuman, Refuse, Release, ReleaseCall, Stop
from assaymark.guard.event import Edit
from assaymark.guard.library.drive import Done
from assaymark.guard.library.rewrite import part
from assaymark.guard.library.verdict import Blocked, Verdict

__all__ = ["Held", "raise_stops"]


class Held:
    """One track: pieces in, what may go out. Offsets count code points from the track's beginning."""

    def __init__(self, track: str) -> None:
        self.track = track
        self.upto = 0
        """May go."""
        self.edits: tuple[Edit, ...] = ()
        self._text = ""
        self._sent = 0

    def add(self, text: str) -> None:
        """More came."""
        self._text += text

    def obey(self, commands: Iterable[Done]) -> str:
        """The text that `commands` let go, edited.

        Raises:
            Blocked: the stream ends here.
        """
        commands = raise_stops(commands)
        for command in commands:
            if isinstance(command, Release) and command.track == self.track:
                self.upto, self.edits = command.upto, command.edits
        size = self.upto - self._sent
        if size <= 0:
            return ""
        piece = part(self._text[:size], self._sent, self.edits)
        self._text, self._sent = self._text[size:], self.upto
        return piece


def raise_stops(commands: Iterable[Done]) -> Sequence[Release | ReleaseCall | Done]:
    """The commands, if none of them ends the exchange.

    Raises:
        Blocked: one does.
    """
    listed = list(commands)
    for command in listed:
        if isinstance(command, Stop | Refuse):
            raise Blocked(Verdict(decision=command.decision))
        if isinstance(command, AskHuman):
            raise Blocked(Verdict(decision=command.question.decision))
    return listed
