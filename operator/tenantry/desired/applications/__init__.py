"""Pure: an Application, and the facts about its surroundings, to the manifests that should be.

This is the table of contents. One file a concern; ``parts`` gives each component with the
Application's defaults written out, and every concern makes its manifests of that, as the API server
would store them. Nothing here awaits, reads the clock or the environment, or depends on the order
of a set: the same Application gives the same bytes.
"""

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications.autoscaling import autoscalers
from tenantry.desired.applications.config_maps import config_maps
from tenantry.desired.applications.disruption_budgets import (
    budgets_not_honoured,
    disruption_budgets,
)
from tenantry.desired.applications.facts import ApplicationFacts
from tenantry.desired.applications.jobs import jobs_not_honoured
from tenantry.desired.applications.monitoring import metrics_not_honoured, monitors
from tenantry.desired.applications.parts import Part, parts
from tenantry.desired.applications.service_accounts import service_accounts
from tenantry.desired.applications.services import services
from tenantry.desired.applications.unhonoured import Unhonoured
from tenantry.desired.applications.workloads import workloads


def desired_application(application: Application, facts: ApplicationFacts) -> list[Manifest]:
    """Every object that should be, in the order in which they may be written.

    What pods need comes before them: whom they are, their files, their names.

    Args:
        application: as the API server has it.
        facts: what else matters: the namespace's labels, the optional kinds that are served.
    """
    every = parts(application, facts)
    return [*service_accounts(every), *(made for part in every for made in _of_component(part))]


def not_honoured(application: Application, facts: ApplicationFacts) -> list[Unhonoured]:
    """What components ask of their workloads and cannot have.

    Args:
        application: as the API server has it.
        facts: what else matters.
    """
    return [
        one
        for part in parts(application, facts)
        for ask in (budgets_not_honoured, jobs_not_honoured, metrics_not_honoured)
        for one in ask(part)
    ]


def _of_component(part: Part) -> list[Manifest]:
    return [
        *config_maps(part),
        *services(part),
        *workloads(part),
        *autoscalers(part),
        *disruption_budgets(part),
        *monitors(part),
    ]
