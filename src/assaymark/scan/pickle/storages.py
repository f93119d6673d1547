"""How PyTorch names the tensors' bytes: persistent ids, and the sizes behind them."""

from assaymark.scan.pickle.values import Box, Imported, Value

__all__ = ["is_storage", "storage_size"]

WIDTHS = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "LongStorage": 8, "IntStorage": 4,
    "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1, "BFloat16Storage": 2,
    "ComplexDoubleStorage": 16, "ComplexFloatStorage": 8, "QUInt8Storage": 1, "QInt8Storage": 1,
    "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1, "UntypedStorage": 1,
}  # fmt: skip
"""Class of a storage → bytes of one element."""


def is_storage(persistent_id: Value) -> bool:
    """Whether it is `('storage', class, key, location, count)`, as every version of PyTorch wrote it."""
    if not isinstance(persistent_id, Box) or persistent_id.kind != "tuple":
        return False
    items = persistent_id.items
    if items[:1] == ["module"]:
        return False
    if len(items) not in (5, 6) or items[0] != "storage" or not isinstance(items[1], Imported):
        return False
    module, name = items[1].module, items[1].name
    known = module in ("torch", "torch.storage", "torch.cuda") and name in WIDTHS
    return (
        known and isinstance(items[2], str | int) and isinstance(items[3], str) and isinstance(items[4], int)
    )


def storage_size(persistent_id: Value) -> tuple[str | int, int] | None:
    """Key and bytes of a storage; None if it is none."""
    if not is_storage(persistent_id):
        return None
    items = persistent_id.items
    return items[2], max(0, items[4]) * WIDTHS[items[1].name]
