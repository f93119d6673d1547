"""Stores ask who is calling."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

_STORES = """
services:
  vectors:
    image: qdrant/qdrant:v1.15
    environment: {QDRANT__SERVICE__API_KEY: "${QDRANT_KEY}"}
    ports: ["6333:6333"]
  db:
    image: postgres:17
    env_file: .env
"""
MET = {"compose.yml": _STORES}
NOT_MET = {
    "compose.yml": _STORES.replace('    environment: {QDRANT__SERVICE__API_KEY: "${QDRANT_KEY}"}\n', "")
}
NAME = "stores_require_authentication"


def test_an_open_store_on_all_interfaces_in_production_is_firm() -> None:
    """Elsewhere a person has to judge."""
    assert [s.certainty for s in observe(NAME, NOT_MET)] == [Certainty.TENTATIVE]
    files = {"deploy/prod/compose.yml": NOT_MET["compose.yml"]}
    assert [s.certainty for s in observe(NAME, files)] == [Certainty.FIRM]


def test_a_default_password_is_none() -> None:
    """A fault in disguise: a password is set, and everybody knows it."""
    files = {
        "compose.yml": "services:\n  db:\n    image: postgres:17\n    environment: "
        "[POSTGRES_PASSWORD=postgres]\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_password_in_the_command_counts() -> None:
    """Redis takes it there."""
    command = "redis-server --requirepass ${REDIS_PASSWORD}"
    files = {"compose.yml": f"services:\n  r:\n    image: redis:8\n    command: {command}\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_an_application_named_after_a_store_is_none() -> None:
    """A near miss: an exporter is no store."""
    files = {"compose.yml": "services:\n  e:\n    image: oliver006/redis_exporter:v1\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}
    files = {"compose.yml": "services:\n  e:\n    image: mongo-express:1\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}
