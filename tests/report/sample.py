"""A realistic assessment written by hand, with hostile text wherever a user's text can appear."""

from itertools import groupby

from assaymark.assess.assessment import (
    Applicability,
    Assessment,
    ChangeSince,
    Evidence,
    Freshness,
    NotLookedAt,
    ObligationResult,
    ProvisionResult,
    Threshold,
    Verdict,
)
from assaymark.asset import Asset, AssetKind, Edge, Relation
from assaymark.observation import Certainty, CheckInfo, Detail, Location, Observation, Outcome, Subject
from assaymark.standard.catalogue import obligation_ids
from assaymark.standard.provision import Force, Mapping, Obligation, Phase, Provision
from assaymark.system.system import Profile, Role, System, Waiver

HOSTILE = "<script>alert(1)</script>]]>&\"'\x1b[31m\x00\u202egnp.exe\u200b😀 שלום {{7*7}} %s \r\n::error::"
"""Markup, CDATA end, ANSI colour, NUL, a right-to-left override, zero width, emoji, Hebrew, templates."""

LONG_PATH = "deep/" * 300 + "<img src=x onerror=alert(1)>.py"

_TITLES = (
    "Awareness of AI threats",
    "Security by design",
    "Threats and risks",
    "Human responsibility",
    "Assets",
    "Infrastructure",
    "Supply chain",
    "Documentation of data, models and prompts",
    "Testing and evaluation",
    "Communication with End-users",
    "Updates and patches",
    "Monitoring",
    "Disposal",
)
_CLAUSES = ("5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.2.1", "5.2.2", "5.2.3", "5.2.4", "5.2.5")
_LATER = ("5.3.1", "5.4.1", "5.4.2", "5.5.1")
_PHASES = dict(zip("12345", Phase, strict=True))
_ACTORS = (("Developer", "System Operator"), ("System Operator",), ("Developer",), ("Data Custodian",))


def _provision(number: int, provision_id: str, obligations: tuple[str, ...]) -> Provision:
    clause = provision_id.partition("-")[0]
    principle = (_CLAUSES + _LATER).index(clause) + 1
    force = Force.SHOULD if number % 3 == 2 else Force.SHALL
    actors = ("Organisation",) if principle == 1 else _ACTORS[number % 4]
    title = _TITLES[principle - 1]
    return Provision(
        id=provision_id,
        ts_id=provision_id,
        cop_id=f"{principle}.{provision_id.rpartition('-')[2]}",
        phase=_PHASES[clause[2]],
        principle=principle,
        principle_title=title,
        force=str(force),
        actors=actors,
        summary=f"{title}: what point {provision_id} asks for is decided, carried out and kept up to date.",
        applies_when="always" if number % 5 else "only if a model is shared with others",
        parent=provision_id.rpartition(".")[0] if "." in provision_id.rpartition("-")[2] else "",
        level=("system", "organisation", "release")[number % 3],
        observable=("yes", "partly", "no")[number % 3],
        obligations=tuple(
            Obligation(
                id=o, force=force, actors=actors, text=f"Part {o.rpartition('#')[2]} of it is in place."
            )
            for o in obligations
        ),
        guidance={p.value: f"A {p.value} would write it down and show the test." for p in Profile},
        evidence=("A dated record with the name of who decided", "The setting or code that does it"),
        validity_days=365,
        mappings=(
            Mapping(
                document="OWASP Top 10 for LLM Applications 2025",
                basis="inferred",
                source="our judgement",
                references=("LLM03", "LLM04"),
            ),
        ),
    )


def provisions() -> tuple[Provision, ...]:
    """All 72, with invented words; ids, phases and principles are real."""
    by_id = groupby(obligation_ids(), key=lambda o: o.partition("#")[0])
    return tuple(_provision(n, p, tuple(o)) for n, (p, o) in enumerate(by_id))


