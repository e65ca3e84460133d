"""Traces and access logs of an Application's pods, where the mesh makes them.

One Telemetry for all its pods; who gets what it tells is up to the mesh's own configuration, for
none is named here: https://istio.io/latest/docs/reference/config/telemetry/.
"""

from typing import Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from tenantry.api.observability import AccessLog, Observability
from tenantry.desired.applications.labels import application_labels
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.desired.applications.unhonoured import Rendered, Unhonoured
from tenantry.desired.objects import owned

_API: Final = "telemetry.istio.io/v1"
_KIND: Final = "Telemetry"
_ERRORS: Final = "response.code >= 400"
_NO_MESH: Final = "only Istio traces and logs requests, and it is not installed"


def telemetry(application: Application, surroundings: Surroundings) -> Rendered:
    """The Telemetry of an Application, if it asks for one, or that nothing could honour it.

    Args:
        application: as the API server has it.
        surroundings: whose API is served.
    """
    asked = application.spec.observability
    spec = _spec(asked)
    if not spec:
        return Rendered()
    if _KIND not in surroundings.facts.served:
        return Rendered((), tuple(_unhonoured(asked)))
    labels = application_labels(application.name, surroundings.facts.labels)
    selector = {"matchLabels": {APPLICATION_LABEL: labels[APPLICATION_LABEL]}}
    made = owned(_API, _KIND, application.namespace, labels, name=application.name)
    return Rendered((made | {"spec": {"selector": selector, **spec}},))


def traces(application: Application) -> bool:
    """Whether its pods send traces anywhere: then the network must let these out."""
    tracing = application.spec.observability.tracing
    return tracing is not None and tracing.sampling_percent > 0


def _spec(asked: Observability) -> Manifest:
    spec: Manifest = {}
    if asked.tracing is not None:
        spec["tracing"] = [{"randomSamplingPercentage": asked.tracing.sampling_percent}]
    if asked.access_log is not None:
        spec["accessLogging"] = [_access_log(asked.access_log)]
    return spec


def _access_log(asked: AccessLog) -> Manifest:
    if not asked.enabled:
        return {"disabled": True}
    return {"filter": {"expression": _ERRORS}} if asked.only_errors else {"disabled": False}


def _unhonoured(asked: Observability) -> list[Unhonoured]:
    knobs = {"tracing": asked.tracing, "accessLog": asked.access_log}
    return [
        Unhonoured("", f"observability.{name}", _NO_MESH)
        for name, given in knobs.items()
        if given is not None
    ]
