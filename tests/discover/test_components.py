"""Facts, inventory and texts become a bill: what is grouped, linked, owned, and what is left unsaid."""

import json
from pathlib import Path

import gguf
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import save
from tests.report.bom.sample import FILES, SYSTEM, bom_of, full, parts

from assaymark.asset import FileEntry, Inventory, NotLookedAt, Tree
from assaymark.bom import Bom, Component, ComponentKind, Link, LinkKind, Service
from assaymark.discover.bom_sources import MAX_BYTES, Sources, read_sources, wanted
from assaymark.discover.collect import collect
from assaymark.discover.components import build_bom
from assaymark.observation import Location
from assaymark.scan.infra import _locked
from assaymark.system.system import DeclaredAsset, System

ONE = save({"w": np.zeros((2, 2), np.float32)})
TWO = save({"w": np.ones((2, 2), np.float32)})


def targets(bom: Bom, source: str, kind: LinkKind) -> list[str]:
    """Where links of one kind lead from `source`."""
    return [k.target for k in bom.links if (k.source, k.kind) == (source, kind)]


def kinds(bom: Bom, kind: ComponentKind) -> list[Component]:
    """Components of one kind."""
    return [c for c in bom.components if c.kind is kind]


def service(bom: Bom, ref: str) -> Service:
    """The service with that ref."""
    return next(s for s in bom.services if s.ref == ref)


def properties(part: Component | Service) -> dict[str, str]:
    """Its further facts."""
    return dict(part.properties)


def test_shards_are_one_model() -> None:
    """With a file for each; weights that are no shards stay apart."""
    bom = bom_of(
        {
            "m/model-00001-of-00002.safetensors": ONE,
            "m/model-00002-of-00002.safetensors": TWO,
            "m/other.safetensors": ONE + b"",
        }
    )
    shards = parts(bom)["model:m/model-*-of-00002.safetensors"]

    assert len(kinds(bom, ComponentKind.MODEL)) == 2
    assert shards.files == ("m/model-00001-of-00002.safetensors", "m/model-00002-of-00002.safetensors")
    assert shards.hashes == ()
    assert properties(shards)["shards"] == "2"


def test_real_gguf_and_onnx_files_give_their_headers(tmp_path: Path) -> None:
    """Architecture, licence and base model as the libraries write them."""
    writer = gguf.GGUFWriter(tmp_path / "tiny.gguf", "llama")
    writer.add_license("mit")
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "Tiny Base")
    writer.add_tensor("w", np.zeros((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    node = helper.make_node("Relu", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in ("x", "y")]
    onnx_model = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]), producer_name="tests")
    bom = bom_of(
        {"tiny.gguf": (tmp_path / "tiny.gguf").read_bytes(), "n.onnx": onnx_model.SerializeToString()}
    )
    tiny = parts(bom)["model:tiny.gguf"]

    assert onnx.__version__
    assert tiny.licences[0].expression == "MIT"
    assert tiny.card is not None
    assert tiny.card.family is not None
    assert tiny.card.family.text == "llama"
    assert targets(bom, "model:tiny.gguf", LinkKind.DERIVED_FROM) == ["model:Tiny Base"]
    assert parts(bom)["model:Tiny Base"].purl == ""
    assert properties(parts(bom)["model:n.onnx"])["format"] == "onnx"


def test_an_adapter_is_derived_from_its_base() -> None:
    """As its configuration names it; a path on somebody's disk is no base model."""
    config = {"peft_type": "LORA", "base_model_name_or_path": "owner/base", "revision": "A" * 40}
    local = {"architectures": ["X"], "model_type": "x", "_name_or_path": "/home/ann/base"}
    bom = bom_of(
        {
            "a/adapter_config.json": json.dumps(config),
            "a/adapter_model.safetensors": ONE,
            "b/config.json": json.dumps(local),
            "b/model.safetensors": TWO,
        }
    )

    assert targets(bom, "model:a/adapter_model.safetensors", LinkKind.DERIVED_FROM) == ["model:owner/base"]
    assert targets(bom, "model:b/model.safetensors", LinkKind.DERIVED_FROM) == []
    assert parts(bom)["model:owner/base"].supplier == "owner"