def _check(name: str, title: str, *ids: str) -> CheckInfo:
    return CheckInfo(
        id=name,
        version=1,
        title=title,
        why="Whoever replaces the file gains whatever the process may do, before any other safeguard.",
        fix='Convert the weights to safetensors and pin them: `from_pretrained(…, revision="<sha>")`.',
        blind_spots="Files fetched while the system runs and paths built from settings are not followed.",
        provisions=ids[:1],
        supports=ids[1:],
    )


CHECKS = (
    _check("weights_load_without_code", "Loading the model's weights cannot run code.", "5.2.3-1", "5.1.2-4"),
    _check("endpoints_check_identity", "Every endpoint checks who is calling.", "5.2.2-1", "5.2.2-2"),
    _check("prompts_keep_their_history", "Changes to prompts are kept in history.", "5.2.4-1.2", "5.2.1-2"),
    _check("training_covers_roles", "The training register covers every role held.", "5.1.1-1", "5.1.1-2"),
    _check("secrets_stay_out_of_the_tree", "No credential lies in the tree.", "5.2.1-4", "5.2.2-3"),
    _check("incident_plan_names_ai_attacks", "The incident plan names attacks on AI.", "5.2.2-5", "5.4.2-4"),
)


def _observation(
    check: str, outcome: Outcome, summary: str, *obligations: str, **more: object
) -> Observation:
    fields: dict[str, object] = {"check_version": 1, "decisive": obligations[:1], **more}
    return Observation(check=check, outcome=outcome, summary=summary, obligations=obligations, **fields)  # type: ignore[arg-type]


_OBSERVATIONS = (
    _observation(
        "weights_load_without_code",
        Outcome.NOT_MET,
        "2 of 5 weight files run code when they are loaded.",
        "5.2.3-1#1",
        "5.1.2-4#1",
        details=(
            Detail("The pickle imports `posix.system` and calls it.", Location("weights/ranker.pkl")),
            Detail("`torch.load` without `weights_only=True`.", Location("app/load.py", 41, 43)),
            Detail(HOSTILE, Location(f"models/{HOSTILE}.bin", 7)),
            Detail("A path that does not end.", Location(LONG_PATH, 1)),
            *(
                Detail(f"Loaded again without a guard, place {n}.", Location(f"app/job_{n}.py", n))
                for n in range(9)
            ),
        ),
        subjects=(Subject("weights/ranker.pkl", "ab" * 32), Subject("app/load.py", "cd" * 32)),
        fix="Convert `weights/ranker.pkl` with `tools/convert.py` and load it as safetensors.",
    ),
    _observation(
        "endpoints_check_identity",
        Outcome.NOT_MET,
        "1 of 6 endpoints seems to answer without asking who calls.",
        "5.2.2-1#1",
        "5.2.2-2#1",
        details=(
            Detail("`POST /v1/refund` has no dependency that authenticates.", Location("app/api.py", 88)),
        ),
        subjects=(Subject("app/api.py", "ef" * 32),),
        certainty=Certainty.TENTATIVE,
        fix="Add `Depends(current_user)` to `POST /v1/refund`, or say where a gateway checks it.",
    ),
    _observation(
        "prompts_keep_their_history",
        Outcome.MET,
        "4 of 4 prompt files are under version control, 31 changes by 3 people.",
        "5.2.4-1.2#1",
        "5.2.1-2#1",
        details=(Detail("Last changed 2026-11-02.", Location("prompts/system.md", 1)),),
        subjects=(Subject("git history", "12" * 32),),
    ),
    _observation(
        "training_covers_roles",
        Outcome.NOT_OBSERVABLE,
        "No training register is in the tree; put it at docs/training.csv or attest where it is kept.",
        "5.1.1-1#1",
        "5.1.1-2#1",
        fix="Write docs/training.csv with the columns name, role, module, date.",
    ),
    _observation(
        "secrets_stay_out_of_the_tree",
        Outcome.NOT_MET,
        "1 credential lies in the tree.",
        "5.2.1-4#1",
        details=(Detail("An API key (starts `sk-…`, 51 characters).", Location("config/dev.env", 3)),),
        subjects=(Subject("config/dev.env", "34" * 32),),
        fix="Revoke the key, then delete it from config/dev.env and from history.",
    ),
    _observation(
        "incident_plan_names_ai_attacks",
        Outcome.PARTLY_MET,
        "The plan names prompt injection, 1 of 4 kinds of attack.",
        "5.2.2-5#1",
        "5.4.2-4#1",
        details=(Detail("Section “Prompt injection”.", Location("docs/incident plan.md", 12)),),
        subjects=(Subject("docs/incident plan.md", "56" * 32),),
    ),
    _observation(
        "attestation",
        Outcome.MET,
        f"The disposal procedure was carried out on 2026-08-01. {HOSTILE}",
        "5.5.1-1#1",
        by=f"Ada {HOSTILE}",
        role="Data Custodian",
        made_on="2026-08-02",
        valid_until="2027-08-01",
        subjects=(Subject("assurance/disposal.pdf", "78" * 32),),
    ),
    _observation(
        "attestation",
        Outcome.MET,
        "Staff were trained on AI threats.",
        "5.1.1-2#1",
        by="Grace H.",
        role="Organisation",
        made_on="2025-01-02",
        valid_until="2026-01-01",
    ),
    _observation(
        "secrets_stay_out_of_the_tree",
        Outcome.ERROR,
        "The file could not be parsed: nesting deeper than 200.",
        "5.2.2-3#1",
    ),
)


