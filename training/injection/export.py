"""The trained encoder → an int8 ONNX file, checked against the weights that it came from.

Dynamic quantisation: weights int8 per channel, kept to 7 bits (`reduce_range`), because processors
without VNNI add pairs of 8-bit products in 16 bits and would saturate.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.injection.encoder import Encoder

__all__ = ["export", "main"]

_AXES = {
    "input_ids": {0: "batch", 1: "length"},
    "attention_mask": {0: "batch", 1: "length"},
    "logits": {0: "batch"},
}


def export(model: Encoder, path: Path) -> None:
    """Write `path`: inputs `input_ids` and `attention_mask` (batch, length) int64, output `logits`."""
    model.eval()
    ids = torch.randint(1000, 20000, (2, 32))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            model,
            (ids, torch.ones_like(ids)),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=_AXES,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(plain, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def drift(model: Encoder, path: Path, rounds: int = 20) -> float:
    """Largest difference of a logit between the weights and the file, on random tokens."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    generator = torch.Generator().manual_seed(0)
    for n in range(rounds):
        ids = torch.randint(999, 30000, (2, 8 + 7 * n), generator=generator)
        mask = torch.ones_like(ids)
        with torch.no_grad():
            wanted = model(ids, mask).numpy()
        got = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        worst = max(worst, float(np.abs(wanted - got).max()))
    return worst


def main() -> None:
    """Read a state dict, write the ONNX file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    state = {k: v.float() for k, v in torch.load(options.weights, weights_only=True).items()}
    model = Encoder(outputs=len(state["out.bias"]))
    model.load_state_dict(state)
    export(model, options.out)
    print(
        f"{options.out}: {options.out.stat().st_size:,} bytes, largest drift {drift(model, options.out):.3f}"
    )


if __name__ == "__main__":
    main()
