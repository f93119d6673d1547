"""The detector as the core's chain asks for it: by channel, with the thresholds in force."""

from collections.abc import Mapping, Sequence

from assaymark.guard.detector.detector import Budget, Detector, Score, head_of
from assaymark.guard.event import Channel

__all__ = ["ChannelScorer"]


class ChannelScorer:
    """Scores text on a channel; may be used by several threads.

    Args:
        detector: both models.
        thresholds: calibrated operating points; a channel that is missing has its head's shipped one.
        budget: what the encoder may read of one call.
    """

    def __init__(
        self,
        detector: Detector,
        thresholds: Mapping[Channel, float] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._detector = detector
        self._thresholds = dict(thresholds or {})
        self._budget = budget or Budget()

    @property
    def version(self) -> str:
        """Version and digest of the weights."""
        return self._detector.version

    def scores(self, channel: Channel) -> bool:
        """Whether there is a head for `channel`."""
        return head_of(channel) in self._detector.heads

    def threshold(self, channel: Channel) -> float:
        """The calibrated operating point, or the shipped one."""
        return self._thresholds.get(channel, self._detector.thresholds[head_of(channel)])

    def score(self, text: str, channel: Channel) -> Score:
        """The worst window of `text`."""
        return self._detector.score(text, head_of(channel), self._budget)

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> list[Score]:
        """The texts of one message, which share one budget; each is then remembered for `score`."""
        return self._detector.score_many([(text, head_of(channel)) for text, channel in items], self._budget)
