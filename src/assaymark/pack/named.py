"""Which documents evidence names by digest: a pack carries each, or says why not. Writer and reader agree."""

from collections.abc import Iterable, Iterator

from assaymark.imports.about import FOLDER
from assaymark.ledger.attestation import JUDGED
from assaymark.observation import Observation, Subject

__all__ = ["documents_named"]


def documents_named(observations: Iterable[Observation]) -> Iterator[Subject]:
    """Documents of attestations (the findings that they judge are none), and imported reports of tools."""
    for observation in observations:
        if observation.check == "attestation":
            yield from (s for s in observation.subjects if not s.name.startswith(JUDGED))
        elif observation.role == "tool":
            yield from (s for s in observation.subjects if s.name.startswith(f"{FOLDER}/"))
