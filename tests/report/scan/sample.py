"""A scan report with everything in it, hostile names included."""

from assaymark.asset import NotLookedAt
from assaymark.inspection import Hazard, Header, Hole, HoleKind, Inspection, Level, Rule, ScanReport

__all__ = ["CLEAN", "REPORT"]

DANGEROUS = Inspection(
    path="weights/evil\x1b[2J\u202e.pkl",
    header=Header(format="pickle", metadata=(("protocol", "4"),)),
    size=1_234,
    read=1_234,
    interpreted=1_234,
    formats=("pickle", "zip"),
    members=2,
    hazards=(
        Hazard(
            rule="pickle-call",
            level=Level.DANGEROUS,
            message="Loading calls `os.system('echo hi')`: it runs a shell command. ](http://x)",
            subject="os.system",
            member="archive/data.pkl",
            offset=17,
            evidence="    11: STACK_GLOBAL os.system\n>   17: REDUCE\n    18: STOP \x1b[31m",
        ),
        Hazard(
            rule="template-conditional-text",
            level=Level.UNKNOWN,
            message="Text that shows only sometimes.",
            line=3,
        ),
        Hazard(rule="zip-comment", level=Level.NOTE, message="The archive has a comment."),
    ),
)
HOLE = Inspection(
    path="weights/locked.zip",
    header=Header(format="zip"),
    size=99,
    read=99,
    holes=(Hole(kind=HoleKind.ENCRYPTED, reason="it is encrypted", member="a.pkl", size=50),),
)
UNKNOWN = Inspection(
    path="weights/custom.pkl",
    header=Header(format="pickle"),
    size=10,
    read=10,
    interpreted=10,
    hazards=(
        Hazard(
            rule="pickle-unknown",
            level=Level.UNKNOWN,
            message="Loading calls `acme.Model()`.",
            subject="acme.Model",
            offset=2,
        ),
    ),
)
CLEAN = Inspection(
    path="weights/good.safetensors",
    header=Header(format="safetensors", tensors=2, parameters=10, metadata=(("licence", "mit"),)),
    size=1_000,
    read=100,
    interpreted=100,
    data=900,
    sha256="0" * 64,
)
REPORT = ScanReport(
    target="weights",
    tool_version="0.1.0",
    files=7,
    inspections=(UNKNOWN, DANGEROUS, CLEAN, HOLE),
    not_looked_at=(NotLookedAt(path="out", reason="a symbolic link; links are not followed"),),
    rules=(Rule("pickle-call", "A call on load", "Do not load it."),),
    problems=("The policy entry for `x.y` has ended.",),
)
