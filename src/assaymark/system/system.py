"""The system under assessment, as its owner describes it."""

from enum import StrEnum

from msgspec import Struct

__all__ = [
    "SIGNING_ROLES",
    "AcceptedRisk",
    "Condition",
    "DeclaredAsset",
    "Profile",
    "Role",
    "SignOff",
    "Signatory",
    "Statement",
    "System",
    "Waiver",
]


class Role(StrEnum):
    """Stakeholder roles of EN 304 223, clause 4 (own reading). Several may be held at once."""

    DEVELOPER = "Developer"
    SYSTEM_OPERATOR = "System Operator"
    DATA_CUSTODIAN = "Data Custodian"
    ORGANISATION = "Organisation"
    """Addressee of the training duties; held by everybody who holds another role."""
    END_USER = "End-user"
    """Named by one obligation; its duty is met through policy and system controls."""


SIGNING_ROLES = ("Developer", "System Operator", "Data Custodian", "Assessor")
"""Roles in which a person may sign a pack; an Assessor is nobody's stakeholder, so it is no `Role`."""


class Profile(StrEnum):
    """What kind of system it is; the first four are the Guide's scenarios, the last two are ours."""

    CHATBOT = "chatbot"
    FRAUD_MODEL = "fraud-model"
    LLM_PROVIDER = "llm-provider"
    OPEN_MODEL = "open-model"
    AGENT = "agent"
    BUYER = "buyer"


class Condition(StrEnum):
    """Circumstances on which provisions depend (their "applies when", one id each)."""

    DEVELOPS_AI = "develops-ai"
    """The organisation has developers working on AI."""
    CUSTODIAN_IN_HOUSE = "custodian-in-house"
    EXTERNAL_COMPONENTS = "external-components"
    CONNECTED = "connected"
    """It interacts with other systems or data sources."""
    EXTERNAL_PROVIDER = "external-provider"
    SURPLUS_FUNCTIONS = "surplus-functions"
    """The model offers more functions than the system needs."""
    UNRESOLVED_THREATS = "unresolved-threats"
    EXTERNAL_RISK_OWNER = "external-risk-owner"
    HUMAN_JUDGES_OUTPUT = "human-judges-output"
    OVERSIGHT_IS_CONTROL = "oversight-is-control"
    CUSTODIAN_CONTROLS = "custodian-controls"
    CONTINUOUS_LEARNING = "continuous-learning"
    """The model is revised from feedback or by continuous learning."""
    CONFIDENTIAL_ASSETS = "confidential-assets"
    """Training data or weights could be confidential."""
    OFFERS_API = "offers-api"
    """An API is open to parties outside the Developer."""
    TRAINS = "trains"
    """Development, training or tuning of a model takes place."""
    CLOUD = "cloud"
    POOR_COMPONENT = "poor-component"
    """A poorly documented or poorly secured model or component is used or adapted."""
    USES_RELEASED_MODEL = "uses-released-model"
    SHARES_MODEL = "shares-model"
    """Model components are made available to other stakeholders."""
    PUBLIC_TRAINING_DATA = "public-training-data"
    RELEASES = "releases"
    """A model, application or system is released to Operators or End-users."""
    INTERNAL_STATES = "internal-states"
    """Internal states are accessible and useful for security."""
    AGENT_TOOLS = "agent-tools"
    """A model may call tools."""
    TRANSFERS = "transfers"
    """Ownership of training data or a model is transferred or shared."""
    DECOMMISSIONS = "decommissions"
    """A model or system is retired now or was retired in the period."""
    HAS_END_USERS = "has-end-users"
    SEPARATE_OPERATOR = "separate-operator"
    """The System Operator is another organisation than the Developer."""


class Statement(Struct, frozen=True, kw_only=True):
    """What the owner says of one condition."""

    holds: bool
    reason: str = ""
    """Why, needed where it takes provisions out of scope."""
    by: str = ""
    """Named person who decided; the manifest's owner if empty."""


class DeclaredAsset(Struct, frozen=True, kw_only=True):
    """A line of the owner's asset register."""

    kind: str
    """An `AssetKind`."""
    name: str
    location: str = ""
    sha256: str = ""
    version: str = ""
    owner: str = ""
    classification: str = ""
    """public, internal, confidential, personal …, the owner's word."""
    source: str = ""
    depends_on: tuple[str, ...] = ()
    line: int = 0
    """Line in the manifest."""


class AcceptedRisk(Struct, frozen=True, kw_only=True):
    """A risk that a named person accepts; evidence for justification, never a pass by itself."""

    id: str
    component: str = ""
    """Asset or dependency it concerns."""
    risk: str
    reason: str
    mitigation: str = ""
    owner: str
    until: str
    """ISO date; an entry past it counts as absent and is reported."""
    line: int = 0


class Waiver(Struct, frozen=True, kw_only=True):
    """A decision not to be stopped by one provision for a time: the verdict stays, the exit code yields."""

    provision: str
    reason: str
    owner: str
    until: str
    """ISO date; past it the waiver is invalid and is reported."""
    line: int = 0


class Signatory(Struct, frozen=True, kw_only=True):
    """A person who may sign in a role, and a key that is theirs; a person may have several lines."""

    name: str
    role: str
    """One of `SIGNING_ROLES`."""
    key: str
    """Hexadecimal Ed25519 public key."""
    line: int = 0


class SignOff(Struct, frozen=True, kw_only=True):
    """Whose signatures a pack has to bear."""

    roles: tuple[str, ...] = ()
    """Roles that must sign; empty means none has to."""
    four_eyes: bool = False
    """Whether two different persons with two different keys must sign."""


class System(Struct, frozen=True, kw_only=True):
    """The system as described; every field has an honest default where there is no manifest."""

    name: str
    purpose: str = ""
    owner: str = ""
    """Named person who answers for the manifest."""
    organisation: str = ""
    version: str = ""
    roles: tuple[Role, ...] = ()
    """Roles held; empty means not stated, and then every role's provisions stay in scope."""
    profile: Profile | None = None
    conditions: dict[Condition, Statement] = {}
    """Only what the owner stated."""
    assets: tuple[DeclaredAsset, ...] = ()
    documents: dict[str, tuple[str, ...]] = {}
    """Document kind → relative paths, where names do not tell."""
    accepted_risks: tuple[AcceptedRisk, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    custodians: tuple[str, ...] = ()
    """Named Data Custodians."""
    staff_roles: tuple[str, ...] = ()
    """Roles of staff that the training register must cover."""
    review_months: dict[str, int] = {}
    """Document kind → months after which it is out of date, where the default does not suit."""
    attestations: tuple[str, ...] = ()
    """Further folders or files with attestations (organisation-level answers kept once)."""
    exclude: tuple[str, ...] = ()
    """Glob patterns left out of discovery; the report prints each with what it left out."""
    signatories: tuple[Signatory, ...] = ()
    """Who may sign packs, with which keys; empty means nobody was named."""
    sign_off: SignOff = SignOff()
    manifest_path: str = ""
    """Relative path of the manifest; empty if there is none."""
    manifest_sha256: str = ""
