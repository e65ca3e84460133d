"""What of a look at an Application is worth an Event."""

import pytest

from applications import application, component
from tenantry.api.application import Application
from tenantry.api.application_status import RolloutState, RolloutStatus
from tenantry.application_news import tell_of_application
from tenantry.application_outcome import ApplicationOutcome, Wait
from tenantry.application_status import report_application
from tenantry.component_health import Health
from tenantry.desired.applications.rollouts import Decision
from tenantry.plan import Change, Verb

NOW = "2026-01-01T00:00:00Z"
WELL = ApplicationOutcome("acme", workloads={("web", "v1"): Health(phase="Current")})
WAITING = ApplicationOutcome("", Wait("NoTenant", "no tenant's"))
COMING = ApplicationOutcome("acme")
BROKEN = Health(desired=1, phase="Failed", reason="ImagePullBackOff", message="no image")
ILL = ApplicationOutcome("acme", workloads={("web", "v1"): BROKEN})
MADE = Change(
    Verb.CREATE, {"kind": "Service", "metadata": {"name": "web", "namespace": "acme-prod"}}
)
GONE = Change(
    Verb.DELETE, {"kind": "Service", "metadata": {"name": "old", "namespace": "acme-prod"}}
)

HELLO = application(component("web"))
VERSIONS = [{"name": "v1", "image": "a:1"}, {"name": "v2", "image": "a:2"}]
ROLLOUT = {"version": "v2", "steps": [{"weight": 10}, {"weight": 50}]}
CANARY = application(component("web", versions=VERSIONS, traffic={"rollout": ROLLOUT}))

Told = list[tuple[str, str]]


class Listener:
    """Hears what is told, as the recorder of Events would."""

    def __init__(self) -> None:
        self.told: Told = []

    def tell(self, about: Application, type_: str, reason: str, message: str) -> None:
        assert (about.name, bool(message)) == ("shop", True)
        self.told.append((type_, reason))


def _told(
    *outcomes: ApplicationOutcome,
    done: tuple[Change, ...] = (),
    shop: Application = HELLO,
) -> Told:
    """What is told as looks come to this, one after the other; and what was done in the last."""
    listener = Listener()
    for place, outcome in enumerate(outcomes):
        status = report_application(shop, outcome, NOW)
        is_last = place == len(outcomes) - 1
        made = done if is_last else ()
        tell_of_application(listener, shop, status, made)  # type: ignore[arg-type]
        shop = shop.model_copy(update={"status": status})
    return listener.told


def test_from_apply_to_ready_there_are_two_events() -> None:
    assert _told(COMING, COMING, WELL, done=(MADE,)) == [
        ("Normal", "Progressing"),
        ("Normal", "Ready"),
    ]


def test_what_keeps_it_is_a_warning_once() -> None:
    assert _told(COMING, ILL, ILL) == [("Normal", "Progressing"), ("Warning", "ImagePullBackOff")]


def test_that_it_waits_is_told() -> None:
    assert _told(WAITING, WAITING) == [("Warning", "NoTenant")]


def test_a_repair_of_what_had_been_brought_about_is_told_and_pruning_is_not() -> None:
    assert _told(WELL, WELL, done=(MADE, GONE)) == [
        ("Normal", "Ready"),
        ("Normal", "DriftRepaired"),
    ]


def _rolled(state: RolloutState, weight: int, image: str = "1") -> ApplicationOutcome:
    told = RolloutStatus(version="v2", state=state, weight=weight, steps_hash=image)
    well = dict.fromkeys([("web", "v1"), ("web", "v2")], Health(phase="Current"))
    decision = Decision(told, {"v1": 100 - weight, "v2": weight}, None)
    return ApplicationOutcome("acme", workloads=well, rollouts={"web": decision})


NEW, FIRST, SECOND = (_rolled("Progressing", weight) for weight in (0, 10, 50))
DONE, BACK, PAUSED = _rolled("Completed", 50), _rolled("RolledBack", 0), _rolled("Paused", 10)
STARTED = ("Normal", "RolloutStarted")


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([NEW, FIRST, FIRST, SECOND, DONE, DONE], [STARTED, ("Normal", "RolloutCompleted")]),
        ([FIRST, BACK, BACK], [STARTED, ("Warning", "RolledBack")]),
        ([FIRST, PAUSED, PAUSED, FIRST], [STARTED, ("Normal", "RolloutPaused")]),
        (
            [FIRST, BACK, _rolled("Progressing", 10, "2"), _rolled("RolledBack", 0, "2")],
            [STARTED, ("Warning", "RolledBack")] * 2,
        ),
    ],
)
def test_that_a_rollout_begins_ends_or_is_stopped_is_told_once_and_steps_are_not(
    looks: list[ApplicationOutcome], told: Told
) -> None:
    heard = [one for one in _told(*looks, shop=CANARY) if one != ("Normal", "Ready")]

    assert heard == told