def test_a_pointer_names_the_content_elsewhere() -> None:
    """The digest is the content's, so the pointer file is not the model's content."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'d' * 64}\nsize 99\n"
    model = parts(bom_of({"big.safetensors": pointer}))["model:big.safetensors"]

    assert model.hashes[0].value == "d" * 64
    assert model.files == ()
    assert "git-lfs" in properties(model)["problem"]


CARD = "# Model card: {}\n\n## Limitations\n\nWeak in winter.\n\n## Intended use\n\nBirds.\n"


@pytest.mark.parametrize(
    ("files", "fits"),
    [
        ({"m/README.md": CARD.format("x"), "m/a.safetensors": ONE}, {"m/a.safetensors"}),
        ({"m/README.md": CARD.format("x"), "m/onnx/a.safetensors": ONE}, {"m/onnx/a.safetensors"}),
        (
            {"m/README.md": CARD.format("x"), "n/README.md": CARD.format("y"), "m/a.safetensors": ONE,
             "n/b.safetensors": TWO, "c.safetensors": ONE},
            {"m/a.safetensors", "n/b.safetensors"},
        ),
        ({"docs/model-card.md": CARD.format("Sparrow"), "m/sparrow.safetensors": ONE, "b.safetensors": TWO},
         {"m/sparrow.safetensors"}),
        ({"docs/model-card.md": CARD.format("anything"), "m/a.safetensors": ONE}, {"m/a.safetensors"}),
        ({"docs/model-card.md": CARD.format("any"), "m/a.safetensors": ONE, "m/b.safetensors": TWO}, set()),
    ],
)  # fmt: skip
def test_a_card_speaks_of_the_models_it_fits(files: dict[str, str | bytes], fits: set[str]) -> None:
    """Beside or above it, by its title, or the only one of the only model; else of none."""
    bom = bom_of(files)
    carded = {c.ref for c in bom.components if c.card is not None and c.card.documents}

    assert carded == {f"model:{path}" for path in fits}


def test_the_sample_is_linked_up() -> None:
    """System, code, model, data, packages and services, each to what it needs."""
    bom = full()

    assert targets(bom, "model:model.safetensors", LinkKind.TRAINED_ON) == ["dataset:example/letters"]
    assert targets(bom, "model:model.safetensors", LinkKind.DEPENDS_ON) == ["dataset:data/letters.csv"]
    assert targets(bom, "model:model.safetensors", LinkKind.DESCRIBED_BY) == [
        "file:README.md",
        "file:config.json",
    ]
    assert targets(bom, "file:app.py", LinkKind.READS) == ["dataset:example/letters"]
    assert "package:pypi/anthropic@0.40.0" in targets(bom, "system", LinkKind.DEPENDS_ON)
    assert "package:pypi/httpx@0.28.1" not in targets(bom, "system", LinkKind.DEPENDS_ON)
    assert "service:anthropic" in targets(bom, "file:app.py", LinkKind.DEPENDS_ON)
    assert targets(bom, "service:anthropic", LinkKind.DEPENDS_ON) == ["model:anthropic/claude-3"]


def test_every_link_leads_somewhere() -> None:
    """In the sample, and in each of its files alone."""
    for bom in (full(), *(bom_of({name: text}) for name, text in FILES.items())):
        refs = {c.ref for c in bom.components} | {s.ref for s in bom.services} | {"system"}
        refs |= {f"file:{f.path}" for f in bom.files}

        assert [k for k in bom.links if not {k.source, k.target} <= refs] == []


def test_the_register_adds_what_only_it_knows() -> None:
    """Owners, classes and custodians; a line that nothing mentions is in the bill and says so."""
    bom = full()

    assert parts(bom)["model:model.safetensors"].owner == "Sam Ortiz"
    assert properties(parts(bom)["model:model.safetensors"])["register-name"] == "letters"
    assert (
        properties(service(bom, "service:judge"))["where"] == "listed in the register, not seen in the tree"
    )
    assert service(bom, "service:judge").seen_at == (Location("assaymark.yaml", 12),)


def test_what_the_register_places_here_and_is_not_is_left_out() -> None:
    """A bill holds what is there; the reconciliation tells what is missing."""
    line = DeclaredAsset(kind="model", name="gone", location="gone.bin")

    assert bom_of({"a.py": "x = 1\n"}, System(name="s", assets=(line,))).components == ()


def test_unknown_stays_unknown() -> None:
    """No version for a range, no licence that nobody states, no card without words."""
    bom = bom_of({"package.json": '{"dependencies": {"express": "^4"}}', "m.safetensors": ONE})
    express, model = parts(bom)["package:npm/express"], parts(bom)["model:m.safetensors"]

    assert (express.version, express.licences, express.hashes) == ("", (), ())
    assert properties(express)["version-range"] == "^4"
    assert properties(express)["locked"] == "no"
    assert model.card is not None
    assert model.card.task is model.card.family is None
    assert model.licences == ()


def test_containers_are_named_by_digest_or_tag() -> None:
    """A digest is a hash; a tag is a version that is not pinned."""
    digest = "c" * 64
    compose = "services:\n  db:\n    image: postgres:16\n"
    bom = bom_of({"Dockerfile": f"FROM python:3.12@sha256:{digest}\n", "docker-compose.yml": compose})
    python, postgres = sorted(kinds(bom, ComponentKind.CONTAINER), key=lambda c: c.name, reverse=True)

    assert (python.name, python.version, python.hashes[0].value) == ("python", "3.12", digest)
    assert (postgres.version, properties(postgres)["pinned"]) == ("16", "no")
    assert Link("file:Dockerfile", LinkKind.DEPENDS_ON, python.ref) in bom.links
    assert Link("service:docker-compose.yml#db", LinkKind.DEPENDS_ON, postgres.ref) in bom.links


def test_one_package_in_two_locks_is_one_component() -> None:
    """Seen at both places, with the digests of both."""
    lines = [f"one==1.0 --hash=sha256:{c * 64}\n" for c in "ab"]
    bom = bom_of({"requirements.txt": lines[0], "dev/requirements.txt": lines[1]})
    (one,) = kinds(bom, ComponentKind.PACKAGE)

    assert [h.value[0] for h in one.hashes] == ["a", "b"]
    assert {at.path for at in one.seen_at} == {"requirements.txt", "dev/requirements.txt"}


def test_material_of_tests_is_listed_as_files_only() -> None:
    """It is no part of the system; its digest is there all the same."""
    bom = bom_of({"tests/m.safetensors": ONE, "tests/requirements.txt": "one==1\n", "a.py": "x = 1\n"})

    assert bom.components == ()
    assert [f.path for f in bom.files] == ["a.py", "tests/m.safetensors", "tests/requirements.txt"]


def test_prompts_and_tools_never_carry_their_words() -> None:
    """Digest, place and length only."""
    bom = full()
    prompt = parts(bom)["prompt:prompts/system.txt"]

    assert prompt.files == ("prompts/system.txt",)
    assert properties(prompt)["characters"]
    assert "helpful assistant" not in repr(bom)


def test_a_lock_that_breaks_off_is_a_hole() -> None:
    """Told with its path, and never a crash."""
    told = "in part: broken syntax at line 4"
    holes = [NotLookedAt(path="uv.lock", reason=told)]
    bom = bom_of(
        {"uv.lock": '[[package]]\nname = "a"\nversion = "1"\nname = ', "a.py": "x = 1\n"}, holes=holes
    )

    assert [(h.path, h.reason) for h in bom.holes] == [("uv.lock", told)]
    assert [c.name for c in kinds(bom, ComponentKind.PACKAGE)] == ["a"]


def test_a_lock_of_which_only_names_are_kept_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every package is listed; that digests and needs are missing is told."""
    monkeypatch.setattr(_locked, "MAX_DETAIL", 10)
    bom = bom_of({"uv.lock": FILES["uv.lock"]})

    assert kinds(bom, ComponentKind.PACKAGE)
    assert "only the names and versions of its last" in bom.holes[0].reason


