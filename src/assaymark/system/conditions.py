"""The circumstances in words, as the manifest's template and every exclusion print them."""

from assaymark.system.system import Condition

__all__ = ["IN_WORDS"]

IN_WORDS: dict[Condition, str] = {
    Condition.DEVELOPS_AI: "the organisation has developers working on AI",
    Condition.CUSTODIAN_IN_HOUSE: "the Data Custodian sits in the Developer's organisation",
    Condition.EXTERNAL_COMPONENTS: "a model, data set, library or service from outside is used",
    Condition.CONNECTED: "the system interacts with other systems or data sources",
    Condition.EXTERNAL_PROVIDER: "an external provider is engaged (a model behind an API, hosting, data)",
    Condition.SURPLUS_FUNCTIONS: "the model offers more functions than the system needs",
    Condition.UNRESOLVED_THREATS: "AI threats remain that the Developer cannot resolve",
    Condition.EXTERNAL_RISK_OWNER: "somebody outside answers for AI security risks in the infrastructure",
    Condition.HUMAN_JUDGES_OUTPUT: "people answer for the system's outputs",
    Condition.OVERSIGHT_IS_CONTROL: "oversight by people is relied on as a control of risk",
    Condition.CUSTODIAN_CONTROLS: "the Data Custodian has specified security controls",
    Condition.CONTINUOUS_LEARNING: "the model is revised from feedback or by continuous learning",
    Condition.CONFIDENTIAL_ASSETS: "training data or weights could be confidential",
    Condition.OFFERS_API: "an API is open to parties outside the Developer",
    Condition.TRAINS: "a model is developed, trained or tuned",
    Condition.CLOUD: "a cloud operator helps to deliver the system",
    Condition.POOR_COMPONENT: "a poorly documented or poorly secured model or component is used",
    Condition.USES_RELEASED_MODEL: "a model that somebody released is used",
    Condition.SHARES_MODEL: "model components are made available to other stakeholders",
    Condition.PUBLIC_TRAINING_DATA: "training data comes from public sources",
    Condition.RELEASES: "a model, application or system is released to Operators or End-users",
    Condition.INTERNAL_STATES: "internal states of the model are accessible and useful for security",
    Condition.AGENT_TOOLS: "a model may call tools",
    Condition.TRANSFERS: "ownership of training data or a model is transferred or shared",
    Condition.DECOMMISSIONS: "a model or system is being, or was lately, retired",
    Condition.HAS_END_USERS: "the system has End-users",
    Condition.SEPARATE_OPERATOR: "the System Operator is another organisation than the Developer",
}
"""Condition → a clause that follows "whether" or "that"."""
