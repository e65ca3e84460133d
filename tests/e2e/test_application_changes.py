"""What becomes of a running Application as it and its surroundings change, and when it goes."""

from typing import Final

import pytest

from cluster_api import ClusterApi
from conftest import MakeTenant
from live_applications import LiveApplication, component
from tenantry.api.base import Manifest
from tenantry.cluster.resources import NETWORK_POLICIES, OWNED_BY_APPLICATIONS, SERVICE_ACCOUNTS
from waiting import eventually

MADE: Final = (
    NETWORK_POLICIES.kind,
    SERVICE_ACCOUNTS.kind,
    *(o.kind for o in OWNED_BY_APPLICATIONS),
)
"""All kinds that an Application is made into where there are no others' CRDs."""
FOLLOWING: Final = ("ReplicaSet", "Pod", "EndpointSlice")
"""Kinds of what controllers make of these; with their labels."""
ANOTHER: Final = "registry.k8s.io/pause:3.9"
RESTARTED: Final = "kubectl.kubernetes.io/restartedAt"
TRACKING: Final = {
    "argocd.argoproj.io/instance": "tracker",
    "app.kubernetes.io/instance": "tracker",
    "kustomize.toolkit.fluxcd.io/name": "tracker",
    "kustomize.toolkit.fluxcd.io/namespace": "tracker",
    "helm.toolkit.fluxcd.io/name": "tracker",
}
"""Labels by which GitOps tools know what they have applied."""
ANNOTATED: Final = {
    "argocd.argoproj.io/tracking-id": "tracker:tenantry.io/Application:x/shop",
    "argocd.argoproj.io/sync-wave": "tracker",
    "meta.helm.sh/release-name": "tracker",
}


@pytest.fixture
async def shop(api: ClusterApi, name: str, make_tenant: MakeTenant) -> LiveApplication:
    """An Application that is not applied yet, of a tenant that may do all that these tests do."""
    tenant = await make_tenant(
        allowed={"hosts": [f"{name}.example.com"], "workloadKinds": ["*"]},
    )
    return LiveApplication(api, "shop", tenant.namespace())


def _one_of_each(name: str) -> list[Manifest]:
    """Components that become objects of every kind."""
    return [
        component(
            "web",
            replicas=2,
            files={"/etc/a": "b"},
            expose=[{"host": f"{name}.example.com", "type": "Ingress"}],
            dependsOn=[{"component": "db"}],
        ),
        component("scaled", autoscaling={"maxReplicas": 3}),
        component("db", kind="StatefulSet"),
        component("agent", kind="DaemonSet"),
        component("once", kind="Job", port=None),
        component("nightly", kind="CronJob", schedule="0 3 1 1 *", port=None),
    ]


async def _left(shop: LiveApplication) -> dict[str, list[Manifest]]:
    """What it was made into, by kind."""
    found = {kind: [*(await shop.has(kind)).values()] for kind in (*MADE, *FOLLOWING)}
    return {kind: those for kind, those in found.items() if those}


async def test_deleted_it_leaves_nothing_of_any_kind_and_nothing_bears_what_tools_track_it_by(
    shop: LiveApplication, name: str
) -> None:
    await shop.apply(*_one_of_each(name))
    tracked = {"metadata": {"labels": TRACKING, "annotations": ANNOTATED}}
    await shop.api.patch("Application", shop.name, tracked, shop.namespace)
    await shop.apply(*_one_of_each(name), description="known to tools")
    await shop.ready()

    made = await _left(shop)
    assert {*MADE} <= made.keys()
    copied = [
        (kind, one["metadata"]["name"], key)
        for kind, those in made.items()
        for one in those
        for part in (one, one.get("spec", {}).get("template") or {})
        for where in ("labels", "annotations")
        for key, value in part.get("metadata", {}).get(where, {}).items()
        if value in {*TRACKING.values(), *ANNOTATED.values()}
    ]
    assert copied == []
    await shop.delete()
    await eventually(lambda: _left(shop), lambda seen: not seen)


async def test_deleted_in_the_middle_of_an_update_it_leaves_nothing_either(
    shop: LiveApplication, name: str
) -> None:
    await shop.apply(*_one_of_each(name))
    await shop.ready()

    late = [one | {"nodeSelector": {"no": "such"}} for one in _one_of_each(name)]
    await shop.apply(*late)
    await shop.says("Degraded", "True", "Unschedulable")
    await shop.delete()

    await eventually(lambda: _left(shop), lambda seen: not seen)


async def test_nothing_is_left_of_a_component_or_a_version_under_its_old_name(
    shop: LiveApplication,
) -> None:
    await shop.apply(component("web", replicas=2, files={"/etc/a": "b"}), component("api"))
    await shop.ready()

    renamed = component("api", image=None, versions=[{"name": "v2", "image": ANOTHER}])
    await shop.apply(component("site", replicas=2, files={"/etc/a": "b"}), renamed)
    await shop.ready()

    async def old() -> list[str]:
        return [
            one["metadata"]["name"]
            for those in (await _left(shop)).values()
            for one in those
            if "web" in one["metadata"]["name"] or one["metadata"]["name"].startswith("api-v1")
        ]

    await eventually(old, lambda seen: not seen)
    assert {*await shop.has("Deployment")} == {"site-v1", "api-v2"}
    seen = await shop.ready()
    assert [one["name"] for one in seen["status"]["components"]] == ["site", "api"]


async def test_files_that_change_replace_pods_and_what_is_others_is_left_to_them(
    api: ClusterApi, shop: LiveApplication
) -> None:
    def components(text: str, image: str) -> list[Manifest]:
        return [
            component("web", files={"/etc/a": text}),
            component("scaled", autoscaling={"maxReplicas": 3}, image=image),
        ]

    space = shop.namespace
    await shop.apply(*components("before", ANOTHER))
    await shop.ready()
    (pod,) = await api.list("Pod", space, "app=web")
    # What an autoscaler, a person and a tool do.
    await api.patch("Deployment", "scaled-v1", {"spec": {"replicas": 3}}, space, "scale")
    template = {"metadata": {"annotations": {RESTARTED: "2026-01-01T00:00:00Z"}}}
    theirs = {"labels": {"team": "blue"}, "annotations": {"acme.io/seen": "yes"}}
    await api.patch(
        "Deployment", "scaled-v1", {"metadata": theirs, "spec": {"template": template}}, space
    )
    await eventually(lambda: api.list("Pod", space, "app=scaled"), lambda seen: len(seen) == 3)

    await shop.apply(*components("after", component("x")["image"]))
    await shop.ready()

    scaled = await api.get("Deployment", "scaled-v1", space)
    assert scaled["spec"]["replicas"] == 3
    assert scaled["spec"]["template"]["metadata"]["annotations"][RESTARTED]
    assert scaled["spec"]["template"]["spec"]["containers"][0]["image"] == component("x")["image"]
    assert theirs["labels"].items() <= scaled["metadata"]["labels"].items()
    assert theirs["annotations"].items() <= scaled["metadata"]["annotations"].items()
    pods = await eventually(lambda: api.list("Pod", space, "app=web"), lambda seen: len(seen) == 1)
    assert pods[0]["metadata"]["name"] != pod["metadata"]["name"]
    (mounted,) = (await shop.has("ConfigMap")).values()
    assert [*mounted["data"].values()] == ["after"]
    # Nothing here measures pods, so the autoscaler can do nothing: it says so after a while.
    said = await shop.says("ScalingActive", "False", "FailedGetResourceMetric")
    assert "scaled v1" in said["message"]
    await shop.ready()
