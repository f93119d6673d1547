"""Manifest ⇄ in-toto Statement v1 with the predicate of OpenSSF Model Signing v1.0.

Reading is strict about what is said and tolerant of how model-signing 1.1.1 says it: `.` for a single file,
`sha256-sharded-…` and `blake2` as algorithms, a shard size written as a float, resources in the order of
their path components. Its format before 1.0 is read too.
"""

import json
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from assaymark.signing.algorithms import OMS_ALGORITHMS, base_algorithm, digest_fault
from assaymark.signing.manifest import Manifest, Resource, Serialization, root_digest
from assaymark.signing.names import name_fault, parse_shard
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.signing.strict_json import member, parse

__all__ = ["PREDICATE", "PREDICATE_BEFORE_1_0", "decode", "encode"]

PREDICATE = "https://model_signing/signature/v1.0"
PREDICATE_BEFORE_1_0 = "https://model_signing/Digests/v0.1"
_STATEMENT = "https://in-toto.io/Statement/v1"
_WHAT = "The signed statement"
_MAX_RESOURCES = 2_000_000


def encode(manifest: Manifest) -> bytes:
    """The statement to be signed, as JSON; the same bytes for the same manifest."""
    how = manifest.serialization
    serialization: dict[str, Any] = {
        "method": how.method,
        "hash_type": how.hash_type,
        "allow_symlinks": how.allow_symlinks,
    }
    if how.method == "shards":
        serialization["shard_size"] = how.shard_size
    if how.ignore_paths:
        serialization["ignore_paths"] = list(how.ignore_paths)
    statement = {
        "_type": _STATEMENT,
        "subject": [{"name": manifest.model, "digest": {"sha256": root_digest(manifest.resources)}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": serialization,
            "resources": [
                {"name": r.label, "algorithm": r.algorithm, "digest": r.digest} for r in manifest.resources
            ],
        },
    }
    return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode()


def decode(payload: bytes) -> Manifest:
    """What a statement says.

    Raises:
        DoesNotVerify: it is none, is of another type, contradicts itself, or lists an unsafe name.
    """
    statement = parse(payload, _WHAT)
    if statement.get("_type") != _STATEMENT:
        raise DoesNotVerify(f"{_WHAT} is no in-toto Statement v1 but {_quoted(statement.get('_type'))}.")
    kind = statement.get("predicateType")
    if kind == PREDICATE:
        return _current(statement)
    if kind == PREDICATE_BEFORE_1_0:
        return _before_1_0(statement)
    raise DoesNotVerify(
        f"{_WHAT} has the unknown predicate {_quoted(kind)}.",
        "It may be genuine, but it is no model signature.",
    )


def _current(statement: dict[str, Any]) -> Manifest:
    subjects = member(statement, "subject", list, _WHAT)
    if len(subjects) != 1:
        raise DoesNotVerify(f"{_WHAT} has {len(subjects)} subjects instead of one.")
    model = member(subjects[0], "name", str, "Its subject")
    stated = member(member(subjects[0], "digest", dict, "Its subject"), "sha256", str, "Its subject's digest")
    predicate = member(statement, "predicate", dict, _WHAT)
    how = _serialization(member(predicate, "serialization", dict, "Its predicate"))
    resources = tuple(_resource(row, how) for row in _rows(predicate))
    resources = _single_named(resources, model)
    _consistent(resources, how)
    if (found := root_digest(resources)) != stated:
        raise DoesNotVerify(
            f"{_WHAT} contradicts itself: its root digest is {_quoted(stated)}, its resources make {found}."
        )
    sharded = any(row["algorithm"] not in OMS_ALGORITHMS for row in predicate["resources"])
    return Manifest(model, resources, how, _notes(predicate, resources), lists_empty_files=not sharded)


def _rows(predicate: dict[str, Any]) -> list[Any]:
    rows: list[Any] = member(predicate, "resources", list, "Its predicate")
    if not rows:
        raise DoesNotVerify(f"{_WHAT} lists no file at all.")
    if len(rows) > _MAX_RESOURCES:
        raise DoesNotVerify(f"{_WHAT} lists more than {_MAX_RESOURCES:,} resources.")
    return rows


def _serialization(stated: dict[str, Any]) -> Serialization:
    what = "Its serialization"
    method = member(stated, "method", str, what)
    if method not in ("files", "shards"):
        raise DoesNotVerify(f"{what} uses the unknown method {_quoted(method)}.")
    algorithm = _algorithm(member(stated, "hash_type", str, what))
    size = stated.get("shard_size", 0)
    if isinstance(size, bool) or not isinstance(size, int | float) or not 0 <= size < 2**63 or size % 1:
        raise DoesNotVerify(f"{what} has no valid 'shard_size'.")
    if (method == "shards") != (size > 0):
        raise DoesNotVerify(f"{what} has the method {method} and the shard size {int(size)}.")
    links = stated.get("allow_symlinks", False)
    paths = stated.get("ignore_paths", [])
    if (
        not isinstance(links, bool)
        or not isinstance(paths, list)
        or not all(isinstance(p, str) for p in paths)
    ):
        raise DoesNotVerify(f"{what} has no valid 'allow_symlinks' or 'ignore_paths'.")
    return Serialization(method, algorithm, int(size), links, tuple(sorted(paths)))


def _algorithm(written: str) -> str:
    algorithm = base_algorithm(written)
    if algorithm not in OMS_ALGORITHMS:
        raise DoesNotVerify(f"{_WHAT} uses the unknown hash algorithm {_quoted(written)}.")
    return algorithm


def _resource(row: Any, how: Serialization) -> Resource:
    what = "One of its resources"
    label = member(row, "name", str, what)
    written = member(row, "algorithm", str, what)
    digest = member(row, "digest", str, what)
    algorithm = _algorithm(written)
    if algorithm != how.hash_type:
        raise DoesNotVerify(f"{shown(label)} is hashed with {algorithm}, the statement says {how.hash_type}.")
    if fault := digest_fault(algorithm, digest):
        raise DoesNotVerify(f"The digest of {shown(label)} {fault}.")
    if how.method == "files":
        return Resource(label, digest, algorithm)
    shard = parse_shard(label)
    if shard is None:
        raise DoesNotVerify(f"{shown(label)} names no shard of a file.")
    return Resource(shard[0], digest, algorithm, shard[1], shard[2])


def _single_named(resources: tuple[Resource, ...], model: str) -> tuple[Resource, ...]:
    """model-signing writes `.` for the one file that it signed; its name is the subject's."""
    if any(resource.name != "." for resource in resources) or name_fault(model):
        return resources
    return tuple(replace(resource, name=model) for resource in resources)


def _consistent(resources: tuple[Resource, ...], how: Serialization) -> None:
    """No unsafe name, no duplicate, no file that is a folder too, shards without gap or overlap."""
    for name in {resource.name for resource in resources}:
        if fault := name_fault(name):
            raise DoesNotVerify(f"{_WHAT} lists the unsafe name {_quoted(name)}: it {fault}.")
    ordered = sorted(resources, key=lambda r: (r.name, r.start, r.end))
    files = {resource.name for resource in resources}
    for one, next_ in pairwise(ordered):
        if one.name == next_.name and (how.method == "files" or one.end != next_.start):
            raise DoesNotVerify(f"{_WHAT} lists {shown(one.name)} twice, or shards that do not join.")
    for name in files:
        at = name.find("/")
        while at >= 0:
            if name[:at] in files:
                raise DoesNotVerify(f"{_WHAT} lists {shown(name[:at])} as a file and as a folder.")
            at = name.find("/", at + 1)
    if how.method == "shards":
        _joined(ordered, how.shard_size)


def _joined(ordered: list[Resource], size: int) -> None:
    """Each file's shards start at 0 and are of the stated size, except the last."""
    for before, shard, after in zip([None, *ordered], ordered, [*ordered[1:], None], strict=False):
        first = before is None or before.name != shard.name
        last = after is None or after.name != shard.name
        length = shard.end - shard.start
        empty = first and last and shard.start == shard.end == 0
        if (first and shard.start) or not (length == size or (last and 0 < length < size) or empty):
            raise DoesNotVerify(f"{_WHAT} lists shards of {shown(shard.name)} that do not join.")


def _notes(predicate: dict[str, Any], resources: tuple[Resource, ...]) -> tuple[str, ...]:
    written = {row["algorithm"] for row in predicate["resources"]} - set(OMS_ALGORITHMS)
    notes = []
    if written:
        notes.append(f"Algorithms are spelled as model-signing 1.1.1 does ({min(written)[:60]}).")
    labels = [resource.label for resource in resources]
    if labels != sorted(labels):
        notes.append("Its resources are not in code-point order, as those of model-signing 1.1.1 may be.")
    return tuple(notes)


def _before_1_0(statement: dict[str, Any]) -> Manifest:
    """What model-signing 0.2 wrote: each file a subject, no predicate of use."""
    subjects = member(statement, "subject", list, _WHAT)
    resources = []
    for row in subjects[: _MAX_RESOURCES + 1]:
        name = member(row, "name", str, "One of its subjects")
        digest = member(
            member(row, "digest", dict, "One of its subjects"), "sha256", str, "A subject's digest"
        )
        if fault := digest_fault("sha256", digest):
            raise DoesNotVerify(f"The digest of {shown(name)} {fault}.")
        resources.append(Resource(name, digest))
    if not resources or len(resources) > _MAX_RESOURCES:
        raise DoesNotVerify(f"{_WHAT} lists {len(subjects)} files.")
    _consistent(tuple(resources), Serialization())
    note = "It was written in the format before OpenSSF Model Signing 1.0; sign the model anew."
    return Manifest("", tuple(resources), Serialization(), (note,))


def _quoted(value: object) -> str:
    return repr(shown(value)[:200]) if isinstance(value, str) else "nothing"