def test_a_lock_with_one_package_twice_lists_it_once() -> None:
    """For two platforms, with both archives; its place is the first."""
    url = "https://c.example/{}/one-1.0-h1_0.conda"
    lines = [f"{url.format(p)}#{c * 32}\n" for p, c in (("linux-64", "a"), ("osx-64", "b"))]
    (one,) = kinds(bom_of({"conda-a.lock": "@EXPLICIT\n" + "".join(lines)}), ComponentKind.PACKAGE)

    assert [a.url for a in one.artefacts] == [url.format("linux-64"), url.format("osx-64")]
    assert one.seen_at == (Location("conda-a.lock", 2),)


def test_notes_of_compiled_requirements_become_links() -> None:
    """Who needs a package stands below it."""
    bom = bom_of({"requirements.txt": "one==1.0\n    # via -r requirements.in\ntwo==2.0  # via one\n"})

    assert targets(bom, "package:pypi/one@1.0", LinkKind.DEPENDS_ON) == ["package:pypi/two@2.0"]


def test_own_licence_comes_from_the_project_s_file() -> None:
    """pyproject.toml first, package.json else."""
    assert full().licences[0].expression == "Apache-2.0"
    assert full().licences[0].at == Location("pyproject.toml", 2)
    assert bom_of({"package.json": '{"license": "MIT"}'}).licences[0].expression == "MIT"
    assert bom_of({"pyproject.toml": "[project]\nlicense = {file = 'L'}\n"}).licences == ()


