"""Speed and memory of every scanner on the same large and many files.

    python benchmarks/models/speed.py --cache .bench --out speed.json

The files are made in a temporary folder and removed. Their bytes are real, not holes, and were just written, so they
lie in the system's memory: what is measured is the scanner, not the disk. All tools run in turn, several times over,
and the median counts. Compare figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import pickle
import random
import statistics
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from figures import table
from hostile.opcodes import Raw, call, name
from peers import TOOLS, Tool, install, programs
from process import TIMEOUT, run

from hostile import onnx_files, templates
from hostile import opcodes as op

MB = 1 << 20


def _floats(count: int) -> bytes:
    """A list of floats as `pickle` writes it, but in one piece."""
    values = np.empty(count, [("code", "S1"), ("value", ">f8")])
    values["code"], values["value"] = b"G", np.random.default_rng(1).random(count)
    return b"\x80\x04](" + values.tobytes() + b"e."


def many_pickles(place: Path) -> None:
    """200 pickles of a megabyte, half of them lists of floats, half arrays."""
    place.mkdir()

    rng = np.random.default_rng(2)
    for number in range(200):
        value: Any = rng.random(117_000).tolist() if number % 2 else [rng.random(1_000) for _ in range(130)]
        (place / f"part{number:03}.pkl").write_bytes(pickle.dumps({"w": value}, 4))


def dense_pickle(place: Path) -> None:
    """One pickle of 104 MB that is one list of floats."""
    place.write_bytes(_floats(11_600_000))


def torch_archive(place: Path) -> None:
    """A state dictionary of 2 GB as `torch.save` writes it."""
    state = {}
    for number in range(8):
        pid = (
            op.value(("storage", Raw(name("torch.FloatStorage")), str(number), "cpu", 64 * MB)) + op.BINPERSID
        )
        hooks = Raw(call(name("collections.OrderedDict")))
        state[f"layer{number}.weight"] = Raw(
            call(name("torch._utils._rebuild_tensor_v2"), Raw(pid), 0, (8192, 8192), (8192, 1), False, hooks)
        )
    block = _block()
    with zipfile.ZipFile(place, "w") as bundle:
        bundle.writestr("archive/data.pkl", op.stream(op.value(state), 2))
        for number in range(8):
            with bundle.open(f"archive/data/{number}", "w", force_zip64=True) as file:
                for _ in range(16):
                    file.write(block)
        bundle.writestr("archive/version", "3\n")


def _block() -> bytes:
    return random.Random(1).randbytes(16 * MB)


def _filled(place: Path, head: bytes, size: int) -> None:
    with place.open("wb") as file:
        file.write(head)
        block = _block()
        for _ in range(size // len(block)):
            file.write(block)


def safetensors(place: Path) -> None:
    """A safetensors file of 1 GB with 400 tensors."""
    size = 1024 * MB // 400 // 4 * 4
    tensors = {
        f"layer.{i}.weight": {
            "dtype": "F32",
            "shape": [size // 4],
            "data_offsets": [i * size, (i + 1) * size],
        }
        for i in range(400)
    }
    rest = 1024 * MB - 400 * size
    if rest:
        tensors["rest"] = {"dtype": "U8", "shape": [rest], "data_offsets": [400 * size, 1024 * MB]}
    header = json.dumps(tensors).encode()
    _filled(place, struct.pack("<Q", len(header)) + header, 1024 * MB)


def onnx(place: Path) -> None:
    """An ONNX model of 500 MB: one layer, its weights inside."""
    size = 496 * MB
    dims = onnx_files.field(1, size // 4)
    head = (
        dims
        + onnx_files.field(2, 1)
        + onnx_files.field(8, "w")
        + onnx_files.varint(9 << 3 | 2)
        + onnx_files.varint(size)
    )
    tensor = onnx_files.varint(5 << 3 | 2) + onnx_files.varint(len(head) + size) + head
    node = onnx_files.field(
        1, onnx_files.field(1, "w") + onnx_files.field(2, "y") + onnx_files.field(4, "Relu")
    )
    graph = node + onnx_files.field(2, "net") + tensor
    opset = onnx_files.field(8, onnx_files.field(1, "") + onnx_files.field(2, 21))
    body = (
        onnx_files.field(1, 10)
        + opset
        + onnx_files.varint(7 << 3 | 2)
        + onnx_files.varint(len(graph) + size)
        + graph
    )
    _filled(place, body, size)


def gguf(place: Path) -> None:
    """A GGUF file of 500 MB with an ordinary chat template and 32,000 tokens."""
    size = 496 * MB
    text = struct.pack("<Q", 28) + b"tokenizer.ggml.tokens\0\0\0\0\0\0\0"
    tokens = b"".join(struct.pack("<Q", 8) + b"%08d" % i for i in range(32_000))
    pairs = {
        "general.architecture": "llama",
        "tokenizer.chat_template": "{% for m in messages %}{{ m['content'] }}{% endfor %}",
    }
    whole = templates.gguf(pairs)
    body = whole[24:].rstrip(b"\0")
    info = struct.pack("<Q", 1) + b"w" + struct.pack("<IQIQ", 1, size // 4, 0, 0)
    head = (
        b"GGUF"
        + struct.pack("<IQQ", 3, 1, 3)
        + body
        + text
        + struct.pack("<IIQ", 9, 8, 32_000)
        + tokens
        + info
    )
    _filled(place, head + bytes(-len(head) % 32), size)


def many_files(place: Path) -> None:
    """10,000 small files in 100 folders: settings, pickles, safetensors, text."""
    tensors = b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    kinds = (
        ("config.json", b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64}'),
        ("data.pkl", pickle.dumps({"epoch": 3, "loss": [0.5] * 40}, 4)),
        ("model.safetensors", struct.pack("<Q", len(tensors)) + tensors + bytes(16)),
        ("README.md", b"# A model\n\nIt does things.\n" * 10),
        ("tokens.txt", b"hello\nworld\n" * 50),
    )
    for number in range(10_000):
        suffix, data = kinds[number % len(kinds)]
        folder = place / f"{number // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}-{suffix}").write_bytes(data)


class Target(NamedTuple):
    """Something to scan."""

    title: str
    file: str
    make: Callable[[Path], None]
    readers: tuple[str, ...]
    """The peers that parse such a file; the others skip it, whatever they say."""


_ALL = ("picklescan", "modelscan", "fickling", "modelaudit", "aisbom")
TARGETS = (
    Target(
        "200 pickles of 1 MB", "pickles", many_pickles, ("picklescan", "modelscan", "modelaudit", "aisbom")
    ),
    Target("one pickle of 104 MB", "dense.pkl", dense_pickle, _ALL),
    Target("torch zip, 2 GB", "model.pt", torch_archive, ("picklescan", "modelscan", "modelaudit", "aisbom")),
    Target("safetensors, 1 GB", "model.safetensors", safetensors, ("modelaudit", "aisbom")),
    Target("ONNX, 500 MB", "model.onnx", onnx, ("modelaudit", "aisbom")),
    Target("GGUF, 500 MB", "model.gguf", gguf, ("modelaudit", "aisbom")),
    Target("10,000 small files", "many", many_files, ("picklescan", "modelscan", "modelaudit", "aisbom")),
)


def _made(target: Target, place: Path) -> None:
    """Make it in a process of its own: a child's largest resident set begins with that of its parent."""
    maker = multiprocessing.get_context("spawn").Process(target=target.make, args=(place,))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError(f"{target.title} could not be made")


