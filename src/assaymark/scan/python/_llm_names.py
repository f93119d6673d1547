"""Which calls go to a language model, decided from resolved dotted names."""

import ast

from assaymark.scan.libraries import library_named
from assaymark.scan.python._module import Call, Module

__all__ = ["is_llm_call", "known_llm_calls", "llm_client"]

_FIXED = {
    "litellm.completion": "litellm",
    "litellm.acompletion": "litellm",
    "litellm.text_completion": "litellm",
    "litellm.responses": "litellm",
    "litellm.aresponses": "litellm",
    "ollama.chat": "ollama",
    "ollama.generate": "ollama",
    "replicate.run": "replicate",
    "openai.ChatCompletion.create": "openai",
    "openai.ChatCompletion.acreate": "openai",
    "openai.Completion.create": "openai",
    "transformers.pipeline()": "transformers",
    "agents.Runner.run": "openai-agents",
    "agents.Runner.run_sync": "openai-agents",
    "agents.Runner.run_streamed": "openai-agents",
    "claude_agent_sdk.query": "claude-agent-sdk",
    "mlx_lm.generate": "mlx-lm",
}
_SUFFIXES = (
    (".chat.completions.create", "openai"),
    (".chat.completions.parse", "openai"),
    (".chat.completions.stream", "openai"),
    (".chat.completions.create_with_completion", "instructor"),
    (".responses.create", "openai"),
    (".responses.parse", "openai"),
    (".responses.stream", "openai"),
    (".generate_content", "google-genai"),
    (".generate_content_async", "google-genai"),
    (".generate_content_stream", "google-genai"),
    (".chat_completion", "huggingface-hub"),
    (".text_generation", "huggingface-hub"),
    (".invoke_model", "bedrock"),
    (".invoke_model_with_response_stream", "bedrock"),
    (".converse", "bedrock"),
    (".converse_stream", "bedrock"),
    (".chat.complete", "mistralai"),
    (".chat.complete_async", "mistralai"),
    (".chat.stream", "mistralai"),
)
_LANGCHAIN = frozenset(
    [
        "invoke",
        "ainvoke",
        "stream",
        "astream",
        "batch",
        "abatch",
        "predict",
        "run",
        "arun",
        "apredict",
        "astream_events",
        "generate",
        "agenerate",
    ]
)
_METHODS = {
    "anthropic": {"messages.create", "messages.stream", "messages.parse", "completions.create"},
    "ollama": {"chat", "generate"},
    "vllm": {"generate", "chat"},
    "cohere": {"chat", "generate", "chat_stream"},
    "transformers": {"generate"},
    "llama-cpp-python": {"create_chat_completion", "create_completion", "Llama()"},
    "gpt4all": {"generate"},
    "llama-index": {
        "complete",
        "chat",
        "query",
        "predict",
        "acomplete",
        "achat",
        "aquery",
        "stream_chat",
        "run",
    },
    "pydantic-ai": {"run", "run_sync", "run_stream"},
    "crewai": {"kickoff", "kickoff_async", "call"},
    "autogen": {"initiate_chat", "a_initiate_chat", "run", "run_stream", "generate_reply", "create"},
    "ag2": {"initiate_chat", "run"},
    "smolagents": {"run"},
    "dspy": {"Predict()", "ChainOfThought()", "ReAct()"},
    "semantic-kernel": {"invoke", "invoke_prompt", "get_chat_message_content", "get_response"},
    "haystack-ai": {"run"},
    "google-generativeai": {"send_message", "generate_content"},
    "google-genai": {"send_message"},
    "google-cloud-aiplatform": {"predict", "send_message", "generate_content"},
    "agno": {"run", "arun", "print_response"},
    "strands-agents": {"Agent()"},
    "instructor": {"chat.completions.create"},
    "aisuite": {"chat.completions.create"},
}
_NOT_MODELS = ("retriever", "embed", "loader", "splitter", "vectorstore", "document")


def llm_client(call: Call, module: Module) -> str:
    """Canonical client if `call` asks a language model for something, else nothing."""
    name = call.name
    if name in _FIXED:
        return _FIXED[name]
    library = library_named(name.partition("()")[0])
    root = library.name if library else ""
    for suffix, client in _SUFFIXES:
        if name.endswith(suffix):
            return _brand(root, library.category if library else "", client, module)
    if root in _METHODS:
        return root if _method(name) & _METHODS[root] else ""
    if root.startswith(("langchain", "langgraph", "deepagents")):
        return _chain(name, call.last, root)
    if not root and name.endswith(".messages.create") and module.uses("anthropic"):
        return "anthropic"
    return _unknown_chain(call, module)


def known_llm_calls(module: Module) -> dict[int, str]:
    """Identity of each call node that goes to a model → its client; worked out once for a module."""
    known = module.notes.get("llm")
    if known is None:
        known = module.notes["llm"] = {
            id(call.node): client for call in _candidates(module) if (client := llm_client(call, module))
        }
    return known


def is_llm_call(node: ast.Call, module: Module) -> bool:
    """Whether the call asks a language model for something."""
    return id(node) in known_llm_calls(module)


_LASTS = frozenset(
    _LANGCHAIN
    | {n.rpartition(".")[2] for n in _FIXED}
    | {s.rpartition(".")[2] for s, _ in _SUFFIXES}
    | {m.rpartition(".")[2] for names in _METHODS.values() for m in names}
)


def _candidates(module: Module) -> list[Call]:
    return [call for last in sorted(_LASTS & module.by_last.keys()) for call in module.by_last[last]]


def _method(name: str) -> set[str]:
    parts = name.split(".")
    return {parts[-1], ".".join(parts[-2:])}


def _brand(root: str, category: str, client: str, module: Module) -> str:
    if client == "bedrock":
        return client if root == "boto3" or module.uses("boto3", "aioboto3") else ""
    return root if root and category in ("llm-client", "agent") else client


def _chain(name: str, last: str, root: str) -> str:
    lowered = name.lower()
    is_model = "()." in name and last in _LANGCHAIN and not any(word in lowered for word in _NOT_MODELS)
    return root if is_model else ""


def _unknown_chain(call: Call, module: Module) -> str:
    """`llm.invoke(…)` on a parameter, in a file that imports LangChain."""
    owner = call.name.rpartition(".")[0].rpartition(".")[2].lower()
    if call.last not in _LANGCHAIN or not any(
        word in owner for word in ("llm", "chat_model", "chain", "agent")
    ):
        return ""
    return "langchain" if module.uses("langchain", "langchain_core", "langgraph", "langchain_openai") else ""
