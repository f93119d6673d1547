"""Write small model and data files with the libraries that write them in real life.

Run by hand in an environment that has them (they are no dependency of the project):

    pip install torch scikit-learn joblib safetensors onnx xgboost lightgbm pyarrow pandas h5py skops gguf
    python tools/make_samples.py tests/samples

The files are committed, so that the tests need none of these libraries.
"""

import json
import pickle
import sys
import warnings
from pathlib import Path

import gguf
import h5py
import joblib
import lightgbm
import numpy as np
import onnx
import pandas as pd
import safetensors.numpy
import skops.io
import torch
import xgboost
from onnx import TensorProto, helper
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression


def tables(folder: Path) -> None:
    """Data files: Parquet, Feather, CSV, JSON Lines."""
    frame = pd.DataFrame(
        {
            "id": range(200),
            "amount": np.round(np.linspace(1, 900, 200), 2),
            "country": ["GB", "FR", "DE", "IE"] * 50,
            "email": [f"person{i}@example.org" for i in range(200)],
            "label": [i % 7 == 0 for i in range(200)],
        }
    )
    frame.to_parquet(folder / "payments.parquet")
    frame.to_feather(folder / "payments.feather")
    frame.to_csv(folder / "payments.csv", index=False)
    frame.to_json(folder / "payments.jsonl", orient="records", lines=True)


def classic(folder: Path) -> None:
    """scikit-learn by pickle, joblib and skops; XGBoost; LightGBM; NumPy."""
    x, y = make_classification(120, 6, random_state=3)
    forest = RandomForestClassifier(3, max_depth=3, random_state=3).fit(x, y)
    linear = LogisticRegression().fit(x, y)
    (folder / "linear.pkl").write_bytes(pickle.dumps(linear))
    joblib.dump(forest, folder / "forest.joblib")
    joblib.dump(forest, folder / "forest-zlib.joblib", compress=3)
    skops.io.dump(linear, folder / "linear.skops")
    booster = xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(x, y)
    booster.save_model(folder / "trees.json")
    booster.save_model(folder / "trees.ubj")
    lightgbm.LGBMClassifier(n_estimators=2, max_depth=2, verbose=-1).fit(x, y).booster_.save_model(
        folder / "trees.txt"
    )
    np.save(folder / "plain.npy", x[:4])
    np.save(folder / "objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    np.savez(folder / "arrays.npz", a=x[:4], b=y[:4])


def networks(folder: Path) -> None:
    """PyTorch (zip and legacy), TorchScript, safetensors, ONNX, GGUF, HDF5."""
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    torch.save(net.state_dict(), folder / "state.pt")
    torch.save(net.state_dict(), folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(net), folder / "script.torchscript")
    weights = {k: v.numpy() for k, v in net.state_dict().items()}
    safetensors.numpy.save_file(
        weights, folder / "weights.safetensors", metadata={"format": "pt", "license": "apache-2.0"}
    )
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
    )
    onnx.save(
        helper.make_model(graph, producer_name="samples", opset_imports=[helper.make_opsetid("", 18)]),
        folder / "relu.onnx",
    )
    writer = gguf.GGUFWriter(folder / "tiny.gguf", "llama")
    writer.add_context_length(128)
    writer.add_license("mit")
    writer.add_chat_template("{{ messages[0]['content'] }}")
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with h5py.File(folder / "keras.h5", "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": []}})
        file.create_dataset("dense/kernel", data=np.zeros((4, 2)))


def main() -> None:
    """Write every sample into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables(folder)
        classic(folder)
        networks(folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>8} {path.name}")


if __name__ == "__main__":
    main()
