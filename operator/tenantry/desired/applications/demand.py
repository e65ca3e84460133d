"""What an Application asks of a quota: its pods, what they request, and the objects that count.

Keys are those of a ResourceQuota, amounts are cores, bytes and things. It is the least that must
fit for all of it to run: an autoscaler's fewest pods, one pod of a DaemonSet, and of all that ends
(Jobs, and the runs of CronJobs) only the largest, for one can run after the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from tenantry.api.components import Component, Version
from tenantry.api.jobs import JobSettings
from tenantry.api.quantities import amount
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.services import number_of_services
from tenantry.desired.quotas import ALSO_KNOWN_AS

Demand = Mapping[str, Decimal]
"""Amounts by key of a ResourceQuota."""
_Amounts = Iterator[tuple[str, Decimal]]

_USUAL: Final = JobSettings()
_NOTHING: Final = Decimal(0)
_WORKLOADS: Final[Mapping[str, str]] = {
    "CronJob": "cronjobs.batch",
    "DaemonSet": "daemonsets.apps",
    "Deployment": "deployments.apps",
    "Job": "jobs.batch",
    "StatefulSet": "statefulsets.apps",
}
_OF_CLASS: Final = "{}.storageclass.storage.k8s.io/{}"
"""https://kubernetes.io/docs/concepts/policy/resource-quotas/#storage-resource-quota."""


def demand(parts: Iterable[Part]) -> Demand:
    """What all these components ask for together."""
    total, largest = defaultdict[str, Decimal](Decimal), dict[str, Decimal]()
    for part in parts:
        _add(total, _objects(part))
        for version in part.versions:
            pods = _pods(part, version)
            if part.is_server:
                _add(total, _of_pods(part.of(version), pods))
                _add(total, _claims(part, pods))
            else:
                for key, value in _of_pods(part.of(version), pods):
                    largest[key] = max(value, largest.get(key, _NOTHING))
    _add(total, iter(largest.items()))
    return total


def asked_of(key: str, demanded: Demand) -> Decimal:
    """How much of a quota's key is asked for, by whichever of its names it goes."""
    plain = key.removeprefix("count/")
    if plain.startswith("hugepages-"):
        plain = f"requests.{plain}"
    return demanded.get(ALSO_KNOWN_AS.get(plain, plain), _NOTHING)


def _add(total: dict[str, Decimal], amounts: _Amounts) -> None:
    for key, value in amounts:
        total[key] += value


def _objects(part: Part) -> _Amounts:
    yield _WORKLOADS[part.component.kind], Decimal(len(part.versions))
    yield "services", Decimal(number_of_services(part))


def _of_pods(component: Component, pods: int) -> _Amounts:
    """A container's request is its limit where it states none, as the API server has it.

    What states neither has the defaults of the namespace's LimitRange, which fit its quota.
    """
    yield "pods", Decimal(pods)
    if component.resources is None:
        return
    limits = component.resources.limits
    for name, value in {**limits, **component.resources.requests}.items():
        yield f"requests.{name}", amount(value) * pods
    for name, value in limits.items():
        yield f"limits.{name}", amount(value) * pods


def _claims(part: Part, pods: int) -> _Amounts:
    """Every pod of a StatefulSet claims its own volumes."""
    for claim in part.component.volume_claim_templates:
        counted = {
            "requests.storage": amount(claim.storage) * pods,
            "persistentvolumeclaims": Decimal(pods),
        }
        yield from counted.items()
        if name := claim.storage_class_name:
            yield from ((_OF_CLASS.format(name, key), value) for key, value in counted.items())


def _pods(part: Part, version: Version) -> int:
    if part.component.kind == "DaemonSet":
        return 1
    if part.is_server:
        return part.fewest_pods(version)
    settings = part.component.job or _USUAL
    return 0 if settings.suspend else min(settings.parallelism, settings.completions)
