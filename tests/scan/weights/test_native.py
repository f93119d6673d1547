"""Programs among models are named as such, whatever they are called; scripts only where they deceive."""

import struct

import pytest
from tests.scan.weights.looking import formats, hazards

from assaymark.inspection import Level

WINDOWS = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("model.bin", b"\x7fELF\2\1\1"),
        ("custom_ops.so", b"\x7fELF\2\1\1"),
        ("model.safetensors", b"\x7fELF\2\1\1" + b"\0" * 60),
        ("model.ckpt", b"\xcf\xfa\xed\xfe\7\0\0\1"),
        ("model.dat", b"\xca\xfe\xba\xbe\0\0\0\2"),
        ("model.dat", WINDOWS),
        ("model.pt", b"MZ nothing more"),
        ("model.pt", b"#!/bin/sh\necho hello\n"),
    ],
)
def test_programs_are_unknown(path: str, data: bytes) -> None:
    """Linux, macOS, Windows and scripts under the names of weights."""
    assert "native" in formats(path, data)
    assert [(h.rule, h.level) for h in hazards(path, data)] == [("native-code", Level.UNKNOWN)]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("run.py", b"#!/usr/bin/env python\nprint(1)\n"),
        ("notes.txt", b"MZ is how Windows programs begin"),
        ("Main.class", b"\xca\xfe\xba\xbe\0\0\0\x41"),
        ("weights.bin", b"\0" * 100),
    ],
)
def test_scripts_and_texts_are_left_alone(path: str, data: bytes) -> None:
    """A script under its own name is judged as code, elsewhere; Java's classes share a mark."""
    assert "native" not in formats(path, data)
