"""The peers on one case, in an environment of their own: `python peers.py FAMILY FILE OUT.npz`.

Knows nothing of Assaymark. For each peer: a score a record (larger is more suspicious), its own decision, seconds.
"""

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np


def main() -> None:
    """Run what there is for the family."""
    family, path, out = sys.argv[1:]
    found = {"images": images, "text": texts, "table": table}[family](path)
    np.savez(
        out, **{f"{name}|{part}": value for name, parts in found.items() for part, value in parts.items()}
    )


def texts(path: str) -> dict:
    """Cleanlab on out-of-fold probabilities of TF-IDF and logistic regression; LSA and a spectral score a class."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    labels = np.unique([r["label"] for r in rows], return_inverse=True)[1]
    start = time.process_time()
    x = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(
        [r["text"] for r in rows]
    )
    made = time.process_time() - start
    return {"cleanlab": _cleanlab(x, labels, made), "LSA spectral": _spectral(x, labels, made)}


def table(path: str) -> dict:
    """Cleanlab on gradient-boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.preprocessing import OrdinalEncoder

    rows = list(csv.reader(Path(path).read_text("utf-8").splitlines()))[1:]
    labels = np.unique([r[-1] for r in rows], return_inverse=True)[1]
    start = time.process_time()
    x = OrdinalEncoder().fit_transform([r[:-1] for r in rows])
    return {
        "cleanlab": _cleanlab(
            x, labels, time.process_time() - start, HistGradientBoostingClassifier(max_iter=60)
        )
    }


def _cleanlab(x, labels: np.ndarray, before: float, model=None) -> dict:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    start = time.process_time()
    model = model or LogisticRegression(max_iter=300)
    p = cross_val_predict(model, x, labels, cv=3, method="predict_proba")
    decision = find_label_issues(labels, p)
    return {
        "score": 1 - get_label_quality_scores(labels, p),
        "flagged": decision,
        "cpu": before + time.process_time() - start,
    }


def _spectral(x, labels: np.ndarray, before: float) -> dict:
    from sklearn.decomposition import TruncatedSVD

    start = time.process_time()
    z = TruncatedSVD(100, random_state=0).fit_transform(x)
    score = np.zeros(len(labels))
    for c in np.unique(labels):
        rows = labels == c
        centred = z[rows] - z[rows].mean(0)
        top = np.linalg.svd(centred, full_matrices=False)[2][0]
        score[rows] = (centred @ top) ** 2
    flagged = score >= np.quantile(
        score, 0.985
    )  # Tran et al.: 1.5 times an expected share, here of one percent
    return {"score": score, "flagged": flagged, "cpu": before + time.process_time() - start}


def images(path: str) -> dict:
    """ART's two defences and cleanlab, all on one small network trained on the poisoned images."""
    import torch
    from art.defences.detector.poison import ActivationDefence, SpectralSignatureDefense
    from art.estimators.classification import PyTorchClassifier

    torch.manual_seed(0)
    torch.set_num_threads(1)
    stored = np.load(path)
    x = (stored["x"].transpose(0, 3, 1, 2) / 255).astype(np.float32)
    y = stored["y"].astype(int)
    classes = int(y.max()) + 1
    start = time.process_time()
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 24, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(24, 48, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(48, 64, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(64 * 16, 128), torch.nn.ReLU(), torch.nn.Linear(128, classes),
    )  # fmt: skip
    model = PyTorchClassifier(
        net,
        torch.nn.CrossEntropyLoss(),
        (3, 32, 32),
        classes,
        torch.optim.Adam(net.parameters(), 2e-3),
        device_type="cpu",
    )
    model.fit(x, np.eye(classes, dtype=np.float32)[y], batch_size=64, nb_epochs=8)
    trained = time.process_time() - start
    found = {}
    defences = {
        "ART ActivationDefence": lambda: ActivationDefence(model, x, np.eye(classes)[y]),
        "ART SpectralSignature": lambda: SpectralSignatureDefense(
            model, x, np.eye(classes)[y], expected_pp_poison=0.01
        ),
    }
    for name, make in defences.items():
        begin = time.process_time()
        try:
            _, honest = make().detect_poison()
            flagged = np.asarray(honest) == 0
        except ValueError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        found[name] = {
            "score": flagged.astype(float),
            "flagged": flagged,
            "cpu": trained + time.process_time() - begin,
        }
    begin = time.process_time()
    with torch.no_grad():
        features = torch.nn.Sequential(*list(net)[:-1])(torch.from_numpy(x)).numpy()
    cleanlab = _cleanlab(features, y, trained + time.process_time() - begin)
    return found | {"cleanlab": cleanlab}


if __name__ == "__main__":
    main()
