"""``assaymark data urls``: content that can be changed after annotation."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from assaymark._cli.data.urls import command
from assaymark.dataset.provenance.addresses import address, domain_of
from assaymark.dataset.provenance.registrations import find_registration, read_registrations
from assaymark.errors import UsageError
from tests.dataset.provenance.made import ran, write_csv, write_jsonl, write_parquet


def sha(text: str) -> str:
    """A digest in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


LIST = [
    {"url": "https://img.example.com/1.jpg", "sha256": sha("one"), "size": "3", "retrieved_at": "2024-01-01"},
    {"url": "https://b.gone.org/2.jpg", "sha256": sha("two"), "size": "3", "retrieved_at": "2024-01-01"},
    {"url": "https://b.gone.org/3.jpg", "sha256": sha("three"), "size": "5", "retrieved_at": "2024-01-01"},
    {"url": "http://10.0.0.1/4.jpg", "sha256": "", "size": "9", "retrieved_at": "2024-01-01"},
    {"url": "https://bit.ly/xyz", "sha256": "", "size": "", "retrieved_at": ""},
    {"url": "https://www.new.co.uk/6.jpg", "sha256": sha("six"), "size": "3", "retrieved_at": "2024-01-01"},
    {"url": "no address", "sha256": "", "size": "", "retrieved_at": "2024-01-01"},
]
DOMAINS = [
    {"domain": "example.com", "created": "1999-01-01", "expires": "2030-01-01", "changed": "2025-01-01"},
    {"domain": "gone.org", "created": "2001-01-01", "expires": "2025-01-01", "changed": ""},
    {"domain": "new.co.uk", "created": "2025-06-01", "expires": "2026-06-10", "changed": ""},
]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """The list, what was got, and the registration data."""
    (tmp_path / "got").mkdir()
    (tmp_path / "got" / "1.jpg").write_text("one")
    (tmp_path / "got" / "2.jpg").write_text("POISON")
    (tmp_path / "got" / "4.jpg").write_text("four!")
    write_csv(tmp_path / "domains.csv", DOMAINS)
    return write_csv(tmp_path / "list.csv", LIST)


def told(*args: str | Path) -> dict[str, Any]:
    """The report; `counts` holds the number of records of each problem."""
    result = ran(command, *args, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    assert result.return_value == (0 if found["ok"] else 14)
    return found | {"counts": {p["id"]: p["records"] for p in found["problems"]}}


def test_the_list_alone_shows_what_is_risky(listed: Path) -> None:
    """Nothing is fetched, nothing is claimed of domains."""
    found = told(listed)
    assert found["counts"] == {"ip_host": 1, "shortener": 1, "without_tls": 1, "not_a_url": 1, "no_digest": 3}
    assert found["ok"]


def test_content_that_differs_from_the_annotation_is_named(listed: Path) -> None:
    """By digest, or by size where no digest is recorded; what was not got is counted."""
    found = told(listed, "--got", listed.parent / "got")
    counts = found["counts"]
    assert (found["verified"], counts["content_changed"], counts["size_changed"], counts["not_got"]) == (
        1,
        1,
        1,
        4,
    )
    first = {p["id"]: p["first"] for p in found["problems"]}
    assert first["content_changed"] == ["2: https://b.gone.org/2.jpg"]
    assert not found["ok"]


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_parquet])
def test_a_list_of_what_was_got_is_compared_by_address(listed: Path, write: Any) -> None:
    """As downloaders write it."""
    got = write(listed.parent / "got.parquet", [
        {"url": LIST[0]["url"], "sha256": sha("one")}, {"url": LIST[1]["url"], "sha256": sha("changed")},
    ])  # fmt: skip
    got = got.rename(
        got.with_suffix({"write_csv": ".csv", "write_jsonl": ".jsonl"}.get(write.__name__, ".parquet"))
    )
    found = told(listed, "--got", got)
    assert (found["verified"], found["counts"]["content_changed"]) == (1, 1)


def test_a_manifest_says_what_was_got(listed: Path) -> None:
    """Ours, or another Croissant description."""
    from assaymark._cli.data.manifest import command as manifest

    ran(manifest, listed.parent / "got", "-o", listed.parent / "m.json")
    found = told(listed, "--got", listed.parent / "m.json")
    assert (found["verified"], found["counts"]["content_changed"]) == (1, 1)


def test_domains_that_others_hold_are_named(listed: Path) -> None:
    """Expired, registered again since, changed since, soon to expire; with what they control."""
    found = told(listed, "--registrations", listed.parent / "domains.csv")
    counts = found["counts"]
    assert (counts["domain_expired"], counts["registered_since"]) == (2, 1)
    assert (counts["registration_changed"], counts["expires_soon"], counts["unknown_domain"]) == (1, 1, 1)
    assert [(d["domain"], d["records"]) for d in found["buyable"]] == [("gone.org", 2), ("new.co.uk", 1)]
    assert found["buyable_records"] == 3
    assert found["largest"][0] == {
        "domain": "gone.org", "records": 2, "share": 2 / 7, "problems": ["domain_expired"],
    }  # fmt: skip
    strict = ran(command, listed, "--registrations", listed.parent / "domains.csv", "--strict")
    assert strict.return_value == 14
    assert "Others hold, or can buy, 3 records (42.86%)" in strict.stdout


