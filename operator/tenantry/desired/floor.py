"""How the pods of Applications leave their namespace's floor and are never without a policy.

Network policies are additive, so pods of Applications must not be selected by the floor of their
namespace, which lets its pods talk. ``floor_selector`` leaves out whatever carries an Application's
label, and ``default_policy`` selects just that and opens nothing: each pod is always selected by
one of the two, whoever puts the label on it (ADR 0015).
"""

from collections.abc import Mapping
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL, FIELD_MANAGER
from tenantry.desired.network import policy_spec
from tenantry.desired.objects import owned

DEFAULT_POLICY: Final = f"{FIELD_MANAGER}-applications"
"""The name of what holds for each pod of an Application."""


def floor_selector(*, has_applications: bool) -> Manifest:
    """The ``podSelector`` of a namespace's floor.

    Args:
        has_applications: whether ``default_policy`` is in place there. Only then may the floor
            leave out the pods of Applications: a pod that no policy selects may do anything.
    """
    if not has_applications:
        return {}
    return {"matchExpressions": [{"key": APPLICATION_LABEL, "operator": "DoesNotExist"}]}


def default_policy(namespace: str, labels: Mapping[str, str]) -> Manifest:
    """What holds for each pod with the label of an Application, there or not: nothing is open.

    One for all Applications of a namespace. It is written before the floor leaves these pods out,
    and removed after the floor selects them again.
    """
    selector = {"matchExpressions": [{"key": APPLICATION_LABEL, "operator": "Exists"}]}
    made = owned("networking.k8s.io/v1", "NetworkPolicy", namespace, labels, name=DEFAULT_POLICY)
    return made | {"spec": policy_spec(selector, (), ())}
