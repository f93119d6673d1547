"""Every kind of lock file gives digests, archives, licences, origins and needs."""

import json
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.infra.reading import only

from assaymark.scan.facts import Dependency, LockedFile, LockedPackage, Lockfile, ScanProblem
from assaymark.scan.infra import _locked
from assaymark.scan.infra.lockfiles import scan_lock

A, B = "a" * 64, "b" * 64
SHA512 = "sha512-" + "A" * 86 + "=="


def read(path: str, text: str) -> dict[str, LockedPackage]:
    """Packages by name and version; nothing may be wrong with the file."""
    (lock,) = scan_lock(path, text)
    assert isinstance(lock, Lockfile)
    return {f"{p.name}@{p.version or p.stated}": p for p in lock.whole()}


def packages(path: str, text: str) -> list[LockedPackage]:
    """Packages of a file that may be broken."""
    return [p for f in scan_lock(path, text) if isinstance(f, Lockfile) for p in f.whole()]


POETRY = f"""\
[[package]]
name = "Foo_Bar"
version = "1.0"
files = [
    {{file = "foo_bar-1.0.tar.gz", hash = "sha256:{A}"}},
    {{file = "foo_bar-1.0.whl", hash = "sha256:{B}"}},
]

[package.dependencies]
baz = {{version = ">=1", markers = "x"}}

[[package]]
name = "baz"
version = "2.0"
files = []

[package.source]
type = "git"
url = "https://git.example/baz"
"""

UV = f"""\
version = 1
[[package]]
name = "app"
version = "0.1"
source = {{ virtual = "." }}

[[package]]
name = "one"
version = "1.0"
source = {{ registry = "https://pypi.org/simple" }}
dependencies = [{{ name = "two", version = "2.0" }}]
sdist = {{ url = "https://f.example/one.tar.gz", hash = "sha256:{A}" }}
wheels = [{{ url = "https://f.example/one.whl", hash = "sha256:{B}" }}]

[[package]]
name = "two"
version = "2.0"
source = {{ git = "https://git.example/two?rev=1#2" }}
"""

PYLOCK = f"""\
lock-version = "1.0"
[[packages]]
name = "one"
version = "1.0"
wheels = [{{ url = "https://f.example/one.whl", hashes = {{ sha256 = "{A}" }} }}]
dependencies = [{{ name = "two" }}]
[[packages]]
name = "two"
version = "2.0"
"""


PACKAGES = {
    "": {"name": "site", "version": "1"},
    "node_modules/a": {"version": "1.0", "integrity": SHA512, "license": "MIT", "dependencies": {"c": "*"}},
    "node_modules/b": {"version": "1.0", "dependencies": {"c": "*", "gone": "*"}},
    "node_modules/b/node_modules/c": {"version": "2.0", "resolved": "https://r.example/c.tgz"},
    "node_modules/c": {"version": "1.0", "license": {"type": "ISC"}},
    "node_modules/own": {"link": True, "resolved": "packages/own"},
    "packages/own": {"version": "0.1"},
}
PNPM = f"lockfileVersion: '9.0'\n\npackages:\n\n  '@s/a@1.0.0':\n    resolution: {{integrity: {SHA512}}}\n"
YARN = f'"@s/a@^1", "@s/a@~1":\n  version "1.0"\n  resolved "https://r"\n  integrity {SHA512}\n'
CONDA_URL = "https://c.example/linux-64/one-1.0-h1_0.conda"
CONDA = (
    f"package:\n- name: one\n  version: '1.0'\n  manager: conda\n  platform: linux-64\n  url: {CONDA_URL}\n"
    f"  hash:\n    sha256: {A}\n"
)
SAMPLES = {
    "poetry.lock": POETRY,
    "uv.lock": UV,
    "pylock.toml": PYLOCK,
    "Pipfile.lock": json.dumps({"default": {"one": {"version": "==1.0", "hashes": [f"sha256:{A}"]}}}),
    "package-lock.json": json.dumps({"lockfileVersion": 3, "packages": PACKAGES}, indent=1),
    "pnpm-lock.yaml": PNPM,
    "yarn.lock": YARN,
    "conda-lock.yml": CONDA,
    "conda-linux-64.lock": f"@EXPLICIT\n{CONDA_URL}#{'c' * 32}\n",
}
"""One of each kind, as its tool writes it."""


