"""Certificate paths."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signing.samples import KEY, NOW, OTHER_KEY, VERIFIER, Authority, certificate

from assaymark.errors import UsageError
from assaymark.signing.bundle import Bundle, pae, parse_bundle
from assaymark.signing.certificates import (
    CertificateSigner,
    CertificateVerifier,
    load_certificates,
    trusted_path,
)
from assaymark.signing.keys import KeySigner
from assaymark.signing.problems import DoesNotVerify

ROOT = certificate("root", authority=True, path_length=1)
MIDDLE = certificate("middle", ROOT, authority=True, path_length=0)
LEAF = certificate("leaf", MIDDLE, key=KEY)


def by(*chain: Authority, payload: bytes = b"payload") -> Bundle:
    """What the first of `chain` signed."""
    return parse_bundle(CertificateSigner(chain[0].key, [c.certificate for c in chain]).sign(payload))


def forced(*chain: Authority) -> Bundle:
    """What the first of `chain` signed, although its certificate is not for that."""
    signature = chain[0].key.sign(pae(b"payload"), ec.ECDSA(hashes.SHA256()))
    der = tuple(c.certificate.public_bytes(Encoding.DER) for c in chain)
    return Bundle(payload=b"payload", signature=signature, certificates=der)


def verify(bundle: Bundle, *trusted: Authority) -> str:
    """Who signed `bundle`."""
    return CertificateVerifier([t.certificate for t in trusted], NOW).verify(bundle, before_1_0=False)


def test_a_chain_up_to_a_trusted_root_holds() -> None:
    """With the root in the signature or not, in any order above the signer's own."""
    told = "CN=leaf, vouched for by CN=root"
    assert verify(by(LEAF, MIDDLE), ROOT) == told
    assert verify(by(LEAF, MIDDLE, ROOT), ROOT) == told
    assert verify(by(LEAF, ROOT, MIDDLE), ROOT) == told
    assert verify(by(LEAF), MIDDLE, ROOT) == "CN=leaf, vouched for by CN=middle"


def test_what_is_named_as_trusted_is_trusted() -> None:
    """An authority in the middle, a self-signed certificate, the signer's own."""
    alone = certificate("alone")
    assert verify(by(LEAF, MIDDLE), MIDDLE) == "CN=leaf, vouched for by CN=middle"
    assert verify(by(alone), alone) == "CN=alone, vouched for by CN=alone"
    assert verify(by(LEAF), LEAF)


def test_another_authority_does_not_vouch() -> None:
    """Not even one of the same name."""
    for other in (certificate("other", authority=True), certificate("root", authority=True)):
        with pytest.raises(DoesNotVerify, match="No certificate that you trust"):
            verify(by(LEAF, MIDDLE, ROOT), other)
    with pytest.raises(DoesNotVerify, match="No certificate that you trust"):
        verify(by(LEAF, MIDDLE, ROOT))
    with pytest.raises(DoesNotVerify, match="stands behind CN=leaf"):
        verify(by(LEAF), ROOT)


def test_a_changed_statement_does_not_verify() -> None:
    """The certificates are right, the signature is not."""
    good = by(LEAF, MIDDLE)
    with pytest.raises(DoesNotVerify, match="does not match"):
        verify(Bundle(payload=b"other", signature=good.signature, certificates=good.certificates), ROOT)


def test_the_signature_has_to_be_the_first_certificates() -> None:
    """Somebody else's certificate in front does not help."""
    thief = certificate("thief", MIDDLE, key=OTHER_KEY)
    good = by(thief, MIDDLE)
    theirs = by(LEAF, MIDDLE).certificates
    stolen = Bundle(payload=good.payload, signature=good.signature, certificates=theirs)
    with pytest.raises(DoesNotVerify, match="does not match"):
        verify(stolen, ROOT)


PAST, FUTURE = (-300, -200), (100, 200)


@pytest.mark.parametrize(
    ("root", "middle", "leaf"),
    [(PAST, None, None), (None, PAST, None), (None, None, PAST), (PAST, PAST, PAST)],
)
def test_an_expired_certificate_ends_trust(
    root: tuple[int, int] | None, middle: tuple[int, int] | None, leaf: tuple[int, int] | None
) -> None:
    """Anywhere in the path; also where all expired together, which model-signing 1.1.1 accepts."""
    now = (-10, 10)
    first = certificate("root", authority=True, days=root or now)
    second = certificate("middle", first, authority=True, days=middle or now)
    third = certificate("leaf", second, days=leaf or now)
    with pytest.raises(DoesNotVerify, match="expired on 2026-05-11"):
        verify(by(third, second), first)
    if root and middle and leaf:
        then = CertificateVerifier([first.certificate], NOW - timedelta(days=250))
        assert then.verify(by(third, second), before_1_0=False)


def test_a_certificate_counts_from_its_first_day() -> None:
    """Not before."""
    leaf = certificate("leaf", MIDDLE, days=FUTURE)
    with pytest.raises(DoesNotVerify, match="valid from 2027-03-07 only"):
        verify(by(leaf, MIDDLE), ROOT)


