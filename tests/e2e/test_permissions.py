"""The operator may do what it does, and nothing else: grants against the API server's audit log.

One scenario goes every way that the operator has; whatever other tests did before only adds to it.
A right that no way needs would show here as one that was granted and never used.
"""

from functools import partial
from typing import Any

import pytest

import rate_cards
from audit import AuditLog, Entry
from cluster_api import ClusterApi
from conftest import Site
from granted import Right, rights, rules
from live_applications import LiveApplication, component
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.api.names import APPLICATION_LABEL
from tenantry.cluster.resources import OPTIONAL, OPTIONAL_OF_APPLICATIONS
from waiting import eventually
from workloads import IMAGE

TEAM = [{"kind": "Group", "name": "team"}]
LABELS = {"a.b/theirs": "1"}


def _guards(space: str) -> list[Manifest]:
    """What somebody else has made under the operator's names."""
    metadata = {"name": "tenantry", "namespace": space, "labels": LABELS}
    rbac = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {}}},
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": metadata,
            "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": {"podSelector": {}},
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": metadata | {"name": "tenantry-owners"},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "tenantry:rights", "labels": LABELS},
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "tenantry:rights", "labels": LABELS},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
        },
    ]


async def _adopt(api: ClusterApi) -> None:
    """A namespace that was there, with objects in the way."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rights-web"}}
    await api.create(space)
    for manifest in _guards("rights-web"):
        await api.create(manifest)
    tenant = LiveTenant(api, "rights")
    allowed = {"workloadKinds": ["*"], "hosts": ["*"]}
    spec = {"namespaceOptions": {"adoptionPolicy": "Always"}, "allowed": allowed}
    await tenant.apply(**spec, editors=TEAM)
    await tenant.ready()
    await tenant.apply(**spec, editors=[*TEAM, {"kind": "User", "name": "ann"}])
    await tenant.ready()


async def _leave(api: ClusterApi, policy: str) -> None:
    tenant = LiveTenant(api, f"rights-{policy.lower()}")
    await tenant.apply(deletionPolicy=policy)
    await tenant.ready()
    await tenant.delete()
    await tenant.gone()


async def _repeat(api: ClusterApi) -> None:
    """The same news twice: an Event, and its count."""
    for _ in range(2):
        await api.delete("LimitRange", "tenantry", "rights-web")
        await LiveTenant(api, "rights").appears("LimitRange")


async def _lose_service_account(site: Site) -> None:
    """Kubernetes makes it as well, and is often faster: here it is kept from that."""
    site.cluster.pause("kube-controller-manager")
    try:
        await site.api.delete("ServiceAccount", "default", "rights-web")
        await LiveTenant(site.api, "rights").appears("ServiceAccount", "default")
    finally:
        site.cluster.resume("kube-controller-manager")


_MADE = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "ConfigMap",
    "ServiceAccount",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "Ingress",
)


def _everything(image: str, most: int) -> list[Manifest]:
    """A component of each kind, with all that a component may be made into."""
    scaled = {"minReplicas": 2, "maxReplicas": most}
    files = {"/etc/image": image}
    exposed = [{"host": "rights.example.com"}]
    return [
        component(
            "web", image=image, files=files, autoscaling=scaled, port=7000 + most, expose=exposed
        ),
        component("db", image=image, kind="StatefulSet", replicas=most),
        component("agent", image=image, kind="DaemonSet"),
        component("nightly", image=image, kind="CronJob", schedule="@daily", port=None),
        component("once", image=image, kind="Job", port=None),
    ]


async def _unlabel(application: LiveApplication) -> None:
    """Take its label off all that it was made into, so that it is in its own way, for a while."""
    patch = {"metadata": {"labels": {APPLICATION_LABEL: None}}}
    for kind in _MADE:
        made = await application.has(kind)
        for name in made:
            await application.api.patch(kind, name, patch, application.namespace)
        await eventually(
            partial(application.has, kind), lambda seen, made=made: seen.keys() == made.keys()
        )


async def _run(api: ClusterApi) -> None:
    """An Application that is made, has objects in its way, is changed, and is cut down."""
    application = LiveApplication(api, "rights", "rights-web")
    await application.apply(*_everything(IMAGE, 3))
    await application.says("Available", "True")
    await _unlabel(application)
    await application.apply(*_everything(f"{IMAGE}.1", 4))
    await application.says("Available", "True")
    await application.apply(component("last"))
    await application.ready()
    await application.delete()


async def _have_to_stand_by(api: ClusterApi) -> None:
    """Somebody else has the lease, for two seconds."""
    metadata = {"name": "tenantry", "namespace": "tenantry-system"}
    about = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}
    spec = {"holderIdentity": "somebody", "leaseDurationSeconds": 2}
    await api.apply(about | {"spec": spec}, force=True)


async def _lose_lease(api: ClusterApi) -> None:
    """Somebody deletes the lease; the leader makes it again."""
    await api.delete("Lease", "tenantry", "tenantry-system")
    await eventually(partial(api.get, "Lease", "tenantry", "tenantry-system"))


@pytest.fixture(scope="module")
async def heard(site: Site) -> list[Entry]:
    """All requests of an operator that has gone every way."""
    audit = AuditLog(site.cluster.audit_log)
    options = {"leader_elect": "true", "lease_namespace": "tenantry-system"}
    await _have_to_stand_by(site.api)
    await site.api.create(rate_cards.manifest("rights"))
    async with site.operator(**options):
        await _adopt(site.api)
        await _lose_lease(site.api)
        await _repeat(site.api)
        await _lose_service_account(site)
        await _run(site.api)
        for policy in ("Orphan", "Delete", "Retain"):
            await _leave(site.api, policy)
        rights = LiveTenant(site.api, "rights")
        await rights.delete()
        await rights.gone()

        async def told() -> int:
            return audit.count(lambda one: _target(one) == ("", "events", "patch"))

        await eventually(told)
        get = partial(site.api.get, "RateCard", "rights")
        await eventually(get, lambda seen: "pricedUntil" in seen["status"])
        await site.api.delete("RateCard", "rights")
    return [*audit.entries()]


def _target(entry: Entry) -> Right:
    target: dict[str, Any] = entry.get("objectRef", {})
    resource = "/".join(target[part] for part in ("resource", "subresource") if part in target)
    return target.get("apiGroup", ""), resource, entry["verb"]


def _used(entries: list[Entry]) -> set[Right]:
    """The rights behind requests.

    A server-side apply that makes an object needs the right to create it as well:
    https://kubernetes.io/docs/reference/using-api/server-side-apply/.
    """
    asked = [entry for entry in entries if "objectRef" in entry]
    used = {_target(entry) for entry in asked}
    made = [one for one in asked if one["verb"] == "patch" and one["responseStatus"]["code"] == 201]
    return used | {(*_target(entry)[:2], "create") for entry in made}


HANDED_OUT = {
    ("rbac.authorization.k8s.io", "clusterroles", "bind"),
    *(("tenantry.io", "tenants", verb) for verb in ("get", "operate", "use", "selfservice")),
}
"""What the operator holds to hand it out, for nobody may grant what they do not hold, and what
admission policies ask about it."""


def test_what_is_used_is_what_is_granted(heard: list[Entry]) -> None:
    optional = {(one.group, one.plural) for one in (*OPTIONAL, *OPTIONAL_OF_APPLICATIONS)}
    granted = {one for one in rights(rules()) if one[:2] not in optional} - HANDED_OUT

    assert {one for one in _used(heard) if one[:2] not in optional} == granted


def test_nothing_is_refused(heard: list[Entry]) -> None:
    refused = [one for one in heard if one["responseStatus"]["code"] in {401, 403}]

    assert [(one["verb"], one["requestURI"]) for one in refused] == []


def test_beyond_objects_it_asks_only_what_the_api_server_has(heard: list[Entry]) -> None:
    paths = {one["requestURI"] for one in heard if "objectRef" not in one}

    assert all(path.startswith(("/api", "/version")) for path in paths)


def test_events_are_written_where_what_they_tell_of_is_and_leases_in_one_namespace(
    heard: list[Entry],
) -> None:
    places = {
        (one["objectRef"]["resource"], one["objectRef"].get("namespace"))
        for one in heard
        if one.get("objectRef", {}).get("resource") in {"events", "leases"}
        and one["verb"] not in {"list", "watch"}
    }

    assert places == {
        ("events", "default"),
        ("events", "rights-web"),
        ("leases", "tenantry-system"),
    }


def test_lists_and_watches_are_narrowed_on_the_server(heard: list[Entry]) -> None:
    """Of this project's own kinds all are of interest; else what carries the operator's labels."""
    wide = {
        one["objectRef"]["resource"]
        for one in heard
        if one["verb"] in {"list", "watch"} and "Selector=" not in one["requestURI"]
    }

    assert wide == {"tenants", "applications", "ratecards"}
