"""Compose files, Kubernetes manifests and serverless files → what runs, how open and how powerful."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import Deployment, Fact, HubReference
from assaymark.scan.infra.secrets import is_secret_name, looks_real
from assaymark.scan.yaml_reader import YamlDocument

__all__ = [
    "environment_of",
    "is_compose",
    "is_kubernetes",
    "scan_compose",
    "scan_kubernetes",
    "scan_serverless",
]

_ENVIRONMENT = (
    ("prod", re.compile(r"(?:^|[/._\-])(?:prod|production|live)(?:[/._\-]|$)", re.IGNORECASE)),
    (
        "staging",
        re.compile(r"(?:^|[/._\-])(?:staging|stage|uat|preprod|pre-prod)(?:[/._\-]|$)", re.IGNORECASE),
    ),
    (
        "test",
        re.compile(r"(?:^|[/._\-])(?:test|tests|testing|ci|e2e|integration)(?:[/._\-]|$)", re.IGNORECASE),
    ),
    (
        "dev",
        re.compile(
            r"(?:^|[/._\-])(?:dev|develop|development|local|override|debug)(?:[/._\-]|$)", re.IGNORECASE
        ),
    ),
)
_SERVER = re.compile(
    r"vllm|ollama|text-generation-inference|\btgi\b|triton|torchserve|tensorflow/serving|tf-serving|localai|llama[-.]?cpp"
    r"|llamafile|sglang|xinference|lmdeploy|bentoml|seldon|mlserver|kserve|ray-llm|text-embeddings-inference|infinity-emb|litellm",
    re.IGNORECASE,
)
_STORES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(r"(?:^|/)(?:postgres|postgis|pgvector|timescaledb?)(?:[:@/]|-|$)", re.IGNORECASE),
        ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"),
    ),
    (
        re.compile(r"(?:^|/)(?:mysql|mariadb)(?:[:@]|-server|$)", re.IGNORECASE),
        (
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_PASSWORD",
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_PASSWORD",
            "MYSQL_ROOT_PASSWORD_FILE",
            "MARIADB_ROOT_PASSWORD_FILE",
            "MYSQL_PASSWORD_FILE",
        ),
    ),
    (
        re.compile(r"(?:^|/)mongo(?:db)?(?:[:@]|$|-community)", re.IGNORECASE),
        ("MONGO_INITDB_ROOT_PASSWORD", "MONGO_INITDB_ROOT_PASSWORD_FILE", "MONGODB_ROOT_PASSWORD"),
    ),
    (
        re.compile(
            r"(?:^|/)(?:redis|valkey|redis-stack|redis-stack-server|keydb|dragonfly)(?:[:@]|$)", re.IGNORECASE
        ),
        ("REDIS_PASSWORD", "requirepass", "aclfile", "VALKEY_PASSWORD"),
    ),
    (re.compile(r"qdrant/qdrant", re.IGNORECASE), ("QDRANT__SERVICE__API_KEY",)),
    (
        re.compile(r"weaviate(?:/weaviate)?(?:[:@]|$)", re.IGNORECASE),
        ("AUTHENTICATION_APIKEY_ENABLED", "AUTHENTICATION_OIDC_ENABLED"),
    ),
    (
        re.compile(r"chroma(?:db)?/chroma|chroma-core/chroma", re.IGNORECASE),
        ("CHROMA_SERVER_AUTHN_PROVIDER", "CHROMA_SERVER_AUTH_PROVIDER"),
    ),
    (re.compile(r"(?:^|/)neo4j(?:[:@]|$)", re.IGNORECASE), ("NEO4J_AUTH",)),
    (
        re.compile(r"elasticsearch(?:/elasticsearch)?(?:[:@]|$)", re.IGNORECASE),
        ("ELASTIC_PASSWORD", "ELASTIC_PASSWORD_FILE"),
    ),
    (
        re.compile(r"opensearchproject/opensearch(?:[:@]|$)", re.IGNORECASE),
        ("OPENSEARCH_INITIAL_ADMIN_PASSWORD",),
    ),
    (re.compile(r"milvusdb/milvus", re.IGNORECASE), ("COMMON_SECURITY_AUTHORIZATIONENABLED",)),
    (
        re.compile(r"minio/minio", re.IGNORECASE),
        ("MINIO_ROOT_PASSWORD", "MINIO_ROOT_PASSWORD_FILE", "MINIO_SECRET_KEY"),
    ),
)
"""Image of a store → settings of which one must be given for it to ask who is calling."""
_OPEN = re.compile(
    r"POSTGRES_HOST_AUTH_METHOD=trust|MYSQL_ALLOW_EMPTY_PASSWORD=(?:yes|true|1)|MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=(?:yes|true|1)"
    r"|ALLOW_EMPTY_PASSWORD=(?:yes|true|1)|ALLOW_ANONYMOUS_LOGIN=(?:yes|true|1)"
    r"|AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true|xpack\.security\.enabled=false|NEO4J_AUTH=none|DISABLE_SECURITY_PLUGIN=true|plugins\.security\.disabled=true",
    re.IGNORECASE,
)
_DEFAULTS = frozenset(
    {
        "postgres",
        "password",
        "admin",
        "root",
        "minioadmin",
        "changeme",
        "redis",
        "mysql",
        "mongo",
        "neo4j",
        "neo4j/neo4j",
        "neo4j/password",
        "example",
        "secret",
        "test",
        "pass",
        "123456",
        "rootpassword",
        "minio123",
    }
)
_WORKLOADS = frozenset(
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
        "Pod",
        "ReplicaSet",
        "InferenceService",
        "RayService",
    }
)
_LOCAL = ("127.", "localhost:", "[::1]")
_CONTAINERS_BOUND = 500


def environment_of(name: str) -> str:
    """dev, test, staging or prod, as a path, namespace or profile says; else empty."""
    return next((env for env, pattern in _ENVIRONMENT if pattern.search(name)), "")


def is_compose(name: str, value: Any) -> bool:
    """Whether a YAML document is a compose file, by its name or by its shape."""
    if not isinstance(value, dict) or not isinstance(value.get("services"), dict):
        return False
    services = [s for s in value["services"].values() if isinstance(s, dict)]
    return "compose" in name or (bool(services) and all("image" in s or "build" in s for s in services))


def is_kubernetes(value: Any) -> bool:
    """Whether a YAML document is a Kubernetes object."""
    return isinstance(value, dict) and "apiVersion" in value and isinstance(value.get("kind"), str)


def scan_compose(path: str, document: YamlDocument) -> Iterator[Fact]:
    """The services of a compose file."""
    for name, service in list(document.value["services"].items())[:_CONTAINERS_BOUND]:
        if isinstance(service, dict):
            place = Location(path, document.line("services", name))
            yield _compose_service(place, name, service)
            yield from _models(place, f"{service.get('image', '')}", _words(service.get("command")))


def _compose_service(place: Location, name: str, service: dict[str, Any]) -> Deployment:
    image = str(service.get("image") or "")
    env = _env_pairs(service.get("environment"))
    command = " ".join(_words(service.get("command")) + _words(service.get("entrypoint")))
    ports = tuple(_port(p) for p in _list(service.get("ports")))
    mounts = tuple(_mount(m) for m in _list(service.get("volumes")))
    resources = _dict(_dict(service.get("deploy")).get("resources")).get("limits")
    caps = [str(c).upper() for c in _list(service.get("cap_add"))]
    return Deployment(
        at=place,
        name=name,
        kind="compose",
        image=image,
        pinned="@sha256:" in image,
        ports=ports,
        every_interface=any(not p.startswith(_LOCAL) and ":" in p for p in ports),
        privileged=service.get("privileged") is True
        or service.get("network_mode") == "host"
        or service.get("pid") == "host"
        or "ALL" in caps
        or "SYS_ADMIN" in caps
        or any("docker.sock" in m for m in mounts),
        mounts=mounts,
        limits=bool(resources) or any(k in service for k in ("mem_limit", "cpus", "cpu_quota")),
        secrets_inline=_inline(env),
        environment=environment_of(place.path),
        unauthenticated_store=_unauthenticated(image, env, command, from_elsewhere="env_file" in service),
        serves_model=_SERVER.search(f"{image} {command}") is not None,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else str(value).split() if value else []


def _port(value: Any) -> str:
    if isinstance(value, dict):
        host = str(value.get("host_ip") or "")
        return ":".join(
            filter(None, (host, str(value.get("published") or ""), str(value.get("target") or "")))
        )
    return str(value)


def _mount(value: Any) -> str:
    return f"{value.get('source', '')}:{value.get('target', '')}" if isinstance(value, dict) else str(value)


def _env_pairs(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {
            str(k): "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)
            for k, v in value.items()
        }
    pairs = (str(v).partition("=") for v in _list(value))
    return {k: v for k, _, v in pairs}


def _inline(env: dict[str, str]) -> tuple[str, ...]:
    return tuple(k for k, v in env.items() if is_secret_name(k) and v and "$" not in v and looks_real(v))


def _unauthenticated(image: str, env: dict[str, str], command: str, *, from_elsewhere: bool) -> bool:
    """A known store that is told to let everybody in, given no credential, or given a default one."""
    for store, settings in _STORES:
        if store.search(image):
            text = "\n".join(f"{k}={v}" for k, v in env.items())
            if _OPEN.search(f"{text}\n{command}"):
                return True
            given = [env[s] for s in settings if s in env]
            if any(v.lower() in _DEFAULTS for v in given):
                return True
            if given or from_elsewhere or any(s in command for s in settings) or "--auth" in command:
                return False
            return "bitnami" not in image and _open_by_default(image)
    return False


def _open_by_default(image: str) -> bool:
    """Stores whose image starts without asking for a credential unless told to."""
    return (
        re.search(
            r"redis|valkey|keydb|dragonfly|qdrant|weaviate|chroma|milvus|(?:^|/)mongo", image, re.IGNORECASE
        )
        is not None
    )


def _models(place: Location, image: str, words: list[str]) -> Iterator[Fact]:
    """Models that a server is told to take from a hub."""
    if not _SERVER.search(f"{image} {' '.join(words)}"):
        return
    options: dict[str, str] = {}
    for index, word in enumerate(words):
        key, equals, value = word.partition("=")
        options[key] = value if equals else (words[index + 1] if index + 1 < len(words) else "")
    name = options.get("--model") or options.get("--model-id") or options.get("--model-path") or ""
    revision = options.get("--revision", "")
    if name and "$" not in name:
        yield HubReference(
            at=place,
            kind="model",
            name=name,
            loader=f"{image.partition(':')[0] or words[0]} --model",
            revision=revision,
            pinned=re.fullmatch(r"[0-9a-f]{40}", revision) is not None,
            remote_code="--trust-remote-code" in options,
            local=name.startswith(("/", "./")),
        )


def scan_kubernetes(path: str, document: YamlDocument, kind: str = "kubernetes") -> Iterator[Fact]:
    """Workloads and services of one Kubernetes object."""
    top = document.value
    if top["kind"] == "List":
        return
    name = str(_dict(top.get("metadata")).get("name") or top["kind"])
    namespace = str(_dict(top.get("metadata")).get("namespace") or "")
    environment = environment_of(path) or environment_of(namespace)
    if top["kind"] not in _WORKLOADS:
        return
    pod = _pod(top)
    for container in _list(pod.get("containers"))[:_CONTAINERS_BOUND]:
        if isinstance(container, dict):
            place = Location(path, document.line("kind"))
            yield _container(place, name, kind, environment, pod, container)
            command = _words(container.get("command")) + _words(container.get("args"))
            yield from _models(place, str(container.get("image") or ""), command)


def _pod(top: dict[str, Any]) -> dict[str, Any]:
    spec = _dict(top.get("spec"))
    if top["kind"] == "CronJob":
        spec = _dict(_dict(spec.get("jobTemplate")).get("spec"))
    return spec if top["kind"] == "Pod" else _dict(_dict(spec.get("template")).get("spec"))


def _container(
    place: Location, name: str, kind: str, environment: str, pod: dict[str, Any], container: dict[str, Any]
) -> Deployment:
    image = str(container.get("image") or "")
    env = {
        str(e.get("name")): str(e.get("value") or "")
        for e in _list(container.get("env"))
        if isinstance(e, dict) and "valueFrom" not in e
    }
    taken = {
        str(e.get("name")): "$"
        for e in _list(container.get("env"))
        if isinstance(e, dict) and "valueFrom" in e
    }
    paths = [str(_dict(_dict(v).get("hostPath")).get("path") or "") for v in _list(pod.get("volumes"))]
    security = _dict(container.get("securityContext"))
    caps = [str(c).upper() for c in _list(_dict(security.get("capabilities")).get("add"))]
    command = " ".join(_words(container.get("command")) + _words(container.get("args")))
    own = str(container.get("name") or "")
    return Deployment(
        at=place,
        name=f"{name}/{own}" if own and own != name else name,
        kind=kind,
        image=image,
        pinned="@sha256:" in image,
        ports=tuple(
            str(_dict(p).get("hostPort")) for p in _list(container.get("ports")) if "hostPort" in _dict(p)
        ),
        every_interface=any("hostPort" in _dict(p) for p in _list(container.get("ports"))),
        privileged=security.get("privileged") is True
        or pod.get("hostNetwork") is True
        or pod.get("hostPID") is True
        or bool({"ALL", "SYS_ADMIN"} & set(caps))
        or any("docker.sock" in p or "containerd.sock" in p for p in paths),
        mounts=tuple(p for p in paths if p),
        limits=bool(_dict(container.get("resources")).get("limits")),
        secrets_inline=_inline(env),
        environment=environment,
        unauthenticated_store=_unauthenticated(
            image, env | taken, command, from_elsewhere="envFrom" in container
        ),
        serves_model=_SERVER.search(f"{image} {command}") is not None,
    )


def scan_serverless(path: str, document: YamlDocument) -> Iterator[Fact]:
    """Functions of a serverless file (Serverless Framework)."""
    top = document.value
    provider = _dict(top.get("provider"))
    env = _env_pairs(provider.get("environment"))
    for name, function in list(_dict(top.get("functions")).items())[:_CONTAINERS_BOUND]:
        own = env | _env_pairs(_dict(function).get("environment"))
        yield Deployment(
            at=Location(path, document.line("functions", name)),
            name=name,
            kind="serverless",
            limits="timeout" in _dict(function) or "timeout" in provider,
            secrets_inline=_inline(own),
            environment=environment_of(f"{path}/{provider.get('stage', '')}"),
        )
