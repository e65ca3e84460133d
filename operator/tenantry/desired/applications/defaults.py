"""What holds for a component: ``spec.defaults``, over them its own words, over both a version's.

Lists of named items are laid over each other by name; anything else that is given replaces what is
below it.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar

from tenantry.api.components import Component, ComponentDefaults, PodSettings, Version
from tenantry.api.exposure import ServicePort

SERVERS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""Kinds of workload that run until they are taken away, and may be called."""
SCALED: Final = frozenset({"Deployment", "StatefulSet"})
"""Kinds of workload that have a number of replicas."""
_BY_NAME: Final = ("env", "volumes")
_PORT_NAME: Final = "http"


class Named(Protocol):
    """An item of a list that is merged by name."""

    @property
    def name(self) -> str:
        """What tells it from the others."""


_Item = TypeVar("_Item", bound=Named)


def by_name(below: Sequence[_Item], above: Sequence[_Item]) -> list[_Item]:
    """Both lists as one; of two items with one name, the upper one at the place of the lower."""
    return [*({one.name: one for one in below} | {one.name: one for one in above}).values()]


def completed(component: Component, defaults: ComponentDefaults) -> Component:
    """The component as if it had written the defaults out itself."""
    merged: dict[str, Any] = {}
    for name, field in PodSettings.model_fields.items():
        own = getattr(component, name)
        merged[name] = getattr(defaults, name) if own == field.default else own
    for name in _BY_NAME:
        merged[name] = by_name(getattr(defaults, name), getattr(component, name))
    return component.model_copy(update=merged)


def with_version(component: Component, version: Version) -> Component:
    """The component as one of its versions has it."""
    given = {
        name: value
        for name in ("replicas", "command", "args", "resources")
        if (value := getattr(version, name)) is not None
    }
    merged = {
        "env": by_name(component.env, version.env),
        "env_from": [*component.env_from, *version.env_from],
    }
    return component.model_copy(update=given | merged)


def ports_of(component: Component, defaults: ComponentDefaults) -> tuple[ServicePort, ...]:
    """The ports of a component's Services: as listed, or its one port, or that of the defaults."""
    if component.ports:
        return tuple(component.ports)
    port = component.port
    if port is None and component.kind in SERVERS:
        port = defaults.port
    return () if port is None else (ServicePort(name=_PORT_NAME, port=port),)
