"""Hosts of an Application and what is behind them: all that its components say of a host, together.

Several components may share a host, each with paths of its own. What is one for the whole host
(provider, class, gateway, certificate) is what the first of them says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tenantry.api.exposure import Exposure, ExposureTls, GatewayReference, ServicePort
from tenantry.desired.applications.naming import digest, shortened
from tenantry.desired.applications.protocols import ports_with
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.traffic import Provider, Route, provider
from tenantry.desired.applications.unhonoured import Unhonoured

_NAME_LENGTH: Final = 39
"""With a digest 48: controllers add to the name of a Gateway, and need a label's 63."""
_OF_THE_HOST: Final = ("type", "class_name", "gateway", "tls")


@dataclass(frozen=True, slots=True)
class SitePath:
    """A path of a host, and where it leads."""

    kind: Literal["exact", "prefix"]
    path: str
    route: Route
    port: ServicePort


@dataclass(frozen=True, slots=True)
class Site:
    """A host, reached from outside.

    Attributes:
        name: what objects for it are called.
        host: the host.
        provider: whose API.
        class_name: IngressClass or GatewayClass; empty for the cluster's default.
        gateway: that exists, to attach to; None if one is made.
        tls: encryption at the edge.
        paths: those that are more special first.
    """

    name: str
    host: str
    provider: Provider
    class_name: str
    gateway: GatewayReference | None
    tls: ExposureTls | None
    paths: tuple[SitePath, ...]

    @property
    def owner(self) -> Route:
        """The component whose objects those of the host are."""
        return self.paths[0].route


def sites(
    routes: Sequence[Route], surroundings: Surroundings
) -> tuple[list[Site], list[Unhonoured]]:
    """The hosts of an Application, in order, and what of its exposures has no effect.

    Args:
        routes: its components.
        surroundings: whose API is served, and the class of Gateways that name none.
    """
    served, usual = surroundings.facts.served, surroundings.platform.gateway_class
    said: list[Unhonoured] = []
    hosts: dict[str, list[tuple[Route, Exposure]]] = {}
    for route in routes:
        for exposure in route.part.component.expose:
            hosts.setdefault(exposure.host, []).append((route, exposure))
    made = []
    for host, those in sorted(hosts.items()):
        first_route, first = those[0]
        said += _differing(first, those[1:])
        chosen = provider(first, served, usual)
        if not chosen:
            reason = f"the API for type {first.type} is not installed"
            said.append(Unhonoured(first_route.part.name, "expose.type", reason))
        elif paths := _paths(those, said):
            made.append(_site(host, chosen, first, paths))
    return made, said


def site_name(application: str, host: str) -> str:
    """What the objects for a host of an Application are called, or begin with before a dot."""
    readable = f"{application}-{host.replace('*', 'any').replace('.', '-')}"
    return f"{shortened(readable, _NAME_LENGTH)}-{digest(f'{application}/{host}')}"


def _site(host: str, chosen: Provider, first: Exposure, paths: Sequence[SitePath]) -> Site:
    return Site(
        name=site_name(paths[0].route.part.application, host),
        host=host,
        provider=chosen,
        class_name=first.class_name or "",
        gateway=first.gateway,
        tls=first.tls,
        paths=tuple(paths),
    )


def _differing(first: Exposure, others: Sequence[tuple[Route, Exposure]]) -> Iterator[Unhonoured]:
    for route, exposure in others:
        for field in _OF_THE_HOST:
            if getattr(exposure, field) != getattr(first, field):
                alias = Exposure.model_fields[field].alias
                reason = f"{exposure.host} is exposed before, with another {alias}"
                yield Unhonoured(route.part.name, f"expose.{alias}", reason)


def _paths(those: Sequence[tuple[Route, Exposure]], said: list[Unhonoured]) -> list[SitePath]:
    """Each path once, exact ones first and then longer before shorter."""
    found: dict[tuple[str, str], SitePath] = {}
    for route, exposure in those:
        port = _port(route, exposure)
        if port is None:
            reason = "no such port speaks HTTP, and nothing else can be exposed"
            said.append(Unhonoured(route.part.name, "expose.port", reason))
            continue
        for one in _asked(route, exposure, port):
            before = found.setdefault((one.kind, one.path), one)
            if before.route is not route:
                reason = f"{exposure.host}{one.path} leads to {before.route.part.name} already"
                said.append(Unhonoured(route.part.name, "expose.paths", reason))
    return sorted(found.values(), key=lambda one: (one.kind, -len(one.path), one.path))


def _asked(route: Route, exposure: Exposure, port: ServicePort) -> Iterator[SitePath]:
    for match in exposure.paths:
        if match.exact is not None:
            yield SitePath("exact", match.exact, route, port)
        if match.prefix is not None:
            yield SitePath("prefix", match.prefix.rstrip("/") or "/", route, port)
    if not exposure.paths:
        yield SitePath("prefix", "/", route, port)


def _port(route: Route, exposure: Exposure) -> ServicePort | None:
    ports = ports_with(route.part, "HTTP", "GRPC")
    named = (one for one in ports if exposure.port in {None, one.name})
    return next(named, None)
