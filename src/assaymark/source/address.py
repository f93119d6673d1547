"""Addresses as people may see them, and the package that reading one needs."""

import re

__all__ = ["install_line", "shown_address", "without_credentials"]

_EXTRAS = {
    "http": "http", "https": "http", "s3": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure",
}  # fmt: skip
"""Scheme → extra of ours that brings its fsspec package."""
_CREDENTIALS = re.compile(r"/[^/@\s]{1,300}@")


def shown_address(address: str) -> str:
    """Without name and password, and without a query, which may hold a key."""
    return without_credentials(address.partition("?")[0])


def without_credentials(text: str) -> str:
    """An error's text, which may repeat an address, without names and passwords."""
    return _CREDENTIALS.sub("/", text)


def install_line(address: str) -> str:
    """How to install what reads such an address; empty if no extra of ours does."""
    extra = _EXTRAS.get(address.partition("://")[0].lower())
    return f"pip install 'assaymark[{extra}]'" if extra else ""
