"""Requests from outside by the Gateway API: a Gateway for each host, and routes that attach to it.

https://gateway-api.sigs.k8s.io/reference/spec/. Defaults are written out as the CRDs have them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from tenantry.api.base import Manifest
from tenantry.desired.applications.exposures import Site, SitePath
from tenantry.desired.applications.gateway_api import (
    API,
    path_match,
    route_kind,
    rules_for,
    unhonoured,
)
from tenantry.desired.applications.labels import of_component
from tenantry.desired.applications.naming import shortened
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured

_EVERY_PATH: Final = [("prefix", "/")]
_NAME_LENGTH: Final = 253


def gateway_api_edge(site: Site, surroundings: Surroundings) -> Rendered:
    """How a host is reached.

    Args:
        site: the host and what is behind it.
        surroundings: which kinds are served, and the class of Gateways that name none.
    """
    class_name = site.class_name or surroundings.platform.gateway_class
    component = site.owner.part.name
    if site.gateway is None and not class_name:
        reason = "the Gateway API has no default class: give className or gateway"
        return Rendered((), (Unhonoured(component, "expose.className", reason),))
    served = surroundings.facts.served
    made = [*_routes(site, served)]
    said = [
        one for paths in _by_port(site) for one in unhonoured(paths[0].route, served, len(paths))
    ]
    if site.gateway is None:
        made.insert(0, _gateway(site, class_name))
        if site.tls is not None and site.tls.https_redirect is not False:
            made.append(_redirect(site))
    elif site.tls is not None:
        reason = "the Gateway that exists says what is encrypted: leave tls out"
        said.append(Unhonoured(component, "expose.tls", reason))
    return Rendered(tuple(made), tuple(dict.fromkeys(said)))


def _gateway(site: Site, class_name: str) -> Manifest:
    listeners = [_listener(site, "http", 80)]
    if site.tls is not None:
        certificate = {"group": "", "kind": "Secret", "name": site.tls.secret_name}
        tls = {"certificateRefs": [certificate], "mode": "Terminate"}
        listeners.append(_listener(site, "https", 443) | {"tls": tls})
    spec = {"gatewayClassName": class_name, "listeners": listeners}
    return of_component(API, "Gateway", site.owner.part, name=site.name) | {"spec": spec}


def _listener(site: Site, name: str, port: int) -> Manifest:
    return {
        "allowedRoutes": {"namespaces": {"from": "Same"}},
        "hostname": site.host,
        "name": name,
        "port": port,
        "protocol": name.upper(),
    }


def _parents(site: Site, *sections: str) -> list[Manifest]:
    parent: Manifest = {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
    if site.gateway is None:
        return [{**parent, "name": site.name, "sectionName": each} for each in sections]
    if site.gateway.namespace is not None:
        parent["namespace"] = site.gateway.namespace
    return [{**parent, "name": site.gateway.name}]


def _routes(site: Site, served: frozenset[str]) -> Iterator[Manifest]:
    """One for each port behind the host: which path wins does not depend on their order.

    All are of one kind, for a listener takes HTTPRoutes or GRPCRoutes for a host and never both:
    https://gateway-api.sigs.k8s.io/reference/spec/#grpcroute.
    """
    sections = ["http"] if site.tls is None or site.tls.https_redirect is False else []
    parents = _parents(site, *sections, *(["https"] if site.tls else []))
    kinds = {_kind(paths, served) for paths in _by_port(site)}
    kind = "HTTPRoute" if "HTTPRoute" in kinds else "GRPCRoute"
    for paths in _by_port(site):
        first = paths[0]
        component, port = _place(first)
        where = [path_match(one.kind, one.path) for one in paths] if _has_paths(paths) else ()
        name = shortened(f"{site.name}.{component}.{port}", _NAME_LENGTH)
        spec = {
            "hostnames": [site.host],
            "parentRefs": parents,
            "rules": rules_for(first.route, first.port, kind, where),
        }
        yield of_component(API, kind, first.route.part, name=name) | {"spec": spec}


def _has_paths(paths: Sequence[SitePath]) -> bool:
    return [(one.kind, one.path) for one in paths] != _EVERY_PATH


def _kind(paths: Sequence[SitePath], served: frozenset[str]) -> str:
    """The kind of a route to a port; a GRPCRoute knows no paths."""
    return "HTTPRoute" if _has_paths(paths) else route_kind(paths[0].port, served)


def _by_port(site: Site) -> list[list[SitePath]]:
    """The paths of a host, those together that lead to one port."""
    return [[*those] for _, those in groupby(sorted(site.paths, key=_place), _place)]


def _place(one: SitePath) -> tuple[str, str]:
    return one.route.part.name, one.port.name


def _redirect(site: Site) -> Manifest:
    redirect = {
        "requestRedirect": {"scheme": "https", "statusCode": 301},
        "type": "RequestRedirect",
    }
    rule = {"filters": [redirect], "matches": [path_match("prefix", "/")]}
    spec = {
        "hostnames": [site.host],
        "parentRefs": _parents(site, "http"),
        "rules": [rule],
    }
    name = f"{site.name}.redirect"
    return of_component(API, "HTTPRoute", site.owner.part, name=name) | {"spec": spec}