_ROUTINE = tuple(
    p for n, p in enumerate(dict.fromkeys(o.partition("#")[0] for o in obligation_ids())) if n % 5 == 1
)
"""Provisions for which a design review is attested, so that the sample has a middle ground."""


def _reviewed(provision_id: str) -> Observation:
    mine = tuple(o for o in obligation_ids() if o.partition("#")[0] == provision_id)
    return _observation(
        "attestation",
        Outcome.MET,
        f"Point {provision_id} was decided and recorded in the design review of 2026-09-01.",
        *mine,
        by="Grace H.",
        role="Developer",
        made_on="2026-09-02",
        valid_until="2027-09-01",
        subjects=(Subject("docs/review.md", "9a" * 32),),
        details=(Detail("Decision and tests.", Location("docs/review.md", 30)),),
    )


def _evidence() -> tuple[Evidence, ...]:
    freshness = {7: (Freshness.EXPIRED, "valid until 2026-01-01"), 5: (Freshness.STALE, "the plan changed")}
    return tuple(
        Evidence(
            index=n,
            leaf=f"{n:064x}",
            recorded_at="2026-11-23T10:15:00Z",
            observation=o,
            freshness=freshness.get(n, (Freshness.FRESH, ""))[0],
            stale_because=freshness.get(n, (Freshness.FRESH, ""))[1],
        )
        for n, o in enumerate((*_OBSERVATIONS, *map(_reviewed, _ROUTINE)))
    )


_APPLIES = Applicability(applies=True, reason="applies to every system", decided_by="rule: always")
_EXCLUDED = {
    "5.2.4-2.1": Applicability(applies=False, reason="no public data is used", decided_by=f"Ada {HOSTILE}"),
    "5.3.1-3": Applicability(applies=False, reason="no model is shared", decided_by="rule: shares-model"),
    "5.4.1-3": Applicability(
        applies=True,
        reason="declared out of scope",
        decided_by="Ada Example",
        contradicted="a fine-tuning job was found in train/job.py",
    ),
}
_VERDICTS = {
    "5.2.3-1": Verdict.FAIL,
    "5.1.2-4": Verdict.FAIL,
    "5.2.1-4": Verdict.FAIL,
    "5.2.4-1.2": Verdict.PASS,
    "5.2.1-2": Verdict.PASS,
    "5.5.1-1": Verdict.PASS,
}
_REASONS = {
    Verdict.FAIL: "Counter-evidence was seen: 1 of 2 obligations is not met.",
    Verdict.PASS: "Every obligation is met on evidence that is up to date.",
    Verdict.INCONCLUSIVE: "Nothing decisive was seen for 1 of 1 obligations.",
    Verdict.NOT_APPLICABLE: "It does not apply to this system.",
}
_MOVES = ("Convert the weights to safetensors.", f"Then assess again. {HOSTILE}")


