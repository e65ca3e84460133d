"""Pure: everything that an Application should be made into now, and what of it cannot be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from tenantry.api.application import Application
from tenantry.api.application_status import DependencyStatus, RolloutStatus
from tenantry.api.base import Manifest
from tenantry.api.components import Component
from tenantry.component_health import MISSING
from tenantry.component_health import Health as WorkloadHealth
from tenantry.desired.applications import desired_application, not_honoured
from tenantry.desired.applications.agreements import graph
from tenantry.desired.applications.authorization import authorization
from tenantry.desired.applications.defaults import SCALED, completed
from tenantry.desired.applications.directing import traffic
from tenantry.desired.applications.images import full_image
from tenantry.desired.applications.mesh_egress import mesh_egress
from tenantry.desired.applications.network import network_policies
from tenantry.desired.applications.rollouts import (
    Decision,
    Health,
    decide,
    shares,
    stopped,
    without_versions,
)
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.telemetry import telemetry
from tenantry.desired.applications.traffic import Weights, mesh_provider, next_expiry, weights
from tenantry.desired.applications.unhonoured import Unhonoured

Rollouts = Mapping[str, Decision]
"""By component."""

_MAY_PASS: Final = frozenset(
    {
        *("Unschedulable", "QuotaExceeded", "FailedCreate", "ServiceAccountMissing"),
        *("Evicted", "Preempting", "NodeShutdown", "NodeAffinity", "Terminated"),
        "UpdateBlocked",
    }
)
"""What keeps a workload for want of room, because of a node, or of a pod of before: no fault of the
version's. It has until its deadline."""
_SHORT: Final = Health("Progressing", "not all of the component could be written: see Degraded")
_MAX_CAUSE: Final = 900
"""Characters of a cause, so that what is said around it fits as well."""


@dataclass(frozen=True, slots=True)
class Told:
    """What rendering an Application tells beside its manifests.

    Attributes:
        provider: whose API the traffic is rendered for.
        unhonoured: of traffic, what nothing in the cluster can do.
        closed: what is declared and stays closed.
        without_mesh: what the mesh would do, were there one.
        dependencies: who calls whom, and whether that is possible.
        without_effect: of workloads and metrics, what they cannot be.
    """

    provider: str = ""
    unhonoured: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    without_mesh: tuple[str, ...] = ()
    dependencies: tuple[DependencyStatus, ...] = ()
    without_effect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desire:
    """What should be."""

    manifests: list[Manifest] = field(default_factory=list)
    told: Told = field(default_factory=Told)


def taking_up(
    application: Application,
    health: Mapping[tuple[str, str], WorkloadHealth],
    now: datetime,
    short: Collection[str] = (),
) -> dict[str, Decision]:
    """How far each component's new version is taken up.

    Args:
        application: with its status, in which it is remembered how far it was.
        health: of the workloads, by component and version.
        now: the time, with its zone.
        short: components of which not everything could be written: nothing goes up there.
    """
    last = {one.name: one.rollout for one in application.status.components}
    made: dict[str, Decision] = {}
    for component in application.spec.components:
        rollout = component.traffic.rollout if component.traffic else None
        if rollout is not None:
            seen = health.get((component.name, rollout.version), MISSING)
            wanted = _image(application, component, rollout.version)
            whole = completed(component, application.spec.defaults)
            state = _health(seen, wanted, fewest=_fewest(whole))
            if component.name in short and state.state == "Healthy":
                state = _SHORT
            made[component.name] = decide(whole, rollout, last.get(component.name), state, now)
    return made


def _image(application: Application, component: Component, version: str) -> str:
    registry = application.spec.defaults.image_registry or ""
    images = (one.image for one in component.all_versions if one.name == version)
    return full_image(next(images, ""), registry)


def _fewest(component: Component) -> int:
    """With how many pods a version is enough of one while its autoscaler adds some; 0: with all."""
    is_scaled = component.autoscaling is not None and component.kind in SCALED
    return component.autoscaling.min_replicas if component.autoscaling and is_scaled else 0


def _health(seen: WorkloadHealth, image: str, *, fewest: int) -> Health:
    """How the version's workload is; what still has another image says nothing of this one.

    One that grows with its load is well: else it would begin its step anew with every pod.
    """
    if seen.image not in {"", image}:
        return Health("Progressing", "its workload is about to get its image")
    is_growing = seen.phase == "InProgress" and 0 < fewest <= seen.settled
    if seen.phase == "Current" or is_growing:
        return Health("Healthy")
    is_ill = seen.phase == "Failed" and seen.reason not in _MAY_PASS
    cause = f"{seen.reason}: {seen.message}" if seen.reason else seen.message
    return Health("Unhealthy" if is_ill else "Progressing", cause[:_MAX_CAUSE])


