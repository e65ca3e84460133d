"""All of an Application's traffic: between its pods, and from outside."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tenantry.api.application import Application
from tenantry.desired.applications.exposures import Site, sites
from tenantry.desired.applications.gateway_api import gateway_api_traffic
from tenantry.desired.applications.gateway_api_edge import gateway_api_edge
from tenantry.desired.applications.ingress import ingress, without_provider
from tenantry.desired.applications.istio import istio_traffic
from tenantry.desired.applications.istio_edge import istio_edge
from tenantry.desired.applications.parts import parts
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.traffic import Route, Weights, mesh_provider, route
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured, together


def traffic(
    application: Application,
    surroundings: Surroundings,
    now: datetime,
    taken_up: Mapping[str, Weights] | None = None,
) -> Rendered:
    """What directs requests to an Application's components, and what nothing in the cluster can do.

    Args:
        application: as the API server has it.
        surroundings: what is served.
        now: the time, with its zone: faults end by it.
        taken_up: by component, what rollouts make of the weights.
    """
    rolled = taken_up or {}
    routes = [
        route(part, now, rolled.get(part.name)) for part in parts(application, surroundings.facts)
    ]
    found, said = sites(routes, surroundings)
    return together(
        (
            *(_between_pods(one, surroundings.facts.served) for one in routes),
            *(_from_outside(site, surroundings) for site in found),
            Rendered((), (*said, *_beyond_the_mesh(application, found, surroundings))),
        )
    )


def _beyond_the_mesh(
    application: Application, found: Iterable[Site], surroundings: Surroundings
) -> Iterator[Unhonoured]:
    """Hosts of Ingresses whose controllers the mesh lets in only if they are in it themselves."""
    policy = application.spec.policy
    if not surroundings.has_mesh or (policy.mtls != "Strict" and not policy.authorization):
        return
    reason = (
        "with policy.mtls Strict or policy.authorization the mesh lets in no ingress controller "
        "that has no sidecar: choose another type, unless yours has one"
    )
    for site in found:
        if site.provider == "Ingress":
            yield Unhonoured(site.owner.part.name, "expose.type", reason)


def _between_pods(one: Route, served: frozenset[str]) -> Rendered:
    chosen = mesh_provider(served)
    if chosen == "Istio":
        return istio_traffic(one)
    return gateway_api_traffic(one, served) if chosen else without_provider(one)


def _from_outside(site: Site, surroundings: Surroundings) -> Rendered:
    if site.provider == "Istio":
        return istio_edge(site, surroundings)
    if site.provider == "GatewayAPI":
        return gateway_api_edge(site, surroundings)
    return ingress(site)
