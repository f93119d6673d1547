"""What threat models mean, whatever tool they come from."""

import pytest

from assaymark.imports.threats import AI_ATTACKS, Model, Severity, State, Threat, threat_statements
from assaymark.observation import Outcome


def threat(state: State = State.MITIGATED, severity: Severity = Severity.HIGH, title: str = "t") -> Threat:
    """One threat."""
    return Threat(title=title, severity=severity, state=state)


def outcomes(*threats: Threat, partial: str = "") -> tuple[Outcome, Outcome]:
    """What a model with these threats means for threats being managed, and for those of AI."""
    model = Model(title="m", threats=threats, elements=1, partial=partial)
    managed, peculiar = threat_statements(model)
    return managed.outcome, peculiar.outcome


@pytest.mark.parametrize(
    ("state", "severity", "outcome"),
    [
        (State.OPEN, Severity.HIGH, Outcome.NOT_MET),
        (State.OPEN, Severity.LESSER, Outcome.PARTLY_MET),
        (State.OPEN, Severity.UNKNOWN, Outcome.PARTLY_MET),
        (State.ANSWERED, Severity.HIGH, Outcome.PARTLY_MET),
        (State.ACCEPTED, Severity.HIGH, Outcome.MET),
        (State.MITIGATED, Severity.HIGH, Outcome.MET),
        (State.NOT_APPLICABLE, Severity.HIGH, Outcome.MET),
    ],
)
def test_the_worst_open_threat_decides(state: State, severity: Severity, outcome: Outcome) -> None:
    """A grave threat that nobody answered speaks against it; one answered or lesser leaves it partly met."""
    assert outcomes(threat(), threat(state, severity))[0] is outcome


def test_a_model_without_threats_shows_nothing() -> None:
    """A drawing alone analyses no threat."""
    assert outcomes() == (Outcome.NOT_OBSERVABLE, Outcome.NOT_OBSERVABLE)


def test_a_model_that_leaves_something_open_is_partly_met() -> None:
    """Even if all threats in it are settled."""
    assert outcomes(threat(), partial="More are elsewhere.")[0] is Outcome.PARTLY_MET


@pytest.mark.parametrize(
    ("titles", "outcome"),
    [
        (("Training data poisoning", "Model inversion", "Membership inference"), Outcome.MET),
        (("Training data poisoning", "Prompt injection"), Outcome.PARTLY_MET),
        (("Poison messages 1", "SQL injection", "XML Schema Poisoning"), Outcome.NOT_MET),
    ],
)
def test_the_attacks_peculiar_to_ai_are_looked_for(titles: tuple[str, ...], outcome: Outcome) -> None:
    """The three that the standard names are needed; what merely sounds like them does not count."""
    assert outcomes(*(threat(title=t) for t in titles))[1] is outcome


@pytest.mark.parametrize(
    ("text", "attack"),
    [
        ("Attacker poisons the retrieval index", "poisoning"),
        ("RAG knowledge base poisoning", "poisoning"),
        ("LLM04:2025 Data and Model Poisoning", "poisoning"),
        ("Reconstructing training records from outputs", "inversion"),
        ("Membership-inference attack", "membership inference"),
        ("Indirect prompt injection via documents", "injection"),
        ("Theft of the system prompt: extracting the system prompt", "extraction"),
        ("Model stealing through the API", "extraction"),
    ],
)
def test_an_attack_is_known_by_its_words(text: str, attack: str) -> None:
    """In the ways that people write them."""
    assert AI_ATTACKS[attack].search(text)


@pytest.mark.parametrize(
    "text", ["DNS cache poisoning", "Dependency inversion principle", "LDAP Injection", "Data extraction"]
)
def test_other_threats_are_none_of_them(text: str) -> None:
    """A word alone is not the attack; inversion is left to a person where it is ambiguous."""
    found = [name for name, pattern in AI_ATTACKS.items() if pattern.search(text)]

    assert found in ([], ["inversion"])


def test_the_summary_has_the_figures() -> None:
    """How many threats to how many elements, and what became of them; details begin with the worst."""
    model = Model(
        title="Assistant",
        threats=(threat(title="b"), threat(State.OPEN, title="a"), threat(State.NOT_APPLICABLE, title="c")),
        elements=4,
        left_out=1,
    )
    managed = threat_statements(model)[0]

    assert managed.summary == (
        "the model 'Assistant' has 3 threats to 4 elements: 1 open, 1 mitigated, 1 not applicable "
        "(1 of high severity without an answer). 1 element out of scope."
    )
    assert [d.message[0] for d in managed.details] == ["a", "b", "c"]
    assert managed.fix.startswith("Answer each open threat")


def test_hostile_words_take_no_time() -> None:
    """Patterns are bounded: a hundred threats of the longest text that is kept."""
    text = ("poison " * 300 + "injected " * 300 + "extract " * 300)[:2_000]
    threats = tuple(
        Threat(title=text[:200], text=text, severity=Severity.HIGH, state=State.OPEN) for _ in range(100)
    )

    assert outcomes(*threats)[0] is Outcome.NOT_MET