def measure(
    target: Target, tools: list[Tool], cache: Path, repeats: int, limit: float
) -> list[dict[str, Any]]:
    """Run each tool on a target, in turn, and keep the medians."""
    runs: dict[str, list[Any]] = {t.id: [] for t in tools}
    with tempfile.TemporaryDirectory(prefix="assaymark-speed-") as folder:
        place = Path(folder) / target.file
        _made(target, place)
        for _ in range(repeats):
            for tool in tools:
                slow = runs[tool.id] and runs[tool.id][-1].wall > limit / 4
                if slow or (place.is_dir() and not tool.folders):
                    continue
                runs[tool.id].append(
                    run(tool.command(str(programs(tool, cache)), place), limit, Path(folder))
                )
    rows = []
    for tool in tools:
        if done := runs[tool.id]:
            middle = {k: statistics.median(getattr(r, k) for r in done) for k in ("wall", "cpu", "peak_mb")}
            outcome = "timeout" if done[-1].code == TIMEOUT else tool.outcome(done[-1])
            rows.append(
                {"target": target.title, "tool": tool.id, "runs": len(done), "outcome": outcome, **middle}
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return rows


def _cell(row: dict[str, Any] | None, parses: bool) -> str:
    if row is None:
        return "-"
    text = f"{row['wall']:.2f} / {row['cpu']:.2f} s, {row['peak_mb']:.0f} MB"
    if row["outcome"] == "timeout":
        text = f"stopped after {text}"
    return text if parses else f"({text})"


def _faster(ours: dict[str, Any], peers: list[dict[str, Any]], key: str) -> str:
    best = min(peers, key=lambda r: r[key], default=None)
    if best is None:
        return "-"
    more = "more than " if best["outcome"] == "timeout" else ""
    return f"{more}{best[key] / max(ours[key], 0.01):.1f} x {best['tool']}"


def report(rows: list[dict[str, Any]]) -> str:
    """Write the table: ours, each peer, and how much faster ours is than the fastest that reads the file."""
    readers = {t.title: t.readers for t in TARGETS}
    lines = []
    for title in dict.fromkeys(r["target"] for r in rows):
        found = {r["tool"]: r for r in rows if r["target"] == title}
        ours = found["assaymark"]
        peers = [
            r
            for r in found.values()
            if r["tool"] in readers[title] and r["outcome"] not in ("error", "nothing")
        ]
        cells = [_cell(found.get(tool), tool in readers[title]) for tool in _ALL]
        ratios = [_faster(ours, peers, key) for key in ("wall", "cpu")]
        lines.append([title, f"**{_cell(ours, parses=True)}**", *ratios, *cells])
    head = ["target", "assaymark", "fastest reader, wall", "fastest reader, CPU", *_ALL]
    note = (
        "Wall / processor time, largest resident set of a process. Below 51 MB cannot be told: what the measuring program had. "
        "In brackets: does not parse such a file.\n"
    )
    return table(head, lines) + "\n" + note


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(".bench"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120, help="seconds after which a tool is stopped")
    parser.add_argument("--tool", action="append", help="only these")
    parser.add_argument("--target", action="append", choices=[t.file for t in TARGETS], help="only these")
    options = parser.parse_args()
    cache = options.cache.resolve()
    tools = [t for t in TOOLS if "--strict" not in t.id and (not options.tool or t.id in options.tool)]
    for tool in tools:
        install(tool, cache)
    rows: list[dict[str, Any]] = []
    for target in TARGETS:
        if not options.target or target.file in options.target:
            rows += measure(target, tools, cache, options.repeats, options.limit)
    options.out.write_text(json.dumps(rows, indent=1))
    print(report(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