def _moves(p: Provision, verdict: Verdict) -> tuple[str, ...]:
    if verdict is Verdict.INCONCLUSIVE:
        return (
            f"Write docs/{p.principle:02}.md and keep its history.",
            f"Attest it: `assaymark attest {p.id}`.",
        )
    return _MOVES if verdict is Verdict.FAIL else ()


def _result(p: Provision, evidence: tuple[Evidence, ...]) -> ProvisionResult:
    applicability = _EXCLUDED.get(p.id, _APPLIES)
    routine = Verdict.PASS if p.id in _ROUTINE else Verdict.INCONCLUSIVE
    verdict = _VERDICTS.get(p.id, routine)
    if not applicability.applies:
        verdict = Verdict.NOT_APPLICABLE
    counted = {
        v: [e.index for e in evidence if p.id in _ids(e) and e.observation.outcome is v] for v in Outcome
    }
    against, support = tuple(counted[Outcome.NOT_MET]), tuple(counted[Outcome.MET])
    return ProvisionResult(
        id=p.id,
        verdict=verdict,
        reason=_REASONS[verdict],
        unmet=p.force if verdict is Verdict.FAIL else "",
        basis="observed" if against or support else "none",
        freshness=Freshness.FRESH if against or support else Freshness.NONE,
        applicability=applicability,
        obligations=tuple(
            ObligationResult(
                id=o.id,
                force=str(o.force),
                actors=o.actors,
                text=o.text,
                applicability=applicability,
                verdict=verdict if n == 0 or verdict is not Verdict.FAIL else Verdict.INCONCLUSIVE,
                basis="observed" if against or support else "none",
                reason=_REASONS[verdict],
                evidence=support if n == 0 else (),
                counter_evidence=against if n == 0 else (),
            )
            for n, o in enumerate(p.obligations)
        ),
        moves=_moves(p, verdict),
        waiver=_WAIVER if p.id == "5.2.1-4" else None,
    )


_WAIVER = Waiver(
    provision="5.2.1-4",
    reason=f"Key is for a test account {HOSTILE}",
    owner="Ada Example",
    until="2027-01-31",
)


def _ids(entry: Evidence) -> set[str]:
    return {o.partition("#")[0] for o in entry.observation.obligations}


def _asset(kind: AssetKind, name: str, location: str = "", **more: object) -> Asset:
    return Asset(id=f"{kind.value}:{name}", kind=kind, name=name, location=location, **more)  # type: ignore[arg-type]


def _assets() -> tuple[Asset, ...]:
    named = (
        _asset(
            AssetKind.MODEL,
            "ranker.pkl",
            "weights/ranker.pkl",
            sha256="ab" * 32,
            size=4_200_000,
            note="pickle",
        ),
        _asset(AssetKind.MODEL, "meta-llama/Llama-3.1-8B", "https://hub.example/llama", pinned=False),
        _asset(AssetKind.MODEL, HOSTILE, f"models/{HOSTILE}.bin", note=HOSTILE, version=HOSTILE),
        _asset(AssetKind.DATASET, "train.csv", "data/train.csv", size=91_000, note="1,204 rows, 7 columns"),
        _asset(AssetKind.PROMPT, "system.md", "prompts/system.md", declared=True),
        _asset(AssetKind.PROMPT, "refund.md", "prompts/refund.md"),
        _asset(AssetKind.TOOL, "refund", "app/tools.py", seen_at=(Location("app/tools.py", 12),)),
        _asset(AssetKind.TOOL, "search_orders", "app/tools.py"),
        _asset(AssetKind.SERVICE, "openai", "https://api.openai.com", pinned=None),
        _asset(AssetKind.SERVICE, "POST /v1/refund", "app/api.py"),
        _asset(AssetKind.CODE, "app/agent.py", "app/agent.py"),
        _asset(AssetKind.CODE, "app/load.py", "app/load.py"),
        _asset(AssetKind.CODE, LONG_PATH, LONG_PATH),
        _asset(AssetKind.PIPELINE, ".github/workflows/release.yml", ".github/workflows/release.yml"),
        _asset(AssetKind.DOCUMENT, "incident plan.md", "docs/incident plan.md"),
        _asset(AssetKind.CONFIG, "config/dev.env", "config/dev.env"),
    )
    packages = tuple(
        _asset(
            AssetKind.DEPENDENCY, f"package-{n:02}", "requirements.txt", version=f"1.{n}", pinned=n % 3 > 0
        )
        for n in range(24)
    )
    return named + packages


