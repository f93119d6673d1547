"""transformers and its neighbours: folders as `save_pretrained` leaves them, trainer state, adapters."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .item import Item
from .templates import TEMPLATES

_SMALL = {
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 32,
}
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("BertConfig", "BertForSequenceClassification", _SMALL),
    "llama": ("LlamaConfig", "LlamaForCausalLM", {**_SMALL, "num_key_value_heads": 1}),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel", {"vocab_size": 64, "n_embd": 16, "n_layer": 1, "n_head": 2}),
    "qwen2": ("Qwen2Config", "Qwen2ForCausalLM", {**_SMALL, "num_key_value_heads": 1}),
    "mistral": ("MistralConfig", "MistralForCausalLM", {**_SMALL, "num_key_value_heads": 1}),
    "gemma": ("GemmaConfig", "GemmaForCausalLM", {**_SMALL, "num_key_value_heads": 1, "head_dim": 8}),
    "t5": ("T5Config", "T5ForConditionalGeneration", {"vocab_size": 64, "d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}),
    "roberta": ("RobertaConfig", "RobertaForMaskedLM", _SMALL),
    "distilbert": ("DistilBertConfig", "DistilBertModel", {"vocab_size": 64, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 16}),
    "vit": ("ViTConfig", "ViTForImageClassification", {**_SMALL, "image_size": 16, "patch_size": 8}),
    "clip": ("CLIPConfig", "CLIPModel", {"text_config": _SMALL, "vision_config": {**_SMALL, "image_size": 16, "patch_size": 8}}),
    "whisper": ("WhisperConfig", "WhisperModel", {"vocab_size": 64, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "pad_token_id": 0, "decoder_start_token_id": 1, "bos_token_id": 1, "eos_token_id": 2, "begin_suppress_tokens": None, "suppress_tokens": None}),
    "phi": ("PhiConfig", "PhiForCausalLM", _SMALL),
    "electra": ("ElectraConfig", "ElectraForPreTraining", {**_SMALL, "embedding_size": 16}),
}  # fmt: skip


def _model(kind: str) -> Any:
    import transformers

    config, model, options = MODELS[kind]
    torch.manual_seed(0)
    return getattr(transformers, model)(getattr(transformers, config)(**options))


def _tokenizer(template: str | None = None) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["[UNK]", "[PAD]", "hello", "world", "os.system", "eval", "import"]
    inner = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    outer = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]")
    outer.chat_template = template
    return outer


def _folder(kind: str, template: str | None = None, **options: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        _model(kind).save_pretrained(path, **options)
        _tokenizer(template).save_pretrained(path)
        (path / "README.md").write_text(
            f"---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n\n# A small {kind}\n\nFor tests.\n"
        )

    return write


def _binary(kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.mkdir(parents=True)
        model = _model(kind)
        model.config.architectures = [type(model).__name__]
        model.config.save_pretrained(path)
        torch.save(model.state_dict(), path / "pytorch_model.bin")
        _tokenizer().save_pretrained(path)

    return write


def _trainer(path: Path) -> None:
    from transformers import TrainingArguments

    _folder("bert")(path)
    torch.save(TrainingArguments(str(path / "out"), report_to=[], use_cpu=True), path / "training_args.bin")
    model = _model("bert")
    optimiser = torch.optim.AdamW(model.parameters())
    torch.save(optimiser.state_dict(), path / "optimizer.pt")
    plan = torch.optim.lr_scheduler.LambdaLR(optimiser, [lambda step: 1.0])
    torch.save(plan.state_dict(), path / "scheduler.pt")
    state = {
        "python": (3, (1, 2), None),
        "numpy": np.random.RandomState(1).get_state(),
        "cpu": torch.get_rng_state(),
    }
    torch.save(state, path / "rng_state.pth")
    (path / "trainer_state.json").write_text(json.dumps({"epoch": 1.0, "log_history": [{"loss": 0.5}]}))


def _adapter(path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(_model("llama"), LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))
    model.save_pretrained(path)


def _sentence(path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    base = path.with_name(path.name + "-base")
    _folder("bert")(base)
    words = Transformer(str(base))
    SentenceTransformer(modules=[words, Pooling(16), Normalize()], device="cpu").save(str(path))
    shutil.rmtree(base)


def _diffusion(path: Path) -> None:
    from diffusers import UNet2DModel

    UNet2DModel(8, 3, 3, block_out_channels=(8, 8), down_block_types=("DownBlock2D",) * 2,
                up_block_types=("UpBlock2D",) * 2, norm_num_groups=4).save_pretrained(path)  # fmt: skip


def _archive(kind: str, form: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        folder = path.with_name(path.name + "-folder")
        _folder(kind)(folder)
        if form == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
                for file in sorted(folder.iterdir()):
                    bundle.write(file, file.name)
        else:
            with tarfile.open(path, "w:gz") as tar:
                tar.add(folder, "model")
        shutil.rmtree(folder)

    return write


def _sagemaker(path: Path) -> None:
    _archive("gpt2", "tar")(path)


def items() -> Iterator[Item]:
    """Give the items of transformers and its neighbours."""
    templates = list(TEMPLATES.items())
    for number, kind in enumerate(MODELS):
        _, template = templates[number % len(templates)]
        yield Item("transformers", f"folder {kind}", f"{kind}-safetensors", _folder(kind, template))
        yield Item("transformers", f"binary {kind}", f"{kind}-bin", _binary(kind))
    sharded = _folder("llama", TEMPLATES["chatml"], max_shard_size="5KB")
    yield Item("transformers", "sharded", "llama-shards", sharded)
    yield Item("transformers", "trainer", "checkpoint-10", _trainer)
    for name, template in templates:
        yield Item(
            "transformers",
            f"template {name}",
            "tokenizer",
            lambda p, t=template: _tokenizer(t).save_pretrained(p),
        )
    yield Item("transformers", "archive", "bert.zip", _archive("bert", "zip"))
    yield Item("transformers", "archive", "model.tar.gz", _sagemaker)
    yield Item("peft", "lora", "adapter", _adapter)
    yield Item("sentence_transformers", "sentence", "sentence-model", _sentence)
    yield Item("diffusers", "unet", "unet", _diffusion)
