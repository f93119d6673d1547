"""Checks the table before every training run; a training run without it does not start."""

import pandas as pd
import pandera as pa

SCHEMA = pa.DataFrameSchema(
    {
        "payment_id": pa.Column(int, unique=True),
        "amount": pa.Column(float, pa.Check.in_range(0, 50_000)),
        "country": pa.Column(str, pa.Check.isin(["GB", "FR", "DE", "IE"])),
        "hour": pa.Column(int, pa.Check.in_range(0, 23)),
        "is_fraud": pa.Column(int, pa.Check.isin([0, 1])),
    }
)


def validated(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without exact duplicates, or an error that names the rows."""
    return SCHEMA.validate(frame.drop_duplicates(), lazy=True)
