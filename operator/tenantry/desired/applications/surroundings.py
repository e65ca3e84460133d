"""What traffic and reachability of an Application depend on, beside what its workloads do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenantry.api.application import Application
from tenantry.api.network import Network
from tenantry.api.platform import USUAL, Platform
from tenantry.desired.applications.facts import ApplicationFacts

Neighbours = Mapping[tuple[str, str], Application]
"""Other Applications by namespace and name. Whom an Application may meet at all is decided by who
makes this: one that is not in it can neither be called nor call."""


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
    platform: Platform = USUAL
    """What of the platform the cluster does not tell."""

    @property
    def has_mesh(self) -> bool:
        """Whether Istio is there."""
        return self.facts.has_mesh

    @property
    def knows_hosts(self) -> bool:
        """Whether hosts outside the cluster can be told apart by their names."""
        return self.has_mesh and {"ServiceEntry", "Sidecar"} <= self.facts.served