def _edges() -> tuple[Edge, ...]:
    agent, load = "code:app/agent.py", "code:app/load.py"
    return (
        Edge(agent, Relation.CALLS, "service:openai"),
        Edge(agent, Relation.PROMPTS_WITH, "prompt:system.md"),
        Edge(agent, Relation.PROMPTS_WITH, "prompt:refund.md"),
        Edge(agent, Relation.OFFERS_TOOL, "tool:refund"),
        Edge(agent, Relation.OFFERS_TOOL, "tool:search_orders"),
        Edge(load, Relation.LOADS, "model:ranker.pkl"),
        Edge(load, Relation.LOADS, "model:meta-llama/Llama-3.1-8B"),
        Edge(load, Relation.READS, "dataset:train.csv"),
        Edge(agent, Relation.DEPENDS_ON, "dependency:package-00"),
        Edge("pipeline:.github/workflows/release.yml", Relation.BUILDS, agent),
        Edge("document:incident plan.md", Relation.DESCRIBES, "model:ranker.pkl"),
        Edge(f"code:{LONG_PATH}", Relation.LOADS, f"model:{HOSTILE}"),
    )


def sample() -> Assessment:
    """An agent with tools: a few provisions fail, some pass, two do not apply, most are open."""
    every, evidence = provisions(), _evidence()
    return Assessment(
        system=System(
            name=f"Refund agent {HOSTILE}",
            purpose=f"Answers customers and pays refunds. {HOSTILE}",
            owner="Ada Example",
            organisation="Example Ltd",
            version="2.3",
            roles=(Role.DEVELOPER, Role.SYSTEM_OPERATOR),
            profile=Profile.AGENT,
            manifest_path="assaymark.yaml",
        ),
        edition="EN 304 223 V2.1.1",
        catalogue_sha256="99" * 32,
        tool_version="0.1.0",
        assessed_at="2026-11-23T10:15:00Z",
        root=f"refund-agent{HOSTILE}",
        commit="0123456789abcdef0123456789abcdef01234567",
        provisions=every,
        results=tuple(_result(p, evidence) for p in every),
        evidence=evidence,
        checks=CHECKS,
        assets=_assets(),
        edges=_edges(),
        not_looked_at=(
            NotLookedAt(path="node_modules", reason="installed packages", files=8123),
            NotLookedAt(path=f"data/{HOSTILE}.parquet", reason="larger than 64 MiB; its first part was read"),
            NotLookedAt(path="vendor.zip", reason="archives are not opened", files=0),
        ),
        thresholds=(
            Threshold(
                name="review period of a threat model", value="12 months", meaning="older counts as expired"
            ),
            Threshold(
                name="largest file parsed whole", value="64 MiB", meaning="more is read in part, and said"
            ),
        ),
        problems=(f"A waiver for 5.1.1-1 is not valid: its end date has passed. {HOSTILE}",),
        changes=(
            ChangeSince(provision="5.2.3-1", kind="worse", before="pass", after="fail", because=HOSTILE),
            ChangeSince(
                provision="5.2.1-2", kind="better", before="inconclusive", after="pass", because="history"
            ),
            ChangeSince(
                provision="5.2.2-5", kind="stale", before="fresh", after="stale", because="plan changed"
            ),
        ),
        since="2026-10-01T09:00:00Z",
        files=2004,
        ledger_size=24,
        ledger_root="fe" * 32,
        public_key="a1" * 32,
    )
