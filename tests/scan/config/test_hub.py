"""Configurations of the Hugging Face layout."""

from typing import Any

import pytest
from tests.scan.looked_at import looked_at, verdict, words

LLAMA = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096}
DIFFUSION = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.30.0",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "feature_extractor": [None, None],
}
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
ESCAPE = "{{ cycler.__init__.__globals__.os.popen('id').read() }}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config.json", LLAMA),
        ("generation_config.json", {"bos_token_id": 1, "transformers_version": "4.44.0"}),
        ("tokenizer_config.json", {"tokenizer_class": "LlamaTokenizer", "chat_template": TEMPLATE}),
        ("chat_template.json", {"chat_template": TEMPLATE}),
        ("special_tokens_map.json", {"bos_token": "<s>", "additional_special_tokens": ["<x>"]}),
        ("preprocessor_config.json", {"image_processor_type": "CLIPImageProcessor", "image_mean": [0.5]}),
        (
            "adapter_config.json",
            {"peft_type": "LORA", "base_model_name_or_path": "a/b", "auto_mapping": None},
        ),
        (
            "adapter_config.json",
            {
                "peft_type": "LORA",
                "auto_mapping": {"base_model_class": "X", "parent_library": "transformers.models.x"},
            },
        ),
        ("model_index.json", DIFFUSION),
        (
            "unet/config.json",
            {
                "_class_name": "UNet2DModel",
                "_diffusers_version": "0.42.1",
                "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
            },
        ),
        (
            "model.safetensors.index.json",
            {"metadata": {"total_size": 1}, "weight_map": {"a": "model-1.safetensors"}},
        ),
        (
            "modules.json",
            [
                {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            ],
        ),
        (
            "1_Dense/config.json",
            {"in_features": 2, "activation_function": "torch.nn.modules.activation.Tanh"},
        ),
        (
            "config.json",
            {**LLAMA, "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"},
        ),
        ("config_sentence_transformers.json", {"__version__": {"pytorch": "2"}, "prompts": {}}),
        (
            "tokenizer.json",
            {"version": "1.0", "model": {"type": "BPE", "vocab": {"eval": 1, "os.system": 2}}},
        ),
    ],
)
def test_ordinary_configurations_are_clean(name: str, value: Any) -> None:
    """What the libraries write every day raises nothing."""
    assert verdict(name, value) == "clean"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("package.json", {"name": "x", "version": "1.0.0", "dependencies": {"a": "1"}}),
        ("config.json", {"debug": True, "port": 8080, "plugins": ["a"]}),
        ("data.json", [{"text": "import os; os.system('x')", "label": 1}]),
        ("vocab.json", {"hello": 1}),
        ("modules.json", {"a": 1}),
        ("tsconfig.json", {"compilerOptions": {"target": "es2022"}, "files": []}),
        ("schema.json", {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}),
        ("lines.json", '{"a": 1}\n{"a": 2}\n'),
        ("empty.json", ""),
    ],
)
def test_other_json_is_nobodys(name: str, value: Any) -> None:
    """JSON that is no model's is not claimed, whatever it is called."""
    assert verdict(name, value) == "nothing"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "config.json",
            {**LLAMA, "auto_map": {"AutoModel": "modeling_x.Model"}},
            ("config-remote-code", "unknown", "auto_map:modeling_x.Model"),
        ),
        (
            "config.json",
            {**LLAMA, "auto_map": {"AutoModel": "other/repo--modeling_x.Model"}},
            ("config-other-repository", "dangerous", "auto_map:other/repo--modeling_x.Model"),
        ),
        (
            "tokenizer_config.json",
            {"auto_map": {"AutoTokenizer": ["tok.Tok", None]}},
            ("config-remote-code", "unknown", "auto_map:tok.Tok"),
        ),
        (
            "config.json",
            {**LLAMA, "text_config": {"deep": [{"auto_map": "a/b--c.D"}]}},
            ("config-other-repository", "dangerous", "auto_map:a/b--c.D"),
        ),
        (
            "config.json",
            {**LLAMA, "trust_remote_code": True},
            ("config-trust-remote-code", "unknown", "trust_remote_code"),
        ),
        (
            "config.json",
            {**LLAMA, "_attn_implementation_internal": "someone/kernel"},
            ("config-other-repository", "dangerous", "_attn_implementation_internal:someone/kernel"),
        ),
        (
            "config.json",
            {**LLAMA, "custom_pipelines": {"t": {"impl": "pipe.Pipe"}}},
            ("config-remote-code", "unknown", "custom_pipelines:pipe.Pipe"),
        ),
        (
            "model_index.json",
            {**DIFFUSION, "unet": ["os", "system"]},
            ("config-imports-name", "dangerous", "os.system"),
        ),
        (
            "model_index.json",
            {**DIFFUSION, "unet": ["my_unet", "Net"]},
            ("config-remote-code", "unknown", "my_unet.Net"),
        ),
        (
            "modules.json",
            [{"idx": 0, "name": "0", "path": "", "type": "subprocess.Popen"}],
            ("config-imports-name", "dangerous", "type:subprocess.Popen"),
        ),
        (
            "modules.json",
            [{"idx": 0, "name": "0", "path": "", "type": "custom_st.Transformer"}],
            ("config-imports-name", "unknown", "type:custom_st.Transformer"),
        ),
        (
            "1_Dense/config.json",
            {"in_features": 2, "activation_function": "os.system"},
            ("config-imports-name", "dangerous", "activation_function:os.system"),
        ),
        (
            "adapter_config.json",
            {"peft_type": "LORA", "auto_mapping": {"base_model_class": "Net", "parent_library": "evil"}},
            ("config-imports-name", "unknown", "auto_mapping:evil.Net"),
        ),
        (
            "model.safetensors.index.json",
            {"metadata": {}, "weight_map": {"a": "../../etc/shadow"}},
            ("config-path-leaves-folder", "dangerous", "../../etc/shadow"),
        ),
        (
            "generation_config.json",
            {"custom_generate": "someone/generate"},
            ("config-other-repository", "dangerous", "custom_generate:someone/generate"),
        ),
    ],
)
def test_code_from_elsewhere_is_named(name: str, value: Any, expected: tuple[str, str, str]) -> None:
    """Every key that has a loader import or fetch something, with the name in it."""
    assert words(name, value) == [expected]


@pytest.mark.parametrize(
    "told",
    [
        ESCAPE,
        [{"name": "default", "template": TEMPLATE}, {"name": "tool_use", "template": ESCAPE}],
        {"x": ESCAPE},
    ],
)
def test_every_template_is_judged(told: Any) -> None:
    """One template, several named ones, or a mapping of them."""
    assert verdict("tokenizer_config.json", {"tokenizer_class": "X", "chat_template": told}) == "dangerous"


def test_a_configuration_says_what_the_model_is() -> None:
    """Architecture and base model are told."""
    found = looked_at(
        "adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-3"}
    )

    assert ("base_model_name_or_path", "meta-llama/Llama-3") in found.header.metadata
