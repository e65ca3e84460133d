"""Applications by a few words, and what they become."""

from typing import Any

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.desired.applications import desired_application
from tenantry.desired.applications.facts import ApplicationFacts

NAMESPACE = "acme-prod"
TENANT = {"tenantry.io/tenant": "acme"}
MONITORED = frozenset({"PodMonitor", "ServiceMonitor"})


def application(*components: Manifest, name: str = "shop", **spec: Any) -> Application:
    """An Application of these components."""
    metadata = {"name": name, "namespace": NAMESPACE}
    return Application.parse({"metadata": metadata, "spec": {"components": [*components]} | spec})


def component(name: str = "web", **more: Any) -> Manifest:
    """A component with one version on port 8080, unless something else is said."""
    image = {} if "versions" in more else {"image": "ghcr.io/acme/web:1.0"}
    ports = {} if {"ports", "kind"} & more.keys() else {"port": 8080}
    return {"name": name} | image | ports | more


def facts(*served: str) -> ApplicationFacts:
    """The surroundings: tenant acme, and these optional kinds."""
    return ApplicationFacts(NAMESPACE, TENANT, frozenset(served))


def objects(made: Application, *served: str) -> list[Manifest]:
    """What an Application becomes where these optional kinds are served."""
    return desired_application(made, facts(*served))


def of_kind(kind: str, *components: Manifest, served: tuple[str, ...] = (), **spec: Any) -> Any:
    """The objects of one kind that these components become, by name."""
    made = objects(application(*components, **spec), *served)
    return {one["metadata"]["name"]: one for one in made if one["kind"] == kind}


def the(kind: str, *components: Manifest, served: tuple[str, ...] = (), **spec: Any) -> Manifest:
    """The one object of a kind."""
    [made] = of_kind(kind, *components, served=served, **spec).values()
    return made


def template_of(workload: Manifest) -> Manifest:
    """The pods that a workload makes."""
    if workload["kind"] == "CronJob":
        return workload["spec"]["jobTemplate"]["spec"]["template"]
    return workload["spec"]["template"]


def pod(*components: Manifest, kind: str = "Deployment", **spec: Any) -> Manifest:
    """The spec of the one workload's pods."""
    return template_of(the(kind, *components, **spec))["spec"]


def container(*components: Manifest, **spec: Any) -> Manifest:
    """The one workload's container."""
    [made] = pod(*components, **spec)["containers"]
    return made


WORKLOADS = {"CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"}


def workloads(manifests: list[Manifest]) -> list[Manifest]:
    """Those that make pods."""
    return [one for one in manifests if one["kind"] in WORKLOADS]