def written(folder: Path, **files: bytes) -> Path:
    """A folder with the files."""
    for name, data in files.items():
        (folder / name.replace("_dot_", ".")).write_bytes(data)
    return folder


def test_texts_are_read_again_only_if_nothing_changed(tmp_path: Path) -> None:
    """A file that changed, went, became a link or is too long is a hole with its reason."""
    root = written(tmp_path, uv_dot_lock=b"", README_dot_md=b"# a\n", poetry_dot_lock=b"", pdm_dot_lock=b"")
    tree = collect(root).tree
    (root / "uv.lock").write_bytes(b"changed")
    (root / "poetry.lock").unlink()
    (root / "pdm.lock").unlink()
    (root / "pdm.lock").symlink_to(root / "README.md")
    sources = read_sources(root, ("README.md", "uv.lock", "poetry.lock", "pdm.lock"), tree)

    assert sources.texts == {"README.md": "# a\n"}
    assert {h.path for h in sources.holes} == {"uv.lock", "poetry.lock", "pdm.lock"}


def test_a_text_that_is_too_long_is_a_hole(tmp_path: Path) -> None:
    """The bound stands in the reason."""
    root = written(tmp_path, uv_dot_lock=b"#" * (MAX_BYTES + 1))
    (hole,) = read_sources(root, ("uv.lock",), collect(root).tree).holes

    assert f"{MAX_BYTES:,}" in hole.reason


def test_only_what_a_bill_needs_is_read_again() -> None:
    """Cards and the project's own file; locks were read into facts before."""
    facts_tree = collect_of(
        {
            "README.md": CARD.format("a"),
            "uv.lock": "",
            "pyproject.toml": "",
            "tests/pyproject.toml": "",
            "notes.md": "# n\n",
        }
    )

    assert wanted(*facts_tree) == ("README.md", "pyproject.toml")


def collect_of(files: dict[str, str]) -> tuple[tuple[object, ...], object]:
    """Facts and tree of a small project."""
    from tests.trees import blobs, facts_of

    from assaymark.asset import FileEntry, Tree

    return facts_of(files), Tree(tuple(FileEntry(b.path, b.size, b.sha256) for b in blobs(files)))


def test_the_sample_has_one_of_everything() -> None:
    """So that what the writers are tested with is worth it."""
    bom = bom_of(FILES, SYSTEM)

    assert {c.kind for c in bom.components} == set(ComponentKind) - {ComponentKind.TOOL}
    assert {s.kind for s in bom.services} == {"model provider", "MCP server", "listed"}


