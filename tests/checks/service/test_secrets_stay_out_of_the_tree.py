"""No credential lies in the tree."""

import random
import string

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

_VALUE = "".join(random.Random(11).choices(string.ascii_letters + string.digits, k=48))
_KEY = "sk-" + "proj-" + _VALUE
MET = {
    "app.py": "import os\nKEY = os.environ['OPENAI_API_KEY']\n",
    ".env.example": "OPENAI_API_KEY=sk-xxxx\n",
}
NOT_MET = {"app.py": f'KEY = "{_KEY}"\n'}
NAME = "secrets_stay_out_of_the_tree"


def test_a_known_kind_is_firm_and_its_value_is_not_shown() -> None:
    """Four characters and a length are all that a report holds."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM
    assert _VALUE[:12] not in str(seen)


def test_a_key_in_a_test_is_for_a_person() -> None:
    """It may be invented."""
    assert [s.certainty for s in observe(NAME, {"tests/test_a.py": NOT_MET["app.py"]})] == [
        Certainty.TENTATIVE
    ]


def test_an_ignored_file_is_no_alarm() -> None:
    """A developer's own .env stays on the own machine."""
    files = {".env": f"OPENAI_API_KEY={_KEY}\n", ".gitignore": "*.pyc\n.env\n", "app.py": "x = 1\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_value_given_in_a_compose_file_is_for_a_person() -> None:
    """A secret by its name, without a known shape."""
    files = {"compose.yml": "services:\n  a:\n    image: a:1\n    environment: {DB_PASSWORD: k3Jd82hslQ}\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}
    assert {s.certainty for s in observe(NAME, files)} == {Certainty.TENTATIVE}
