"""Traffic of an Application, rendered for whatever the cluster has that can direct it.

Requests between pods need a mesh: Istio's API where it is served, else routes of the Gateway API
with Services for parents (GAMMA, https://gateway-api.sigs.k8s.io/mesh/). Requests from outside have
a provider each, for an exposure may ask for one. What a provider cannot do is told beside what is
rendered, knob by knob.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from tenantry.api.application import Application
from tenantry.api.components import Component
from tenantry.api.exposure import Exposure, ExposureType
from tenantry.api.rollouts import Fault
from tenantry.api.times import moment
from tenantry.api.traffic import Traffic
from tenantry.desired.applications.parts import Part

Provider = Literal["", "Istio", "GatewayAPI", "Ingress"]
"""Whose API; empty where there is none."""
Weights = Mapping[str, int]
"""Percent of the requests by version, together 100."""

_ISTIO: Final = frozenset({"VirtualService", "DestinationRule"})
_ROUTE: Final = "HTTPRoute"
_ASKED: Final[Mapping[ExposureType, Provider]] = {
    "Ingress": "Ingress",
    "HTTPRoute": "GatewayAPI",
    "IstioGateway": "Istio",
}


def provider(exposure: Exposure, served: frozenset[str], gateway_class: str) -> Provider:
    """Whose API is rendered for requests from outside; empty if what is asked for is not there.

    The Gateway API has no default class. Where neither the exposure nor the platform names one, or
    a Gateway that exists, a host is left to Ingress: else it would be gone as soon as somebody
    installed the Gateway API.

    Args:
        exposure: what asks for it.
        served: optional kinds that the API server has. Ingress is not optional.
        gateway_class: of Gateways whose exposure names none; empty where there is none.
    """
    between_pods = mesh_provider(served)
    if exposure.type != "Auto":
        asked = _ASKED[exposure.type]
        is_there = {"Istio": served >= _ISTIO, "GatewayAPI": _ROUTE in served}.get(asked, True)
        return asked if is_there else ""
    has_gateway = exposure.gateway or exposure.class_name or gateway_class
    if between_pods == "GatewayAPI" and not has_gateway:
        return "Ingress"
    return between_pods or "Ingress"


def mesh_provider(served: frozenset[str]) -> Provider:
    """Whose API is rendered for requests between pods; Ingresses know nothing of these."""
    return "Istio" if served >= _ISTIO else "GatewayAPI" if _ROUTE in served else ""


@dataclass(frozen=True, slots=True)
class Route:
    """A component, and how requests to it are treated at this moment.

    Attributes:
        part: the component.
        traffic: what it says, all defaults where it says nothing.
        weights: percent by version, versions without any left out.
        fault: failures on purpose that have not ended.
    """

    part: Part
    traffic: Traffic
    weights: Weights
    fault: Fault | None


def route(part: Part, now: datetime, taken_up: Weights | None = None) -> Route:
    """How requests to a component are treated now.

    Args:
        part: the component.
        now: the time, with its zone.
        taken_up: what a rollout makes of the weights; None where there is none.
    """
    traffic = part.component.traffic or Traffic()
    given = weights(part.component) if taken_up is None else taken_up
    fault = traffic.fault
    is_over = fault is None or moment(fault.expires_at) <= now
    return Route(
        part=part,
        traffic=traffic,
        weights={version: share for version, share in given.items() if share},
        fault=None if is_over else fault,
    )


def weights(component: Component) -> Weights:
    """Percent of the requests by version, as the spec says; the first has all if it says nothing.

    A version that is not there has none; if that leaves nothing, it is as if nothing was said.
    """
    names = [version.name for version in component.all_versions]
    said = component.traffic.weights if component.traffic else {}
    made = {name: said.get(name, 0) for name in names}
    if any(made.values()) or not names:
        return made
    return made | {names[0]: 100}


def only_version(weights_: Weights) -> str | None:
    """The version that gets everything; None where several share.

    Without a provider, a Service that selects just this version honours the weights.
    """
    shares = [version for version, share in weights_.items() if share]
    return shares[0] if len(shares) == 1 else None


def is_directed(part: Part) -> bool:
    """Whether there is anything to say about requests to a component, beyond that they arrive."""
    return bool(part.ports) and (part.component.traffic is not None or len(part.versions) > 1)


def next_expiry(application: Application, now: datetime) -> datetime | None:
    """When the next fault ends by itself, for the Application must be rendered again then."""
    faults = (
        moment(component.traffic.fault.expires_at)
        for component in application.spec.components
        if component.traffic and component.traffic.fault
    )
    return min((end for end in faults if end > now), default=None)
