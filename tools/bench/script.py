"""What is written for a Tenant: the requests that the operator makes, in full, for the raw client.

They are rendered by the operator's own pure code before any clock runs. That they are the very same
is not believed but checked, in every run: the audit log must show no other writes by kind and verb
(`audit`), and an operator that is started on what the raw client made finds nothing to write
(`restart`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from bench.api import JSON, Write
from tenantry.api.base import Manifest, manifest_of
from tenantry.api.names import API_VERSION, FIELD_MANAGER, FINALIZER
from tenantry.api.tenant import Tenant
from tenantry.cluster.client import APPLY, JSON_PATCH
from tenantry.cluster.resources import BY_KIND, TENANTS
from tenantry.desired import desired_namespaces
from tenantry.desired.cluster_roles import cluster_roles
from tenantry.desired.objects import DesiredNamespace, Facts
from tenantry.outcomes import NamespaceOutcome, Outcome
from tenantry.status import report, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tenantry.api.tenant_status import Condition, TenantStatus

UID: Final = "@uid@"
"""Stands for the Tenant's uid, which is known once the API server has taken the Tenant."""


_AS_US: Final = {"fieldManager": FIELD_MANAGER}


def tenant(name: str, namespaces: int = 3) -> Manifest:
    """A Tenant with default quota, limits and isolation, and the three roles."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Tenant",
        "metadata": {"name": name},
        "spec": {
            "owners": [{"kind": "User", "name": f"{name}-owner"}],
            "editors": [{"kind": "Group", "name": f"{name}-developers"}],
            "viewers": [{"kind": "Group", "name": f"{name}-support"}],
            "namespaces": [{"name": f"n{number}"} for number in range(namespaces)],
        },
    }


def posted(manifest: Manifest) -> Write:
    """The request that creates a Tenant, as a person's client makes it."""
    return Write("POST", f"{TENANTS.path()}?fieldManager=bench", JSON, orjson.dumps(manifest))


def write_script(path: Path, scripts: Iterable[dict[str, Any]]) -> None:
    """Write scripts to a file, a Tenant or an Application a line."""
    with path.open("wb") as file:
        for one in scripts:
            file.write(orjson.dumps(one, default=_plain) + b"\n")


def requests(manifest: Manifest) -> dict[str, Any]:
    """All requests for one Tenant, grouped by what must wait for what.

    Gives ``name``, ``tenant``, ``hold`` (the finalizer), ``namespaces`` (each with ``make``,
    ``guards``, ``access``), ``sight`` (ClusterRoles and their bindings), ``status`` and ``event``;
    each request a `Write`.
    """
    name = manifest["metadata"]["name"]
    seen = Tenant.parse(manifest | {"metadata": {"name": name, "generation": 1, "uid": UID}})
    spaces = desired_namespaces(seen, Facts({name: seen.prefix}))
    now = utc_now()
    status = report(seen, all_well(spaces), now)
    return {
        "name": name,
        "tenant": posted(manifest),
        "hold": _patched(name, "", "/metadata/finalizers", [FINALIZER]),
        "namespaces": [
            {
                "make": _made(space.namespace),
                "guards": [_made(one) for one in space.guards],
                "access": [_made(one) for one in space.access],
            }
            for space in spaces
        ],
        "sight": [_made(one) for one in cluster_roles(seen, [one.name for one in spaces], [])],
        "status": _patched(name, "/status", "/status", manifest_of(status)),
        "event": _event(name, status, now),
    }


def _made(manifest: Manifest) -> Write:
    """The default ServiceAccount may be there already, so it is applied."""
    return applied(manifest) if manifest["kind"] == "ServiceAccount" else created(manifest)


def created(manifest: Manifest) -> Write:
    """The request that creates an object, as the operator makes it."""
    path = BY_KIND[manifest["kind"]].path(manifest["metadata"].get("namespace"))
    return Write("POST", f"{path}?{urlencode(_AS_US)}", JSON, orjson.dumps(manifest))


def applied(manifest: Manifest) -> Write:
    """The server-side apply of an object, as the operator makes it."""
    metadata = manifest["metadata"]
    path = BY_KIND[manifest["kind"]].path(metadata.get("namespace"), metadata["name"])
    query = urlencode(_AS_US | {"force": "true"})
    return Write("PATCH", f"{path}?{query}", APPLY, orjson.dumps(manifest))


def _patched(name: str, subresource: str, path: str, value: Any) -> Write:
    tests: list[Manifest] = [{"op": "test", "path": "/metadata/uid", "value": UID}]
    if not subresource:
        tests.append({"op": "test", "path": path, "value": None})
    body = orjson.dumps([*tests, {"op": "add", "path": path, "value": value}])
    where = f"{TENANTS.path(None, name)}{subresource}?fieldManager={FIELD_MANAGER}"
    return Write("PATCH", where, JSON_PATCH, body)


def _event(name: str, status: TenantStatus, now: str) -> Write:
    ready = next(one for one in status.conditions if one.type == "Ready")
    subject = {"apiVersion": API_VERSION, "kind": "Tenant", "name": name, "uid": UID}
    return event(subject, ready, now)


def event(subject: Manifest, condition: Condition, now: str, type_: str = "Normal") -> Write:
    """The Event that tells of a condition.

    Args:
        subject: what it is about, as ``involvedObject`` has it.
        condition: of it.
        now: RFC 3339.
        type_: ``Normal`` or ``Warning``.
    """
    place = subject.get("namespace", "default")
    manifest = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{subject['name']}.", "namespace": place},
        "involvedObject": subject,
        "type": type_,
        "reason": condition.reason,
        "message": condition.message,
        "source": {"component": FIELD_MANAGER},
        "reportingComponent": "tenantry.io/operator",
        "reportingInstance": "",
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }
    return created(manifest)


def utc_now() -> str:
    """The time as the operator writes it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def all_well(spaces: Sequence[DesiredNamespace]) -> Outcome:
    """What one look at a Tenant gives when all could be written."""
    quotas = (one for space in spaces for one in space.guards if one["kind"] == "ResourceQuota")
    return Outcome(
        tuple(NamespaceOutcome(space.name) for space in spaces),
        hard=total(one["spec"]["hard"] for one in quotas),
    )


def _plain(value: object) -> object:
    """Requests as lists; their bodies are JSON in UTF-8, so they pass as text."""
    if isinstance(value, Write):
        return [*value]
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(type(value).__name__)


def counted(scripts: Iterable[dict[str, Any]]) -> Counter[str]:
    """How many requests by verb and kind, in the words of the audit log."""
    return Counter(_what(write) for script in scripts for write in _each(script))


def _each(part: Any) -> Iterator[Write]:
    """The requests in a script, or in a part of one."""
    if isinstance(part, Write):
        yield part
    elif isinstance(part, dict | list):
        for below in part.values() if isinstance(part, dict) else part:
            yield from _each(below)


def _what(write: Write) -> str:
    parts = write.path.partition("?")[0].split("/")
    if write.method == "POST":
        return f"create {parts[-1]}"
    return f"patch {parts[-3]}/status" if parts[-1] == "status" else f"patch {parts[-2]}"
