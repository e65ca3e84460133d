"""One component with all that rendering it depends on: what goes from room to room here."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantry.api.application import Application
from tenantry.api.components import Component, Version
from tenantry.api.exposure import ServicePort
from tenantry.api.probes import PortReference
from tenantry.desired.applications.defaults import (
    SCALED,
    SERVERS,
    completed,
    ports_of,
    with_version,
)
from tenantry.desired.applications.facts import ApplicationFacts
from tenantry.desired.applications.naming import service_account_name


@dataclass(frozen=True, slots=True)
class Part:
    """A component of an Application, with the Application's defaults written out.

    Attributes:
        application: name of the Application.
        component: the component, as if it had written the defaults out itself.
        ports: of its Services.
        registry: in front of images that name none; empty when there is none.
        labels: cost labels of the Application and the component, those of the namespace over them.
        facts: the surroundings.
    """

    application: str
    component: Component
    ports: tuple[ServicePort, ...]
    registry: str
    labels: Mapping[str, str]
    facts: ApplicationFacts

    @property
    def name(self) -> str:
        """The component's name."""
        return self.component.name

    @property
    def namespace(self) -> str:
        """The namespace that all of it is in."""
        return self.facts.namespace

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions that run side by side."""
        return self.component.all_versions

    @property
    def service_account(self) -> str:
        """Name of the ServiceAccount of its pods."""
        given = self.component.service_account.name
        return service_account_name(self.application, self.name, given)

    @property
    def is_server(self) -> bool:
        """Whether its pods run until they are taken away, so that others may call them."""
        return self.component.kind in SERVERS

    @property
    def is_autoscaled(self) -> bool:
        """Whether an autoscaler says how many pods there are."""
        return self.component.autoscaling is not None and self.component.kind in SCALED

    def of(self, version: Version) -> Component:
        """The component as one of its versions has it."""
        return with_version(self.component, version)

    def fewest_pods(self, version: Version) -> int:
        """How many pods a version has at least, by itself."""
        if self.component.autoscaling is not None and self.is_autoscaled:
            return self.component.autoscaling.min_replicas
        replicas = self.of(version).replicas
        return 1 if replicas is None else replicas

    def most_pods(self, version: Version) -> int:
        """How many pods a version may have, by itself or by an autoscaler."""
        if self.component.autoscaling is not None and self.is_autoscaled:
            return self.component.autoscaling.max_replicas
        return self.fewest_pods(version)

    def pod_port(self, reference: PortReference | None) -> int | None:
        """Number of the container's port that is meant; None if there is no such port.

        Args:
            reference: a number, the name of one of the component's ports, or None for its first
                over TCP.
        """
        if isinstance(reference, int):
            return reference
        for port in self.ports:
            if port.name == reference or (reference is None and port.protocol == "TCP"):
                return target_port(port)
        return None


def target_port(port: ServicePort) -> int:
    """Where the container listens for what the Service's port gets."""
    return port.port if port.target_port is None else port.target_port


def parts(application: Application, facts: ApplicationFacts) -> list[Part]:
    """The components of an Application, in its order."""
    spec = application.spec
    return [
        Part(
            application=application.name,
            component=completed(component, spec.defaults),
            ports=ports_of(component, spec.defaults),
            registry=spec.defaults.image_registry or "",
            labels={**spec.cost.labels, **component.cost_labels, **facts.labels},
            facts=facts,
        )
        for component in spec.components
    ]
