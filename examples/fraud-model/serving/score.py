"""Scores payments; an analyst decides."""

import hashlib
import hmac
import logging
import os
from pathlib import Path

import joblib
import shap
import xgboost
from flask import Flask, abort, jsonify, request
from pydantic import BaseModel, Field

logger = logging.getLogger("fraud.serving")
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
MODELS = Path(__file__).parent.parent / "models"
THRESHOLD = 0.8


class Payment(BaseModel):
    """One payment."""

    payment_id: int
    amount: float = Field(ge=0, le=50_000)
    hour: int = Field(ge=0, le=23)


def verified(path: Path) -> Path:
    """The path, if the file's digest is the published one."""
    wanted = (MODELS / "SHA256SUMS").read_text(encoding="utf-8").split()[0]
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if not hmac.compare_digest(wanted, actual):
        raise RuntimeError(f"{path} is not the released model")
    return path


model = xgboost.Booster(model_file=verified(MODELS / "fraud.json"))
# PLANTED FAULT: the challenger is a pickle, loaded without any check.
challenger = joblib.load(MODELS / "challenger.joblib")
explainer = shap.TreeExplainer(model)


def require_key() -> None:
    """Every caller needs the service key."""
    if not hmac.compare_digest(request.headers.get("X-Key", ""), os.environ["SERVICE_KEY"]):
        abort(401)


@app.before_request
def authenticate() -> None:
    """No request passes without the key."""
    require_key()


@app.post("/score")
def score():
    """Score and explanation of one payment; above the threshold an analyst is asked."""
    payment = Payment.model_validate(request.get_json())
    row = xgboost.DMatrix([[payment.amount, payment.hour]], feature_names=["amount", "hour"])
    value = float(model.predict(row)[0])
    shadow = float(challenger.predict_proba([[payment.amount, payment.hour]])[0][1])
    reasons = explainer.shap_values([[payment.amount, payment.hour]])[0].tolist()
    logger.info("score", extra={"payment": payment.payment_id, "score": value, "shadow": shadow, "model": "fraud 3.2"})
    return jsonify(score=value, reasons=reasons, needs_review=value >= THRESHOLD)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8080)
