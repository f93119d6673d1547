"""The pickle family: a machine that follows what loading would do, and never does it."""

from assaymark.scan.part import Inspector
from assaymark.scan.pickle.claims import claims_pickle
from assaymark.scan.pickle.inspect import inspect_pickle

__all__ = ["INSPECTORS", "inspect_pickle"]

INSPECTORS: tuple[Inspector, ...] = (
    Inspector(format="pickle", claims=claims_pickle, inspect=inspect_pickle),
)
