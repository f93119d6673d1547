"""Train the hashed n-gram model on the run time's own features and windows; minutes on one core.

    python -m training.injection.linear DATA OUT

The model is `logit(window) = bias + sum of weights / sqrt(number of features)`, one column a head.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from assaymark.guard.detector.features import BUCKETS, bucketed, window_slices
from training.injection.mix import all_rows, dev_rows
from training.injection.prepare import HEADS, labels_of, side_of, windows_of
from training.injection.rows import Row
from training.injection.train import auroc

__all__ = ["Featured", "featured", "fit", "main", "row_scores"]


@dataclass
class Featured:
    """Windows as lists of buckets."""

    buckets: NDArray[np.uint32]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int8]
    bag: NDArray[np.bool_]
    row: NDArray[np.int64]
    rows: list[Row]

    def batch(self, chosen: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Buckets one after the other, where each window begins, and 1/sqrt(n)."""
        starts = self._starts[chosen]
        lengths = self.lengths[chosen]
        offsets = np.cumsum(lengths) - lengths
        where = np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
        scale = 1.0 / np.sqrt(np.maximum(lengths, 1))
        return (
            torch.from_numpy(self.buckets[where].astype(np.int64)),
            torch.from_numpy(offsets),
            torch.from_numpy(scale.astype(np.float32))[:, None],
        )

    def __post_init__(self) -> None:
        self._starts = np.cumsum(self.lengths) - self.lengths


def featured(rows: Iterable[Row]) -> Featured:
    """The labelled windows of `rows`."""
    buckets, lengths, labels, bag, owner, kept = [], [], [], [], [], []
    for row in rows:
        windows = list(windows_of(row))
        if not windows:
            continue
        features = bucketed(row.text)
        first, last = window_slices(features, [(w.start, w.end) for w in windows])
        for n, window in enumerate(windows):
            parts = [features.buckets[a:b] for a, b in zip(first[:, n], last[:, n], strict=True)]
            buckets.append(np.concatenate(parts))
            lengths.append(buckets[-1].size)
            labels.append(labels_of(row, abs(window.label)))
            bag.append(window.label < 0)
            owner.append(len(kept))
        kept.append(row)
    return Featured(
        np.concatenate(buckets),
        np.array(lengths, np.int64),
        np.array(labels, np.int8),
        np.array(bag, bool),
        np.array(owner, np.int64),
        kept,
    )


def _weights(data: Featured, active: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each family as the square root of its windows; each head's two labels alike."""
    family = np.array([data.rows[r].family for r in data.row[active]])
    _, inverse, counts = np.unique(family, return_inverse=True, return_counts=True)
    weights = counts[inverse] ** -0.5
    for head in HEADS:
        for label in (0, 1):
            mine = np.array(
                [data.rows[r].head == head and data.rows[r].label == label for r in data.row[active]]
            )
            if mine.any():
                weights[mine] *= (0.55 if label == 0 else 0.45) / weights[mine].sum()
    return np.asarray(weights / weights.mean(), np.float32)


def fit(
    data: Featured, chosen: NDArray[np.int64], *, epochs: int, lr: float, decay: float, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (heads, BUCKETS) and biases (heads,)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = torch.nn.EmbeddingBag(BUCKETS, 3, mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.Adam([*table.parameters(), bias], lr=lr)
    first = np.concatenate(([True], data.row[1:] != data.row[:-1]))
    active = chosen[~data.bag[chosen] | first[chosen]]
    weights = torch.from_numpy(_weights(data, active))
    labels = torch.from_numpy(data.labels[active].astype(np.float32))
    steps = epochs * (len(active) // 512 + 1)
    step = 0
    for _ in range(epochs):
        for part in np.array_split(rng.permutation(len(active)), len(active) // 512 + 1):
            for group in optimizer.param_groups:
                group["lr"] = lr * max(0.02, 1 - step / steps)
            buckets, offsets, scale = data.batch(active[part])
            logits = table(buckets, offsets) * scale + bias
            target = labels[part]
            known = (target >= 0) * weights[part][:, None]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, target.clamp(min=0), reduction="none"
            )
            cost = (loss * known).sum() / known.sum()
            optimizer.zero_grad(set_to_none=True)
            cost.backward()
            optimizer.step()
            with torch.no_grad():
                table.weight.mul_(1 - decay * optimizer.param_groups[0]["lr"])
            step += 1
    return table.weight.detach().numpy().T.copy(), bias.detach().numpy().copy()


def logits_of(data: Featured, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float32]:
    """(windows, 3)."""
    table = torch.from_numpy(weights.T.copy())
    out = []
    for part in np.array_split(np.arange(len(data.lengths)), len(data.lengths) // 4096 + 1):
        buckets, offsets, scale = data.batch(part)
        out.append(
            (torch.nn.functional.embedding_bag(buckets, table, offsets, mode="sum") * scale).numpy() + bias
        )
    return np.concatenate(out).astype(np.float32)


def row_scores(data: Featured, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Highest logit of each row's windows on its own head."""
    head = np.array([HEADS.index(row.head) for row in data.rows])
    best = np.full(len(data.rows), -np.inf, np.float32)
    np.maximum.at(best, data.row, logits[np.arange(len(logits)), head[data.row]])
    return best


def figures(data: Featured, best: NDArray[np.float32], rows: NDArray[np.bool_]) -> dict[str, float]:
    """AUROC and recall at 1 and 2 % false positives by head."""
    out = {}
    label = np.array([row.label for row in data.rows])
    head = np.array([row.head for row in data.rows])
    for name in HEADS:
        pos, neg = (best[rows & (head == name) & (label == side)] for side in (1, 0))
        if len(pos) >= 5 and len(neg) >= 5:
            out[f"{name}/auroc"] = round(auroc(pos, neg), 3)
            for share in (0.01, 0.02):
                out[f"{name}/tpr@{share:.0%}"] = round(float((pos > np.quantile(neg, 1 - share)).mean()), 3)
    return out


def main() -> None:
    """Fit, report, save weights as float16 in safetensors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--decay", type=float, default=0.002)
    parser.add_argument("--sweep", action="store_true")
    options = parser.parse_args()
    data, dev = featured(all_rows(options.data)), featured(dev_rows(options.data))
    held = np.array([side_of(row.group) == "held" for row in data.rows])
    train = np.flatnonzero(~held[data.row])
    print(f"{len(data.rows)} rows, {len(data.lengths)} windows, {len(data.buckets):,} features", flush=True)
    tries = [(options.epochs, options.lr, options.decay)]
    if options.sweep:
        tries = [(4, 0.02, 0.002), (3, 0.01, 0.002), (4, 0.02, 0.02), (4, 0.05, 0.02), (6, 0.02, 0.1)]
    for epochs, lr, decay in tries:
        weights, bias = fit(data, train, epochs=epochs, lr=lr, decay=decay)
        print(
            epochs, lr, decay, "held", figures(data, row_scores(data, logits_of(data, weights, bias)), held)
        )
        best = row_scores(dev, logits_of(dev, weights, bias))
        print("   dev", figures(dev, best, np.isfinite(best)), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({"weights": weights.astype(np.float32), "bias": bias}, options.out)


if __name__ == "__main__":
    main()
