"""`assaymark explain` answers to every name and fits the terminal."""

import json

import pytest
from click.testing import CliRunner

from assaymark._cli.explain import command
from assaymark._cli.explanation import check_text, match_text, speaking
from assaymark.errors import UsageError
from assaymark.observation import CheckInfo
from assaymark.standard.catalogue import catalogue, provision
from assaymark.standard.find import find
from assaymark.system.system import Profile

CHECK = CheckInfo(
    id="hashes_are_published",
    version=1,
    title="Each shared model file has a published hash.",
    why="A recipient can tell a swapped file.",
    fix="Write SHA256SUMS beside the files.",
    blind_spots="Hashes published elsewhere.",
    provisions=("5.2.4-1.2",),
    supports=("5.2.1-2",),
)


def explained(*words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize(
    "words", [("5.2.4-1.2",), ("8.1.2",), ("EN", "304", "223", "5.2.4-1.2"), ("CoP 8.1.2",)]
)
def test_a_provision_is_explained_in_full_under_each_name(words: tuple[str, ...]) -> None:
    """The same text, with or without quotes round the words."""
    text = explained(*words)
    for part in (
        "5.2.4-1.2",
        "CoP 8.1.2",
        "Principle 8",
        "Force:",
        "shall",
        "Who:",
        "Applies:",
        "Obligations",
    ):
        assert part in text
    for part in (
        "What an assessor accepts",
        "180 days",
        "Mappings found in the sources",
        "Mappings we inferred",
    ):
        assert part in text
    assert text == explained("5.2.4-1.2")


def test_all_profiles_are_shown_unless_one_is_chosen() -> None:
    """Ours are marked as ours."""
    both, one = explained("5.2.4-1"), explained("5.2.4-1", "--profile", "agent")
    assert "  chatbot\n" in both
    assert "  agent (ours)\n" in both
    assert "  agent (ours)\n" in one
    assert "  chatbot\n" not in one


@pytest.mark.parametrize("it", catalogue().provisions, ids=lambda p: p.id)
def test_no_line_is_wider_than_a_piped_page(it: object) -> None:
    """80 columns where there is no terminal."""
    assert max(map(len, explained(it.id).splitlines())) <= 80  # type: ignore[attr-defined]


def test_a_principle_or_a_phase_is_a_list_of_its_provisions() -> None:
    """With a hint where the text could mean something else."""
    text = explained("5.4.1")
    assert text.startswith("Principle 11")
    assert "5.4.1-1.1  (CoP 11.1.1, shall)" in text
    assert "CoP 5.4.1" in text
    assert explained("secure", "design").startswith("5.1 Secure design (26 provisions)")


def test_an_obligation_is_pointed_out() -> None:
    """Its provision is explained around it."""
    assert "5.2.4-1#2  <- asked for" in explained("5.2.4-1#2")


def test_what_is_unknown_is_a_usage_error_with_near_names() -> None:
    """Exit code 2, and a way on."""
    with pytest.raises(UsageError) as caught:
        CliRunner().invoke(command, ["5.2.4-9"], catch_exceptions=False)
    assert "5.2.4-1" in caught.value.advice
    with pytest.raises(UsageError) as caught:
        CliRunner().invoke(command, ["\x1b[2J"], catch_exceptions=False)
    assert "\x1b" not in str(caught.value)
    assert "principle 8" in caught.value.advice


def test_json_holds_the_provision_and_its_format() -> None:
    """A machine reads the same."""
    told = json.loads(explained("8.1.2", "--json"))
    assert (told["format"], told["version"], told["edition"]) == ("assaymark-explain", 1, "EN 304 223 V2.1.1")
    assert told["provisions"][0]["id"] == "5.2.4-1.2"
    assert set(told["provisions"][0]["guidance"]) == set(Profile)


def test_the_checks_that_speak_to_a_provision_are_explained_with_it() -> None:
    """Those that can show it by themselves come first."""
    contributes = CheckInfo(
        id="b",
        version=1,
        title="t",
        why="w",
        fix="f",
        blind_spots="s",
        provisions=(),
        supports=("5.2.4-1.2",),
    )
    match = find("5.2.4-1.2")
    assert match is not None
    text = match_text(match, (contributes, CHECK), 80)
    for part in (
        "hashes_are_published (can show it)",
        CHECK.why,
        CHECK.fix,
        CHECK.blind_spots,
        "b (contributes)",
    ):
        assert part in text
    assert [c.id for c in speaking(provision("5.2.4-1.2"), (contributes, CHECK))] == [CHECK.id, "b"]
    assert "None; a person's attestation" in match_text(match, (), 80)


def test_a_check_is_explained_by_its_own_words() -> None:
    """Title, why, fix, blind spots and what it speaks to."""
    text = check_text(CHECK, 60)
    for part in (CHECK.title, CHECK.why, CHECK.fix, CHECK.blind_spots, "5.2.4-1.2", "5.2.1-2"):
        assert part in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 60


def test_the_name_of_a_registered_check_is_accepted() -> None:
    """Text and JSON, for the first of the list."""
    from assaymark.checks import all_checks

    first = next(iter(all_checks()), None)
    assert first is not None
    assert explained(first.info.id).startswith(f"{first.info.id}:")
    told = json.loads(explained(first.info.id, "--json"))
    assert (told["kind"], told["checks"][0]["id"]) == ("check", first.info.id)
