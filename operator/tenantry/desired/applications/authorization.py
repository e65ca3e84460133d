"""Who may call whom in the mesh, by service identity, over connections that prove it.

An AuthorizationPolicy for each component admits the callers that are declared; one without rules
admits nobody. A caller is known by its ServiceAccount, which mutual TLS proves, so it is demanded:
https://istio.io/latest/docs/reference/config/security/authorization-policy/ and
https://istio.io/latest/docs/reference/config/security/peer_authentication/.

Versions of a component share its ServiceAccount: what only some of them may call is told apart by
the NetworkPolicies.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.exposure import ServicePort
from tenantry.api.names import APPLICATION_LABEL
from tenantry.desired.applications.agreements import Edge, End, incoming, outgoing
from tenantry.desired.applications.labels import (
    application_labels,
    component_selector,
    of_component,
)
from tenantry.desired.applications.naming import service_account_name
from tenantry.desired.applications.openings import exposed
from tenantry.desired.applications.parts import Part, parts, target_port
from tenantry.desired.applications.pod_ports import metrics_port
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured
from tenantry.desired.objects import owned

_API: Final = "security.istio.io/v1"
_OWN_TRUST_DOMAIN: Final = "cluster.local"
"""Istio takes it for the mesh's own trust domain and its aliases, whatever these are called:
https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/."""
_NO_MESH: Final = "there is no mesh: Istio is not installed"


def authorization(application: Application, surroundings: Surroundings) -> Rendered:
    """The policies of an Application in the mesh, and what of them has no effect.

    Args:
        application: as the API server has it.
        surroundings: the other Applications, and whose API is served.
    """
    served, policy = surroundings.facts.served, application.spec.policy
    made: list[Manifest] = []
    missing: list[Unhonoured] = []
    if policy.mtls != "Disabled":
        if "PeerAuthentication" in served:
            made.append(_peer_authentication(application, surroundings, policy.mtls.upper()))
        else:
            missing.append(Unhonoured("", "policy.mtls", _NO_MESH))
    if policy.authorization:
        if "AuthorizationPolicy" in served:
            made += _authorization_policies(application, surroundings)
        else:
            missing.append(Unhonoured("", "policy.authorization", _NO_MESH))
    return Rendered(tuple(made), tuple(missing))


def _peer_authentication(
    application: Application, surroundings: Surroundings, mode: str
) -> Manifest:
    labels = application_labels(application.name, surroundings.facts.labels)
    made = owned(_API, "PeerAuthentication", application.namespace, labels, name=application.name)
    selector = {"matchLabels": {APPLICATION_LABEL: labels[APPLICATION_LABEL]}}
    return made | {"spec": {"mtls": {"mode": mode}, "selector": selector}}


def _authorization_policies(
    application: Application, surroundings: Surroundings
) -> Iterator[Manifest]:
    neighbours = surroundings.neighbours
    edges = [*outgoing(application, neighbours)[0], *incoming(application, neighbours)]
    for part in parts(application, surroundings.facts):
        place = (application.namespace, application.name, part.name)
        callers = [edge for edge in edges if edge.callee.place == place]
        rules = [
            *_from_callers(callers),
            *_from_edge(part, surroundings),
            *_from_monitoring(part, surroundings),
        ]
        selector = {"matchLabels": component_selector(part.application, part.name)}
        spec: Manifest = {"action": "ALLOW", "selector": selector}
        if rules:
            spec["rules"] = rules
        yield of_component(_API, "AuthorizationPolicy", part) | {"spec": spec}


def _from_callers(edges: Iterable[Edge]) -> Iterator[Manifest]:
    """Rules for identities, those that may call the same ports together."""
    groups: dict[tuple[str, ...], set[str]] = {}
    for edge in edges:
        groups.setdefault(_numbers(edge.ports), set()).add(_principal(edge.caller))
    for ports, principals in sorted(groups.items()):
        yield _rule({"principals": sorted(principals)}, {"ports": [*ports]})


def _principal(end: End) -> str:
    given = end.component.service_account.name
    account = service_account_name(end.application.name, end.component.name, given)
    return f"{_OWN_TRUST_DOMAIN}/ns/{end.application.namespace}/sa/{account}"


def _from_edge(part: Part, surroundings: Surroundings) -> Iterator[Manifest]:
    """Gateways of the mesh in the namespaces that the Tenant opens for ingress controllers."""
    if ports := exposed(part):
        opened = {one.namespace for one in surroundings.network.ingress_controllers}
        if opened:
            yield _rule({"namespaces": sorted(opened)}, {"ports": [*_numbers(ports)]})


def _from_monitoring(part: Part, surroundings: Surroundings) -> Iterator[Manifest]:
    metrics, number = part.component.metrics, metrics_port(part)
    opened = {one.namespace for one in surroundings.network.monitoring}
    if metrics and number is not None and opened:
        operation = {"methods": ["GET"], "paths": [metrics.path], "ports": [str(number)]}
        yield _rule({"namespaces": sorted(opened)}, operation)


def _rule(source: Manifest, operation: Manifest) -> Manifest:
    return {"from": [{"source": source}], "to": [{"operation": operation}]}


def _numbers(ports: Sequence[ServicePort]) -> tuple[str, ...]:
    """Ports of pods as the policy writes them; the mesh carries TCP only."""
    return tuple(str(one) for one in sorted({target_port(p) for p in ports if p.protocol == "TCP"}))
