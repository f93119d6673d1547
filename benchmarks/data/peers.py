"""The peers on one case, in an environment of their own: `python peers.py FAMILY FILE OUT.npz`.

Knows nothing of Assaymark. For each peer: a score a record (larger is more suspicious), its own decision, CPU
seconds, peak memory. Each runs in a process of its own that begins with the data (and the network) in memory.
"""

import csv
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

_SHARE = 0.015
"""What the spectral methods flag: 1.5 times an expected share of one percent, as in Tran et al."""


def main() -> None:
    """Run what there is for the family."""
    family, path, out = sys.argv[1:]
    _load(family)
    run = {"images": images, "text": texts, "table": table}.get(family, unlabelled)
    found = run(path)
    np.savez(
        out, **{f"{name}|{part}": value for name, parts in found.items() for part, value in parts.items()}
    )


def _load(family: str) -> None:
    """Load the programs, which is nobody's time."""
    import sklearn.decomposition
    import sklearn.ensemble
    import sklearn.feature_extraction.text
    import sklearn.linear_model
    import sklearn.model_selection
    import sklearn.preprocessing  # noqa: F401

    if family == "images":
        import art.defences.detector.poison
        import art.estimators.classification  # noqa: F401


def alone(tools: dict[str, Callable[[], dict]], before: float) -> dict[str, dict]:
    """Each tool in a process of its own; `before` is the time that what they share took."""
    fork = multiprocessing.get_context("fork")
    found = {}
    for name, tool in tools.items():
        here, there = fork.Pipe(duplex=False)
        child = fork.Process(target=_one, args=(tool, there, before))
        child.start()
        there.close()
        try:
            found[name] = here.recv()
        except EOFError:
            print(f"{name} failed", file=sys.stderr)
        child.join()
    return found


def _one(tool: Callable[[], dict], pipe, before: float) -> None:
    start = time.process_time()
    parts = tool()
    parts |= {
        "cpu": before + time.process_time() - start,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    pipe.send(parts)


def texts(path: str) -> dict:
    """Cleanlab on out-of-fold probabilities of TF-IDF and logistic regression; LSA and a spectral score a class."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    labels = np.unique([r["label"] for r in rows], return_inverse=True)[1]
    start = time.process_time()
    x = _tfidf([r["text"] for r in rows])
    made = time.process_time() - start
    return alone(
        {"cleanlab": lambda: _cleanlab(x, labels), "LSA spectral": lambda: _spectral(x, labels)}, made
    )


def unlabelled(path: str) -> dict:
    """LSA and a spectral score over all texts: chats as prompt and response, documents as they are."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    found = [
        " ".join(m["content"] for m in r["messages"])
        if "messages" in r
        else " ".join(str(r[k]) for k in ("prompt", "response", "text") if k in r)
        for r in rows
    ]
    start = time.process_time()
    x = _tfidf(found)
    made = time.process_time() - start
    return alone({"LSA spectral": lambda: _spectral(x, np.zeros(len(rows), int))}, made)


def _tfidf(found: list[str]):
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(found)


def table(path: str) -> dict:
    """Cleanlab on gradient-boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.preprocessing import OrdinalEncoder

    rows = list(csv.reader(Path(path).read_text("utf-8").splitlines()))[1:]
    labels = np.unique([r[-1] for r in rows], return_inverse=True)[1]
    start = time.process_time()
    x = OrdinalEncoder().fit_transform([r[:-1] for r in rows])
    made = time.process_time() - start
    return alone(
        {"cleanlab": lambda: _cleanlab(x, labels, HistGradientBoostingClassifier(max_iter=60))}, made
    )


def _cleanlab(x, labels: np.ndarray, model=None) -> dict:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    model = model or LogisticRegression(max_iter=300)
    p = cross_val_predict(model, x, labels, cv=3, method="predict_proba")
    decision = find_label_issues(labels, p, n_jobs=1)
    return {"score": 1 - get_label_quality_scores(labels, p), "flagged": decision}


def _spectral(x, labels: np.ndarray) -> dict:
    from sklearn.decomposition import TruncatedSVD

    z = TruncatedSVD(100, random_state=0).fit_transform(x)
    score = np.zeros(len(labels))
    for c in np.unique(labels):
        rows = labels == c
        centred = z[rows] - z[rows].mean(0)
        top = np.linalg.svd(centred, full_matrices=False)[2][0]
        score[rows] = (centred @ top) ** 2
    return {"score": score, "flagged": score >= np.quantile(score, 1 - _SHARE)}


def images(path: str) -> dict:
    """ART's two defences and cleanlab, all on one small network trained on the poisoned images."""
    import torch
    from art.estimators.classification import PyTorchClassifier

    torch.manual_seed(0)
    torch.set_num_threads(1)
    stored = np.load(path)
    x = (stored["x"].transpose(0, 3, 1, 2) / 255).astype(np.float32)
    y = stored["y"].astype(int)
    classes, side = int(y.max()) + 1, x.shape[2]
    start = time.process_time()
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 24, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(24, 48, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(48, 64, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(64 * (side // 8) ** 2, 128), torch.nn.ReLU(), torch.nn.Linear(128, classes),
    )  # fmt: skip
    model = PyTorchClassifier(
        net,
        torch.nn.CrossEntropyLoss(),
        x.shape[1:],
        classes,
        torch.optim.Adam(net.parameters(), 2e-3),
        device_type="cpu",
    )
    model.fit(x, np.eye(classes, dtype=np.float32)[y], batch_size=64, nb_epochs=8)
    tools = {
        "ART ActivationDefence": lambda: _activation(model, x, np.eye(classes)[y]),
        "ART SpectralSignature": lambda: _signature(model, x, np.eye(classes)[y]),
        "cleanlab": lambda: _cleanlab(_features(net, x), y),
    }
    return alone(tools, time.process_time() - start)


def _activation(model, x: np.ndarray, y: np.ndarray) -> dict:
    from art.defences.detector.poison import ActivationDefence

    _, honest = ActivationDefence(model, x, y).detect_poison()
    flagged = np.asarray(honest) == 0
    return {"score": flagged.astype(float), "flagged": flagged}


def _signature(model, x: np.ndarray, y: np.ndarray) -> dict:
    from art.defences.detector.poison import SpectralSignatureDefense

    told, honest = SpectralSignatureDefense(model, x, y, expected_pp_poison=_SHARE / 1.5).detect_poison()
    score = np.zeros(len(x))
    score[list(told)] = list(told.values())  # it gives a score to what it flags, and none to the rest
    return {"score": score, "flagged": np.asarray(honest) == 0}


def _features(net, x: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        inner = torch.nn.Sequential(*list(net)[:-1])
        found = np.concatenate(
            [inner(torch.from_numpy(x[i : i + 500])).numpy() for i in range(0, len(x), 500)]
        )
    return (found - found.mean(0)) / (found.std(0) + 1e-6)


if __name__ == "__main__":
    main()
