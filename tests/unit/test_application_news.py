"""What of a look at an Application is worth an Event."""

from applications import application, component
from tenantry.api.application import Application
from tenantry.application_news import tell_of_application
from tenantry.application_outcome import ApplicationOutcome, Wait
from tenantry.application_status import report_application
from tenantry.component_health import Health
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

Told = list[tuple[str, str]]


class Listener:
    """Hears what is told, as the recorder of Events would."""

    def __init__(self) -> None:
        self.told: Told = []

    def tell(self, about: Application, type_: str, reason: str, message: str) -> None:
        assert (about.name, bool(message)) == ("shop", True)
        self.told.append((type_, reason))


def _told(*outcomes: ApplicationOutcome, done: tuple[Change, ...] = ()) -> Told:
    """What is told as looks come to this, one after the other; and what was done in the last."""
    listener, shop = Listener(), application(component("web"))
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
