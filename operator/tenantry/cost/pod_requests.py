"""How much of a node a pod takes: the scheduler's rule, for that is what nobody else can have.

The rule is ``PodRequests`` of Kubernetes, with what is being resized in place taken into account as
the scheduler does it: the largest of what the spec asks for, what the kubelet has allocated and
what is in force. https://github.com/kubernetes/kubernetes/blob/v1.37.0/staging/src/k8s.io/component-helpers/resource/helpers.go
and https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/753-sidecar-containers#exposing-pod-resource-requirements
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.cost.lives import Amounts, amounts_of

Units = dict[str, Decimal]
_Reading = Callable[[Manifest, Manifest], Mapping[str, Any]]
"""What a container takes, from its spec and its status."""

_OF_PODS: Final = ("cpu", "memory", "hugepages-")
"""Resources that may be asked for by the pod instead of its containers."""


def requests_of(pod: Manifest) -> Amounts:
    """What a pod takes, as the scheduler counts it: cores, bytes and devices by resource.

    Init containers run one after another, beside the sidecars that were started before them; so
    they count by the most that is ever needed at once, which a pod keeps for all of its life. What
    the pod itself asks for (``spec.resources``) goes before its containers, and the overhead of
    its RuntimeClass is added.
    """
    spec, status = pod["spec"], pod.get("status", {})
    is_infeasible = _is_infeasible(status)
    readings = [_allocated, _actuated] if is_infeasible else [_specified, _allocated, _actuated]
    taken = _most(_aggregate(spec, status, one, is_infeasible=is_infeasible) for one in readings)
    for name, units in _of_the_pod(spec, status, is_infeasible=is_infeasible).items():
        if name.startswith(_OF_PODS):
            taken[name] = units
    _add(taken, _units(spec.get("overhead")))
    return amounts_of(taken)


def _aggregate(
    spec: Manifest, status: Manifest, reading: _Reading, *, is_infeasible: bool
) -> Units:
    statuses = {
        one["name"]: one
        for kind in ("initContainerStatuses", "containerStatuses")
        for one in status.get(kind) or ()
    }
    nothing: Manifest = {"resources": {}}

    def taken_by(container: Manifest) -> Units:
        # An ask that cannot be met takes nothing: what was allocated before it counts.
        asked = nothing if is_infeasible else container
        return _units(reading(asked, statuses.get(container["name"], {})))

    total: Units = {}
    for container in spec.get("containers", ()):
        _add(total, taken_by(container))
    sidecars: Units = {}
    initial: Units = {}
    for container in spec.get("initContainers") or ():
        units = taken_by(container)
        if container.get("restartPolicy") == "Always":
            _add(total, units)
            _add(sidecars, units)
            units = sidecars
        else:
            _add(units, sidecars)
        initial = _most((initial, units))
    return _most((total, initial))


def _specified(container: Manifest, _: Manifest) -> Mapping[str, Any]:
    return container.get("resources", {}).get("requests") or {}


def _allocated(container: Manifest, status: Manifest) -> Mapping[str, Any]:
    allocated = status.get("allocatedResources")
    return _specified(container, status) if allocated is None else allocated


def _actuated(container: Manifest, status: Manifest) -> Mapping[str, Any]:
    actuated = (status.get("resources") or {}).get("requests")
    return _allocated(container, status) if actuated is None else actuated


def _of_the_pod(spec: Manifest, status: Manifest, *, is_infeasible: bool) -> Units:
    """What the pod itself asks for; its status has its overhead in it, its spec has not."""
    asked = (spec.get("resources") or {}).get("requests")
    if not asked:
        return {}
    overhead = _units(spec.get("overhead"))
    told = [status.get("allocatedResources"), (status.get("resources") or {}).get("requests")]
    candidates = [
        {name: units - overhead.get(name, Decimal()) for name, units in _units(one).items()}
        for one in told
        if one
    ]
    if not (is_infeasible and candidates):
        candidates.append(_units(asked))
    return _most(candidates)


def _is_infeasible(status: Manifest) -> bool:
    return any(
        one["type"] == "PodResizePending" and one.get("reason") == "Infeasible"
        for one in status.get("conditions") or ()
    )


def _units(resources: Mapping[str, Any] | None) -> Units:
    return {name: amount(quantity) for name, quantity in (resources or {}).items()}


def _add(total: Units, units: Units) -> None:
    for name, unit in units.items():
        total[name] = total.get(name, Decimal()) + unit


def _most(several: Iterable[Units]) -> Units:
    most: Units = {}
    for units in several:
        for name, unit in units.items():
            most[name] = max(unit, most.get(name, unit))
    return most
