"""Names that promise a model: their suffixes, and a path's last component."""

__all__ = ["MODEL_SUFFIXES", "base"]

MODEL_SUFFIXES = (
    ".pkl", ".pickle", ".p", ".pk", ".joblib", ".sav", ".pt", ".pth", ".bin", ".ckpt", ".dill", ".model",
    ".pkl.gz", ".pkl.xz", ".pkl.bz2", ".joblib.gz", ".safetensors", ".gguf", ".ggml", ".onnx", ".h5", ".hdf5",
    ".keras", ".tflite", ".mlmodel", ".cbm", ".pmml", ".skops", ".pb", ".npy", ".npz", ".mar", ".nemo",
    ".msgpack", ".ubj", ".engine", ".weights", ".t7", ".caffemodel", ".params", ".xgb", ".lgb", ".mlpackage",
    ".torchscript",
)  # fmt: skip


def base(path: str) -> str:
    """The last component, in lower case."""
    return path.rpartition("/")[2].lower()
