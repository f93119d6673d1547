"""What every test of provenance needs: a key of its own and a fixed time."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine key that is nobody else's, and the first of June 2026."""
    path = tmp_path_factory.mktemp("key") / "machine.pem"
    monkeypatch.setenv("ASSAYMARK_KEY", str(path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780272000")
    return path
