"""What lock files and image names write as digests is checked before it is called one."""

import pytest

from assaymark.bom import Hash
from assaymark.discover.bom_digests import hash_of, hashes_of

A = "a" * 64
SHA512 = "sha512-" + "A" * 86 + "=="


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sha256:{A.upper()}", Hash("sha256", A)),
        (SHA512, Hash("sha512", "0" * 128)),
        ("d" * 32, Hash("md5", "d" * 32)),
        ("sha256:abc", None),
        ("sha256:" + "g" * 64, None),
        ("sha512-***", None),
        ("", None),
    ],
)
def test_a_digest_is_one_or_none(text: str, expected: Hash | None) -> None:
    """Length and letters are checked, so that no bill holds a digest that cannot be one."""
    assert hash_of(text) == expected


def test_only_digests_are_kept_in_order() -> None:
    """Whatever order and company they came in."""
    assert hashes_of(("x", SHA512, f"sha256:{A}")) == (Hash("sha256", A), Hash("sha512", "0" * 128))
