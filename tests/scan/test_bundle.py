"""A folder is more than its files: modules that shadow, caches of the hub, stores of runs, image layouts."""

import hashlib
import pickle
from collections import OrderedDict
from pathlib import Path

from tests.scan.artefact.samples import safetensors
from tests.scan.folder.test_oci import layout
from tests.scan.payloads import CLEAN, DANGEROUS
from tests.scan.test_run import verdicts, written

from assaymark.inspection import ScanReport, Verdict
from assaymark.scan import Options, scan

SHADOW = b'import os\nos.system("true")\n'
ORDERED = pickle.dumps(OrderedDict([("w", [1.0])]))


def rules(report: ScanReport) -> set[tuple[str, str]]:
    """Path and rule of everything that was found."""
    return {(i.path, h.rule) for i in report.inspections for h in i.hazards}


def test_a_module_that_shadows_what_a_pickle_imports_is_dangerous(tmp_path: Path) -> None:
    """The pickle alone is clean; with a `collections.py` beside it, loading runs that."""
    alone = scan(str(written(tmp_path / "a", {"model.pkl": ORDERED})))
    both = scan(str(written(tmp_path / "b", {"model.pkl": ORDERED, "collections.py": SHADOW})))

    assert alone.verdict is Verdict.CLEAN
    assert both.verdict is Verdict.DANGEROUS


def test_the_hub_s_cache_is_seen_under_its_names(tmp_path: Path) -> None:
    """Blobs lie under digests; what a loader opens are the links."""
    root = tmp_path / "models--org--name"
    digest = hashlib.sha256(DANGEROUS).hexdigest()
    written(root, {f"blobs/{digest}": DANGEROUS, "refs/main": b"abc", "blobs/1": b'{"model_type": "bert"}'})
    (root / "snapshots/abc").mkdir(parents=True)
    (root / "snapshots/abc/pytorch_model.bin").symlink_to(f"../../blobs/{digest}")
    (root / "snapshots/abc/config.json").symlink_to("../../blobs/1")

    found = verdicts(scan(str(tmp_path)))

    assert found["models--org--name/snapshots/abc/pytorch_model.bin"] is Verdict.DANGEROUS
    assert not any("/blobs/" in path for path in found)


def test_a_store_of_runs_is_walked(tmp_path: Path) -> None:
    """MLflow keeps each model as a folder below its run."""
    model = "mlruns/0/1234/artifacts/model"
    text = b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    python_version: 3.11\n"
    report = scan(str(written(tmp_path, {f"{model}/MLmodel": text, f"{model}/model.pkl": DANGEROUS})))

    assert verdicts(report)[f"{model}/model.pkl"] is Verdict.DANGEROUS


def test_an_image_layout_is_followed_to_its_layers(tmp_path: Path) -> None:
    """A blob is called by its digest; its manifest says what it is."""
    root = written(tmp_path, layout({"model.safetensors": safetensors(), "extra.pkl": DANGEROUS}))
    report = scan(str(root))

    titles = {dict(i.header.metadata).get("title", ""): i for i in report.inspections if i.header}
    assert titles["model.safetensors"].verdict is Verdict.CLEAN
    assert titles["extra.pkl"].verdict is Verdict.DANGEROUS


def test_a_layer_that_was_replaced_shows_by_its_digest(tmp_path: Path) -> None:
    """Same size, other content: seen where digests are computed."""
    files = layout({"model.pkl": CLEAN})
    path = f"blobs/sha256/{hashlib.sha256(CLEAN).hexdigest()}"
    files[path] = CLEAN.replace(b"os.system", b"os.sYstem")
    root = str(written(tmp_path, files))

    assert (path, "oci-content-differs") not in rules(scan(root))
    assert (path, "oci-content-differs") in rules(scan(root, options=Options(hashes=True)))


def test_a_remote_store_has_the_folder_rules_too() -> None:
    """They read small files only."""
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe("/shadowed/model.pkl", ORDERED)
    store.pipe("/shadowed/collections.py", SHADOW)
    try:
        assert scan("memory://shadowed", jobs=1).verdict is Verdict.DANGEROUS
    finally:
        store.rm("/shadowed", recursive=True)
