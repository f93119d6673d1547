"""What a report says it looked at, against what is there now."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace
from tests.imports.samples import COMMIT, DIGEST, NOW, OTHER

from assaymark.imports.binding import bind
from assaymark.imports.packages import of_purl, package_key
from assaymark.imports.present import Present
from assaymark.imports.report import Tested as Part


def state(part: Part, now: Present = NOW) -> str:
    """fresh, changed or gone, as freshness will see it; unbound if it binds nothing."""
    bound = bind([part], now, "report")
    if not bound.subjects:
        return "unbound"
    (subject,) = bound.subjects
    if subject.name not in bound.digests:
        return "gone"
    return "fresh" if bound.digests[subject.name] == subject.sha256 else "changed"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Part("commit", "", COMMIT), "fresh"),
        (Part("commit", "", COMMIT.upper()), "fresh"),
        (Part("commit", "", COMMIT[:9]), "fresh"),
        (Part("commit", "", "0" * 40), "changed"),
        (Part("commit", "", "0" * 9), "changed"),
        (Part("commit", "", "main"), "unbound"),
        (Part("commit", "", "unknown"), "unbound"),
        (Part("commit", "", COMMIT[:6]), "unbound"),
        (Part("file", "./app.py", OTHER), "fresh"),
        (Part("file", "app.py", DIGEST), "changed"),
        (Part("file", "/elsewhere/app.py", OTHER), "fresh"),
        (Part("file", "nowhere.py", "0" * 64), "gone"),
        (Part("file", "app.py", ""), "unbound"),
        (Part("model", "a", f"sha256:{DIGEST}"), "fresh"),
        (Part("model", "org/m", "r1"), "fresh"),
        (Part("model", "ORG/M", "r1"), "fresh"),
        (Part("model", "org/m", "r2"), "changed"),
        (Part("model", "org/m", ""), "unbound"),
        (Part("model", "other/m", "r1"), "gone"),
        (Part("model", "openai/gpt-4o-2024-08-06", ""), "fresh"),
        (Part("model", "openai:chat:gpt-4o-2024-08-06", ""), "fresh"),
        (Part("model", "gpt-4o-2024-11-20", ""), "gone"),
        (Part("package", "pypi/requests", "2.19.0"), "fresh"),
        (Part("package", "pypi/requests", "2.20.0"), "changed"),
        (Part("package", "pypi/open", "1"), "unbound"),
        (Part("package", "pypi/strange", "1"), "unbound"),
        (Part("image", "python", "3.11"), "unbound"),
        (Part("image", "python", "0" * 64), "gone"),
    ],
)
def test_each_kind_is_fresh_for_the_version_that_was_tested_alone(part: Part, expected: str) -> None:
    """And binds nothing where it cannot be compared."""
    assert state(part) == expected


def test_a_tree_without_history_is_not_the_commit_that_was_tested() -> None:
    """Nobody can tell, so it does not count."""
    assert state(Part("commit", "", COMMIT), replace(NOW, commit="")) == "gone"
    assert state(Part("commit", "", COMMIT[:9]), replace(NOW, commit="")) == "gone"


def test_committing_evidence_makes_no_other_version() -> None:
    """The commit that was tested stays good while only reports and attestations are committed after it."""
    now = replace(NOW, commit="1" * 40, same=(COMMIT,))
    (subject,) = bind([Part("commit", "", COMMIT)], now, "r").subjects

    assert state(Part("commit", "", COMMIT), now) == "fresh"
    assert state(Part("commit", "", COMMIT[:10]), now) == "fresh"
    assert state(Part("commit", "", "2" * 40), now) == "changed"
    assert subject.name == f"git commit {COMMIT[:12]}"


def test_all_versions_that_were_looked_at_have_to_be_there() -> None:
    """Two versions of one package are one subject."""
    both = [Part("package", "npm/a", "1"), Part("package", "npm/a", "2")]
    there = replace(NOW, packages={"npm/a": frozenset({"1", "2", "3"})})
    fewer = replace(NOW, packages={"npm/a": frozenset({"1"})})

    def fresh(now: Present) -> bool:
        bound = bind(both, now, "r")
        return bound.digests[bound.subjects[0].name] == bound.subjects[0].sha256

    assert fresh(there)
    assert not fresh(fewer)


def test_what_is_absent_binds_only_what_was_tested() -> None:
    """A supplier's list may name parts that never were here."""
    part = Part("file", "nowhere.py", "0" * 64)

    assert bind([part], NOW, "r", absent=False).subjects == ()
    assert len(bind([part], NOW, "r").subjects) == 1


@pytest.mark.parametrize("changed", [False, True])
def test_many_parts_are_bound_as_one(changed: bool) -> None:
    """A ledger entry holds 64 KiB; one part that changed ends the freshness of all."""
    files = {f"f{n}": f"{n:064x}" for n in range(1000)}
    parts = [Part("file", name, digest) for name, digest in files.items()]
    now = Present(files=files | ({"f7": DIGEST} if changed else {}))
    bound = bind(parts, now, "bom.json")

    assert [s.name for s in bound.subjects] == ["1000 parts named in bom.json"]
    assert (bound.digests["1000 parts named in bom.json"] == bound.subjects[0].sha256) is not changed


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_parts_is_of_no_importance(order: int) -> None:
    """The same report in another order is the same evidence."""
    parts: Iterable[Part] = [
        Part("commit", "", COMMIT),
        Part("package", "pypi/numpy", "2.1.0"),
        Part("file", "app.py", OTHER),
    ]

    assert bind(list(parts)[::order], NOW, "r") == bind(parts, NOW, "r")


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:pypi/Scikit_Learn@1.0?x=y#z", ("pypi/scikit-learn", "1.0")),
        ("pkg:npm/%40scope/name@1.0", ("npm/@scope/name", "1.0")),
        ("pkg:npm/@scope/name", ("npm/@scope/name", "")),
        ("pkg:huggingface/org/M@abc", ("huggingface/org/M", "abc")),
        ("pkg:pypi/", None),
        ("pkg:", None),
        ("pypi/x@1", None),
        ("", None),
    ],
)
def test_package_urls_are_read(purl: str, expected: tuple[str, str] | None) -> None:
    """As the specification has it; what is none names nothing."""
    assert of_purl(purl) == expected


def test_names_are_compared_as_their_ecosystem_does() -> None:
    """However the tool writes the ecosystem."""
    assert package_key("PyPI", "Scikit_Learn") == package_key("pypi", "scikit-learn") == "pypi/scikit-learn"
    assert package_key("crates.io", "Regex") == "crates.io/Regex"
