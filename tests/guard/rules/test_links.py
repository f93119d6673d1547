"""Addresses lead where a browser would go, whatever they look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.guard.rules.hosts import host_allowed, read_target
from assaymark.guard.rules.links import find_addresses

FOUND = [
    ("![x](https://evil.example/a.png?d=1)", True, "evil.example"),
    ("[x](https://evil.example)", False, "evil.example"),
    ("see https://evil.example/x.", False, "evil.example"),
    ("<https://evil.example/c>", False, "evil.example"),
    ("![a][r]\n\n[r]: //evil.example/p", True, "evil.example"),
    ("![r]\n\n[r]: <https://evil.example/p>", True, "evil.example"),
    ("[a][r]\n\n[r]: https://evil.example/p", False, "evil.example"),
    ("<img src='https:/\\evil.example\\a'>", True, "evil.example"),
    ("<img src=https:evil.example/a>", True, "evil.example"),
    ('<a href="https://evil.example">', False, "evil.example"),
    ("<link rel=stylesheet href=https://evil.example/a.css>", True, "evil.example"),
    ('<p style="background:url(https://evil.example/1)">', True, "evil.example"),
    ("<meta http-equiv=refresh content='0;url=https://evil.example/'>", True, "evil.example"),
    ("![a](https&#58;//evil.example/q)", True, "evil.example"),
    ("[![a](x.png)](https://evil.example)", False, "evil.example"),
    ("http://ｅｖｉｌ。example/", False, "evil.example"),
    ("https://bücher.example/", False, "xn--bcher-kva.example"),
    ("www.evil.example/x", False, "www.evil.example"),
    ("mailto:a@evil.example?body=x", False, "evil.example"),
    ('src="data:image/png,\n\n![x](https://evil.example/)', True, "evil.example"),
]


@pytest.mark.parametrize(("text", "image", "host"), FOUND)
def test_each_form_is_found(text: str, image: bool, host: str) -> None:
    """Markdown, HTML, style sheets, autolinks and plain addresses; images told from links."""
    assert (image, host) in {(a.image, a.target.host) for a in find_addresses(text)}


@pytest.mark.parametrize(
    "text", ["[a](/rel)", "![a](a.png)", "note: this", "a(b)[c]", "![x](data:image/png;base64,AA)"]
)
def test_what_leads_nowhere_else_is_left_out(text: str) -> None:
    """Relative addresses and pictures in the text itself carry nothing out."""
    assert list(find_addresses(text)) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://good.example@evil.example/",
        "https://good.example%2eevil.example/",
        "https://good.example\\@evil.example/",
        "https://evil.example/good.example",
        "https://good.example.evil.example/",
        "https://notgood.example/",
        "https://go\u00adod.example/",
        "https://good.example%00.evil.example/",
        "https://gooß.example/",
    ],
)
def test_no_trick_leads_past_the_allow_list(address: str) -> None:
    """User names, escapes, backslashes and invisible letters make no host a good one."""
    assert not host_allowed(read_target(address), ("good.example", "goo*.example"))


def test_allowed_hosts_are_allowed() -> None:
    """By name, below a domain, in any case, with port and trailing dot."""
    for address in (
        "https://good.example/",
        "HTTPS://GOOD.example.:443/x",
        "//good.example\\a",
        "https:good.example",
    ):
        assert host_allowed(read_target(address), ("good.example",))
    assert host_allowed(read_target("https://a.good.example"), ("*.good.example",))
    assert not host_allowed(read_target("https://good.example"), ("*.good.example",))
    assert host_allowed(read_target("https://bücher.example"), ("bücher.example",))


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("https://a.example/x?q=1", True),
        ("https://a.example/x?", False),
        ("https://a.example/docs/getting-started.html#install", False),
        ("https://a.example/" + "aGVsbG8gd29ybGQ" * 4, True),
        ("https://a.example/a1b2c3d4e5f6a7b8c9d0e1", True),
        ("https://a.example/#" + "x" * 30, True),
        ("https://u:p@a.example/", True),
        ("https://" + "x" * 30 + ".a.example/", True),
        ("data:text/html,x", True),
        ("data:image/png;base64,AA", False),
    ],
)
def test_data_is_seen_wherever_it_can_ride(address: str, data: bool) -> None:
    """Query, path, fragment, user name and sub-domain."""
    assert read_target(address).data is data


@given(st.text(max_size=80))
def test_reading_addresses_is_total(text: str) -> None:
    """Any text gives addresses, none an exception."""
    read_target(text)
    assert all(0 <= a.start <= a.end <= len(text) for a in find_addresses(f"![]({text})"[:-1])) or text
