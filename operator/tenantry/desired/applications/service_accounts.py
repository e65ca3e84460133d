"""Whom pods are to the cluster and to the mesh: a ServiceAccount for each component, or shared.

None mounts a token by itself. Pods that need one ask for it themselves, so that a component that
shares its ServiceAccount with another gets no token because of it:
https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/.
"""

from collections.abc import Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.desired.applications.labels import application_labels, of_component
from tenantry.desired.applications.parts import Part
from tenantry.desired.objects import owned

_DEFAULT: Final = "default"
"""Each namespace has it, and the Tenant says how it is: it is used, but never rendered here."""


def service_accounts(parts: Sequence[Part]) -> list[Manifest]:
    """The ServiceAccounts of an Application's components, in the order of their first use."""
    users: dict[str, list[Part]] = {}
    for part in parts:
        users.setdefault(part.service_account, []).append(part)
    return [_account(name, sharing) for name, sharing in users.items() if name != _DEFAULT]


def _account(name: str, sharing: Sequence[Part]) -> Manifest:
    first = sharing[0]
    if len(sharing) == 1:
        made = of_component("v1", "ServiceAccount", first, name=name)
    else:
        labels = application_labels(first.application, first.facts.labels)
        made = owned("v1", "ServiceAccount", first.namespace, labels, name=name)
    return made | {"automountServiceAccountToken": False}
