"""Analytics and collections reached by an address instead of a library."""

import pytest
from tests.scan.python.reading import found, the

from assaymark.scan.facts import TraceExport


@pytest.mark.parametrize(
    ("body", "destination", "content"),
    [
        ("requests.post('https://app.posthog.com/capture', json=event)", "app.posthog.com", None),
        (
            "requests.post('https://api.some.org/v0/contribute/', json={'conversations': c})",
            "api.some.org",
            True,
        ),
        ("httpx.post('https://telemetry.some.org/v1', json=usage)", "telemetry.some.org", None),
    ],
)
def test_what_is_posted_to_a_collector_leaves(body: str, destination: str, content: bool | None) -> None:
    """A post to an analytics host or a collection path is an export, with content if that is seen."""
    export = the(TraceExport, f"import httpx, requests\ndef send(event, c, usage):\n    {body}\n")
    assert (export.destination, export.content) == (destination, content)


@pytest.mark.parametrize(
    "body",
    [
        "requests.post('https://api.openai.com/v1/chat/completions', json={'messages': c})",
        "requests.post('http://localhost:8000/track', json=event)",
        "requests.get('https://analytics.some.org/report')",
        "requests.post(f'{base}/capture', json=event)",
    ],
)
def test_other_requests_are_no_export(body: str) -> None:
    """A model's address, one's own machine, a read and an unknown address report nothing."""
    assert found(TraceExport, f"import requests\ndef send(event, c, base):\n    {body}\n") == []
