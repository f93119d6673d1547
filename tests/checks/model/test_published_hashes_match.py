"""published_hashes_match: what meets it, what does not, and near misses."""

import hashlib

from tests.scan.artefact.samples import safetensors
from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

WEIGHTS = safetensors()
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()
MET: dict[str, str | bytes] = {"w/m.safetensors": WEIGHTS, "w/SHA256SUMS": f"{DIGEST}  m.safetensors\n"}
NOT_MET: dict[str, str | bytes] = {"w/m.safetensors": WEIGHTS, "w/SHA256SUMS": f"{'0' * 64}  m.safetensors\n"}
NAME = "published_hashes_match"


def test_no_published_hash_is_not_observable() -> None:
    """It may stand on a release page."""
    assert outcomes(observe(NAME, {"m.safetensors": WEIGHTS})) == {Outcome.NOT_OBSERVABLE}


def test_a_file_that_the_list_leaves_out_is_partly() -> None:
    """One of two files has a hash."""
    assert outcomes(observe(NAME, {**MET, "w/n.safetensors": safetensors((9,))})) == {Outcome.PARTLY_MET}


def test_md5_alone_is_a_tentative_fault() -> None:
    """The standard names no algorithm, so a person decides."""
    files = {"m.safetensors": WEIGHTS, "MD5SUMS": f"{hashlib.md5(WEIGHTS).hexdigest()}  m.safetensors\n"}
    (seen,) = observe(NAME, files)
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_a_pointer_is_compared_by_the_digest_in_it() -> None:
    """git-lfs names the digest of the content."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{DIGEST}\nsize 12\n"
    assert outcomes(observe(NAME, {**MET, "w/m.safetensors": pointer})) == {Outcome.MET}
