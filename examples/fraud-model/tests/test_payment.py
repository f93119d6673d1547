"""The interface refuses what it cannot score."""

import pytest
from serving.score import Payment


def test_a_negative_amount_is_refused() -> None:
    """Amounts start at nought."""
    with pytest.raises(ValueError):
        Payment(payment_id=1, amount=-1, hour=3)
