"""The floor, for the pods of an Application that is left to it.

The label of an Application takes its pods out of the floor (``desired.floor``); one that wants no
policies of its own gets the floor's rules again.
"""

from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL, FIELD_MANAGER
from tenantry.desired.applications.labels import application_labels
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.network import network_policy
from tenantry.desired.objects import owned

_API: Final = "networking.k8s.io/v1"
_KIND: Final = "NetworkPolicy"


def floor_again(application: Application, surroundings: Surroundings) -> Manifest:
    """The floor, for an Application that is left to it although its label takes its pods out.

    Args:
        application: one whose ``policy.networkPolicy`` is Disabled.
        surroundings: its namespace's floor.
    """
    facts = surroundings.facts
    labels = application_labels(application.name, facts.labels)
    floor = network_policy(facts.namespace, labels, surroundings.network, surroundings.of_tenant)
    name = f"{FIELD_MANAGER}-application.{application.name}"
    selector = {"matchLabels": {APPLICATION_LABEL: labels[APPLICATION_LABEL]}}
    made = owned(_API, _KIND, facts.namespace, labels, name=name)
    return made | {"spec": floor["spec"] | {"podSelector": selector}}
