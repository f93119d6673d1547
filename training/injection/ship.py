"""Trained models → the package's weights folder, with digests and the operating points.

The operating points were chosen on the development sets and the held-back groups: the lowest log-odds at
which no more than about 2 in 100 honest texts of either are flagged (near twins of attacks apart). The
scale spreads the averaged encoder's narrow log-odds; with the bias it puts each head's point at 0.5.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from assaymark.guard.detector.linear import LinearModel
from training.injection.prepare import HEADS as TRAINED
from training.injection.prepare import MAX_TOKENS
from training.injection.sources import SETS

__all__ = ["LINEAR", "POINTS", "SCALE", "main"]

HEADS = (*TRAINED, "tool")
"""`tool` is fitted by `toolhead.py`; it has no weights of its own in the linear model and borrows the user's."""
POINTS = {"user": 0.25, "document": 0.6, "output": 1.0, "tool": 1.8}
"""Encoder log-odds plus `LINEAR` times linear log-odds, at and above which a text is flagged."""
LINEAR = 0.05
"""Part of the linear model; on the development sets more of it made the user head worse."""
SCALE = {"user": 3.0, "document": 3.0, "output": 3.0, "tool": 1.5}
WINDOWS = {"user": 130, "document": 130, "output": 40, "tool": 130}
"""Words. A paragraph of 110 words is read at once; what a model discloses drowns in its longer answers."""
HONEST = {"user": -1.0, "document": -1.2, "output": -1.1, "tool": -3.0}
"""Encoder log-odds taken for a text that the budget left unread: those of ordinary honest text."""


def _lent(rows: np.ndarray) -> np.ndarray:
    """The rows of the trained heads, and the user's again for `tool`."""
    return np.concatenate((rows, rows[:1]))


def main() -> None:
    """Write linear.safetensors, encoder.onnx and manifest.json beside vocab.txt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trained", type=Path, help="folder with encoder.onnx and linear.safetensors")
    parser.add_argument("weights", type=Path, help="src/assaymark/guard/detector/weights")
    parser.add_argument("--version", required=True)
    options = parser.parse_args()
    stored = load_file(options.trained / "linear.safetensors")
    (options.weights / "linear.safetensors").write_bytes(
        LinearModel.quantised(_lent(stored["weights"]), _lent(stored["bias"].astype(np.float64))).to_bytes()
    )
    (options.weights / "encoder.onnx").write_bytes((options.trained / "encoder.onnx").read_bytes())
    files = ("encoder.onnx", "linear.safetensors", "vocab.txt")
    manifest = {
        "version": options.version,
        "heads": list(HEADS),
        "threshold": dict.fromkeys(HEADS, 0.5),
        "combine": {
            head: {
                "linear": SCALE[head] * LINEAR,
                "encoder": SCALE[head],
                "bias": -SCALE[head] * POINTS[head],
                "unencoded": HONEST[head],
            }
            for head in HEADS
        },
        "files": {name: hashlib.sha256((options.weights / name).read_bytes()).hexdigest() for name in files},
        "window_words": WINDOWS,
        "max_tokens": MAX_TOKENS,
        "training_data": [
            *sorted(SETS),
            "python manual (pydoc topics)",
            "assaymark training/injection/corpus",
        ],
        "notes": {
            "licence": "Apache-2.0; the encoder starts from all-MiniLM-L6-v2 (Apache-2.0)",
            "model card": "docs/guard/model-card.md",
            "training": "training/injection/README.md",
        },
    }
    (options.weights / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