def test_a_clean_list_is_clean(tmp_path: Path) -> None:
    """Every domain held since before the annotation, every content as recorded."""
    rows = [
        {**LIST[0], "url": f"https://img.example.com/{i}.jpg", "sha256": sha(str(i)), "size": "1"}
        for i in range(9)
    ]
    (tmp_path / "got").mkdir()
    for i in range(9):
        (tmp_path / "got" / f"{i}.jpg").write_text(str(i))
    old = [{**DOMAINS[0], "changed": "2020-01-01"}]
    found = told(
        write_csv(tmp_path / "l.csv", rows), "--got", tmp_path / "got",
        "--registrations", write_csv(tmp_path / "d.csv", old), "--strict",
    )  # fmt: skip
    assert (found["problems"], found["verified"], found["minimum"]["met"]) == ([], 9, True)


def test_rows_without_a_time_take_that_of_the_list(listed: Path) -> None:
    """Without either, changes of a domain cannot be told, which is said."""
    rows = [{"url": "https://www.new.co.uk/6.jpg"}]
    plain = write_csv(listed.parent / "plain.csv", [*rows, *rows])
    domains = listed.parent / "domains.csv"
    assert told(plain, "--registrations", domains)["counts"]["no_time"] == 2
    dated = told(plain, "--registrations", domains, "--annotated-at", "2024-05-05")
    assert dated["counts"]["registered_since"] == 2


@pytest.mark.parametrize(
    ("url", "host", "domain", "risks"),
    [
        ("https://a.b.example.co.uk:8443/x", "a.b.example.co.uk", "example.co.uk", ()),
        ("https://someone.github.io/x", "someone.github.io", "someone.github.io", ()),
        ("HTTP://Example.ORG./x", "example.org", "example.org", ("without_tls",)),
        ("https://2130706433/", "2130706433", "2130706433", ("ip_host",)),
        ("https://[::1]/", "::1", "::1", ("ip_host",)),
        ("https://0x7f.1/", "0x7f.1", "0x7f.1", ("ip_host",)),
        ("https://google.com@evil.example.net/", "evil.example.net", "example.net", ("user_in_url",)),
        ("https://t.co/abc", "t.co", "t.co", ("shortener",)),
        ("javascript:alert(1)", "", "", ("not_a_url",)),
        ("https://[broken/", "", "", ("not_a_url",)),
        ("", "", "", ("not_a_url",)),
        ("https://" + "a" * 9000, "", "", ("not_a_url",)),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, domain: str, risks: tuple[str, ...]) -> None:
    """Whatever a stranger writes."""
    found = address(url)
    assert (found.host, found.domain, found.risks) == (host, domain, risks)


def test_single_labels_are_their_own_domain() -> None:
    """And a shared suffix alone is itself."""
    assert (domain_of("localhost"), domain_of("co.uk")) == ("localhost", "co.uk")


@pytest.mark.parametrize(
    "text",
    [
        "domain,created,expires\nexample.org,2020-01-01,2030-01-01\n",
        '[{"Domain": "Example.ORG.", "Creation Date": "2020-01-01", "expiry": "2030-01-01"}]',
        '{"example.org": {"registered": "2020-01-01", "expires": "2030-01-01"}}',
        (
            '{"ldhName": "EXAMPLE.ORG", "events": ['
            '{"eventAction": "registration", "eventDate": "2020-01-01"}, '
            '{"eventAction": "expiration", "eventDate": "2030-01-01"}]}'
        ),
        '{"domain": "example.org", "created": "2020-01-01", "expires": "2030-01-01"}\nbroken\n{}',
    ],
)
def test_registration_data_is_read_in_its_usual_forms(tmp_path: Path, text: str) -> None:
    """CSV, JSON, JSON Lines, answers of RDAP; hosts below a domain are covered."""
    path = tmp_path / "domains"
    path.write_text(text)
    found = find_registration(read_registrations(path), "www.example.org")
    assert found is not None
    domain, registration = found
    assert registration.created is not None
    assert registration.expires is not None
    assert (domain, registration.created.year, registration.expires.year) == ("example.org", 2020, 2030)


@pytest.mark.parametrize("text", ["", "[[[[", "a,b\n1,2\n", "\0", "{}", "[1, null]"])
def test_registration_data_that_names_no_domain_is_refused(tmp_path: Path, text: str) -> None:
    """Rather than taken for proof that none expired."""
    path = tmp_path / "domains"
    path.write_text(text)
    with pytest.raises(UsageError, match="names no domain"):
        read_registrations(path)


@pytest.mark.parametrize(
    ("content", "args", "message"),
    [
        ("a,b\n1,2\n3,4\n", [], "no column of URLs"),
        ("url,b\nx,2\ny,4\n", ["--digest-column", "no"], "no column 'no'"),
        ("", [], "no list of URLs"),
        ("url,b\nx,2\ny,4\n", ["--annotated-at", "then"], "no date"),
        ("url,b\nx,2\ny,4\n", ["--registrations", "nowhere"], "cannot be opened"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: str, args: list[str], message: str) -> None:
    """With advice."""
    (tmp_path / "l.csv").write_text(content)
    with pytest.raises(UsageError, match=message):
        ran(command, tmp_path / "l.csv", *args)
