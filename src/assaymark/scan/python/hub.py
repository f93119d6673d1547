"""Models, data sets, prompts and code taken from a hub by name."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, HubReference
from assaymark.scan.libraries import library_named
from assaymark.scan.python._module import Call, Module

__all__ = ["hub_references"]

_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_REPOSITORY = re.compile(r"^[\w.-]{1,96}(/[\w.-]{1,96})?$")
_PATH = re.compile(
    r"^(\.{0,2}/|~|[A-Za-z]:\\|\.{1,2}$)|\.(bin|pt|pth|onnx|gguf|safetensors|pkl|joblib|h5|keras|json|csv|parquet)$"
)
_BY_LAST = {
    "hf_hub_download": ("model", ("repo_id",)),
    "snapshot_download": ("model", ("repo_id",)),
    "cached_download": ("model", ("url",)),
    "load_dataset": ("dataset", ("path",)),
    "load_dataset_builder": ("dataset", ("path",)),
    "SentenceTransformer": ("model", ("model_name_or_path",)),
    "CrossEncoder": ("model", ("model_name", "model_name_or_path")),
    "HuggingFaceEmbeddings": ("model", ("model_name",)),
    "HuggingFaceEmbedding": ("model", ("model_name",)),
    "LLM": ("model", ("model",)),
    "AsyncEngineArgs": ("model", ("model",)),
    "WhisperModel": ("model", ("model_size_or_path",)),
    "create_model": ("model", ("model_name",)),
    "load_tool": ("code", ("task_or_repo_id", "repo_id")),
}
_OWNERS = {
    "LLM": ("vllm",),
    "AsyncEngineArgs": ("vllm",),
    "create_model": ("timm",),
    "SentenceTransformer": ("sentence_transformers",),
    "CrossEncoder": ("sentence_transformers",),
    "WhisperModel": ("faster_whisper",),
    "load_tool": ("smolagents", "transformers"),
    "load_dataset": ("datasets",),
    "load_dataset_builder": ("datasets",),
}
_NO_HUB = ("torch.", "torchvision.", "torchaudio.", "gensim.", "sklearn.")
"""`torch.nn.Embedding.from_pretrained` takes a tensor."""
_LIBRARIES = frozenset({"ml", "llm-client", "agent", "data"})


def hub_references(module: Module) -> Iterable[Fact]:
    """Everything loaded from a hub, a repository or a local path in hub form."""
    for call in module.ending("from_pretrained", "from_single_file", "load_lora_weights"):
        yield from _pretrained(call, module)
    for last, (kind, keywords) in _BY_LAST.items():
        for call in module.ending(last):
            if call.name.startswith(_OWNERS.get(last, ("",))) and _fetches(call, module):
                yield _reference(call, kind, keywords, module)
    for call in module.named(("transformers.pipeline", "transformers.pipelines.pipeline")):
        if call.kw("model") is not None or len(call.node.args) > 1:
            yield _reference(call, "model", ("model",), module, position=1)
        elif not call.splat:
            yield _default_model(call, module)
    for call in module.named(("torch.hub.load", "torch.hub.load_state_dict_from_url")):
        yield _torch_hub(call, module)
    yield from _prompts(module)


def _pretrained(call: Call, module: Module) -> Iterator[HubReference]:
    owner = call.name.rpartition(".")[0]
    library = library_named(owner)
    known = library and library.category in _LIBRARIES and not owner.startswith(_NO_HUB)
    if _takes_an_object(call, owner, module):
        return
    if known or owner.rpartition(".")[2].startswith("Auto"):
        kind = "tokenizer" if "okenizer" in owner or "Processor" in owner else "model"
        yield _reference(call, kind, ("pretrained_model_name_or_path", "repo_id_or_path"), module)


def _fetches(call: Call, module: Module) -> bool:
    """`timm.create_model` builds an empty network unless it is told to take trained weights."""
    if call.last != "create_model" or call.splat:
        return True
    asked = call.arg(1, "pretrained")
    hub = module.text(call.arg(0, "model_name"), call.scope).startswith(("hf-hub:", "hf_hub:"))
    return hub or (asked is not None and module.constant(asked, call.scope) is not False)


def _takes_an_object(call: Call, owner: str, module: Module) -> bool:
    """`ORTQuantizer.from_pretrained(model)` works on a model that is loaded already."""
    return owner.endswith(("Quantizer", "Optimizer")) and not module.text(call.arg(0), call.scope)


def _reference(
    call: Call, kind: str, keywords: tuple[str, ...], module: Module, position: int = 0
) -> HubReference:
    named = call.arg(position, *keywords)
    name = module.text(named, call.scope)
    asked = call.kw("revision", "commit_hash", "code_revision")
    revision = module.text(asked, call.scope)
    trust = call.kw("trust_remote_code")
    trusted = module.constant(trust, call.scope)
    given = module.text(call.kw("repo_type"), call.scope)
    return HubReference(
        at=module.at(call),
        kind="dataset" if given == "dataset" else kind,
        name=name[:200],
        loader=call.name[:120],
        revision=revision[:80],
        revision_passed=call.splat or (_is_variable(asked) and not revision),
        pinned=_COMMIT.match(revision) is not None,
        remote_code=trusted is True,
        remote_code_passed=call.splat or (_is_variable(trust) and trusted is None),
        local=_is_local(name, call, module),
    )


def _is_variable(node: ast.expr | None) -> bool:
    return node is not None and not isinstance(node, ast.Constant)


def _default_model(call: Call, module: Module) -> HubReference:
    """`pipeline("summarization")`: whatever model the library picks at the time."""
    return HubReference(at=module.at(call), kind="model", name="", loader=call.name, pinned=False)


def _is_local(name: str, call: Call, module: Module) -> bool:
    if (
        module.constant(call.kw("local_files_only"), call.scope) is True
        or call.kw("data_files", "data_dir") is not None
    ):
        return True
    known_format = call.last == "load_dataset" and name in (
        "csv",
        "json",
        "parquet",
        "text",
        "imagefolder",
        "arrow",
    )
    return known_format or bool(
        name and (_PATH.search(name) or not _REPOSITORY.match(name)) and "://" not in name
    )


def _torch_hub(call: Call, module: Module) -> HubReference:
    name = module.text(call.arg(0, "repo_or_dir", "url"), call.scope)
    repository, _, ref = name.partition(":") if "://" not in name else (name, "", "")
    local = module.text(call.kw("source"), call.scope) == "local"
    is_file = call.last != "load"
    return HubReference(
        at=module.at(call),
        kind="model" if is_file else "code",
        name=repository[:200],
        loader=call.name,
        revision=ref[:80],
        pinned=_COMMIT.match(ref) is not None or module.constant(call.kw("check_hash"), call.scope) is True,
        # torch.hub.load runs the repository's hubconf.py.
        remote_code=not is_file and not local,
        local=local,
    )


def _prompts(module: Module) -> Iterator[HubReference]:
    for call in module.ending("pull", "pull_prompt", "get_prompt"):
        if call.name.startswith(("langchain.hub", "langchainhub", "langsmith.", "langfuse.")) or (
            call.name == "hub.pull" and module.uses("langchain")
        ):
            name = module.text(call.arg(0, "owner_repo_commit", "prompt_identifier", "name"), call.scope)
            base, _, commit = name.partition(":")
            version = module.constant(call.kw("version"), call.scope)
            yield HubReference(
                at=module.at(call),
                kind="prompt",
                name=base[:200],
                loader=call.name,
                revision=commit[:80] or (str(version) if version is not None else ""),
                pinned=bool(commit) or version is not None,
            )
