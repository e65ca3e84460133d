"""Requests from outside by Ingress: hosts, paths, a certificate, and nothing about how.

https://kubernetes.io/docs/concepts/services-networking/ingress/. What controllers do beyond that
they do by annotations of their own, which are not rendered: they differ, and fail without a word.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.desired.applications.exposures import Site, SitePath
from tenantry.desired.applications.knobs import (
    CIRCUIT_BREAKER,
    FAULT,
    LOAD_BALANCING,
    LOCALITY_FAILOVER,
    MATCH,
    MIRROR,
    OUTLIER_DETECTION,
    RETRIES,
    TIMEOUT,
    WEIGHTS,
    without_effect,
)
from tenantry.desired.applications.labels import of_component
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.traffic import Route, only_version
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured

_NO_PROVIDER: Final = "nothing in the cluster directs traffic: install Istio or the Gateway API"
_SPREAD: Final = "requests are spread over the pods of all versions: nothing in the cluster directs"
_REASONS: Final = dict.fromkeys(
    (
        MATCH,
        TIMEOUT,
        RETRIES,
        CIRCUIT_BREAKER,
        OUTLIER_DETECTION,
        LOAD_BALANCING,
        LOCALITY_FAILOVER,
        MIRROR,
        FAULT,
    ),
    _NO_PROVIDER,
)


def without_provider(route: Route) -> Rendered:
    """What becomes of a component's traffic between pods where there is nothing to direct it."""
    reasons = {**_REASONS, WEIGHTS: f"{_SPREAD} traffic"}
    return Rendered((), tuple(without_effect(route, reasons)))


def ingress(site: Site) -> Rendered:
    """How a host is reached."""
    spec: Manifest = {
        "rules": [{"host": site.host, "http": {"paths": [_path(one) for one in site.paths]}}]
    }
    if site.class_name:
        spec["ingressClassName"] = site.class_name
    if site.tls is not None:
        spec["tls"] = [{"hosts": [site.host], "secretName": site.tls.secret_name}]
    made = of_component("networking.k8s.io/v1", "Ingress", site.owner.part, name=site.name)
    return Rendered((made | {"spec": spec},), tuple(_unhonoured(site)))


def _path(one: SitePath) -> Manifest:
    service = {"name": _service(one.route), "port": {"number": one.port.port}}
    return {
        "backend": {"service": service},
        "path": one.path,
        "pathType": "Exact" if one.kind == "exact" else "Prefix",
    }


def _service(route: Route) -> str:
    """The component's, or its version's if that gets everything."""
    only = only_version(route.weights)
    is_one_of_several = only is not None and len(route.part.versions) > 1
    return workload_name(route.part.name, only) if only and is_one_of_several else route.part.name


def _unhonoured(site: Site) -> Iterator[Unhonoured]:
    component = site.owner.part.name
    if site.gateway is not None:
        reason = "an Ingress has no gateway, and nothing that has is installed: leave it out"
        yield Unhonoured(component, "expose.gateway", reason)
    if site.tls is not None and site.tls.https_redirect:
        reason = "an Ingress cannot ask for it: set it to false to leave it to the controller"
        yield Unhonoured(component, "expose.tls.httpsRedirect", reason)
    routes = {one.route.part.name: one.route for one in site.paths}
    for route in routes.values():
        yield from without_effect(route, _REASONS)
        if only_version(route.weights) is None:
            yield from without_effect(route, {WEIGHTS: f"{_SPREAD} traffic"})