def test_poetry() -> None:
    """Names as PyPI compares them, all digests, needs, and where a package of its own address comes from."""
    found = read("poetry.lock", POETRY)

    assert found["foo-bar@1.0"].hashes == (f"sha256:{A}", f"sha256:{B}")
    assert found["foo-bar@1.0"].needs == (("baz", ""),)
    assert found["baz@2.0"].address == "https://git.example/baz"


def test_poetry_before_1_5_kept_files_apart() -> None:
    """In one table for all packages."""
    text = (
        f"[[package]]\n"
        f'name = "foo"\n'
        f'version = "1"\n'
        f"[metadata.files]\n"
        f'foo = [{{file = "f", hash = "sha256:{A}"}}]\n'
    )

    assert read("poetry.lock", text)["foo@1"].hashes == (f"sha256:{A}",)


def test_uv() -> None:
    """Addresses with their digests; the project itself is no dependency."""
    found = read("sub/uv.lock", UV)

    assert set(found) == {"one@1.0", "two@2.0"}
    assert found["one@1.0"].files == (
        LockedFile("https://f.example/one.tar.gz", (f"sha256:{A}",)),
        LockedFile("https://f.example/one.whl", (f"sha256:{B}",)),
    )
    assert found["one@1.0"].needs == (("two", "2.0"),)
    assert found["two@2.0"].address.startswith("https://git.example/two")


@pytest.mark.parametrize("path", ["pylock.toml", "pylock.gpu.toml"])
def test_pep_751(path: str) -> None:
    """The standard lock of Python."""
    found = read(path, PYLOCK)

    assert found["one@1.0"].files == (LockedFile("https://f.example/one.whl", (f"sha256:{A}",)),)
    assert found["one@1.0"].needs == (("two", ""),)


def test_pdm() -> None:
    """Needs as requirement texts."""
    text = (
        f"[[package]]\n"
        f'name = "one"\n'
        f'version = "1"\n'
        f'dependencies = ["two>=2; x"]\n'
        f'files = [{{file = "o", hash = "sha256:{A}"}}]\n'
    )
    found = read("pdm.lock", text)

    assert found["one@1"].needs == (("two", ""),)
    assert found["one@1"].hashes == (f"sha256:{A}",)


def test_pipenv() -> None:
    """Both groups."""
    text = {
        "default": {"one": {"version": "==1.0", "hashes": [f"sha256:{A}"]}},
        "develop": {"two": {"version": "==2"}},
    }
    found = read("Pipfile.lock", json.dumps(text))

    assert found["one@1.0"].hashes == (f"sha256:{A}",)
    assert "two@2" in found


def test_requirements_with_notes_on_who_needs_what() -> None:
    """Digests over several lines, markers, extras, and the notes of pip-compile and uv in both forms."""
    text = (
        f"one[x]==1.0 ; python_version < '3' \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n"
        "    # via -r requirements.in\ntwo==2.0  # via one\nthree===3\n    # via\n    #   one\n    #   Two\n"
        "four>=4\n    # via one\n-e .\n"
    )
    found = {d.name: d for d in only(Dependency, "requirements/base.txt", text)}

    assert found["one"].hashes == (f"sha256:{A}", f"sha256:{B}")
    assert {n: d.needed_by for n, d in found.items()} == {
        "one": (),
        "two": ("one",),
        "three": ("one", "two"),
        "four": ("one",),
    }
    assert found["two"].at.line == 5


def test_npm_finds_the_version_that_node_would() -> None:
    """The nearest folder wins; links and the project itself are left out."""
    found = read("package-lock.json", json.dumps({"packages": PACKAGES}))

    assert set(found) == {"a@1.0", "b@1.0", "c@1.0", "c@2.0"}
    assert found["a@1.0"].hashes == (SHA512,)
    assert found["a@1.0"].needs == (("c", "1.0"),)
    assert found["b@1.0"].needs == (("c", "2.0"),)
    assert (found["a@1.0"].licence, found["c@1.0"].licence) == ("MIT", "ISC")


