"""The parser is total: whatever the bytes, it yields facts or says why not, in bounded time."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.python.reading import read, the
from tests.trees import facts_of

from assaymark.scan.facts import CodeFile, LibraryUse, ScanProblem
from assaymark.scan.python import SCANNERS
from assaymark.scan.python._scan import LIMIT, TOKENS


@pytest.mark.parametrize(
    "source",
    [
        b"print 'python 2'",
        b"x = \x00",
        b"\xff\xfe\x00",
        b"# -*- coding: nonsense -*-\n",
        b"(" * 50_000,
        b"x = " + b"-" * 60_000 + b"1",
        b"{% if x %}\nimport os\n",
        b"a" + b".b" * 60_000,
    ],
)
def test_broken_source_is_a_problem(source: bytes) -> None:
    """A file that is not Python 3 yields one problem with a reason."""
    problem = the(ScanProblem, source)

    assert problem.reason
    assert problem.scanner == "python"


def test_a_huge_file_is_not_parsed() -> None:
    """The bound and its value are named."""
    assert f"{LIMIT:,}" in the(ScanProblem, b"x = 1\n" * (LIMIT // 6 + 1)).reason


def test_a_dense_file_is_not_parsed() -> None:
    """A syntax tree takes memory by words and signs, not by bytes: too many of them are not parsed."""
    dense, wordy = b"a;" * (TOKENS // 2 + 1), b"x = '" + b"a" * TOKENS + b"'\n"

    assert f"{TOKENS:,}" in the(ScanProblem, dense).reason
    assert the(CodeFile, wordy).lines == 1


@pytest.mark.parametrize(
    "source", [b"\xef\xbb\xbfimport openai\r\n", b"import openai", b"import openai\r\n\r\n"]
)
def test_marks_and_line_ends_do_not_matter(source: bytes) -> None:
    """A byte order mark, CRLF and a missing last newline are ordinary."""
    assert the(LibraryUse, source).library == "openai"


def test_warnings_of_others_stay_silent() -> None:
    """Invalid escapes in the assessed source print nothing (warnings are errors here)."""
    assert the(CodeFile, b"x = '\\d' is 5\n").lines == 1


def test_a_notebook_is_read_cell_by_cell() -> None:
    """A broken cell is reported and does not hide the others; magics are set aside; outputs are counted."""
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import openai\n"], "outputs": [{}]},
        {"cell_type": "markdown", "source": "import torch"},
        {"cell_type": "code", "source": "def broken(:\n"},
        {"cell_type": "code", "source": "if x:\n    !pip install a\nimport cohere\n", "outputs": []},
    ]
    facts = read(json.dumps({"cells": cells}), "a.ipynb")

    assert {f.library for f in facts if isinstance(f, LibraryUse)} == {"openai", "cohere"}
    assert [f.outputs for f in facts if isinstance(f, CodeFile)] == [1]
    assert [f.partial for f in facts if isinstance(f, ScanProblem)] == [True]


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{}", b"not json", b'{"cells": 5}', b"[" * 100_000, b'{"cells": [5, {"cell_type": "code"}]}'],
)
def test_what_is_no_notebook_is_survived(data: bytes) -> None:
    """Anything under a notebook's name gives facts or a problem."""
    assert read(data, "a.ipynb")


def test_accepts_python_by_name_or_first_line() -> None:
    """Suffixes and `#!` lines count; other files are left alone."""
    accepts = SCANNERS[0].accepts

    assert accepts("a.py", b"")
    assert accepts("a.ipynb", b"")
    assert accepts("bin/tool", b"#!/usr/bin/env python3\n")
    assert not accepts("a.sh", b"#!/bin/sh\n")
    assert not accepts("a.js", b"")


WORDS = st.sampled_from(
    [
        "def",
        "f",
        "(",
        "x",
        ",",
        ")",
        ":",
        "\n",
        "return",
        "eval",
        "exec",
        "open",
        "import",
        "openai",
        "as",
        "o",
        "class",
        "A",
        "@",
        "tool",
        "=",
        "[",
        "]",
        "{",
        "}",
        ".",
        "chat.completions.create",
        "lambda",
        "for",
        "in",
        "if",
        "else",
        "try",
        ":",
        "except",
        "pass",
        "f'{x}'",
        "'{'",
        "await",
        "self",
        ".",
        "y",
        "**k",
        "*a",
        "1",
        "-",
        "+",
        "|",
        "requests.get",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(WORDS, max_size=40).map(" ".join) | st.binary(max_size=200).map(lambda b: b.decode("latin-1"))
)
def test_anything_is_survived(source: str) -> None:
    """Words of Python in any order, and any bytes, raise nothing."""
    assert read(source)
    assert read(json.dumps({"cells": [{"cell_type": "code", "source": source}]}), "a.ipynb")


@pytest.mark.parametrize(
    "source",
    [
        "import ollama\nx = ollama.chat(model='m')\n"
        + "".join(f"x{i} = x{i - 1}\n" for i in range(1, 5_000))
        + "eval(x4999)\n",
        "from smolagents import tool\n"
        + "".join(f"@tool\ndef t{i}(a):\n    return t{i + 1}(a)\n" for i in range(2_000)),
        "def f(q):\n"
        + "    messages.append(q)\n" * 5_000
        + "    client.chat.completions.create(messages=messages)\n",
        "import subprocess\ndef f(x):\n" + "    subprocess.run(x)\n" * 5_000,
        "def f():\n" + "    try:\n        check_access()\n    except Exception:\n        pass\n" * 2_000,
        "x = " + "[" * 80 + "]" * 80 + "\n" + "y = f(" * 60 + ")" * 60,
        "P_PROMPT = '" + "{a} " * 20_000 + "'\n",
    ],
)
def test_time_is_bounded(source: str) -> None:
    """Long chains, wide functions and many tools are read in seconds, not minutes."""
    start = time.process_time()
    read(source)

    assert time.process_time() - start < 10


def test_every_kind_of_syntax_is_walked() -> None:
    """Patterns, singletons among them, type parameters and star targets hold no surprise for the walk."""
    source = (
        "match x:\n"
        "    case True | None | False:\n        pass\n"
        "    case {'a': 1, **rest}:\n        pass\n"
        "    case [first, *others] if first:\n        pass\n"
        "    case Point(x=0) as p:\n        pass\n"
        "    case _:\n        pass\n"
        "async def f(a, /, b=1, *c, d: int = 2, **e):\n"
        "    async with g() as h, i:\n        async for j in k:\n            yield j\n"
        "    return [m async for m in n if (o := m)], {**p}, f'{q!r:>{r}}', lambda *s: s, not t, -u[1:2:3]\n"
        "try:\n    pass\nexcept* ValueError as v:\n    raise w from v\n"
        "global y\ndel z[0], a.b\nassert c, d\nwhile e:\n    break\nelse:\n    pass\n"
    )

    assert not [f for f in facts_of({"app.py": source}) if isinstance(f, ScanProblem)]
