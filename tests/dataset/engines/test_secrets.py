"""Secrets and personal data: found by kind, never shown."""

import numpy as np
import pyarrow as pa
import pytest

from assaymark.dataset.engines.secrets import SecretsAndPersonalData
from assaymark.dataset.engines.secrets_prefilter import worth
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from assaymark.guard.rules.personal_data import find_personal_data
from assaymark.guard.rules.secrets import find_secrets
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout

KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
SAMPLES = {
    f"aws key {KEY} here": "aws_access_key",
    "my password: hunter2!x": "assigned_secret",
    "postgres://admin:s3cr3tpw@db.example.org/x": "connection_string",
    "write to anna.schmidt@example.org please": "email",
    "card 4111 1111 1111 1111 expires": "payment_card",
    "IBAN DE89 3704 0044 0532 0130 00": "iban",
    "call me at +44 20 7946 0958": "phone",
    "her NINO is AB 12 34 56 C": "uk_nino",
    "SSN 078-05-1120": "us_ssn",
    "codice RSSMRA85T10A562S": "italian_cf",
    "P<UTOERIKSSON<<ANNA<MARIA" + "<" * 19 + "\nL898902C36UTO7408122F1204159ZE184226B<<<<<10": "passport_mrz",
}
PLAIN = ["nothing to see in 2004", "12 eggs, key idea: rest", "the token economy is new", "a@b"]


@pytest.mark.parametrize(("text", "kind"), SAMPLES.items(), ids=list(SAMPLES.values()))
def test_each_kind_is_found_and_masked(text: str, kind: str) -> None:
    """The kind and the record are named; nothing of the value is shown."""
    result = drive(SecretsAndPersonalData(), text_layout(), split([*PLAIN, text]))

    (found,) = result.findings
    assert (found.pattern, found.rows, found.level) == (kind.replace("_", " "), (4,), Level.NOTE)
    seen = [*find_secrets(text), *find_personal_data(text)]
    shown = found.examples[0]
    assert all(text[s.start : s.end] not in shown.text for s in seen)
    assert shown.text[slice(*shown.spans[0])].startswith("•••[")
    assert result.scores[4] == (1 if found.summary.startswith("A secret") else 0.5)


def test_the_prefilter_loses_nothing_that_the_rules_find() -> None:
    """Whatever a rule finds in a text, alone or among others, the text was worth a look."""
    texts = [f"{before}{text}" for text in SAMPLES for before in ("", "é", "x " * 300)]
    secret, personal = (set(part.tolist()) for part in worth(texts))

    for n, text in enumerate(texts):
        assert not list(find_secrets(text)) or n in secret, text
        assert not list(find_personal_data(text)) or n in personal, text


def test_a_neighbouring_secret_is_masked_too() -> None:
    """An example of one kind does not show a value of another that stands beside it."""
    text = f"anna@example.org has {KEY}"

    found = drive(SecretsAndPersonalData(), text_layout(), split([text])).findings

    assert len(found) == 2
    assert all("anna@" not in f.examples[0].text and KEY not in f.examples[0].text for f in found)


def test_the_name_of_a_column_says_what_its_numbers_are() -> None:
    """A number alone is nothing; in a column called phone it is a telephone number."""
    table = pa.record_batch({"phone": ["020 7946 0958", None], "note": ["020 7946 0958", "x"]})
    layout = Layout(kind=Kind.TABLE, roles=Roles(), format="csv")

    (found,) = drive(SecretsAndPersonalData(), layout, [Batch(rows=np.arange(2), table=table)]).findings

    assert (found.where, found.rows) == ("phone", (0,))


def test_shards_and_order_make_no_difference() -> None:
    """One shard or many, in any order: the same result."""
    rng = np.random.default_rng(4)
    pool = [*SAMPLES, *PLAIN]
    batches = split([pool[n] + f" ({n})" for n in rng.integers(0, len(pool), 300)])

    alone = drive(SecretsAndPersonalData(), text_layout(), batches)

    for shards in (3, 16):
        assert same(alone, drive(SecretsAndPersonalData(), text_layout(), batches, shards, seed=shards))


def test_hostile_texts() -> None:
    """Lone surrogates, NULs, single records: an answer each time; images are left out."""
    assert np.isfinite(drive(SecretsAndPersonalData(), text_layout(), split(HOSTILE)).scores).all()
    assert drive(SecretsAndPersonalData(), text_layout(), split(["plain"])).findings == ()
    assert SecretsAndPersonalData().applies(Layout(kind=Kind.IMAGES, roles=Roles(), format="images"))