def test_npm_before_version_2_nested_packages() -> None:
    """However deep."""
    tree = {"a": {"version": "1", "dependencies": {"b": {"version": "2", "integrity": SHA512}}}}

    assert set(read("npm-shrinkwrap.json", json.dumps({"dependencies": tree}))) == {"a@1", "b@2"}


@pytest.mark.parametrize(
    "key", ["  '@s/a@1.0(peer@2)':", "  /@s/a@1.0:", "  /@s/a/1.0_peer@2:", "  '@s/a@1.0':"]
)
def test_pnpm_of_every_version(key: str) -> None:
    """Keys changed their form thrice; snapshots are no packages."""
    text = f"packages:\n\n{key}\n    resolution: {{integrity: {SHA512}}}\n\nsnapshots:\n  x@9.0:\n    a: b\n"
    found = read("pnpm-lock.yaml", text)

    assert set(found) == {"@s/a@1.0"}
    assert found["@s/a@1.0"].hashes == (SHA512,)


def test_yarn_classic_and_berry() -> None:
    """Workspaces are left out, and so are checksums that are of berry's own archives."""
    classic = f'"@s/a@^1", "@s/a@~1":\n  version "1.0"\n  resolved "https://r"\n  integrity {SHA512}\n'
    berry = (
        '__metadata:\n  version: 8\n\n"a@npm:^1":\n  version: 1.0\n  checksum: 10/abc\n\n'
        '"site@workspace:.":\n  version: 0.0.0-use.local\n'
    )

    assert read("yarn.lock", classic)["@s/a@1.0"].hashes == (SHA512,)
    assert set(read("yarn.lock", berry)) == {"a@1.0"}


def test_bun() -> None:
    """One line a package."""
    text = (
        f"{{\n"
        f'  "packages": {{\n'
        f'    "a": ["@s/a@1.0", "", {{}}, "{SHA512}"],\n'
        f'    "w": ["w@workspace:w"],\n'
        f"  }}\n"
        f"}}\n"
    )
    found = read("bun.lock", text)

    assert {k: p.hashes for k, p in found.items()} == {"@s/a@1.0": (SHA512,)}


