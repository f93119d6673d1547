"""A small project with one of everything, and the bill of any project, without touching a disk."""

import json
from collections.abc import Iterable, Mapping

import numpy as np
from safetensors.numpy import save
from tests.trees import Files, blobs, facts_of

from assaymark.asset import FileEntry, NotLookedAt, Tree
from assaymark.bom import Bom, Component, ComponentKind, Hash, Licence
from assaymark.discover.bom_sources import Sources, wanted
from assaymark.discover.components import build_bom
from assaymark.discover.inventory import build_inventory
from assaymark.discover.link import linked
from assaymark.system.system import DeclaredAsset, System

ON = "2026-11-27T00:00:00Z"

CARD = """\
---
license: apache-2.0
base_model: example/base
datasets: [example/letters]
pipeline_tag: text-generation
model-index:
- name: letters
  results:
  - task: {type: text-generation}
    dataset: {name: held-out letters, type: text}
    metrics:
    - {type: accuracy, value: 0.71}
---
# Letters

## Intended users

Advisers of the body.

## Intended use

Drafts answers for a person to check.

## Out-of-scope use

Legal advice.

## Limitations

English only.

## Ethical considerations

May repeat prejudice in old letters.

## Evaluation

F1 was 0.66 on 2026-10-01. Accuracy on 200 letters 71 % (64 to 77 %).
"""

CODE = """\
from anthropic import Anthropic
from datasets import load_dataset

PROMPT = "Answer the letter of the resident politely: {letter}"
client = Anthropic(base_url="https://user:word@models.example/v1?key=1")
data = load_dataset("example/letters", revision="0123456789012345678901234567890123456789")


def answer(letter: str) -> str:
    prompt = PROMPT.format(letter=letter)
    said = [{"role": "user", "content": prompt}]
    return client.messages.create(model="claude-3", max_tokens=99, messages=said)
"""

LOCK = f"""\
version = 1

[[package]]
name = "letters"
version = "0.1"
source = {{ editable = "."}}

[[package]]
name = "anthropic"
version = "0.40.0"
source = {{ registry = "https://pypi.org/simple"}}
dependencies = [{{ name = "httpx"}}]
sdist = {{ url = "https://files.example/anthropic-0.40.0.tar.gz", hash = "sha256:{"a" * 64}", size = 3}}
wheels = [{{ url = "https://token@files.example/anthropic-0.40.0.whl?t=1", hash = "sha256:{"b" * 64}"}}]

[[package]]
name = "httpx"
version = "0.28.1"
source = {{ registry = "https://pypi.org/simple"}}
"""

PACKAGE_LOCK = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "site"},
            "node_modules/@scope/view": {
                "version": "2.0.0",
                "resolved": "https://registry.npmjs.org/@scope/view/-/view-2.0.0.tgz",
                "integrity": "sha512-" + "A" * 86 + "==",
                "license": "MIT",
                "dependencies": {"left": "^1"},
            },
            "node_modules/left": {"version": "1.0.0", "license": "(MIT OR Apache-2.0)"},
            "node_modules/@scope/view/node_modules/left": {"version": "1.5.0", "license": "Weird words"},
        },
    },
    indent=1,
)

WEIGHTS = save({"w": np.zeros((4, 4), np.float32)}, metadata={"format": "pt"})

FILES: dict[str, str | bytes] = {
    "README.md": CARD,
    "config.json": json.dumps(
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 9}
    ),
    "model.safetensors": WEIGHTS,
    "app.py": CODE,
    "data/letters.csv": "id,email\n" + "".join(f"{n},anna.bell{n}@post.org\n" for n in range(30)),
    "data/provenance.json": json.dumps(
        [{"name": "letters", "source": "https://data.example", "license": "CC-BY-4.0", "date": "2026-01-05"}]
    ),
    "prompts/system.txt": "You are a helpful assistant. Answer briefly and never reveal secrets.",
    "uv.lock": LOCK,
    "web/package-lock.json": PACKAGE_LOCK,
    "pyproject.toml": '[project]\nlicense = "Apache-2.0"\ndependencies = ["anthropic>=0.40"]\n',
    "Dockerfile": "FROM python:3.12@sha256:" + "c" * 64 + "\nUSER 1000\nCOPY app.py /\n",
    ".mcp.json": json.dumps(
        {"mcpServers": {"files": {"command": "npx", "args": ["files", "--api-key", "k1"]}}}
    ),
}

SYSTEM = System(
    name="Letters",
    version="1.2",
    purpose="Drafts answers.",
    organisation="Advice Body",
    owner="Sam Ortiz",
    custodians=("Ruth Abara",),
    manifest_path="assaymark.yaml",
    assets=(
        DeclaredAsset(kind="model", name="letters", location="model.safetensors", owner="Sam Ortiz",
                      depends_on=("post",), line=5),
        DeclaredAsset(kind="dataset", name="post", location="data/letters.csv", owner="Ruth Abara",
                      classification="confidential", line=9),
        DeclaredAsset(kind="service", name="judge", source="bought", line=12),
    ),
)  # fmt: skip


HOSTILE = (
    "\x1b[2J\x07", "\ud800half", "\u202egnp.exe", "x" * 1_000, "a b/%zz#?[", "", "//host/p", "c:d", "\x7f",
)  # fmt: skip
"""Names that have broken some tool."""


def named(name: str) -> Bom:
    """A bill in which everything that can be called `name` is."""
    component = Component(
        ref=f"model:{name}",
        kind=ComponentKind.MODEL,
        name=name,
        files=(name or "f",),
        hashes=(Hash("sha256", "a" * 64),),
        url=name,
        version=name,
        supplier=name,
        licences=(Licence(name=name or "x"),),
    )
    entry = FileEntry(name or "f", 1, "a" * 64)
    return Bom(name=name, version=name, files=(entry,), components=(component,), services=(), links=())


def bom_of(files: Files, system: System | None = None, holes: Iterable[NotLookedAt] = ()) -> Bom:
    """The bill of a small project."""
    system = system or System(name="example")
    facts = linked(facts_of(files))
    tree = Tree(tuple(FileEntry(b.path, b.size, b.sha256) for b in blobs(files)))
    inventory = build_inventory(facts, tree, system)
    texts = {p: b.read().decode() for b in blobs(files) if (p := b.path) in wanted(facts, tree)}
    return build_bom(facts, inventory, tree, system, Sources(texts), holes)


def full() -> Bom:
    """The bill of the project above."""
    return bom_of({**FILES, "assaymark.yaml": "assaymark: 1\n"}, SYSTEM)


def parts(bom: Bom) -> Mapping[str, Component]:
    """Components by ref."""
    return {c.ref: c for c in bom.components}
