"""Servers listen where they were meant to."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import ServerBind

HEAD = 'import express from "express";\nconst app = express();\n'
MET = {"src/app.ts": HEAD + "app.listen(3000, '127.0.0.1');\n"}
NOT_MET = {"src/app.ts": HEAD + "app.listen(3000);\n"}
NAME = "servers_bind_deliberately"


def test_every_interface_is_for_a_person() -> None:
    """Containers need it, so it is a doubt and not a fault."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_debug_on_every_interface_is_firm() -> None:
    """A debugger open to the network runs anybody's code."""
    bind = ServerBind(at=Location("app.py", 9), host="0.0.0.0", port=5000, every_interface=True, debug=True)
    (seen,) = observe(NAME, {}, extra=(bind,))
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)


def test_any_origin_is_named() -> None:
    """The middleware without options answers every page."""
    files = {
        "src/app.ts": HEAD + 'import cors from "cors";\napp.use(cors());\napp.listen(3000, "127.0.0.1");\n'
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_named_origin_is_fine() -> None:
    """A list of origins is deliberate."""
    files = {
        "src/app.ts": HEAD + 'import cors from "cors";\napp.use(cors({ origin: "https://a.org" }));\n'
        'app.listen(3000, "127.0.0.1");\n'
    }
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_examples_are_not_the_product() -> None:
    """A demonstration may listen everywhere."""
    assert outcomes(observe(NAME, {"examples/app.ts": NOT_MET["src/app.ts"]})) == {Outcome.NOT_APPLICABLE}
