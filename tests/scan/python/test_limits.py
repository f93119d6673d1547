"""Bounds, and what only mentions one."""

from tests.scan.python.reading import found

from assaymark.scan.facts import Limit

SETTINGS = """
INSTALLED_APPS = ["django.contrib.auth", "django_apscheduler"]
APSCHEDULER_RUN_NOW_TIMEOUT = 240
DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
MAX_PROMPT_CHARS = 4000
"""


def test_an_installed_app_reads_its_settings_by_name() -> None:
    """What Django and its apps read from a settings file is used; what is the project's own may not be."""
    seen = {f.name: f.enforced for f in found(Limit, SETTINGS)}

    assert seen["APSCHEDULER_RUN_NOW_TIMEOUT"] is True
    assert seen["MAX_PROMPT_CHARS"] is None


def test_a_number_put_into_words_bounds_nothing() -> None:
    """`prompt.format(max_iterations=n)` tells the model of a bound and sets none."""
    assert found(Limit, "text = PROMPT.format(max_iterations=5)\n") == []
    assert [f.kind for f in found(Limit, "run_agent(max_iterations=5)\n")] == ["iterations"]
