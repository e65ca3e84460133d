"""Pure: what happened to an Application, to one condition for the whole and one for each concern.

They follow kstatus: ``Ready`` is the whole, with the cause as its reason; Progressing, Available,
Degraded, PolicyCompliant, TrafficManaged and NetworkPolicyEnforced say where to look.

A version that is taken up by steps is Progressing, which may take days: Ready is not False for
that, as long as its pods are well. One that was rolled back is Degraded and Stalled, for it is not
what the spec says, and only a person can change that.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.api.application import Application
from tenantry.api.application_status import ComponentStatus, RolloutState
from tenantry.application_outcome import ApplicationOutcome
from tenantry.component_health import Health
from tenantry.conditions import Aspect, budgeted

_GUARDS: Final = frozenset({"NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication"})
_SHOWN: Final = 5


def aspects_of(
    application: Application, outcome: ApplicationOutcome, components: Sequence[ComponentStatus]
) -> Iterator[Aspect]:
    """Every condition that an Application has now, Ready first."""
    yield _ready(outcome, components)
    yield _progressing(outcome, components)
    yield _available(outcome)
    yield from _scaling(application, outcome)
    yield _degraded(outcome, components)
    yield _compliant(outcome)
    yield from _traffic(application, outcome)
    yield _network(application, outcome)
    yield from _mesh(application, outcome)
    yield from _honoured(outcome)
    yield from _stalled(outcome, components)
    yield from budgeted(application.spec.cost.budget, application.status.cost)


def _ready(outcome: ApplicationOutcome, components: Sequence[ComponentStatus]) -> Aspect:
    if outcome.wait:
        return Aspect("Ready", "False", outcome.wait.reason, outcome.wait.message)
    if outcome.is_held:
        return Aspect("Ready", "False", "PolicyViolation", _violated(outcome))
    if trouble := _trouble(outcome, components):
        return Aspect("Ready", "False", *trouble)
    waiting = [one.name for one in components if not one.ready]
    if waiting:
        return Aspect("Ready", "False", "Progressing", f"waiting for {', '.join(waiting)}")
    count = "1 component is" if len(components) == 1 else f"{len(components)} components are"
    return Aspect("Ready", "True", "Ready", f"{count} as the Application says")


def _progressing(outcome: ApplicationOutcome, components: Sequence[ComponentStatus]) -> Aspect:
    if outcome.wait or outcome.is_held:
        return Aspect("Progressing", "False", "Held", "nothing is written: see Ready")
    late = [f"{one.name}: {one.message}" for one in components if not one.ready]
    if late or outcome.failures:
        message = "; ".join(late[:_SHOWN]) or "not everything could be written yet: see Degraded"
        return Aspect("Progressing", "True", "RollingOut", message)
    if taken_up := _rollouts(components, "Progressing"):
        return Aspect("Progressing", "True", "TakingUp", _joined(taken_up))
    if paused := _rollouts(components, "Paused"):
        return Aspect("Progressing", "False", "RolloutPaused", _joined(paused))
    return Aspect("Progressing", "False", "Completed", "every pod is as the spec says")


def _available(outcome: ApplicationOutcome) -> Aspect:
    down = [
        f"{component} {version}"
        for (component, version), one in sorted(outcome.workloads.items())
        if one.desired and not one.available and not one.is_current and not one.is_leaving
    ]
    if not outcome.workloads:
        return Aspect("Available", "False", "NotCreated", "there are no workloads yet")
    if down:
        message = f"no pod is available of {', '.join(down[:_SHOWN])}"
        return Aspect("Available", "False", "NoPodsAvailable", message)
    return Aspect(
        "Available", "True", "PodsAvailable", "every workload has a pod that is available"
    )


def _scaling(application: Application, outcome: ApplicationOutcome) -> Iterator[Aspect]:
    """Said where replicas are left to an autoscaler, which may do nothing and tell nobody else."""
    scaled = {one.name for one in application.spec.components if one.autoscaling}
    if not scaled or outcome.wait or outcome.is_held:
        return
    idle = [
        (f"{component} {version}", one.scaling)
        for (component, version), one in sorted(outcome.workloads.items())
        if one.scaling and component in scaled
    ]
    if idle:
        message = _joined([f"{name}: {why.message}" for name, why in idle])
        yield Aspect("ScalingActive", "False", idle[0][1].reason, message)
    else:
        message = "no autoscaler says that it cannot scale"
        yield Aspect("ScalingActive", "True", "AsExpected", message)


def _rollouts(components: Sequence[ComponentStatus], state: RolloutState) -> list[str]:
    """The versions that are being taken up and are in a state, with their share."""
    found = ((one.name, one.rollout) for one in components)
    return [
        f"{name} {one.version} gets {one.weight} %{f': {one.message}' if one.message else ''}"
        for name, one in found
        if one and one.state == state
    ]


def rolled_back(components: Sequence[ComponentStatus]) -> list[str]:
    """The versions that were taken back: not what the spec says, until a person changes it."""
    return [
        f"{line}; to try again, change what it runs (image, env, files, ...) or the steps"
        for line in _rollouts(components, "RolledBack")
    ]


def _trouble(
    outcome: ApplicationOutcome, components: Sequence[ComponentStatus]
) -> tuple[str, str] | None:
    """The reason and the message of what is wrong; None if nothing is."""
    if outcome.troubles:
        return outcome.troubles[0].reason, _troubles(outcome)
    if back := rolled_back(components):
        return "RolledBack", _joined(back)
    if failed := failed_of(outcome):
        return _reasons(failed), _told(failed)
    return None


def _degraded(outcome: ApplicationOutcome, components: Sequence[ComponentStatus]) -> Aspect:
    if outcome.is_held:
        return Aspect("Degraded", "True", "PolicyViolation", _violated(outcome))
    if trouble := _trouble(outcome, components):
        return Aspect("Degraded", "True", *trouble)
    return Aspect("Degraded", "False", "AsExpected", "nothing is known to be wrong")


def _compliant(outcome: ApplicationOutcome) -> Aspect:
    if outcome.wait:
        return Aspect("PolicyCompliant", "Unknown", outcome.wait.reason, outcome.wait.message)
    if not outcome.violations:
        message = "nothing is asked for that the Tenant does not allow"
        return Aspect("PolicyCompliant", "True", "Compliant", message)
    return Aspect("PolicyCompliant", "False", "PolicyViolation", _violated(outcome))


def _violated(outcome: ApplicationOutcome) -> str:
    what = "nothing is written until it is mended: " if outcome.is_held else ""
    return what + _joined([str(one) for one in outcome.violations])


def _traffic(application: Application, outcome: ApplicationOutcome) -> Iterator[Aspect]:
    """Said where something is asked of traffic at all."""
    asked = [one for one in application.spec.components if one.traffic or one.expose]
    unhonoured, provider = outcome.told.unhonoured, outcome.told.provider
    if outcome.wait or outcome.is_held or not (asked or unhonoured):
        return
    if taken := [one.message for one in outcome.collisions if one.claim.kind == "Host"]:
        yield Aspect("TrafficManaged", "False", "HostTaken", _joined([*taken, *unhonoured]))
        return
    if unhonoured:
        reason = "NotHonoured" if provider else "NoTrafficProvider"
        yield Aspect("TrafficManaged", "False", reason, _joined(unhonoured))
    else:
        message = f"all that is asked of traffic is rendered for {provider or 'Services'}"
        yield Aspect("TrafficManaged", "True", provider or "Services", message)


def _mesh(application: Application, outcome: ApplicationOutcome) -> Iterator[Aspect]:
    """Said where the mesh is asked for."""
    policy = application.spec.policy
    if policy.mtls == "Disabled" and not policy.authorization:
        return
    if outcome.wait or outcome.is_held:
        return
    if outcome.told.without_mesh:
        yield Aspect("MeshSecured", "False", "NoMesh", _joined(outcome.told.without_mesh))
    else:
        message = "callers are known by their identity, as far as the spec asks for it"
        yield Aspect("MeshSecured", "True", "Applied", message)


def _honoured(outcome: ApplicationOutcome) -> Iterator[Aspect]:
    """Only there when something has no effect that is neither network nor traffic."""
    if outcome.told.without_effect and not (outcome.wait or outcome.is_held):
        yield Aspect("Honoured", "False", "NotHonoured", _joined(outcome.told.without_effect))


def _network(application: Application, outcome: ApplicationOutcome) -> Aspect:
    type_ = "NetworkPolicyEnforced"
    if application.spec.policy.network_policy == "Disabled":
        message = "spec.policy.networkPolicy is Disabled: the namespace's floor is all there is"
        return Aspect(type_, "False", "Disabled", message)
    failed = [one for one in outcome.failures if one.kind in _GUARDS]
    if failed:
        return Aspect(type_, "False", failed[0].reason, failed[0].message)
    if outcome.wait or outcome.is_held:
        return Aspect(type_, "Unknown", "Held", "nothing is written: see Ready")
    if outcome.told.closed:
        return Aspect(type_, "False", "StaysClosed", _joined(outcome.told.closed))
    message = (
        "what is declared is admitted and nothing else (the cluster's network plugin must enforce "
        "NetworkPolicies)"
    )
    return Aspect(type_, "True", "Applied", message)


def _stalled(
    outcome: ApplicationOutcome, components: Sequence[ComponentStatus]
) -> Iterator[Aspect]:
    """Only there when a person must act."""
    lasting = [one for one in outcome.troubles if not one.is_transient]
    if outcome.is_held:
        yield Aspect("Stalled", "True", "PolicyViolation", _violated(outcome))
    elif lasting:
        yield Aspect("Stalled", "True", lasting[0].reason, lasting[0].message)
    elif not outcome.wait and (back := rolled_back(components)):
        yield Aspect("Stalled", "True", "RolledBack", _joined(back))


def failed_of(outcome: ApplicationOutcome) -> list[tuple[str, Health]]:
    """The workloads that are kept from what they should be, by component and version."""
    return [
        (f"{component} {version}", one)
        for (component, version), one in sorted(outcome.workloads.items())
        if one.phase == "Failed" and not one.is_leaving
    ]


def _reasons(failed: Sequence[tuple[str, Health]]) -> str:
    return failed[0][1].reason or "Failed"


def _told(failed: Sequence[tuple[str, Health]]) -> str:
    return _joined([f"{name}: {one.reason}: {one.message}" for name, one in failed])


def _troubles(outcome: ApplicationOutcome) -> str:
    return _joined([one.message for one in outcome.troubles])


def _joined(lines: Sequence[str]) -> str:
    shown = [*lines[:_SHOWN]]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more")
    return "; ".join(shown)
