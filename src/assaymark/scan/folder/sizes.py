"""Size of the weights against what the configuration declares."""

from collections.abc import Iterator
from typing import Any

from assaymark.scan.config.json_text import read_json
from assaymark.scan.folder.entry import Finding, Folder, note

__all__ = ["declared_parameters", "judge_sizes"]

MAX_CONFIG = 1 << 20
FACTOR = 4
"""How far the count may lie from the estimate, either way, before it is said."""
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")


def declared_parameters(config: dict[str, Any]) -> int:
    """A rough count for a transformer of the declared sizes; 0 if these do not say enough."""
    width, layers = (
        _count(config, "hidden_size", "n_embd", "d_model"),
        _count(config, "num_hidden_layers", "n_layer"),
    )
    words = _count(config, "vocab_size")
    if not (width and layers) or any(k in config for k in _EXPERTS):
        return 0
    inner = _count(config, "intermediate_size", "n_inner", "ffn_dim", "d_ff") or 4 * width
    return layers * (4 * width * width + 3 * width * inner) + words * width


def _count(config: dict[str, Any], *keys: str) -> int:
    for key in keys:
        value = config.get(key)
        if isinstance(value, int) and 0 < value < 1 << 40:
            return value
    return 0


def judge_sizes(folder: Folder) -> Iterator[Finding]:
    """Far more or far fewer parameters than the configuration declares."""
    entry = folder.files.get("config.json")
    text = folder.text("config.json", MAX_CONFIG) if entry else None
    value = read_json(text.encode()).value if text else None
    if entry is None or not isinstance(value, dict) or "quantization_config" in value:
        return
    held = sum(
        e.inspection.header.parameters
        for e in folder.here()
        if e.format == "safetensors" and e.inspection and e.inspection.header and "adapter" not in e.name
    )
    wanted = declared_parameters(value)
    indexed = any(e.format == "hf-index" for e in folder.here())
    if held and wanted and (held > FACTOR * wanted or (FACTOR * held < wanted and not indexed)):
        message = f"The weights hold {held:,} parameters; the configuration declares about {wanted:,}."
        yield entry.path, note("folder-size-differs", message, "parameters")
