"""What is written for an Application: the requests that the operator makes, for the raw client.

They are rendered by the operator's own pure code, for a cluster without Istio and without the
Gateway API, as the raw client's Tenants are (``script``). Its namespace has had no Application
before, so what closes it to the pods of Applications is among them (ADR 0015). One thing is not the
same: each object has a digest of all that was applied, the Application's uid included, which nobody
knows before the API server has taken it; the digest is that of the placeholder, and as long.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
import yaml

from bench.api import JSON, Write
from bench.chart import ROOT
from bench.script import UID, all_well, applied, created, event, tenant, utc_now
from tenantry.api.application import Application
from tenantry.api.base import Manifest, manifest_of
from tenantry.api.names import API_VERSION, FIELD_MANAGER
from tenantry.api.tenant import Tenant
from tenantry.application_desire import Desire, desire
from tenantry.application_order import stage_of
from tenantry.application_outcome import ApplicationOutcome
from tenantry.application_plan import owned
from tenantry.application_status import report_application
from tenantry.application_surroundings import surroundings_of
from tenantry.application_workloads import workloads_of
from tenantry.cluster.client import JSON_PATCH
from tenantry.cluster.resources import APPLICATIONS
from tenantry.desired import desired_namespaces
from tenantry.desired.objects import Facts
from tenantry.governance import violations
from tenantry.observed import Key, Observed, key_of, observe
from tenantry.refused_pods import RefusedPods
from tenantry.status import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOMAIN: Final = "bench.example.com"
MODEL: Final = ROOT / "examples" / "bookinfo" / "application.yaml"


def application(name: str, namespace: str) -> Manifest:
    """Bookinfo, under a name and at a host of its own.

    Names of components are one Application's in a namespace: each needs a namespace of its own.
    """
    made: Manifest = orjson.loads(_model())
    made["metadata"] = {"name": name, "namespace": namespace}
    for component in made["spec"]["components"]:
        for exposure in component.get("expose", ()):
            exposure["host"] = f"{namespace}.{DOMAIN}"
    return made


def owner(name: str, namespaces: int) -> Manifest:
    """A Tenant that lets its Applications have these hosts."""
    made = tenant(name, namespaces)
    return made | {"spec": made["spec"] | {"allowed": {"hosts": [f"*.{DOMAIN}"]}}}


@cache
def _model() -> bytes:
    return orjson.dumps(yaml.safe_load(MODEL.read_text(encoding="utf-8")))


def posted(manifest: Manifest) -> Write:
    """The request that creates an Application, as a person's client makes it."""
    path = APPLICATIONS.path(manifest["metadata"]["namespace"])
    return Write("POST", f"{path}?fieldManager=bench", JSON, orjson.dumps(manifest))


def key(manifest: Manifest) -> str:
    """Namespace and name, with a slash."""
    return f"{manifest['metadata']['namespace']}/{manifest['metadata']['name']}"


def requests(manifest: Manifest, whose: Manifest) -> dict[str, Any]:
    """All requests for one Application, grouped by what must wait for what.

    Gives ``name``, ``application``, ``ground`` (what closes its namespace to it, in order),
    ``stages`` (what it is made into, in the operator's order), ``status`` and ``events``.

    Args:
        manifest: the Application, as `application` gives it.
        whose: the Tenant whose namespace it is in, as `owner` gives it.

    Raises:
        ValueError: the Tenant's rules would not let the operator write it.
    """
    identity = {"uid": UID, "generation": 1}
    seen = Application.parse(manifest | {"metadata": manifest["metadata"] | identity})
    ready, ground, space = _ground(whose, seen.namespace)
    if broken := violations(seen, ready):
        raise ValueError("; ".join(map(str, broken)))
    found: dict[Key, Observed] = {("Namespace", "", seen.namespace): space}
    around = surroundings_of(seen, ready, (), (), found.get)
    wanted = desire(seen, around, {}, datetime.now(UTC))
    objects = [owned(seen, one) for one in wanted.manifests]
    return {
        "name": key(manifest),
        "application": posted(manifest),
        "ground": ground,
        "stages": [[created(one) for one in stage] for stage in _stages(objects)],
        **_told(seen, ready, wanted, objects),
    }


def _ground(whose: Manifest, namespace: str) -> tuple[Tenant, list[list[Write]], Observed]:
    """The Tenant when it is ready, the requests that close a namespace, and the Namespace."""
    name = whose["metadata"]["name"]
    seen = Tenant.parse(whose | {"metadata": {"name": name, "generation": 1, "uid": UID}})
    before = desired_namespaces(seen, Facts({name: seen.prefix}))
    facts = Facts({name: seen.prefix}, inhabited=[namespace])
    was = next(one for one in before if one.name == namespace)
    space = next(one for one in desired_namespaces(seen, facts) if one.name == namespace)
    marked = [] if space.namespace == was.namespace else [space.namespace]
    changed = [one for one in space.guards if one not in was.guards]
    steps = [
        [applied(one) for one in marked],
        [created(one) for one in space.closures],
        [applied(one) for one in changed],
    ]
    status = manifest_of(report(seen, all_well(before), utc_now()))
    ready = Tenant.parse(whose | {"metadata": {"name": name}, "status": status})
    return ready, [step for step in steps if step], observe(space.namespace)


def _stages(objects: Sequence[Manifest]) -> Iterator[list[Manifest]]:
    for stage in sorted({stage_of(one) for one in objects}):
        yield [one for one in objects if stage_of(one) == stage]


def _told(
    seen: Application, whose: Tenant, wanted: Desire, objects: Sequence[Manifest]
) -> dict[str, Any]:
    """The status when everything is written and no controller has looked at it, and its Events."""
    made = {key_of(one): observe(_stored(one)) for one in objects}
    workloads = workloads_of(made, RefusedPods())
    outcome = ApplicationOutcome(whose.name, told=wanted.told, workloads=workloads)
    now = utc_now()
    status = report_application(seen, outcome, now)
    said = {one.type: one for one in status.conditions}
    subject = {"apiVersion": API_VERSION, "kind": "Application", "name": seen.name}
    subject |= {"uid": seen.metadata.uid, "namespace": seen.namespace}
    body = orjson.dumps(
        [
            {"op": "test", "path": "/metadata/uid", "value": seen.metadata.uid},
            {"op": "add", "path": "/status", "value": manifest_of(status)},
        ]
    )
    where = f"{APPLICATIONS.path(seen.namespace, seen.name)}/status?fieldManager={FIELD_MANAGER}"
    return {
        "status": Write("PATCH", where, JSON_PATCH, body),
        "events": [
            event(subject, said["Ready"], now),
            event(subject, said["TrafficManaged"], now, "Warning"),
        ],
    }


def _stored(manifest: Manifest) -> Manifest:
    return manifest | {"metadata": manifest["metadata"] | {"generation": 1}}
