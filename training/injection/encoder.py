"""The encoder as torch sees it: MiniLM-L6 (BERT layout) with one pooled head and three logits.

Only for training and export; at run time the product uses the ONNX file that `export.py` writes.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Encoder", "load_minilm"]


class Layer(nn.Module):
    """One BERT layer, post-norm."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.attended = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor, drop: float) -> Tensor:
        """(batch, length, width) → the same."""
        batch, length, width = x.shape
        shape = (batch, length, self.heads, width // self.heads)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.query, self.key, self.value))
        if torch.onnx.is_in_onnx_export():
            weights = torch.softmax(q @ k.transpose(2, 3) / (width // self.heads) ** 0.5 + bias, dim=-1)
            mixed = weights @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=drop)
        mixed = self.attended(mixed.transpose(1, 2).reshape(batch, length, width))
        x = self.norm1(x + F.dropout(mixed, drop))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), drop))


class Encoder(nn.Module):
    """Token ids → three logits (user, document, output).

    The pooled vector is the mean of the tokens beside their maximum: the mean says what a window is
    about, the maximum notices one sentence in it that is not.
    """

    def __init__(
        self,
        vocab: int = 30522,
        width: int = 384,
        layers: int = 6,
        heads: int = 12,
        inner: int = 1536,
        outputs: int = 3,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(512, width)
        self.types = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))
        self.hidden = nn.Linear(2 * width, width)
        self.out = nn.Linear(width, outputs)
        self.drop = 0.1

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(batch, length) int64 twice → (batch, outputs) float32."""
        drop = self.drop if self.training else 0.0
        return self.out(F.dropout(self.pooled(input_ids, attention_mask), drop))

    def pooled(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(batch, length) int64 twice → (batch, width) float32: what the logits are read from."""
        drop = self.drop if self.training else 0.0
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.words(input_ids) + self.positions(places)[None] + self.types.weight[0]
        x = F.dropout(self.norm(x), drop)
        bias = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias, drop)
        mask = attention_mask[:, :, None].to(x.dtype)
        mean = (x * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        top = (x + (mask - 1.0) * 1e4).max(1).values
        return torch.tanh(self.hidden(torch.cat((mean, top), 1)))


_NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "attended",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


def load_minilm(path: Path) -> Encoder:
    """An `Encoder` with the weights of a BERT-layout safetensors file, its heads untrained."""
    from safetensors.torch import load_file

    stored = load_file(str(path))
    model = Encoder()
    renamed = {
        "words.weight": stored["embeddings.word_embeddings.weight"],
        "positions.weight": stored["embeddings.position_embeddings.weight"],
        "types.weight": stored["embeddings.token_type_embeddings.weight"],
        "norm.weight": stored["embeddings.LayerNorm.weight"],
        "norm.bias": stored["embeddings.LayerNorm.bias"],
    }
    for n in range(len(model.layers)):
        for theirs, ours in _NAMES.items():
            for part in ("weight", "bias"):
                renamed[f"layers.{n}.{ours}.{part}"] = stored[f"encoder.layer.{n}.{theirs}.{part}"]
    missing, unexpected = model.load_state_dict({k: v.float() for k, v in renamed.items()}, strict=False)
    if unexpected or any(not name.startswith(("hidden.", "out.")) for name in missing):
        raise ValueError(f"{path} is no MiniLM-L6 in BERT layout: {missing} {unexpected}")
    return model
