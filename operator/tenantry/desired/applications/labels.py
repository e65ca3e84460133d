"""Labels of what an Application is made into, and the selectors that find its pods.

Everything has the recommended labels
(https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/), those by which
Istio and Kiali tell services and versions apart (``app``, ``version``), and the operator's own.

Selectors of workloads are immutable, so they are made only of labels that never change for an
object of one name. ``app`` alone would not do: another Application of the namespace may have a
component of that name, and ``<application>-<component>`` is the same text for ``a-b`` and ``c`` as
for ``a`` and ``b-c``. So it is ``app`` together with ``tenantry.io/application``.
"""

from collections.abc import Mapping
from typing import Final

from tenantry.api import names
from tenantry.api.base import Manifest
from tenantry.desired.applications.naming import shortened
from tenantry.desired.applications.parts import Part
from tenantry.desired.objects import owned

APP_LABEL: Final = "app"
VERSION_LABEL: Final = "version"
_RECOMMENDED: Final = "app.kubernetes.io/"
NAME_LABEL: Final = f"{_RECOMMENDED}name"


def application_labels(application: str, costs: Mapping[str, str]) -> dict[str, str]:
    """Of an object that belongs to no single component.

    Args:
        application: name of the Application.
        costs: labels by which costs are allocated, the tenant's name among them.
    """
    own = {
        f"{_RECOMMENDED}part-of": shortened(application),
        names.MANAGED_BY_LABEL: names.MANAGED_BY,
        names.APPLICATION_LABEL: shortened(application),
    }
    return _in_order({**costs, **own})


def component_labels(part: Part) -> dict[str, str]:
    """Of an object that belongs to a component, but to no single version."""
    own = {
        NAME_LABEL: part.name,
        f"{_RECOMMENDED}instance": shortened(f"{part.application}-{part.name}"),
        f"{_RECOMMENDED}component": part.name,
        names.COMPONENT_LABEL: part.name,
        APP_LABEL: part.name,
    }
    return _in_order(application_labels(part.application, part.labels) | own)


def version_labels(part: Part, version: str) -> dict[str, str]:
    """Of an object that belongs to a version, its pods included."""
    own = {f"{_RECOMMENDED}version": version, VERSION_LABEL: version}
    return _in_order(component_labels(part) | own)


def component_selector(application: str, component: str) -> dict[str, str]:
    """The labels of all pods of a component, and of no others in its namespace."""
    return {APP_LABEL: component, names.APPLICATION_LABEL: shortened(application)}


def version_selector(application: str, component: str, version: str) -> dict[str, str]:
    """The labels of all pods of a version, and of no others in its namespace."""
    return component_selector(application, component) | {VERSION_LABEL: version}


def of_component(api_version: str, kind: str, part: Part, *, name: str = "") -> Manifest:
    """The beginning of a component's object; called like the component unless a name is given."""
    labels = component_labels(part)
    return owned(api_version, kind, part.namespace, labels, name=name or part.name)


def of_version(api_version: str, kind: str, part: Part, version: str, *, name: str) -> Manifest:
    """The beginning of a version's object."""
    return owned(api_version, kind, part.namespace, version_labels(part, version), name=name)


def _in_order(labels: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(labels.items()))
