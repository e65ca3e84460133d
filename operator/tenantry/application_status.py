"""Pure: what happened, to an Application's status, by the kstatus convention.

What its conditions say is in ``application_conditions``.
"""

from collections.abc import Iterator, Sequence
from typing import Final, get_args

from tenantry.api.application import Application
from tenantry.api.application_status import (
    ApplicationStatus,
    ComponentStatus,
    RolloutStatus,
    TrafficProvider,
    VersionStatus,
)
from tenantry.api.components import Component
from tenantry.api.exposure import Exposure
from tenantry.api.tenant_status import ApplicationState
from tenantry.application_conditions import aspects_of, failed_of, rolled_back
from tenantry.application_desire import given
from tenantry.application_outcome import ApplicationOutcome
from tenantry.component_health import MISSING, Health
from tenantry.conditions import MAX_MESSAGE, MAX_REASON, Aspect, dated
from tenantry.governance import full_image

_MAX_HOSTS: Final = 1024
_MORE: Final = ",..."
_MAX_VERSIONS: Final = 16
_STOPPED: Final = "nothing is written: see Ready"
_PROVIDERS: Final[tuple[TrafficProvider, ...]] = get_args(TrafficProvider)


def report_application(
    application: Application, outcome: ApplicationOutcome, now: str
) -> ApplicationStatus:
    """The status that says what happened.

    Args:
        application: as it was looked at, with the status it had.
        outcome: what became of it.
        now: RFC 3339, for conditions whose status changes.
    """
    components = [_component(one, application, outcome) for one in application.spec.components]
    generation, before = application.metadata.generation, application.status
    is_unseen = outcome.wait is not None or outcome.is_held
    aspects = aspects_of(application, outcome, components)
    ready = sum(one.ready for one in components)
    exposed = [*_exposed(application, outcome)]
    return ApplicationStatus(
        observed_generation=generation,
        tenant=outcome.tenant,
        state=_state(application, outcome, components),
        conditions=[dated(one, before.conditions, generation, now) for one in aspects],
        components=components,
        components_ready=f"{ready}/{len(components)}",
        dependencies=[*(before.dependencies if is_unseen else outcome.told.dependencies)],
        traffic_provider=next((o for o in _PROVIDERS if o == outcome.told.provider), ""),
        hosts=_shown(_hosts(exposed)),
        urls=[*_urls(exposed)],
        cost=before.cost,
    )


def unhealthy_application(
    before: ApplicationStatus, generation: int, reason: str, message: str, now: str
) -> ApplicationStatus:
    """The status of an Application that could not even be looked at; the rest stays as it was."""
    trouble = Aspect("Ready", "False", reason, message)
    kept = [one for one in before.conditions if one.type != trouble.type]
    return before.model_copy(
        update={
            "observed_generation": generation,
            "state": "Degraded",
            "conditions": [dated(trouble, before.conditions, generation, now), *kept],
        }
    )


def _component(
    component: Component, application: Application, outcome: ApplicationOutcome
) -> ComponentStatus:
    versions = [
        _version(component, application, version.name, version.image, outcome)
        for version in component.all_versions
    ]
    states = [_health(component, one.name, outcome) for one in versions]
    leaving = [
        _version(component, application, *one, outcome) for one in _leaving(component, outcome)
    ]
    refusal = outcome.refused_components.get(component.name)
    worst = next((one for one in states if one.phase == "Failed"), None)
    worst = worst or next((one for one in states if not one.is_current), None)
    told = refusal or worst
    return ComponentStatus(
        name=component.name,
        kind=component.kind,
        ready=all(one.is_current for one in states) and not refusal,
        versions=[*versions, *leaving][:_MAX_VERSIONS],
        rollout=_rollout(component, application, outcome),
        reason=told.reason[:MAX_REASON] if told else "",
        message=told.message[:MAX_MESSAGE] if told else "",
    )


def _version(
    component: Component,
    application: Application,
    version: str,
    image: str,
    outcome: ApplicationOutcome,
) -> VersionStatus:
    health = _health(component, version, outcome)
    return VersionStatus(
        name=version,
        desired=health.desired,
        ready=health.ready,
        updated=health.updated,
        image=full_image(image, application.spec.defaults),
        weight=_weight(component, version, application, outcome),
        reason=health.reason[:MAX_REASON],
        message=health.message[:MAX_MESSAGE],
    )


def _leaving(component: Component, outcome: ApplicationOutcome) -> Iterator[tuple[str, str]]:
    """Versions that run and are no more in the spec, with their images."""
    asked = {one.name for one in component.all_versions}
    for (name, version), one in sorted(outcome.workloads.items()):
        if name == component.name and version not in asked:
            yield version, one.image


def _health(component: Component, version: str, outcome: ApplicationOutcome) -> Health:
    return outcome.workloads.get((component.name, version), MISSING)


def _rollout(
    component: Component, application: Application, outcome: ApplicationOutcome
) -> RolloutStatus | None:
    """How far a new version is taken up.

    Where nobody could look it stays as it was; while nothing is written it is paused, so that its
    time begins anew afterwards.
    """
    if component.traffic is None or component.traffic.rollout is None:
        return None
    if decided := outcome.rollouts.get(component.name):
        return decided.status
    last = _remembered(component, application)
    is_stopped = outcome.wait is not None or outcome.is_held
    if last is None or last.state != "Progressing" or not is_stopped:
        return last
    return last.model_copy(update={"state": "Paused", "message": _STOPPED})


def _remembered(component: Component, application: Application) -> RolloutStatus | None:
    by_name = {one.name: one.rollout for one in application.status.components}
    return by_name.get(component.name)


def _weight(
    component: Component, version: str, application: Application, outcome: ApplicationOutcome
) -> int | None:
    """Percent of the requests, where there is somebody to send some."""
    is_called = component.port or component.ports or application.spec.defaults.port
    if not is_called or component.kind in {"Job", "CronJob"}:
        return None
    if (known := outcome.weights.get(component.name)) is not None:
        return known.get(version, 0)
    last = _rollout(component, application, outcome)
    return given(component, outcome.rollouts, last).get(version, 0)


def _state(
    application: Application, outcome: ApplicationOutcome, components: Sequence[ComponentStatus]
) -> ApplicationState:
    if application.is_being_deleted:
        return "Terminating"
    if outcome.wait:
        return "Pending"
    if outcome.is_held or outcome.troubles or failed_of(outcome) or rolled_back(components):
        return "Degraded"
    return "Ready" if all(one.ready for one in components) else "Progressing"


def _exposed(application: Application, outcome: ApplicationOutcome) -> Iterator[Exposure]:
    """What is reached from outside, unless another Application has the host."""
    for component in application.spec.components:
        if component.name not in outcome.refused_components:
            yield from (one for one in component.expose if one.host not in outcome.refused_hosts)


def _hosts(exposed: Sequence[Exposure]) -> list[str]:
    return [*dict.fromkeys(one.host for one in exposed)]


def _shown(hosts: Sequence[str]) -> str:
    """As many hosts as a column of ``kubectl get`` takes, none of them in part."""
    text = ",".join(hosts)
    if len(text) <= _MAX_HOSTS:
        return text
    return text[: text.rindex(",", 0, _MAX_HOSTS - len(_MORE) + 1)] + _MORE


def _urls(exposed: Sequence[Exposure]) -> Iterator[str]:
    seen: set[str] = set()
    for one in exposed:
        url = f"{'https' if one.tls else 'http'}://{one.host}"
        if url not in seen and not one.host.startswith("*"):
            seen.add(url)
            yield url
