"""How many of a stream's newest characters the egress rules need to see before they are released."""

from assaymark.guard.policy.model import Policy
from assaymark.guard.policy.vocabulary import matches

__all__ = ["CANARY_NEEDS", "PERSONAL_NEEDS", "SECRET_NEEDS", "URL_NEEDS", "hold_back_needed"]

CANARY_NEEDS = 96
"""Characters of a canary in its longest disguise that are surely recognised (see `rules.canary`)."""
SECRET_NEEDS: dict[str, int] = {"jwt": 120, "anthropic_key": 120, "connection_string": 150}
"""Characters until a secret of the kind is recognised; the rest is then held as well. Others: 100."""
PERSONAL_NEEDS: dict[str, int] = {"passport_mrz": 92}
"""As above, for personal data. Others: 64."""
URL_NEEDS = 100
"""Characters from an address's beginning until it is known where it leads."""


def hold_back_needed(policy: Policy) -> int:
    """The least `stream.hold_back_chars` with which every rule of `policy.egress` can work."""
    egress = policy.egress
    needs = [0]
    if egress.canary is not None:
        needs.append(CANARY_NEEDS)
    if egress.secrets is not None:
        long = [n for kind, n in SECRET_NEEDS.items() if any(matches(g, kind) for g in egress.secrets.kinds)]
        needs += [100, *long]
    if egress.personal_data is not None:
        kinds = egress.personal_data.kinds
        needs += [64, *(n for kind, n in PERSONAL_NEEDS.items() if any(matches(g, kind) for g in kinds))]
    if egress.links is not None or egress.images is not None:
        needs.append(URL_NEEDS)
    return max(needs)
