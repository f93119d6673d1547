"""Package URLs by the rules of each type, as the reference library reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from assaymark.discover.bom_purl import container_purl, huggingface_purl, package_purl


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        (package_purl("pypi", "Foo_Bar", "1.0+cpu"), "pkg:pypi/foo-bar@1.0%2Bcpu"),
        (package_purl("npm", "@scope/Name", "1.0"), "pkg:npm/%40scope/name@1.0"),
        (package_purl("conda", "numpy", "2.0"), "pkg:conda/numpy@2.0"),
        (package_purl("cran", "ggplot2", ""), "pkg:generic/ggplot2"),
        (package_purl("npm", "", "1"), ""),
        (huggingface_purl("Owner/Name", "ABCDEF"), "pkg:huggingface/Owner/Name@abcdef"),
        (huggingface_purl("gpt2", ""), "pkg:huggingface/gpt2"),
        (huggingface_purl("a/b/c", ""), ""),
        (huggingface_purl("../x", ""), ""),
        (huggingface_purl("a/", ""), ""),
        (container_purl("python:3.12"), "pkg:docker/python@3.12"),
        (container_purl("ghcr.io/a/b:1@sha256:ab"), "pkg:docker/a/b@sha256:ab?repository_url=ghcr.io"),
        (container_purl("localhost:5000/a"), "pkg:docker/a?repository_url=localhost:5000"),
        (container_purl("${BASE}:1"), ""),
    ],
)
def test_each_type_has_its_rules(purl: str, expected: str) -> None:
    """And the reference library gives the same canonical text."""
    assert purl == expected
    if purl:
        assert PackageURL.from_string(purl).to_string() == purl


@given(
    st.sampled_from(["pypi", "npm", "conda", "docker"]),
    st.text(min_size=1, max_size=30),
    st.text(max_size=20),
)
def test_any_name_reads_back(ecosystem: str, name: str, version: str) -> None:
    """Whatever characters it has."""
    purl = package_purl(ecosystem, name, version)

    if purl:
        assert PackageURL.from_string(purl).version == (version.strip() or None)