def taken_back(
    application: Application, health: Mapping[tuple[str, str], WorkloadHealth], now: datetime
) -> dict[str, Decision]:
    """The rollouts that end because the version is ill, while nothing else may be decided.

    Whatever the spec says by now, it is what runs that is judged, by what was remembered of it.
    """
    made: dict[str, Decision] = {}
    last = {one.name: one.rollout for one in application.status.components}
    for component in application.spec.components:
        rollout = component.traffic.rollout if component.traffic else None
        known = last.get(component.name)
        if rollout is None or known is None or known.version != rollout.version:
            continue
        seen = health.get((component.name, known.version), MISSING)
        state = _health(seen, seen.image, fewest=0)
        if decided := stopped(component, rollout, known, state, now):
            gone = {
                one.name
                for one in component.all_versions
                if (component.name, one.name) not in health
            }
            weights_ = without_versions(decided.weights, gone)
            made[component.name] = replace(decided, weights=weights_)
    return made


def begun(
    application: Application, rollouts: Rollouts, unrouted: Collection[str]
) -> dict[str, Decision]:
    """What is to be remembered of rollouts when not every route could be written.

    What gives a version more or less than it had has not happened: it is decided again.
    """
    last = {one.name: one.rollout for one in application.status.components}
    had = {name: one.weight if one else 0 for name, one in last.items()}
    return {
        name: one
        for name, one in rollouts.items()
        if name not in unrouted or one.status.weight == had.get(name, 0)
    }


def remaining(
    application: Application, rollouts: Rollouts, absent: Mapping[str, Collection[str]]
) -> dict[str, Weights]:
    """Percent of the requests by version, of components of which some could not be made."""
    last = {one.name: one.rollout for one in application.status.components}
    return {
        one.name: without_versions(given(one, rollouts, last.get(one.name)), absent[one.name])
        for one in application.spec.components
        if one.name in absent
    }


def as_told(application: Application, components: Collection[str]) -> dict[str, Weights]:
    """Percent of the requests by version as the status had them, for nothing else was written."""
    return {
        one.name: {each.name: each.weight or 0 for each in one.versions}
        for one in application.status.components
        if one.name in components and any(each.weight is not None for each in one.versions)
    }


def given(component: Component, rollouts: Rollouts, last: RolloutStatus | None) -> Weights:
    """Percent of the requests by version: as decided now, as remembered, or as the spec says."""
    if decided := rollouts.get(component.name):
        return decided.weights
    return shares(component, last.version, last.weight) if last else weights(component)


def next_look(application: Application, rollouts: Rollouts, now: datetime) -> datetime | None:
    """When time alone will have changed what should be; None if it will not."""
    moments = [next_expiry(application, now), *(one.look_again_at for one in rollouts.values())]
    return min((one for one in moments if one), default=None)


def by_time(application: Application, rollouts: Rollouts, now: datetime) -> tuple[object, ...]:
    """All that decides about what should be and changes as time goes by; to be compared."""
    weights_ = [(name, *one.weights.items()) for name, one in sorted(rollouts.items())]
    return next_expiry(application, now), *weights_


def desire(
    application: Application,
    surroundings: Surroundings,
    rollouts: Rollouts,
    now: datetime,
    known: Mapping[str, Weights] | None = None,
) -> Desire:
    """Every object that should be.

    Args:
        application: as the API server has it.
        surroundings: its namespace, the other Applications, and whose API is served.
        rollouts: how far new versions are taken up.
        now: the time, with its zone: faults end by it.
        known: by component, percents of the requests where neither these nor the spec say them.
    """
    network = network_policies(application, surroundings)
    mesh = authorization(application, surroundings)
    observed = telemetry(application, surroundings)
    shares_ = {name: one.weights for name, one in rollouts.items()} | {**(known or {})}
    directed = traffic(application, surroundings, now, shares_)
    served = surroundings.facts.served
    is_exposed = any(one.expose for one in application.spec.components)
    return Desire(
        [
            *network.manifests,
            *mesh.manifests,
            *mesh_egress(application, surroundings),
            *observed.manifests,
            *desired_application(application, surroundings.facts),
            *directed.manifests,
        ],
        Told(
            mesh_provider(served) or ("Ingress" if is_exposed else ""),
            _lines([*directed.unhonoured, *observed.unhonoured]),
            _lines(network.unhonoured),
            _lines(mesh.unhonoured),
            tuple(graph(application, surroundings.neighbours)),
            _lines(not_honoured(application, surroundings.facts)),
        ),
    )


def _lines(those: Iterable[Unhonoured]) -> tuple[str, ...]:
    return tuple(f"{_place(one)}: {one.reason}" for one in those)


def _place(one: Unhonoured) -> str:
    return f"{one.component} {one.knob}" if one.component else one.knob
