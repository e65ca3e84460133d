"""Who calls whom: the edges of the graph that both ends have declared.

Within an Application, the caller's word is enough. Across Applications the callee must list the
caller in its ``accepts`` as well, in whatever namespace, of whatever tenant either of them is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tenantry.api.application import Application
from tenantry.api.application_status import DependencyStatus
from tenantry.api.components import Component
from tenantry.api.dependencies import Caller, Dependency
from tenantry.api.exposure import ServicePort
from tenantry.desired.applications.defaults import SERVERS, ports_of
from tenantry.desired.applications.surroundings import Neighbours
from tenantry.desired.applications.unhonoured import Unhonoured


@dataclass(frozen=True, slots=True)
class End:
    """A component, wherever it is."""

    application: Application
    component: Component

    @property
    def place(self) -> tuple[str, str, str]:
        """Namespace, Application and component."""
        return self.application.namespace, self.application.name, self.component.name


@dataclass(frozen=True, slots=True)
class Edge:
    """One component may call another.

    Attributes:
        caller: the one.
        callee: the other.
        versions: of the caller; all when empty.
        ports: of the callee's Service, one at least.
    """

    caller: End
    callee: End
    versions: tuple[str, ...]
    ports: tuple[ServicePort, ...]


def outgoing(
    application: Application, neighbours: Neighbours
) -> tuple[list[Edge], list[Unhonoured]]:
    """The edges from an Application's components, and what of their dependencies is none.

    Args:
        application: the caller.
        neighbours: the other Applications that it may meet.
    """
    edges: list[Edge] = []
    refused: list[Unhonoured] = []
    for component in application.spec.components:
        for dependency in component.depends_on:
            found = _edge(End(application, component), dependency, neighbours)
            if isinstance(found, Edge):
                edges.append(found)
            else:
                refused.append(Unhonoured(component.name, "dependsOn", found))
    return edges, refused


def graph(application: Application, neighbours: Neighbours) -> list[DependencyStatus]:
    """The dependencies of an Application as its status tells them.

    Args:
        application: the caller.
        neighbours: the other Applications that it may meet.
    """
    made = []
    for component in application.spec.components:
        for dependency in component.depends_on:
            found = _edge(End(application, component), dependency, neighbours)
            message = "" if isinstance(found, Edge) else found
            to = dependency.component or _place(application, dependency)
            status = DependencyStatus(
                from_=component.name, to=to, allowed=not message, message=message
            )
            made.append(status)
    return made


def incoming(application: Application, neighbours: Neighbours) -> list[Edge]:
    """The edges from other Applications to this one's components.

    Args:
        application: the callee.
        neighbours: the other Applications that it may meet.
    """
    known = {_key(application): application}
    return [
        edge
        for key, other in sorted(neighbours.items())
        if key not in known
        for edge in outgoing(other, known)[0]
        if _key(edge.callee.application) in known
    ]


def _key(application: Application) -> tuple[str, str]:
    return application.namespace, application.name


def _edge(caller: End, dependency: Dependency, neighbours: Neighbours) -> Edge | str:
    """The edge that a dependency stands for, or why there is none."""
    callee = _callee(caller.application, dependency, neighbours)
    ports = _ports(callee) if callee else ()
    if callee and _key(callee.application) != _key(caller.application):
        ports = tuple(_accepted(caller, callee, ports))
    called = tuple(port for port in ports if not dependency.ports or port.name in dependency.ports)
    if callee and called:
        return Edge(caller, callee, tuple(dependency.versions), called)
    if dependency.external is None:
        return f"{dependency.component} has no such port, or is no component that can be called"
    # Which of these it is would tell strangers what there is.
    place, own = _place(caller.application, dependency), "/".join(caller.place)
    return f"{place} does not exist, or does not accept {own} on these ports"


def _place(own: Application, dependency: Dependency) -> str:
    """Namespace, Application and component of an external dependency."""
    there = dependency.external
    if there is None:
        return ""
    return f"{there.namespace or own.namespace}/{there.application}/{there.component}"


def _callee(own: Application, dependency: Dependency, neighbours: Neighbours) -> End | None:
    application: Application | None = own
    name = dependency.component
    if dependency.external is not None:
        name = dependency.external.component
        key = (dependency.external.namespace or own.namespace, dependency.external.application)
        application = own if key == _key(own) else neighbours.get(key)
    if application is None:
        return None
    found = (End(application, one) for one in application.spec.components if one.name == name)
    return next(found, None)


def _ports(end: End) -> tuple[ServicePort, ...]:
    if end.component.kind not in SERVERS:
        return ()
    return ports_of(end.component, end.application.spec.defaults)


def _accepted(caller: End, callee: End, ports: Iterable[ServicePort]) -> Iterator[ServicePort]:
    """The ports that the callee opens to a caller of another Application."""
    words = [one for one in callee.component.accepts if _means(one, caller, callee)]
    for port in ports:
        if any(not word.ports or port.name in word.ports for word in words):
            yield port


def _means(word: Caller, caller: End, callee: End) -> bool:
    return (
        (word.namespace or callee.application.namespace) == caller.application.namespace
        and word.application == caller.application.name
        and word.component in {None, caller.component.name}
    )
