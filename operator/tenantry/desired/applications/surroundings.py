"""What traffic and reachability of an Application depend on, beside what its workloads do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tenantry.api.application import Application
from tenantry.api.network import Network
from tenantry.desired.applications.facts import ApplicationFacts

Neighbours = Mapping[tuple[str, str], Application]
"""Other Applications by namespace and name. Whom an Application may meet at all is decided by who
makes this: one that is not in it can neither be called nor call."""

INGRESS_GATEWAY: Final[Mapping[str, str]] = {"istio": "ingressgateway"}
"""Labels of the gateway that Istio installs by default:
https://istio.io/latest/docs/tasks/traffic-management/ingress/ingress-control/."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings of an Application's pods and requests."""

    facts: ApplicationFacts
    """What its workloads depend on."""
    network: Network
    """The floor of its namespace, as the Tenant says it."""
    of_tenant: tuple[str, ...] = ()
    """Full names of all the tenant's namespaces, in order."""
    neighbours: Neighbours = field(default_factory=dict)
    """The other Applications that it may meet."""
    trust_domain: str = "cluster.local"
    """First part of the mesh's identities (``meshConfig.trustDomain``)."""
    cluster_domain: str = "cluster.local"
    """Last part of the names of Services."""
    mesh_namespace: str = "istio-system"
    """Where the mesh's control plane runs."""
    ingress_gateway: Mapping[str, str] = field(default_factory=lambda: INGRESS_GATEWAY)
    """Labels of the pods of Istio's gateway at the edge."""
    gateway_class: str = ""
    """GatewayClass of Gateways whose exposure names none; the Gateway API has no default."""

    @property
    def has_mesh(self) -> bool:
        """Whether Istio is there: its CRDs are, and nothing installs them but Istio."""
        return {"VirtualService", "DestinationRule"} <= self.facts.served

    @property
    def knows_hosts(self) -> bool:
        """Whether hosts outside the cluster can be told apart by their names."""
        return self.has_mesh and {"ServiceEntry", "Sidecar"} <= self.facts.served
