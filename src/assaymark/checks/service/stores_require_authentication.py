"""Whether databases and vector stores ask who is calling."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import Deployment

_STORES = (
    "postgres", "pgvector", "mysql", "mariadb", "mongo", "redis", "valkey", "qdrant", "weaviate", "chroma",
    "neo4j",
    "elasticsearch", "opensearch", "milvus", "minio", "timescale", "keydb", "dragonfly",
)  # fmt: skip

_AROUND = (
    "exporter",
    "express",
    "commander",
    "insight",
    "admin",
    "backup",
    "-ui",
    "console",
    "attu",
    "migrat",
)


@check(supports=("5.2.1-4", "5.2.2-1#2"))
def stores_require_authentication(deployments: tuple[Deployment, ...]) -> Iterator[Finding]:
    """Databases, vector stores and caches are started with authentication and without default passwords.

    Why: Vector stores hold the texts that were embedded, and caches hold conversations. Several of them
    let everybody in unless told otherwise, and whoever can write to them can plant what the model reads.

    Fix: Give each store a credential from a secret (Qdrant `QDRANT__SERVICE__API_KEY`, Redis
    `--requirepass`, Weaviate `AUTHENTICATION_APIKEY_ENABLED=true`) and publish its port on 127.0.0.1 or
    not at all.

    Blind spots: Network rules, and credentials that a mounted configuration file sets, are not seen.
    Stores run by a cloud provider are not in these files.
    """
    stores = [d for d in in_product(deployments) if _is_store(d)]
    loose = [d for d in stores if d.unauthenticated_store]
    exposed = [d for d in loose if d.every_interface and d.environment in ("prod", "staging")]
    if not stores:
        yield not_applicable("No compose file or manifest in the tree starts a database or vector store.")
    elif loose:
        yield not_met(
            f"{len(loose)} of {counted(len(stores), 'store')} start without authentication or with a "
            f"default password; "
            f"{sum(d.every_interface for d in loose)} of them are published on all interfaces.",
            *capped(map(_open, sorted(loose, key=lambda d: not d.every_interface))),
            tentative=not exposed,
        )
    else:
        yield met(f"None of {counted(len(stores), 'store')} is started open or with a default password.")


def _is_store(service: Deployment) -> bool:
    """Known stores by image; the tools around them (exporters, web consoles) keep nothing themselves."""
    image = service.image.lower()
    return service.unauthenticated_store or (
        any(s in image for s in _STORES) and not any(w in image for w in _AROUND)
    )


def _open(store: Deployment) -> Detail:
    reach = ", published on all interfaces" if store.every_interface else ""
    return at(f"{store.name} ({store.image}) lets callers in without a credential of its own{reach}", store)
