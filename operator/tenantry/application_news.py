"""What of a look at an Application is worth an Event: a handful from apply to Ready."""

from collections.abc import Sequence

from tenantry.api.application import Application
from tenantry.api.application_status import ApplicationStatus
from tenantry.cluster.events import EventRecorder
from tenantry.news import repaired
from tenantry.plan import Change, Verb


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
        if condition.type == "Ready":
            is_fine = condition.status == "True" or condition.reason == "Progressing"
            recorder.tell(
                application,
                "Normal" if is_fine else "Warning",
                condition.reason,
                condition.message,
            )
        elif condition.type == "TrafficManaged" and condition.status == "False":
            recorder.tell(application, "Warning", condition.reason, condition.message)
    old = before.get("Ready")
    if old and old.status == "True" and old.observed_generation == application.metadata.generation:
        for change in done:
            if change.verb is not Verb.DELETE:
                recorder.tell(application, "Normal", "DriftRepaired", repaired(change))
