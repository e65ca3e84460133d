"""How many pods of a version may be evicted at once; never so few that a node cannot be drained.

A budget is for a version, not for a component: of two versions that share the requests, neither may
be gone while the other stays. A single pod has none unless an autoscaler may make more of it: then
one at a time may go. What a budget says is held against the fewest pods that there may be; if it
would let none of them go, it becomes "one at a time", and that is told. Pods that do not become
ready may always go:
https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.api.scaling import DisruptionBudget
from tenantry.desired.applications.defaults import SCALED
from tenantry.desired.applications.labels import of_version, version_selector
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.unhonoured import Unhonoured

_ONE_AT_A_TIME: Final = {"maxUnavailable": 1}
_KNOB: Final = "disruptionBudget"


def disruption_budgets(part: Part) -> list[Manifest]:
    """The PodDisruptionBudgets of a component's versions that may have more than one pod."""
    if part.component.kind not in SCALED:
        return []
    return [_budget(part, version) for version in part.versions if part.most_pods(version) > 1]


def budgets_not_honoured(part: Part) -> Iterator[Unhonoured]:
    """What a component's budget says and its PodDisruptionBudgets do not."""
    given = part.component.disruption_budget
    if given is None:
        return
    if part.component.kind not in SCALED:
        reason = f"a {part.component.kind} has none: leave it out"
        yield Unhonoured(part.name, _KNOB, reason)
        return
    for version in part.versions:
        if reason := _shortfall(given, part.fewest_pods(version), part.most_pods(version)):
            yield Unhonoured(part.name, _KNOB, f"{version.name}: {reason}")


def _shortfall(given: DisruptionBudget, fewest: int, most: int) -> str:
    """Why a budget is not what was asked for; empty if it is, or if there are no pods at all."""
    if most == 1:
        return "a single pod has none, or its node could not be drained: ask for two replicas"
    bound = _bound(given, fewest)
    if most and bound != given.model_dump(by_alias=True, exclude_none=True):
        return (
            f"of {fewest} pods it would let none go, and no node could be drained: one at a time "
            "may go; ask for less"
        )
    return ""


def _budget(part: Part, version: Version) -> Manifest:
    name = workload_name(part.name, version.name)
    selector = version_selector(part.application, part.name, version.name)
    fewest = part.fewest_pods(version)
    return of_version("policy/v1", "PodDisruptionBudget", part, version.name, name=name) | {
        "spec": _bound(part.component.disruption_budget, fewest)
        | {
            "selector": {"matchLabels": selector},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        }
    }


def _bound(given: DisruptionBudget | None, fewest: int) -> Manifest:
    if given is None:
        return _ONE_AT_A_TIME
    if given.min_available is not None:
        stay = _pods(given.min_available, fewest)
        return {"minAvailable": given.min_available} if stay < fewest else _ONE_AT_A_TIME
    if given.max_unavailable is not None and _pods(given.max_unavailable, fewest):
        return {"maxUnavailable": given.max_unavailable}
    return _ONE_AT_A_TIME


def _pods(given: int | str, fewest: int) -> int:
    """How many of the pods are meant; a share is rounded up, as the disruption controller does.

    With more pods a share leaves no fewer of them to go, so the fewest decide.
    """
    if isinstance(given, int):
        return given
    return -(-fewest * int(given.removesuffix("%")) // 100)
