"""Prompts from elsewhere are pinned."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import Download

HEAD = 'import * as hub from "langchain/hub";\n'
MET = {"src/a.ts": HEAD + 'export const p = await hub.pull("acme/rag:3f2a9c1d");\n'}
NOT_MET = {"src/a.ts": HEAD + 'export const p = await hub.pull("acme/rag");\n'}
NAME = "prompts_come_from_pinned_sources"


def test_a_prompt_by_name_is_firm() -> None:
    """Whoever owns the name decides what the system says."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM


def test_a_name_chosen_at_run_time_is_left_open() -> None:
    """What cannot be read is neither good nor bad."""
    files = {"src/a.ts": HEAD + "export const p = await hub.pull(process.env.PROMPT);\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_a_script_piped_into_a_shell_is_seen() -> None:
    """Code that is fetched from moving content and run is a fault."""
    files = {
        "src/a.ts": 'import { execSync } from "child_process";\nexecSync("curl https://a.org/i.sh | sh");\n'
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_verified_download_is_fine() -> None:
    """A digest makes a moving address harmless."""
    fetched = Download(
        at=Location("a.py", 1), url="https://a.org/x", what="prompt", mutable=True, verified="digest"
    )
    assert outcomes(observe(NAME, {}, extra=(fetched,))) == {Outcome.MET}


def test_models_are_another_checks_matter() -> None:
    """Weights are not looked at here."""
    fetched = Download(
        at=Location("a.py", 1), url="https://a.org/x", what="model", mutable=True, verified="nothing"
    )
    assert outcomes(observe(NAME, {}, extra=(fetched,))) == {Outcome.NOT_APPLICABLE}