def test_a_card_may_spell_a_data_set_that_is_there() -> None:
    """By the file's name without its suffix, or the register's name: then it is no second data set."""
    card = "---\ndatasets: [payments, Post]\n---\n# Model card\n\n## Limitations\n\nFew.\n"
    files = {
        "README.md": card,
        "m.safetensors": ONE,
        "d/payments.csv": "a,b\n1,2\n3,4\n",
        "d/x.csv": "a,b\n1,2\n3,4\n",
    }
    line = DeclaredAsset(kind="dataset", name="post", location="d/x.csv")
    bom = bom_of(files, System(name="s", assets=(line,)))

    assert targets(bom, "model:m.safetensors", LinkKind.TRAINED_ON) == [
        "dataset:d/payments.csv",
        "dataset:d/x.csv",
    ]
    assert len(kinds(bom, ComponentKind.DATA)) == 2


def test_a_listed_model_elsewhere_is_in_the_bill() -> None:
    """With its owner and version, its address without secrets, and what it depends on."""
    address = "https://user:word@models.example/m?sig=1"
    lines = (
        DeclaredAsset(
            kind="model", name="far", location=address, version="3", owner="Ann", depends_on=("feed",)
        ),
        DeclaredAsset(kind="dataset", name="feed", source="https://u:p@feed.example"),
    )
    bom = bom_of({"a.py": "x = 1\n"}, System(name="s", assets=lines))
    far = parts(bom)["model:far"]

    assert (far.version, far.owner, far.url) == ("3", "Ann", "https://models.example/m")
    assert targets(bom, "model:far", LinkKind.DEPENDS_ON) == ["dataset:feed"]
    assert "u:p@" not in repr(bom)


def test_a_remote_mcp_server_crosses_the_boundary() -> None:
    """A local command does not tell, and a loopback address does not cross."""
    servers = {
        "far": {"url": "https://mcp.example/sse?key=1"},
        "near": {"url": "http://127.0.0.1:9000/mcp"},
        "own": {"command": "npx", "args": ["server"]},
    }
    bom = bom_of({".mcp.json": json.dumps({"mcpServers": servers})})
    crosses = {s.name: s.crosses_boundary for s in bom.services}

    assert crosses == {"far": True, "near": False, "own": None}
    assert "key=1" not in repr(bom)


def test_many_models_do_not_repeat_one_card() -> None:
    """Beyond a bound the card is linked and not quoted, so that the bill does not grow by the product."""
    from assaymark.discover.components_models import MAX_CARDED

    weights = {f"m{n}.safetensors": save({"w": np.full((1,), n, np.float32)}) for n in range(MAX_CARDED + 5)}
    bom = bom_of({"README.md": CARD.format("many"), **weights})
    models = kinds(bom, ComponentKind.MODEL)

    assert sum(c.card is not None and bool(c.card.limitations) for c in models) == MAX_CARDED
    assert sum(k.kind is LinkKind.DESCRIBED_BY for k in bom.links) == MAX_CARDED + 5


def test_the_scanner_s_word_stands_beside_the_weights() -> None:
    """Names that act on load, names that no list knows, or that there is neither."""
    import pickle

    class Runs:
        def __reduce__(self) -> tuple[object, ...]:
            return (eval, ("1",))

    bom = bom_of({"bad.pkl": pickle.dumps(Runs()), "good.safetensors": ONE})

    assert "dangerous: " in properties(parts(bom)["model:bad.pkl"])["scan"]
    assert "eval" in properties(parts(bom)["model:bad.pkl"])["scan"]
    assert properties(parts(bom)["model:good.safetensors"])["scan"] == "nothing dangerous or unknown"


def test_a_lock_that_is_read_whole_is_no_hole() -> None:
    """Another reader may have stopped in it; a hole in another file stays one."""
    stopped = "in part: only the first 1,000,000 bytes were read"
    holes = [NotLookedAt(path=p, reason=stopped) for p in ("uv.lock", "data.txt")]
    bom = bom_of({"uv.lock": FILES["uv.lock"], "data.txt": "x"}, holes=holes)

    assert [h.path for h in bom.holes] == ["data.txt"]


def test_names_that_look_alike_stay_two_files() -> None:
    """A byte that is no text and the four characters of its escape."""
    tree = Tree((FileEntry("a\\xff", 1, "a" * 64), FileEntry("a\\xff", 1, "b" * 64)))
    bom = build_bom((), Inventory((), ()), tree, System(name="s"), Sources({}))

    assert [f.path for f in bom.files] == ["a\\xff", "a\\xff (2)"]
