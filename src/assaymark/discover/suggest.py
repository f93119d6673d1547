"""What `assaymark init` proposes: the profile that a tree is most like, and where its documents lie. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from assaymark.asset import Inventory
from assaymark.discover.conditions import calls_outside, found_conditions, published_card
from assaymark.observation import Location
from assaymark.scan.facts import (
    CodeFile,
    DataFile,
    Deployment,
    Document,
    Fact,
    LibraryUse,
    LlmCall,
    ModelFile,
    ToolDefinition,
)
from assaymark.scan.paths import is_example_path, is_test_path
from assaymark.system.system import Condition, Profile

__all__ = ["Suggestion", "suggest"]

_PURCHASE = {"due-diligence", "contract-review", "supplier-register"}
_PREDICTIVE = {"scikit-learn", "xgboost", "lightgbm", "catboost"}
_UNREMARKABLE = {"other", "readme"}


class Suggestion(Struct, frozen=True, kw_only=True):
    """A proposal, with its reasons, for a person to correct."""

    profile: Profile | None
    """None where nothing speaks for one."""
    reason: str
    """Why this profile, one sentence."""
    conditions: dict[Condition, tuple[Location, ...]]
    """What was found to hold."""
    documents: dict[str, tuple[str, ...]]
    """Kind of document to the paths recognised, sorted."""


def suggest(facts: Sequence[Fact], inventory: Inventory | None = None) -> Suggestion:
    """What the facts of a tree propose for its manifest."""
    found = found_conditions(facts, inventory)
    product = [f for f in facts if not _beside(f.at.path)]
    profile, reason = _profile(product, found)
    return Suggestion(profile=profile, reason=reason, conditions=found, documents=_documents(facts))


def _beside(path: str) -> bool:
    return is_test_path(path) or is_example_path(path)


def _profile(
    facts: Iterable[Fact], found: dict[Condition, tuple[Location, ...]]
) -> tuple[Profile | None, str]:
    by_kind: dict[type[Fact], list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(type(fact), []).append(fact)

    def first(kind: type[Fact]) -> Fact | None:
        return next(iter(by_kind.get(kind, ())), None)

    tool = first(ToolDefinition)
    if isinstance(tool, ToolDefinition):
        return Profile.AGENT, f"a model may call tools, such as {_plain(tool.name)} ({tool.at})"
    served = [d for d in by_kind.get(Deployment, ()) if isinstance(d, Deployment) and d.serves_model]
    if served and Condition.TRAINS in found:
        return Profile.LLM_PROVIDER, f"a model is trained and served here ({served[0].at})"
    cards = [d for d in by_kind.get(Document, ()) if isinstance(d, Document) and published_card(d)]
    if cards and ModelFile in by_kind:
        return Profile.OPEN_MODEL, f"model files lie beside a card for a public hub ({cards[0].at.path})"
    calls = [c for c in by_kind.get(LlmCall, ()) if isinstance(c, LlmCall)]
    if calls:
        whose = "somebody else's language model" if any(map(calls_outside, calls)) else "a language model"
        return Profile.CHATBOT, f"the code calls {whose} ({calls[0].at})"
    return (
        _predictive(by_kind) or _purchase(by_kind) or (None, "nothing in the tree speaks for one of the six")
    )


def _predictive(by_kind: dict[type[Fact], list[Fact]]) -> tuple[Profile, str] | None:
    uses = [u for u in by_kind.get(LibraryUse, ()) if isinstance(u, LibraryUse) and u.library in _PREDICTIVE]
    labelled = [d for d in by_kind.get(DataFile, ()) if isinstance(d, DataFile) and d.labels]
    material = [*labelled, *by_kind.get(ModelFile, ())]
    if not uses or not material:
        return None
    return (
        Profile.FRAUD_MODEL,
        f"a predictive model with {uses[0].library} ({uses[0].at}), nearest to the Guide's fraud detection",
    )


def _purchase(by_kind: dict[type[Fact], list[Fact]]) -> tuple[Profile, str] | None:
    papers = [d for d in by_kind.get(Document, ()) if isinstance(d, Document) and d.kind in _PURCHASE]
    if CodeFile in by_kind or not papers:
        return None
    return Profile.BUYER, f"there are papers of a purchase ({papers[0].at.path}) and no source code"


def _documents(facts: Iterable[Fact]) -> dict[str, tuple[str, ...]]:
    kinds: dict[str, set[str]] = {}
    for fact in facts:
        if isinstance(fact, Document) and fact.kind not in _UNREMARKABLE and not _beside(fact.at.path):
            kinds.setdefault(fact.kind, set()).add(fact.at.path)
    return {kind: tuple(sorted(kinds[kind])) for kind in sorted(kinds)}


def _plain(name: str) -> str:
    return name if name.isprintable() else repr(name)
