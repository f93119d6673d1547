"""The peers, in an environment of their own: training rows and rows to judge in, their scores out.

    python worker.py TRAIN.jsonl ROWS.jsonl SPEED.jsonl OUT.json [--vigil FOLDER]

Knows nothing of Assaymark. A rule scores 1 or 0; the baseline a probability.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Judge = Callable[[str, str], float]
"""Text and channel → score."""

_FIREWALL = re.compile(r"ignore previous instructions|ignore all instructions", re.IGNORECASE)
"""LlamaFirewall's default pattern against injections, as published."""


def firewall(text: str, channel: str) -> float:
    """LlamaFirewall's regular expression."""
    return float(_FIREWALL.search(text) is not None)


def vigil(folder: Path) -> Judge:
    """Vigil's own YARA rules against injections, from a clone of its repository."""
    import yara

    names = ("instruction_bypass", "system_instructions", "guidance", "mdexfil", "react_txt")
    files = {n: str(folder / f"{n}.yar") for n in names if (folder / f"{n}.yar").exists()}
    rules = yara.compile(filepaths=files)
    return lambda text, channel: float(bool(rules.match(data=text.encode("utf-8", "replace"))))


def stop_list() -> Judge:
    """LLM Guard's `BanSubstrings` with the list that comes with it, at its defaults.

    The list is read, not imported: importing the package wants torch.
    """
    found = importlib.util.find_spec("llm_guard")
    assert found is not None
    assert found.origin is not None
    source = (Path(found.origin).parent / "input_scanners" / "ban_substrings.py").read_text("utf-8")
    values = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PROMPT_STOP_SUBSTRINGS"
    ]
    banned = [word.lower() for word in ast.literal_eval(values[0])]
    return lambda text, channel: float(any(word in text.lower() for word in banned))


def baseline(path: Path) -> Judge:
    """TF-IDF of words and word pairs, and a logistic regression for each channel."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows: dict[str, list[tuple[str, int]]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows.setdefault(row["channel"], []).append((row["text"], row["label"]))
    models: dict[str, Any] = {}
    for channel, mine in rows.items():
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_features=300_000, sublinear_tf=True)
        model = make_pipeline(words, LogisticRegression(C=10.0, class_weight="balanced", max_iter=300))
        models[channel] = model.fit([text for text, _ in mine], [label for _, label in mine])
    return lambda text, channel: float(models[channel].predict_proba([text])[0, 1])


def main() -> None:
    """Train, judge, time, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs=4, type=Path)
    parser.add_argument("--vigil", type=Path)
    options = parser.parse_args()
    train, rows, speed, out = options.files
    judges: dict[str, Judge] = {"LlamaFirewall's regex": firewall, "LLM Guard's stop list": stop_list()}
    if options.vigil:
        judges["Vigil's YARA rules"] = vigil(options.vigil)
    begun = time.perf_counter()
    judges["TF-IDF + regression"] = baseline(train)
    found: dict[str, Any] = {"trained_seconds": time.perf_counter() - begun, "scores": {}, "seconds": {}}
    judged = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    timed = [json.loads(line) for line in speed.read_text("utf-8").splitlines()]
    for name, judge in judges.items():
        found["scores"][name] = [judge(row["text"], row["channel"]) for row in judged]
        found["seconds"][name] = [_took(judge, row["text"], row["channel"]) for row in timed]
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write_text(json.dumps(found))


def _took(judge: Judge, text: str, channel: str) -> float:
    begun = time.perf_counter()
    judge(text, channel)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
