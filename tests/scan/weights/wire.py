"""Writes protocol buffers by hand, after https://protobuf.dev/programming-guides/encoding/."""

__all__ = ["joined", "number", "told", "varint"]


def varint(value: int) -> bytes:
    """A number of as few bytes as it needs."""
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    """A field of one number."""
    return varint(field << 3) + varint(value)


def told(field: int, content: bytes | str) -> bytes:
    """A field of bytes, of text, or of a message."""
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def joined(*parts: bytes) -> bytes:
    """A message of these fields."""
    return b"".join(parts)
