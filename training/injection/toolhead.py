"""A fourth logit for tool descriptions, fitted on the trained encoder's own features; a minute on one core.

Descriptions of tools are orders by nature (“Send a mail”), so neither the user's nor the document's
definition fits them: positive is what a description must not do, which is to direct the model beyond the
use of the tool. Honest ones are docstrings of Python's own library and of our corpus.
"""

import argparse
import importlib
import inspect
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assaymark.guard.detector.wordpiece import WordPiece
from training.injection.corpus import carriers, document_attacks
from training.injection.encoder import Encoder

__all__ = ["main"]

_MODULES = (
    "os shutil subprocess socket ssl http.client smtplib imaplib ftplib poplib email.message mailbox sqlite3 csv json"
    " zipfile tarfile pathlib datetime calendar statistics random urllib.request urllib.parse logging threading queue"
    " unittest argparse configparser tempfile glob fnmatch decimal fractions hashlib hmac secrets zlib gzip bz2 lzma"
    " html xml.dom.minidom xmlrpc.client webbrowser asyncio concurrent.futures multiprocessing select signal locale"
    " gettext string textwrap difflib re struct codecs collections heapq bisect array copy pprint enum itertools"
    " functools operator contextlib inspect ast dis pickle shelve dbm platform getpass curses turtle tkinter"
).split()
_ATTACKS = ("toolspec", "covert", "authority", "tool", "exfil", "redirect", "classic", "manipulate")


def _docstrings() -> Iterator[str]:
    """First paragraphs of what Python's library says of its functions, and its parameters' lines."""
    for name in _MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        for _, thing in inspect.getmembers(module):
            members = [value for _, value in inspect.getmembers(thing)] if inspect.isclass(thing) else []
            for value in (thing, *members):
                text = inspect.getdoc(value)
                if text:
                    yield text.split("\n\n")[0][:500]


def _texts(rng: random.Random) -> tuple[list[str], list[str]]:
    honest = sorted(set(_docstrings()))
    rng.shuffle(honest)
    own = [
        c.text
        for c in carriers.carriers(rng)
        if any(k in c.family for k in ("tooldesc", "tooltext", "apidoc"))
    ]
    pieces = [piece.strip() for text in own for piece in text.split("\n") if len(piece.strip()) > 12]
    honest = honest[:5000] + own + rng.sample(pieces, min(2000, len(pieces)))
    attacks = [a for a in document_attacks.attacks(rng) if a.family.split("/")[0] in _ATTACKS]
    spec = [a.text for a in attacks if a.family.startswith("toolspec")]
    other = [a.text for a in attacks if not a.family.startswith("toolspec")]
    bad = [*spec, *rng.sample(other, 1500)]
    bad += [f"{rng.choice(honest)[:300]} {text}" for text in [*spec, *spec, *rng.sample(other, 1500)]]
    return honest, bad


@torch.no_grad()
def _features(model: Encoder, tokens: WordPiece, texts: list[str]) -> np.ndarray:
    """(texts, width): what `out` sees."""
    rows = (torch.tensor([tokens.encode(text, 192)]) for text in texts)
    return torch.cat([model.pooled(ids, torch.ones_like(ids)) for ids in rows]).numpy()


def main() -> None:
    """Read a state dict with three logits, write one with four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vocab", type=Path, required=True)
    options = parser.parse_args()
    state = {k: v.float() for k, v in torch.load(options.weights, weights_only=True).items()}
    model = Encoder().eval()
    model.load_state_dict(state)
    honest, bad = _texts(random.Random(304223))
    x = torch.from_numpy(_features(model, WordPiece.load(options.vocab), honest + bad))
    y = torch.tensor([0.0] * len(honest) + [1.0] * len(bad))
    held = torch.arange(len(y)) % 8 == 0
    head = nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.02, weight_decay=0.05)
    weight = torch.where(y > 0, len(y) / (2 * y.sum()), len(y) / (2 * (len(y) - y.sum())))
    for _ in range(600):
        logits = head(x[~held]).squeeze(1)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, y[~held], weight=weight[~held])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores = head(x[held]).squeeze(1)
    clean, found = scores[y[held] == 0], scores[y[held] == 1]
    for cut in (0.0, 0.5, 1.0, 1.5, 2.0):
        print(f"cut {cut}: honest flagged {float((clean > cut).float().mean()):.4f} of {len(clean)},"
              f" attacks {float((found > cut).float().mean()):.4f} of {len(found)}")  # fmt: skip
    state["out.weight"] = torch.cat((state["out.weight"], head.weight.detach()))
    state["out.bias"] = torch.cat((state["out.bias"], head.bias.detach()))
    torch.save({k: v.half() for k, v in state.items()}, options.out)


if __name__ == "__main__":
    main()