def test_conda_in_three_layouts() -> None:
    """conda-lock, explicit lists and pixi, with packages of PyPI among them."""
    url = "https://c.example/linux-64/one-1.0-h1_0.conda"
    lock = (
        f"package:\n- name: one\n  version: '1.0'\n  manager: conda\n  url: {url}\n  hash:\n    sha256: {A}\n"
        "- name: Two_x\n  version: 2.0\n  manager: pip\n  url: https://f.example/two.whl\n"
    )
    explicit = f"@EXPLICIT\n{url}#{'c' * 32}\n"
    pixi = (
        f"packages:\n- conda: {url}\n  sha256: {A}\n  license: MIT\n"
        f"- pypi: https://f.example/two_x-2.0-py3-none-any.whl\n  sha256: {B}\n"
    )

    found = read("conda-lock.yml", lock)
    assert found["one@1.0"].files == (LockedFile(url, (f"sha256:{A}",)),)
    assert found["two-x@2.0"].ecosystem == "pypi"
    assert read("conda-linux-64.lock", explicit)["one@1.0"].files[0].hashes == ("c" * 32,)
    assert read("pixi.lock", pixi)["one@1.0"].licence == "MIT"
    assert read("pixi.lock", pixi)["two-x@2.0"].ecosystem == "pypi"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("uv.lock", "[[package]\nname"),
        ("uv.lock", ".".join("a" * 5000) + " = 1"),
        ("uv.lock", "x = " + "[" * 100_000),
        ("package-lock.json", "[" * 100_000),
        ("package-lock.json", "{"),
        ("Pipfile.lock", '{"default": '),
    ],
)
def test_a_broken_file_is_told(path: str, text: str) -> None:
    """In words, and nothing is raised."""
    found = list(scan_lock(path, text))

    assert packages(path, text) == []
    assert [f.reason for f in found if isinstance(f, ScanProblem)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package-lock.json", '{"packages": {"node_modules/a": 3, "node_modules/": {}, "x": []}}'),
        ("package-lock.json", '{"packages": {"node_modules/a": {"version": [1], "dependencies": [2]}}}'),
        ("package-lock.json", "[]"),
        ("Pipfile.lock", '{"default": {"a": 3, "b": {"hashes": 3, "version": {}}}, "develop": 4}'),
        ("Pipfile.lock", "3"),
        ("uv.lock", "package = 3"),
        (
            "uv.lock",
            '[[package]]\nname = 3\n[[package]]\nname = "a"\nwheels = 3\nsdist = 4\ndependencies = 5',
        ),
        (
            "uv.lock",
            '[[package]]\nname = "a"\nwheels = [3, {url = 4, hash = 5}]\ndependencies = [3, {name = 4}]',
        ),
        ("poetry.lock", '[metadata]\nfiles = 3\n[[package]]\nname = "a"'),
        ("conda-lock.yml", "- name:\n- url: https://x\n-\n"),
        ("yarn.lock", "  version 1\n\n@@@:\n  version\n"),
        ("pnpm-lock.yaml", "packages:\n  :\n  '@':\n  @x/y:\n    integrity: sha512-!\n"),
    ],
)
def test_odd_shapes_raise_nothing(path: str, text: str) -> None:
    """Values of a wrong kind are left out; what is kept has a name."""
    assert all(isinstance(p.name, str) and p.name for p in packages(path, text))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("requirements.txt", "a" * 150 + "[" * 150 + "\n"),
        ("requirements.txt", "a==1 --hash=sha256:" + "a" * 300 + "\n"),
        ("pnpm-lock.yaml", "  " + "@a/" * 300 + ":\n"),
        ("yarn.lock", '"' + "a/" * 300 + ":\n"),
        ("bun.lock", '    "a": ["' + "@a/" * 250 + "\n"),
        ("uv.lock", '[[package]]\nname = "a"\nwheels = [' + "{" * 10_000 + "\n"),
        ("uv.lock", '[[package]]\nname = "a"\nwheels = [' + 'a="' * 10_000 + "\n"),
        ("uv.lock", '[[package]]\nname = "a"\nwheels = [' + "a={" * 10_000 + "\n"),
        ("uv.lock", '[[package]]\nname = "a"\ndependencies = [' + '"a",' * 10_000 + "\n"),
        ("conda-lock.yml", "https://" + "a-" * 300 + ".conda\n"),
        ("conda-lock.yml", " " * 11 + "- a" * 200 + "\n"),
    ],
)
def test_hostile_lines_cost_linear_time(path: str, line: str) -> None:
    """A megabyte of the worst line known for each reader takes a second or two at most."""
    text = ("packages:\n" if path.startswith("pnpm") else "") + line * (1_000_000 // len(line))
    start = time.process_time()
    only(Lockfile, path, text)

    assert time.process_time() - start < 5


def test_a_bound_on_detail_keeps_names_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages after it have no digests and needs, and the lock says how many those are."""
    monkeypatch.setattr(_locked, "MAX_DETAIL", 200)
    (lock,) = only(Lockfile, "uv.lock", UV)

    assert [(p.name, p.version, bool(p.files)) for p in lock.whole()] == [
        ("one", "1.0", False),
        ("two", "", False),
    ]
    assert (lock.bare, lock.hashed) == (2, 1)


def test_addresses_lose_what_must_not_be_passed_on() -> None:
    """Facts are kept and bills are handed on: no user, password or token."""
    text = UV.replace("https://f.example/one.whl", "https://me:secret@f.example/one.whl?token=secret")

    assert "secret" not in repr(read("uv.lock", text))


def test_a_name_of_blanks_is_none() -> None:
    """A package that nobody can name is told, not passed on without a name."""
    text = 'lock-version = "1.0"\n[[packages]]\nname = " "\nversion = "1.0"\n'
    (lock,) = only(Lockfile, "pylock.toml", text)
    (problem,) = only(ScanProblem, "pylock.toml", text)

    assert not lock.whole()
    assert "line 2 has no name" in problem.reason


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_bent_locks_raise_nothing(path: str, data: st.DataObject) -> None:
    """Any sample with a stretch cut out and another put in gives packages with names."""
    text = SAMPLES[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    put = data.draw(
        st.text(max_size=12) | st.sampled_from(["{", "]", '"', "\n", "null", ": ", "= ", "- ", "@"])
    )
    assert all(p.name for p in packages(path, text[:start] + put + text[end:]))


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_detail_names_the_same_packages(path: str) -> None:
    """In the same order, and it is read back from the cache's JSON as it was."""
    (lock,) = only(Lockfile, path, SAMPLES[path])
    again = msgspec.json.decode(msgspec.json.encode(lock), type=Lockfile)

    assert lock.packages
    assert [(p.name, p.version, p.source) for p in lock.packages] == [
        (p.name, p.version, p.source) for p in lock.whole()
    ]
    assert again == lock
    assert hash(again) == hash(lock)


def test_tables_within_packages() -> None:
    """As `pip lock` and older Poetry write archives, digests and needs, each under a header of its own."""
    text = (
        f'[[packages]]\nname = "one"\nversion = "1"\n[[packages.wheels]]\nname = "one.whl"\n'
        f'url = "https://f.example/one.whl"\n[packages.wheels.hashes]\nsha256 = "{A}"\n'
        f'[packages.sdist]\nurl = "https://f.example/one.tar.gz"\nhashes = {{sha256 = "{B}"}}\n'
        '[[packages.dependencies]]\nname = "two"\nversion = "2"\n[[packages]]\nname = "two"\nversion = "2"\n'
        '[packages.vcs]\ntype = "git"\nurl = "https://git.example/two"\n'
    )
    found = read("pylock.toml", text)

    assert found["one@1"].files == (
        LockedFile("https://f.example/one.whl", (f"sha256:{A}",)),
        LockedFile("https://f.example/one.tar.gz", (f"sha256:{B}",)),
    )
    assert found["one@1"].needs == (("two", "2"),)
    assert (found["two@2"].source, found["two@2"].address) == ("git", "https://git.example/two")


def test_poetry_needs_of_every_form() -> None:
    """Quoted names, several constraints in a list, and tables; a list's own keys are no needs."""
    text = (
        '[[package]]\nname = "one"\nversion = "1"\nfiles = []\n[package.dependencies]\n"a.b" = "*"\n'
        'c = [\n    {version = ">=1", markers = "x"},\n]\n[package.dependencies.d]\nversion = "1"\n'
        'optional = true\n[package.extras]\ne = ["f"]\n'
    )

    assert read("poetry.lock", text)["one@1"].needs == (("a-b", ""), ("c", ""), ("d", ""))


def test_what_lies_in_the_tree_is_no_entry() -> None:
    """An archive in a folder is listed with its version and counts for no registry; the project is not."""
    text = UV + '[[package]]\nname = "near"\nversion = "3"\nsource = { path = "near.whl" }\n'
    (lock,) = only(Lockfile, "uv.lock", text)

    assert [(p.name, p.version, p.stated, p.source) for p in lock.whole()][-1] == ("near", "", "3", "path")
    assert lock.entries == 2


def test_a_search_that_takes_too_long_is_told() -> None:
    """Folders as deep as no project has, and needs that are nowhere."""
    needs = {str(n): "1" for n in range(40)}
    deep = {
        "/".join(["node_modules/a"] * n): {"version": "1.0.0", "dependencies": needs} for n in range(1, 400)
    }
    problem, lock = scan_lock("package-lock.json", json.dumps({"packages": deep}))

    assert isinstance(problem, ScanProblem)
    assert "1,000,000 steps" in problem.reason
    assert isinstance(lock, Lockfile)
    assert lock.entries == 399
