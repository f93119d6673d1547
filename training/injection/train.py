"""Fine-tune the encoder on prepared windows; on a GPU minutes, on two cores hours. Needs torch only.

    python train.py PREPARED MINILM.safetensors OUT [--runs N] [--epochs N]

Several runs from different seeds are trained, and their weights averaged: the average of runs that
started from the same weights holds up better on text unlike the training text than any one of them.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

try:
    from training.injection.encoder import Encoder, load_minilm
except ImportError:  # on a bare GPU machine the two files lie side by side
    from encoder import Encoder, load_minilm

__all__ = ["Prepared", "loaded", "main", "report", "row_scores", "train_one"]

HEADS = ("user", "document", "output")


class Prepared:
    """The arrays of `prepare.pack`, with fast batches."""

    def __init__(self, path: Path, device: str) -> None:
        arrays = np.load(path)
        self.families = arrays["families"]
        self.lengths = arrays["lengths"].astype(np.int64)
        self.starts = np.concatenate(([0], np.cumsum(self.lengths)))[:-1]
        self.ids = torch.from_numpy(arrays["ids"].astype(np.int32)).to(device)
        self.labels = torch.from_numpy(arrays["labels"].astype(np.float32)).to(device)
        for name in ("row", "bag", "row_label", "row_head", "row_held", "row_family"):
            setattr(self, name, arrays[name])
        self.device = device

    row: np.ndarray
    bag: np.ndarray
    row_label: np.ndarray
    row_head: np.ndarray
    row_held: np.ndarray
    row_family: np.ndarray

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids and mask, (len(chosen), longest), the longest a multiple of 16."""
        lengths = torch.from_numpy(self.lengths[chosen]).to(self.device)
        longest = int(-(-self.lengths[chosen].max() // 16) * 16)
        places = torch.arange(longest, device=self.device)[None]
        mask = places < lengths[:, None]
        where = torch.from_numpy(self.starts[chosen]).to(self.device)[:, None] + places
        ids = self.ids[where.clamp(max=len(self.ids) - 1)] * mask
        return ids.long(), mask.long()


def epoch_order(
    data: Prepared, active: np.ndarray, weights: np.ndarray, size: int, rng: np.random.Generator
) -> Any:
    """Windows drawn with `weights`, in batches of similar length, the batches shuffled."""
    chosen = rng.choice(active, size=len(active), p=weights / weights.sum())
    batches = []
    for part in np.array_split(chosen, max(1, len(chosen) // (size * 40))):
        part = part[np.argsort(data.lengths[part], kind="stable")]
        batches.extend(np.array_split(part, max(1, len(part) // size)))
    rng.shuffle(batches)  # type: ignore[arg-type]
    return batches


def window_weights(data: Prepared, active: np.ndarray) -> np.ndarray:
    """Each family counts as the square root of its windows, each head's sides alike."""
    family = data.row_family[data.row[active]]
    counts = np.bincount(family, minlength=len(data.families))
    weights = counts[family] ** -0.5
    for head in range(3):
        for label in (0, 1):
            mine = (data.row_head[data.row[active]] == head) & (data.row_label[data.row[active]] == label)
            share = {0: 0.4, 1: 0.45, 2: 0.15}[head] * (0.55 if label == 0 else 0.45)
            if mine.any():
                weights[mine] *= share / weights[mine].sum()
    return weights


@torch.no_grad()
def logits_of(model: Encoder, data: Prepared, chosen: np.ndarray, size: int = 1024) -> np.ndarray:
    """(len(chosen), 3) float32."""
    model.eval()
    order = np.argsort(data.lengths[chosen], kind="stable")
    out = np.zeros((len(chosen), 3), np.float32)
    for part in np.array_split(order, max(1, len(order) // size)):
        with torch.autocast(data.device, dtype=torch.bfloat16, enabled=data.device == "cuda"):
            out[part] = model(*data.batch(chosen[part])).float().cpu().numpy()
    return out


def active_windows(data: Prepared, model: Encoder | None, train: np.ndarray) -> np.ndarray:
    """Windows to train on: of a text that is only known as a whole, the first, later the telling ones."""
    sure = train[~data.bag[train]]
    bags = train[data.bag[train]]
    if not len(bags):
        return sure
    rows = data.row[bags]
    if model is None:
        first = np.concatenate(([True], rows[1:] != rows[:-1]))
        return np.concatenate((sure, bags[first]))
    logits = logits_of(model, data, bags)
    score = logits[np.arange(len(bags)), data.row_head[rows]]
    best = np.full(len(data.row_label), -np.inf, np.float32)
    np.maximum.at(best, rows, score)
    return np.concatenate((sure, bags[(score > 0.5) | (score == best[rows])]))


def loss_of(logits: torch.Tensor, labels: torch.Tensor, margin: float) -> torch.Tensor:
    """Masked binary cross-entropy, smoothed; honest text that scores above -`margin` costs extra."""
    known = labels >= 0
    target = labels.clamp(min=0) * 0.96 + 0.02
    plain = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    extra = F.relu(logits + margin).square() * 0.05 * (labels == 0)
    return ((plain + extra) * known).sum() / known.sum().clamp(min=1)


def train_one(data: Prepared, start: Path, options: argparse.Namespace, seed: int) -> Encoder:
    """One run."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = load_minilm(start).to(data.device)
    model.drop = options.drop
    held = data.row_held[data.row]
    train = np.flatnonzero(~held if not options.everything else np.ones_like(held))
    groups = [
        {
            "params": [p for n, p in model.named_parameters() if n.startswith(("hidden.", "out."))],
            "lr": options.lr * 10,
        },
        {
            "params": [p for n, p in model.named_parameters() if n.startswith("words.")],
            "lr": options.lr * options.words,
        },
        {
            "params": [
                p for n, p in model.named_parameters() if not n.startswith(("hidden.", "out.", "words."))
            ],
            "lr": options.lr,
        },
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    base = [group["lr"] for group in optimizer.param_groups]
    total, step = options.epochs * max(1, len(active_windows(data, None, train)) // options.batch), 0
    average = {n: p.detach().clone() for n, p in model.state_dict().items()}
    for epoch in range(options.epochs):
        active = active_windows(data, model if epoch else None, train)
        model.train()
        seen, cost = 0, 0.0
        for chosen in epoch_order(data, active, window_weights(data, active), options.batch, rng):
            rate = min(1.0, (step + 1) / (0.06 * total)) * max(0.02, 1 - step / total)
            for group, lr in zip(optimizer.param_groups, base, strict=True):
                group["lr"] = lr * rate
            with torch.autocast(data.device, dtype=torch.bfloat16, enabled=data.device == "cuda"):
                logits = model(*data.batch(chosen)).float()
            loss = loss_of(logits, data.labels[torch.from_numpy(chosen).to(data.device)], options.margin)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            seen += 1
            cost += float(loss.detach()) if seen % 20 == 0 else 0.0
            if step % 10 == 0:
                decay = 0.95
                for name, value in model.state_dict().items():
                    average[name].mul_(decay).add_(value, alpha=1 - decay)
        print(
            f"seed {seed} epoch {epoch} windows {len(active)} loss {cost / max(1, seen // 20):.4f}",
            flush=True,
        )
    model.load_state_dict(average)
    return model


def row_scores(data: Prepared, logits: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Highest logit of a row's windows on the row's own head; -inf for rows without a window."""
    rows = data.row[windows]
    best = np.full(len(data.row_label), -np.inf, np.float32)
    np.maximum.at(best, rows, logits[np.arange(len(windows)), data.row_head[rows]])
    return best


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Area under the curve by ranks."""
    both = np.concatenate((positive, negative))
    ranks = np.empty(len(both))
    ranks[np.argsort(both, kind="stable")] = np.arange(1, len(both) + 1)
    return float(
        (ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2)
        / len(positive)
        / len(negative)
    )


def report(data: Prepared, best: np.ndarray, rows: np.ndarray) -> dict[str, float]:
    """By head: AUROC and recall at 1 and 2 % false positives; by family: mean side of zero."""
    out = {}
    for head, name in enumerate(HEADS):
        mine = rows & (data.row_head == head) & np.isfinite(best)
        pos, neg = best[mine & (data.row_label == 1)], best[mine & (data.row_label == 0)]
        if len(pos) < 5 or len(neg) < 5:
            continue
        out[f"{name}/auroc"] = auroc(pos, neg)
        for share in (0.01, 0.02):
            cut = np.quantile(neg, 1 - share)
            out[f"{name}/tpr@{share:.0%}"] = float((pos > cut).mean())
            if share == 0.01:
                out[f"{name}/cut@1%"] = float(cut)
    return out


def by_family(
    data: Prepared, best: np.ndarray, rows: np.ndarray, cuts: dict[int, float]
) -> dict[str, tuple[int, float]]:
    """Family → rows and the share that lies above its head's cut."""
    out = {}
    for n, family in enumerate(data.families):
        mine = rows & (data.row_family == n) & np.isfinite(best)
        if mine.sum() >= 5:
            cut = np.array([cuts.get(h, 0.0) for h in data.row_head[mine]])
            out[str(family)] = (int(mine.sum()), round(float((best[mine] > cut).mean()), 3))
    return out


def soup(models: list[Encoder]) -> dict[str, torch.Tensor]:
    """The mean of the weights."""
    states = [m.state_dict() for m in models]
    return {name: torch.stack([s[name].float() for s in states]).mean(0) for name in states[0]}


def loaded(path: Path, device: str) -> Encoder:
    """An encoder with the weights that an earlier run saved."""
    model = Encoder().to(device)
    model.load_state_dict({k: v.float() for k, v in torch.load(path, weights_only=True).items()})
    return model


def main() -> None:
    """Train, average, report, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--lr", type=float, default=8e-5)
    parser.add_argument(
        "--words", type=float, default=0.5, help="rate of the word embeddings, in parts of --lr"
    )
    parser.add_argument("--margin", type=float, default=2.0)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--name", default="encoder")
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument(
        "--start", type=Path, nargs="*", default=[], help="state dicts to average instead of training"
    )
    parser.add_argument("--everything", action="store_true", help="train on the held-back groups too")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    began = time.monotonic()
    data, dev = (
        Prepared(options.prepared / "train.npz", device),
        Prepared(options.prepared / "dev.npz", device),
    )
    print(
        f"{len(data.row)} windows, {len(data.row_label)} rows on {device}, read in {time.monotonic() - began:.0f} s"
    )
    held_windows = np.flatnonzero(data.row_held[data.row])
    dev_windows = np.arange(len(dev.row))

    def judge(model: Encoder, label: str) -> dict[str, Any]:
        held = row_scores(data, logits_of(model, data, held_windows), held_windows)
        best = row_scores(dev, logits_of(model, dev, dev_windows), dev_windows)
        figures = {"held": report(data, held, data.row_held), "dev": report(dev, best, np.isfinite(best))}
        cuts = {h: figures["held"].get(f"{n}/cut@1%", 0.0) for h, n in enumerate(HEADS)}
        figures["dev_families_at_held_1%"] = by_family(dev, best, np.isfinite(best), cuts)
        figures["held_families_at_held_1%"] = by_family(data, held, data.row_held, cuts)
        shown = {
            k: {n: round(v, 3) for n, v in f.items()} for k, f in figures.items() if k in ("held", "dev")
        }
        print(label, f"{time.monotonic() - began:.0f} s", json.dumps(shown), flush=True)
        return figures

    if options.start:
        models = [loaded(path, device) for path in options.start]
    else:
        seeds = range(options.seed, options.seed + options.runs)
        models = [train_one(data, options.minilm, options, seed) for seed in seeds]
    figures = {f"run{n}": judge(model, f"run {n}") for n, model in enumerate(models)}
    blend = Encoder().to(device)
    blend.load_state_dict(soup(models))
    figures["soup"] = judge(blend, "soup")
    options.out.mkdir(parents=True, exist_ok=True)
    half = {name: value.half().cpu() for name, value in blend.state_dict().items()}
    torch.save(half, options.out / f"{options.name}.pt")
    (options.out / f"{options.name}.json").write_text(
        json.dumps({"options": {k: str(v) for k, v in vars(options).items()}, "figures": figures}, indent=1)
    )
    print(json.dumps(figures["soup"]["dev_families_at_held_1%"]))
    print(json.dumps(figures["soup"]["held_families_at_held_1%"]))


if __name__ == "__main__":
    main()
