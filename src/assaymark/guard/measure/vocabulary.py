"""Words of labelled files → the guard's own: which channel, which label."""

from assaymark.guard.event import Channel

__all__ = ["CHANNELS", "LABELS", "channel_named", "label_named"]

CHANNELS: dict[str, Channel] = {
    **{c.value: c for c in Channel},
    **dict.fromkeys(("developer", "instructions", "system_prompt"), Channel.SYSTEM),
    **dict.fromkeys(("chat", "human", "input", "prompt", "query", "question", "request"), Channel.USER),
    **dict.fromkeys(
        ("direct", "direct_injection", "jailbreak", "user_input", "user_message", "user_prompt"), Channel.USER
    ),
    **dict.fromkeys(("function_description", "tool_definition", "tool_spec"), Channel.TOOL_DESCRIPTION),
    **dict.fromkeys(("arguments", "function_arguments", "tool_call", "tool_input"), Channel.TOOL_ARGUMENTS),
    **dict.fromkeys(
        ("function", "function_output", "observation", "tool", "tool_output"), Channel.TOOL_RESULT
    ),
    **dict.fromkeys(("function_result", "tool_response"), Channel.TOOL_RESULT),
    **dict.fromkeys(("context", "data", "doc", "email", "external", "file", "mail"), Channel.DOCUMENT),
    **dict.fromkeys(
        ("indirect", "indirect_injection", "page", "passage", "rag", "retrieval"), Channel.DOCUMENT
    ),
    **dict.fromkeys(("retrieved", "retrieved_document", "web", "web_page", "webpage"), Channel.DOCUMENT),
    **dict.fromkeys(("ai", "assistant_message", "history"), Channel.ASSISTANT),
    **dict.fromkeys(("answer", "completion", "generation", "model_output", "reply"), Channel.OUTPUT),
    **dict.fromkeys(("model", "model_response", "response"), Channel.OUTPUT),
}
"""Name, in lower case with underscores → channel."""

LABELS: dict[str, bool] = {
    **dict.fromkeys(("1", "1.0", "attack", "bad", "flagged", "injected", "injection", "jailbreak"), True),
    **dict.fromkeys(("malicious", "poisoned", "positive", "prompt_injection", "true", "unsafe", "yes"), True),
    **dict.fromkeys(("0", "0.0", "allowed", "benign", "clean", "false", "good", "harmless", "legit"), False),
    **dict.fromkeys(("legitimate", "negative", "no", "none", "normal", "ok", "safe"), False),
}
"""Name → whether it is an attack."""


def channel_named(name: str) -> Channel | None:
    """The channel that `name` means; None if it is none."""
    return CHANNELS.get(_plain(name))


def label_named(value: object) -> bool | None:
    """Whether `value` says that a text is an attack; None if it says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    return LABELS.get(_plain(value)) if isinstance(value, str) else None


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())
