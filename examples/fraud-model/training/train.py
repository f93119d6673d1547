"""Train, evaluate and write the model with its digest."""

import hashlib
import json
import sys
from pathlib import Path

import mlflow
import pandas as pd
import xgboost
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

from validate import validated

FEATURES = ["amount", "hour"]


def main(table: str, out: str) -> None:
    """Train on `table` and write `out`/fraud.json."""
    frame = validated(pd.read_csv(table))
    train, test = train_test_split(frame, test_size=0.25, random_state=5, stratify=frame["is_fraud"])
    with mlflow.start_run(run_name="fraud"):
        model = xgboost.XGBClassifier(n_estimators=8, max_depth=3, random_state=5)
        model.fit(train[FEATURES], train["is_fraud"])
        score = average_precision_score(test["is_fraud"], model.predict_proba(test[FEATURES])[:, 1])
        mlflow.log_metric("average_precision", score)
        path = Path(out) / "fraud.json"
        model.save_model(path)
        mlflow.xgboost.log_model(model, "model", registered_model_name="fraud")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (Path(out) / "SHA256SUMS").write_text(f"{digest}  fraud.json\n", encoding="utf-8")
    print(json.dumps({"average_precision": score, "sha256": digest}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
