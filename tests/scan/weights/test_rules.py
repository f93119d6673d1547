"""Every rule that an inspector or the judge of templates names is explained; each explanation is used."""

import re
from pathlib import Path

import yaml

SCAN = Path(__file__).resolve().parents[3] / "src" / "assaymark" / "scan"


def test_rules_and_their_explanations_agree() -> None:
    """A rule without help would leave the reader alone; help without a rule is dead."""
    told = yaml.safe_load((SCAN / "weights" / "rules.yaml").read_text(encoding="utf-8"))
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("weights", "template")
        for path in (SCAN / folder).glob("*.py")
    )
    prefixes = "|".join(sorted({rule.partition("-")[0] for rule in told}))
    used = set(re.findall(rf'"((?:{prefixes})-[a-z]+(?:-[a-z]+)*)"', source))
    formats = {"keras-metadata", "paddle-parameters", "onnx-model"}
    assert used - formats == set(told)
    assert all(rule["title"] and rule["help"] for rule in told.values())
