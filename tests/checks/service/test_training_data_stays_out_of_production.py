"""Images hold no training data."""

from collections.abc import Sequence

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import DataFile


def _data(path: str, role: str = "train") -> DataFile:
    return DataFile(at=Location(path), format="csv", sha256="0" * 64, size=9, role=role)


MET = {"Dockerfile": "FROM python:3.12\nCOPY src/ /app/src/\n", "data/train/a.csv": "text,label\na,1\n"}
NOT_MET = {"Dockerfile": "FROM python:3.12\nCOPY . /app\n", "data/train/a.csv": "text,label\na,1\n"}
EXTRA_MET: Sequence[DataFile] = (_data("data/train/a.csv"),)
EXTRA_NOT_MET: Sequence[DataFile] = EXTRA_MET
NAME = "training_data_stays_out_of_production"


def test_dockerignore_keeps_it_out() -> None:
    """Everything is copied, but the folder is named."""
    files = {**NOT_MET, ".dockerignore": "data/\n"}
    assert outcomes(observe(NAME, files, extra=EXTRA_MET)) == {Outcome.MET}


def test_an_exception_in_dockerignore_brings_it_back() -> None:
    """A fault in disguise."""
    files = {**NOT_MET, ".dockerignore": "data/\n!data/train\n"}
    assert outcomes(observe(NAME, files, extra=EXTRA_MET)) == {Outcome.NOT_MET}


def test_an_image_for_training_may_hold_it() -> None:
    """Its name says what it is for."""
    files = {"train.Dockerfile": NOT_MET["Dockerfile"]}
    assert outcomes(observe(NAME, files, extra=EXTRA_MET)) == {Outcome.NOT_APPLICABLE}
