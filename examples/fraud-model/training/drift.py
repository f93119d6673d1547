"""Compares the last week's scores with those at release: population stability index and Kolmogorov-Smirnov."""

import logging

import numpy as np
from scipy.stats import ks_2samp

logger = logging.getLogger("fraud.drift")
PSI_ALERT = 0.2


def psi(reference: np.ndarray, current: np.ndarray, bins: int = 10) -> float:
    """Population stability index of two samples of scores."""
    edges = np.quantile(reference, np.linspace(0, 1, bins + 1))
    a = np.histogram(reference, edges)[0] / len(reference) + 1e-6
    b = np.histogram(current, edges)[0] / len(current) + 1e-6
    return float(np.sum((b - a) * np.log(b / a)))


def check_drift(reference: np.ndarray, current: np.ndarray) -> bool:
    """Whether drift is above the alert line; alerts the fraud desk if so."""
    value, test = psi(reference, current), ks_2samp(reference, current)
    logger.info("drift", extra={"psi": value, "ks": test.statistic})
    if value > PSI_ALERT:
        logger.error("drift alert", extra={"psi": value})
        return True
    return False
