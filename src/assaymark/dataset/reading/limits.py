"""How much of a stranger's data is read: bounds on size, expansion and pixels."""

from msgspec import Struct

__all__ = ["LIMITS", "Limits"]


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds that hold for every file; what exceeds one becomes a hole, and the rest is still read."""

    record_bytes: int = 16 << 20
    """Bytes of one record's text, or of one encoded image."""
    quoted_bytes: int = 1 << 20
    """Bytes after which a quote that has not been closed is taken for a stray one."""
    decoded_bytes: int = 1 << 40
    """Bytes that one compressed file may expand to."""
    ratio: int = 500
    """How many times its size a compressed file may expand to, beyond `free_bytes`."""
    free_bytes: int = 256 << 20
    """Bytes of expansion for which the ratio is not looked at."""
    pixels: int = 64 << 20
    """Pixels of one image, by its header."""
    columns: int = 100_000
    batch_rows: int = 16_384
    """Records of one batch at most; fewer where they are long."""
    batch_bytes: int = 32 << 20
    """Bytes of one batch, about: what a worker holds at a time."""
    batch_images: int = 1_024
    block_bytes: int = 4 << 20
    """Bytes of text that are looked at together."""
    shard_bytes: int = 32 << 20
    """Bytes of one shard of text, about."""
    whole_bytes: int = 512 << 20
    """Bytes of a file whose form can only be read as a whole."""
    records: int = 20_000_000_000


LIMITS = Limits()
"""The usual bounds."""
