"""What a function or class protects, by its name."""

import ast
import functools
import re

__all__ = ["ALLOWING", "BLOCKING", "LONGEST", "MENTIONS", "is_log", "safeguard_kind"]

_KINDS = (
    ("rate-limit", r"rate_?limit\w*|throttle\w*|check_quota|enforce_quota"),
    (
        "authentication",
        (
            r"authenticat\w*|require_(auth|login|user|api_key|token)|verify_(token|jwt|api_key|user|credentials|session|password)|"
            r"check_(auth|token|api_key|login|credentials)|validate_(token|api_key|jwt)|login_required|AuthMiddleware|get_current_user"
        ),
    ),
    (
        "authorisation",
        (
            r"authori[sz]e\w*|check_(permission|access|role|owner|ownership)\w*|has_permission|require_(role|permission|admin|owner)\w*|"
            r"can_access|is_(allowed|permitted|authori[sz]ed|owner)|enforce_(policy|permission|access)\w*"
        ),
    ),
    (
        "approval",
        r"(require|request|ask_for|await|get|needs|check)_?(human_)?(approval|confirmation|consent)|confirm_(action|with_user|tool)\w*|human_approv\w*|approve_(action|tool)\w*",
    ),
    (
        "read-only",
        r"(ensure|enforce|assert|check|require|is|validate)_?read_?only\w*|read_?only_(guard|check|sql|query)|(ensure|assert|is|validate)_select\w*|reject_writes",
    ),
    (
        "sandbox",
        r"(run|exec|execute)_(in_)?sandbox\w*|sandboxed_\w+|safe_(exec|eval)|Sandbox(ed)?(Executor|Runner)|restrict_(path|paths|builtins)",
    ),
    (
        "redaction",
        # A bare `mask` is arithmetic on arrays far more often than a protection.
        r"(redact|scrub|anonymi[sz]e|pseudonymi[sz]e)(_\w+)?|strip_pii|mask_(pii|secret|personal|sensitive|e_?mail|phone|name|credential|api_?key|password|card|iban|user)\w*|remove_(pii|secrets|personal)\w*|PII(Filter|Redactor|Scrubber)",
    ),
    (
        "moderation",
        r"moderat(e|ion)(_\w+)?|check_(toxicity|moderation|content_policy|harm\w*|safety)|content_filter|is_(toxic|harmful|flagged)|Moderation(Filter|Guard|Service)|filter_(output|response|content|toxic)\w*|safety_(check|filter)",
    ),
    (
        "integrity",
        r"verify_(checksum|digest|hash|sha256|signature|integrity|download|model|weights|manifest)\w*|check_(sum|hash|digest|integrity|signature)\w*|validate_(checksum|hash|signature)",
    ),
    (
        "limit",
        r"(enforce|check)_(\w+_)?(limit|budget|quota|cap|size|max)\w*|limit_(tokens|cost|spend|iterations|size)\w*|BudgetGuard|truncate_(input|prompt|context)\w*",
    ),
    (
        "validation",
        (
            r"(validate|sanitise|sanitize)(_\w+)?|(check|detect|block|filter|reject|scan_for|is)_(prompt_)?(injection|jailbreak|input|prompt|url|path|sql|file|upload|args|arguments|unsafe|malicious|suspicious)\w*|"
            r"(is|ensure|assert|check)_safe_?\w*|is_(valid|safe|private|internal)_(url|path|ip|host|sql|input|query|file|prompt)\w*|\w*Guard(rail)?|\w*(Input|Prompt|Output)(Validator|Sanitizer|Filter)"
        ),
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"^_{{0,2}}({pattern})$", re.IGNORECASE if kind != "validation" else 0))
    for kind, pattern in _KINDS
)
MENTIONS = re.compile(
    r"(valid|sanit|auth|rate|throttl|quota|approv|confirm|consent|read_?only|select|reject|sandbox|safe|restrict|redact|scrub|anonym|mask|"
    r"pseudonym|pii|remove|strip|moderat|toxic|harm|flag|filter|verif|check|enforce|limit|budget|truncate|guard|detect|block|scan|"
    r"is_|can_|has_|require|ensure|assert|jailbreak|injection|login|current_user)",
    re.IGNORECASE,
)
ALLOWING = re.compile(r"(allow|safe|valid|permit|ok|authori[sz]ed|approved|clean|verified)", re.IGNORECASE)
BLOCKING = re.compile(
    r"(toxic|harmful|flagged|blocked|malicious|injection|jailbreak|suspicious|private|unsafe|detect|exceed|internal|violat|leak)",
    re.IGNORECASE,
)
LONGEST = 60


@functools.lru_cache(maxsize=50_000)  # names recur from file to file
def safeguard_kind(name: str) -> str:
    """What a function or class of this name protects, or nothing."""
    if len(name) > LONGEST or not MENTIONS.search(name):
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(name)), "")


def is_log(node: ast.expr) -> bool:
    """Whether an expression only writes a log record or prints."""
    if not isinstance(node, ast.Call):
        return False
    target = node.func
    if isinstance(target, ast.Name):
        return target.id == "print"
    return isinstance(target, ast.Attribute) and target.attr in (
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "exception",
        "critical",
        "log",
    )
