"""Services and tools: model providers, MCP servers, own endpoints, deployments, what a model may call."""

from collections import defaultdict
from urllib.parse import urlsplit

import msgspec

from assaymark.asset import Asset, AssetKind
from assaymark.bom import Component, ComponentKind, LinkKind, Service
from assaymark.discover.bom_material import Material, Part, as_properties, with_owner
from assaymark.scan.facts import Deployment, Endpoint, LlmCall, Setting, ToolDefinition
from assaymark.scan.infra.secrets import is_secret_name
from assaymark.scan.words import public_url

__all__ = ["services", "tools"]

_LOCAL = frozenset(
    {"transformers", "llama-cpp", "llama_cpp", "vllm", "ollama", "ctransformers", "gpt4all", "mlx-lm"}
)
"""Clients that run a model on the machine itself, or on one that the team runs."""
_HOSTED = frozenset(
    {
        "openai",
        "anthropic",
        "google",
        "cohere",
        "mistral",
        "mistralai",
        "bedrock",
        "azure-openai",
        "groq",
        "together",
    }
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, never bound
MAX_ENDPOINTS = 500


def services(material: Material) -> Part:
    """Everything that is called or that answers calls."""
    part = Part()
    _providers(material, part)
    _mcp_servers(material, part)
    _endpoints(material, part)
    _deployments(material, part)
    assets = {a.id: a for a in material.assets(AssetKind.SERVICE)}
    owned = [_with_owner(s, assets.get(s.ref), material) for s in part.services]
    part.services = owned
    part.top += [s.ref for s in owned]
    return part


def _providers(material: Material, part: Part) -> None:
    calls: dict[str, list[LlmCall]] = defaultdict(list)
    for call in material.facts(LlmCall):
        calls[call.client].append(call)
    for client, found in calls.items():
        urls = tuple(sorted({public_url(c.base_url) for c in found if c.base_url}))
        ref = f"service:{client}"
        part.services.append(
            Service(
                ref=ref,
                name=client,
                kind="model provider",
                endpoints=urls,
                crosses_boundary=_crosses(client, urls),
                properties=as_properties(calls=len(found)),
                seen_at=tuple(dict.fromkeys(c.at for c in found))[:20],
            )
        )
        part.refs[ref] = (ref,)


def _crosses(client: str, urls: tuple[str, ...]) -> bool | None:
    """Whether calls leave the system: by their addresses, else by what the client is for, else not known."""
    if urls:
        return not all(_host(u) in _LOOPBACK for u in urls)
    return False if client in _LOCAL else True if client in _HOSTED else None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _mcp_servers(material: Material, part: Part) -> None:
    found: dict[str, Setting] = {}
    for setting in material.facts(Setting):
        if setting.category == "mcp-server":
            found.setdefault(f"service:mcp/{setting.key}", setting)
    for ref, setting in found.items():
        remote = setting.value.startswith(("http://", "https://"))
        part.services.append(
            Service(
                ref=ref,
                name=setting.key.rpartition(".")[2] or setting.key,
                kind="MCP server",
                endpoints=(public_url(setting.value),) if remote and " " not in setting.value else (),
                crosses_boundary=_host(setting.value) not in _LOOPBACK if remote else None,
                properties=as_properties(command="" if remote else _command(setting.value)),
                seen_at=(setting.at,),
            )
        )
        part.refs[ref] = (ref,)


def _command(words: str) -> str:
    """A command line without the values of its secrets."""
    shown: list[str] = []
    hide = False
    for word in words.split():
        name, equals, _ = word.partition("=")
        secret = is_secret_name(name.lstrip("-"))
        shown.append("***" if hide else f"{name}=***" if equals and secret else public_url(word))
        hide = word.startswith("-") and secret and not equals
    return " ".join(shown)


def _endpoints(material: Material, part: Part) -> None:
    """The routes of one file as one service."""
    routes: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in material.facts(Endpoint):
        routes[endpoint.at.path].append(endpoint)
    for path, found in routes.items():
        ref = f"service:{path}"
        part.services.append(
            Service(
                ref=ref,
                name=path,
                kind="endpoints",
                endpoints=tuple(sorted({e.route or "/" for e in found}))[:MAX_ENDPOINTS],
                authenticated=_all({e.authenticated for e in found}),
                properties=as_properties(
                    framework=sorted({e.framework for e in found}),
                    routes=sorted({f"{e.method} {e.route or '/'}" for e in found})[:MAX_ENDPOINTS],
                ),
                seen_at=tuple(dict.fromkeys(e.at for e in found))[:20],
            )
        )
        part.link(ref, LinkKind.DEPENDS_ON, f"file:{path}")
        for endpoint in found:
            part.refs[f"service:{path}#{endpoint.method} {endpoint.route}"] = (ref,)


def _all(found: set[bool | None]) -> bool | None:
    """Whether all are so; False as soon as one is not; None where one could not be told."""
    return False if False in found else None if None in found else True


def _deployments(material: Material, part: Part) -> None:
    for deployment in material.facts(Deployment):
        ref = f"service:{deployment.at.path}#{deployment.name}"
        if ref in part.refs:
            continue
        part.services.append(
            Service(
                ref=ref,
                name=deployment.name,
                kind="deployment",
                properties=as_properties(
                    system=deployment.kind,
                    image=deployment.image,
                    ports=deployment.ports,
                    environment=deployment.environment,
                    serves_model=deployment.serves_model,
                ),
                seen_at=(deployment.at,),
            )
        )
        part.refs[ref] = (ref,)
        part.link(ref, LinkKind.DEPENDS_ON, f"file:{deployment.at.path}")
        if deployment.image:
            part.link(ref, LinkKind.DEPENDS_ON, f"container:{deployment.image}")


def _with_owner(service: Service, asset: Asset | None, material: Material) -> Service:
    declared = material.declared(asset) if asset is not None else None
    if declared is None:
        return service
    return msgspec.structs.replace(service, owner=declared.owner, version=service.version or declared.version)


def tools(material: Material) -> Part:
    """Every function that a model may call, with what it can do."""
    part = Part()
    facts = {(f.at.path, f.name): f for f in material.facts(ToolDefinition)}
    for asset in material.assets(AssetKind.TOOL):
        fact = facts.get((asset.location, asset.name))
        component = Component(
            ref=asset.id,
            kind=ComponentKind.TOOL,
            name=asset.name,
            properties=as_properties(
                framework=fact.framework if fact is not None else "",
                effects=[e.value for e in fact.effects] if fact is not None else (),
                asks_a_person={True: "yes", False: "no", None: ""}[fact.approval] if fact is not None else "",
            ),
            seen_at=asset.seen_at,
        )
        part.components.append(with_owner(component, material.declared(asset)))
        part.refs[asset.id] = (asset.id,)
        part.top.append(asset.id)
        part.link(asset.id, LinkKind.DEPENDS_ON, f"file:{asset.location}")
    return part
