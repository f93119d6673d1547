"""From the data folder to the weights folder, one command: prepare, train, export, ship.

    python -m training.injection.build DATA MINILM.safetensors OUT [--version V]

On a GPU a quarter of an hour, on two cores many hours. Same data, same seeds and same machine give the
same weights; another GPU rounds differently, and the figures move within their intervals.
"""

import argparse
import subprocess
import sys
from pathlib import Path

__all__ = ["main"]

_WEIGHTS = Path("src/assaymark/guard/detector/weights")
_SEEDS = (0, 1, 2, 10, 11, 12)


def _run(module: str, *arguments: object) -> None:
    command = [sys.executable, "-m", f"training.injection.{module}", *map(str, arguments)]
    print("+", *command[2:], flush=True)
    subprocess.run(command, check=True)


def main() -> None:
    """Run the steps in order; each leaves its result in OUT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("minilm", type=Path, help="model.safetensors of all-MiniLM-L6-v2")
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", type=Path, help="where to put the result; default: OUT/weights")
    parser.add_argument("--version", default="0.1.0")
    options = parser.parse_args()
    out, vocab = options.out, _WEIGHTS / "vocab.txt"
    weights = options.weights or out / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    if not (weights / "vocab.txt").exists():
        (weights / "vocab.txt").write_bytes(vocab.read_bytes())
    _run("prepare", options.data, out, "--vocab", vocab)
    for seed in _SEEDS:
        _run("train", out, options.minilm, out / f"run{seed}", "--seed", seed, "--runs", 1, "--epochs", 4,
             "--lr", 2e-4, "--drop", 0.15)  # fmt: skip
    runs = [out / f"run{seed}" / "encoder.pt" for seed in _SEEDS]
    _run("train", out, options.minilm, out / "mean", "--start", *runs)
    _run("toolhead", out / "mean" / "encoder.pt", out / "four.pt", "--vocab", vocab)
    _run("export", out / "four.pt", out / "encoder.onnx")
    _run("linear", options.data, out / "linear.safetensors")
    _run("ship", out, weights, "--version", options.version)


if __name__ == "__main__":
    main()