def test_a_signer_needs_a_certificate_for_code_signing() -> None:
    """For web servers, for nothing in particular, not for signatures at all."""
    for use, signature, reason in (
        ((ExtendedKeyUsageOID.SERVER_AUTH,), True, "code signing"),
        ((), True, "code signing"),
        ((ExtendedKeyUsageOID.CODE_SIGNING,), False, "signatures"),
    ):
        leaf = certificate("leaf", MIDDLE, use=use, digital_signature=signature)
        with pytest.raises(DoesNotVerify, match=reason):
            verify(forced(leaf, MIDDLE), ROOT)
        with pytest.raises(UsageError, match=reason):
            by(leaf, MIDDLE)


def test_only_an_authority_vouches() -> None:
    """A signer's certificate makes no further ones; nor does an authority that may not sign certificates."""
    forged = certificate("forged", LEAF)
    with pytest.raises(DoesNotVerify, match=r"CN=leaf\) is no certificate authority"):
        verify(by(forged, LEAF, MIDDLE), ROOT)
    weak = certificate("weak", ROOT, authority=True, cert_sign=False)
    with pytest.raises(DoesNotVerify, match="may not sign certificates"):
        verify(by(certificate("leaf", weak), weak), ROOT)


def test_a_path_may_not_be_longer_than_its_authorities_allow() -> None:
    """An authority with path length 0 vouches for signers, not for further authorities."""
    low = certificate("low", MIDDLE, authority=True)
    with pytest.raises(DoesNotVerify, match="so long a chain"):
        verify(by(certificate("leaf", low), low, MIDDLE), ROOT)
    wide = certificate("wide", authority=True)
    between = certificate("between", wide, authority=True)
    assert verify(by(certificate("leaf", between), between), wide)


def test_an_unknown_critical_extension_ends_trust() -> None:
    """Whoever does not understand a restriction cannot respect it."""
    limits = x509.NameConstraints([x509.DNSName("example.com")], None)
    strict = certificate("strict", ROOT, authority=True, extra=limits)
    with pytest.raises(DoesNotVerify, match="not understood"):
        verify(by(certificate("leaf", strict), strict), ROOT)


def test_a_circle_of_authorities_ends() -> None:
    """Two that vouch for each other lead nowhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    a = certificate("a", authority=True)
    b = certificate("b", a, authority=True, key=key)
    a_by_b = certificate("a", b, authority=True, key=a.key)
    with pytest.raises(DoesNotVerify, match="No certificate that you trust"):
        verify(by(certificate("leaf", b), b, a_by_b, a), ROOT)


def test_material_of_the_other_kind_is_told() -> None:
    """A bare key is no certificate and the other way round."""
    with pytest.raises(DoesNotVerify, match="bare key, not with a certificate"):
        verify(parse_bundle(KeySigner(KEY).sign(b"p")), ROOT)
    with pytest.raises(DoesNotVerify, match="certificate, not with a bare key"):
        VERIFIER.verify(by(LEAF, MIDDLE), before_1_0=False)


def test_what_is_no_certificate_is_refused() -> None:
    """Noise, and a certificate cut short."""
    good = by(LEAF, MIDDLE)
    for der in (b"noise", good.certificates[0][:-5]):
        with pytest.raises(DoesNotVerify, match="cannot be read"):
            verify(Bundle(payload=b"", signature=b"", certificates=(der,)), ROOT)


def test_certificate_and_key_have_to_belong_together() -> None:
    """Signing with somebody else's certificate is no use."""
    with pytest.raises(UsageError, match="does not belong"):
        CertificateSigner(OTHER_KEY, [LEAF.certificate])


def test_certificates_are_read_from_files(tmp_path: Path) -> None:
    """Several in one file; a file with none is refused."""
    (tmp_path / "chain.pem").write_bytes(MIDDLE.pem() + ROOT.pem())
    assert load_certificates(tmp_path / "chain.pem") == [MIDDLE.certificate, ROOT.certificate]
    (tmp_path / "none.pem").write_bytes(b"none")
    with pytest.raises(UsageError, match="no certificate"):
        load_certificates(tmp_path / "none.pem")


def test_the_path_is_returned_in_order() -> None:
    """From the signer's up to the trusted one."""
    chain = [c.certificate for c in (LEAF, ROOT, MIDDLE)]
    assert trusted_path(chain, [ROOT.certificate], NOW) == [c.certificate for c in (LEAF, MIDDLE, ROOT)]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_certificate_is_refused_in_words(data: st.DataObject) -> None:
    """Whatever is overwritten, cut out or put in: refused, or what the authority signed is untouched."""
    good = by(LEAF, MIDDLE)
    der = good.certificates[0]
    start = data.draw(st.integers(0, len(der)))
    end = data.draw(st.integers(start, min(len(der), start + 4)))
    bad = der[:start] + data.draw(st.binary(max_size=4)) + der[end:]
    bundle = Bundle(payload=good.payload, signature=good.signature, certificates=(bad, good.certificates[1]))
    try:
        verify(bundle, ROOT)
    except DoesNotVerify:
        return
    accepted = x509.load_der_x509_certificate(bad)
    assert accepted.tbs_certificate_bytes == LEAF.certificate.tbs_certificate_bytes
