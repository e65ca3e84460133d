"""What of a look at an Application is worth an Event: a handful from apply to Ready."""

from collections.abc import Sequence
from typing import Final, Literal

from tenantry.api.application import Application
from tenantry.api.application_status import ApplicationStatus, RolloutStatus
from tenantry.cluster.events import EventRecorder
from tenantry.news import is_threshold, repaired
from tenantry.plan import Change, Verb

_ROLLED_BACK: Final = "RolledBack"
"""Told once, of the version."""


def tell_of_application(
    recorder: EventRecorder,
    application: Application,
    status: ApplicationStatus,
    done: Sequence[Change],
) -> None:
    """Tell what a look at an Application changed.

    Args:
        recorder: writes the Events.
        application: as it was, with the status it had.
        status: what is going to be its status.
        done: what was written.
    """
    before = {one.type: one for one in application.status.conditions}
    for condition in status.conditions:
        old = before.get(condition.type)
        if old and (old.status, old.reason) == (condition.status, condition.reason):
            continue
        if condition.type == "Ready" and condition.reason != _ROLLED_BACK:
            is_fine = condition.status == "True" or condition.reason == "Progressing"
            recorder.tell(
                application,
                "Normal" if is_fine else "Warning",
                condition.reason,
                condition.message,
            )
        elif is_threshold(condition) or (
            condition.type == "TrafficManaged" and condition.status == "False"
        ):
            recorder.tell(application, "Warning", condition.reason, condition.message)
    _tell_of_rollouts(recorder, application, status)
    old = before.get("Ready")
    if old and old.status == "True" and old.observed_generation == application.metadata.generation:
        for change in done:
            if change.verb is not Verb.DELETE:
                recorder.tell(application, "Normal", "DriftRepaired", repaired(change))


def _tell_of_rollouts(
    recorder: EventRecorder, application: Application, status: ApplicationStatus
) -> None:
    """Tell how rollouts begin, end and are stopped; what each step is, the status says."""
    before = {one.name: one.rollout for one in application.status.components}
    for component in status.components:
        if component.rollout is None:
            continue
        told = _news_of(before.get(component.name), component.rollout)
        if told:
            what = f"{component.name} {component.rollout.version}"
            detail = component.rollout.message or f"gets {component.rollout.weight} %"
            recorder.tell(application, *told, f"{what}: {detail}")


def _news_of(
    old: RolloutStatus | None, new: RolloutStatus
) -> tuple[Literal["Normal", "Warning"], str] | None:
    is_another = old is None or old.steps_hash != new.steps_hash
    had = 0 if old is None or is_another else old.weight
    if new.state == "Progressing":
        return ("Normal", "RolloutStarted") if new.weight and not had else None
    if old is not None and not is_another and old.state == new.state:
        return None
    if new.state == "RolledBack":
        return "Warning", _ROLLED_BACK
    return "Normal", f"Rollout{new.state}"
