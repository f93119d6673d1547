"""Writes the samples beside it; needs torch 2.13.0 and py7zr 1.1, which the tests do not.

Run in a virtual environment of its own: ``python make_samples.py``. Nothing here does harm, and
the two TorchScript files with effects are never run.
"""

from pathlib import Path

import py7zr
import torch
from torch import nn

HERE = Path(__file__).parent


class Small(nn.Module):
    """An honest model."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """With a branch, so that scripting has something to do."""
        if x.sum() > 0:
            return self.layer(x)
        return torch.relu(x)


class Saves(nn.Module):
    """Writes a file when it runs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Through an operator."""
        torch.ops.aten.save(x, "written")
        return x


class Maps(nn.Module):
    """Maps a file when it runs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Through an operator."""
        return torch.from_file("name", False, 4, dtype=torch.uint8)


def torch_files() -> None:
    """What PyTorch writes."""
    state = {"a": torch.arange(6.0), "b": torch.zeros(2, 3)}
    torch.save(state, HERE / "state.pt")
    torch.save(state, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.serialization.set_crc32_options(False)
    torch.save(state, HERE / "no_checksums.pt")
    torch.serialization.set_crc32_options(True)
    torch.jit.script(Small()).save(str(HERE / "script.pt"))
    torch.jit.script(Saves()).save(str(HERE / "saves.pt"))
    torch.jit.script(Maps()).save(str(HERE / "maps.pt"))
    torch.jit.script(Small())._save_for_lite_interpreter(str(HERE / "mobile.ptl"))
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.ones(1, 2),)), HERE / "export.pt2")


def seven_zips() -> None:
    """What py7zr writes: one file for each way to pack, and two that cannot be read."""
    content = {
        "model.pkl": b"\x80\x04N.",
        "notes.txt": b"hello" * 100,
        "program.exe": (b"\xe8\x10\x20\x00\x00" + b"x" * 7) * 40,
    }
    packings = {
        "default": {},
        "lzma": {"filters": [{"id": py7zr.FILTER_LZMA}]},
        "lzma_branched": {"filters": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA}]},
        "delta": {"filters": [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 1}]},
        "bzip2": {"filters": [{"id": py7zr.FILTER_BZIP2}]},
        "deflate": {"filters": [{"id": py7zr.FILTER_DEFLATE}]},
        "copy": {"filters": [{"id": py7zr.FILTER_COPY}]},
        "zstd": {"filters": [{"id": py7zr.FILTER_ZSTD}]},
        "ppmd": {"filters": [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}]},
        "aes": {"password": "secret"},
        "aes_header": {"password": "secret", "header_encryption": True},
    }
    for name, options in packings.items():
        with py7zr.SevenZipFile(HERE / f"{name}.7z", "w", **options) as archive:
            for member, data in content.items():
                archive.writestr(data, member)


if __name__ == "__main__":
    torch_files()
    seven_zips()
