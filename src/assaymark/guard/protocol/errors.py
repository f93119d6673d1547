"""A refusal in the words of each protocol: status and body. Never a silent 200."""

import json

from msgspec import Struct

from assaymark.guard.event import Action, Decision, Finding
from assaymark.guard.protocol.lossless import Json

__all__ = ["Problem", "problem_of", "said", "written_error"]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    411: "invalid_request_error",
    413: "request_too_large",
    415: "invalid_request_error",
    429: "rate_limit_error",
    431: "invalid_request_error",
    502: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
}


class Problem(Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    status: int
    code: str
    message: str
    decision: str = ""
    """Id of the decision, if one was made."""
    retry: bool = False
    """Whether trying again can help."""
    after: int = 1
    """Seconds after which it can, at the earliest."""


def problem_of(decision: Decision) -> Problem:
    """The refusal for a decision: what blocks, its status, and where to look it up."""
    blocking = [f for f in decision.findings if f.action is Action.BLOCK and not f.excepted_by]
    status, code = _kind(blocking)
    return Problem(
        status=status, code=code, message=said(decision), decision=decision.id, retry=status in (429, 503)
    )


def said(decision: Decision) -> str:
    """One sentence for the caller: rules, not texts."""
    rules = [f.rule for f in decision.findings if f.action is Action.BLOCK and not f.excepted_by]
    shown = ", ".join(dict.fromkeys(rules)) or "the policy"
    first = next((f.message for f in decision.findings if f.rule in rules), "")
    return f"Blocked by the Assaymark guard ({shown}). {first} Decision {decision.id}.".replace("  ", " ")


def written_error(protocol: str, problem: Problem) -> bytes:
    """The body of an error response; OpenAI's shape unless the protocol is Anthropic's."""
    kind = _TYPES.get(problem.status, "api_error")
    body: dict[str, Json]
    if protocol == "anthropic":
        body = {"type": "error", "error": {"type": kind, "message": problem.message}}
    else:
        body = {"error": {"message": problem.message, "type": kind, "param": None, "code": problem.code}}
    if problem.decision:
        body["assaymark"] = {"decision": problem.decision}
    return json.dumps(body).encode()


def _kind(blocking: list[Finding]) -> tuple[int, str]:
    families = {f.rule.partition("/")[0] for f in blocking}
    rules = {f.rule for f in blocking}
    if "quota" in families:
        return 429, "quota_exceeded"
    if "limit/deadline" in rules or "error" in families:
        return 503, "guard_unavailable"
    if "limit" in families:
        return 413, "request_too_large"
    if "approval" in families:
        return 403, "approval_refused"
    return 400, "content_policy_violation"
