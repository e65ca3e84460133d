"""An Application on a real control plane: made, kept, changed, told of, and gone for good."""

from functools import partial

import pytest

from audit import AuditLog, is_list_of
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant, Site
from live_applications import LiveApplication, component
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually, eventually_gone

ANOTHER = "registry.k8s.io/pause:3.9"
MADE = ("Deployment", "Service", "ServiceAccount", "ConfigMap", "HorizontalPodAutoscaler")


@pytest.fixture
async def space(make_tenant: MakeTenant) -> str:
    """A namespace of a tenant that is ready."""
    return (await make_tenant()).namespace()


async def _events(api: ClusterApi, application: LiveApplication) -> list[Manifest]:
    return [
        one
        for one in await api.list("Event", application.namespace)
        if one["involvedObject"]["kind"] == "Application"
    ]


async def test_hello_runs_and_says_so(api: ClusterApi, space: str) -> None:
    hello = LiveApplication(api, "hello", space)

    await hello.apply()
    seen = await hello.ready()

    assert seen["status"]["state"] == "Ready"
    assert seen["status"]["componentsReady"] == "1/1"
    (version,) = seen["status"]["components"][0]["versions"]
    assert (version["desired"], version["ready"], version["updated"]) == (1, 1, 1)
    assert {*await hello.has("Deployment")} == {"hello-v1"}
    assert {"hello", "hello-v1"} <= {*await hello.has("Service")}


async def test_from_apply_to_ready_it_is_told_in_a_handful_of_events_and_so_is_an_update(
    api: ClusterApi, space: str
) -> None:
    hello = LiveApplication(api, "hello", space)
    await hello.apply(component("a", replicas=3), component("b"), component("c"))
    await hello.ready()

    async def told() -> dict[str, int]:
        """How often each reason was given."""
        counts: dict[str, int] = {}
        for one in await _events(api, hello):
            counts[one["reason"]] = counts.get(one["reason"], 0) + one.get("count", 1)
        return counts

    first = await eventually(told, lambda seen: "Ready" in seen)
    assert sum(first.values()) <= 4

    await hello.apply(
        component("a", replicas=3, image=ANOTHER),
        component("b", image=ANOTHER),
        component("c", files={"/etc/c": "d"}),
    )
    await hello.ready()

    then = await eventually(told, lambda seen: seen["Ready"] == 2)
    assert sum(then.values()) - sum(first.values()) <= 4
    assert "DriftRepaired" not in then


async def test_what_is_changed_by_hand_is_put_right(api: ClusterApi, space: str) -> None:
    hello = LiveApplication(api, "hello", space)
    await hello.apply(component("web", replicas=2))
    await hello.ready()

    await api.patch("Deployment", "web-v1", {"spec": {"replicas": 5}}, space)
    await eventually(
        partial(api.get, "Deployment", "web-v1", space),
        lambda seen: seen["spec"]["replicas"] == 2,
    )
    before = (await hello.has("Service"))["web"]["metadata"]["uid"]
    await api.delete("Service", "web", space)
    await eventually(
        partial(api.get, "Service", "web", space), lambda seen: seen["metadata"]["uid"] != before
    )


async def test_what_is_taken_out_of_the_manifest_is_taken_out_of_the_cluster(
    api: ClusterApi, space: str
) -> None:
    hello = LiveApplication(api, "hello", space)
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    await hello.apply(component("web", env=env), component("gone"))
    await hello.ready()

    await hello.apply(component("web", env=env[:1]))
    await hello.ready()

    async def names() -> dict[str, set[str]]:
        return {kind: {*await hello.has(kind)} for kind in MADE}

    seen = await eventually(names, lambda seen: seen["Deployment"] == {"web-v1"})
    assert not any("gone" in name for made in seen.values() for name in made)
    web = await api.get("Deployment", "web-v1", space)
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert [one["name"] for one in container["env"]] == ["A"]


async def test_what_cannot_be_changed_of_an_object_is_made_anew_or_left_as_it_was_made(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(cost={"costCenter": "one"})
    space = tenant.namespace()
    hello = LiveApplication(api, "hello", space)
    once = component("once", kind="Job", port=None)
    await hello.apply(component("web"), component("api", dependsOn=[{"component": "web"}]), once)
    await eventually(partial(hello.has, "Job"), lambda seen: len(seen) == 1)
    ((name, job),) = (await hello.has("Job")).items()
    before = (await hello.has("Service"))["web-v1"]
    assert before["spec"]["clusterIP"] != "None"

    await tenant.apply(cost={"costCenter": "two"})
    await eventually(
        partial(api.get, "Job", name, space),
        lambda seen: "two" in seen["metadata"]["labels"].values(),
    )
    after = await api.get("Job", name, space)
    assert after["spec"]["template"] == job["spec"]["template"]

    rule = {"from": [{"podSelector": {}, "namespaceSelector": {}}]}
    spec = {"spec": {"ingress": [rule]}}
    await api.patch("NetworkPolicy", "tenantry.web", spec, space)
    await eventually(
        partial(api.get, "NetworkPolicy", "tenantry.web", space),
        lambda seen: "namespaceSelector" not in str(seen["spec"]["ingress"]),
    )

    await hello.apply(component("web", kind="StatefulSet"), component("api"), once)
    await eventually(
        partial(api.get, "Service", "web-v1", space),
        lambda seen: seen["spec"]["clusterIP"] == "None",
    )
    await eventually(partial(hello.has, "Deployment"), lambda seen: {*seen} == {"api-v1"})
    assert {*await hello.has("StatefulSet")} == {"web-v1"}
    said = [one["type"] for one in (await hello.get())["status"]["conditions"]]
    assert "Stalled" not in said


async def test_deleted_it_leaves_nothing(api: ClusterApi, space: str) -> None:
    hello = LiveApplication(api, "hello", space)
    await hello.apply(component("web", files={"/etc/a": "b"}), component("db", kind="StatefulSet"))
    await hello.ready()

    await hello.delete()

    async def left() -> list[str]:
        kinds = (*MADE, "StatefulSet", "ReplicaSet", "Pod")
        return [name for kind in kinds for name in await hello.has(kind)]

    await eventually(left, lambda seen: seen == [])


async def test_it_waits_for_its_tenant_and_says_so(
    api: ClusterApi, name: str, make_tenant: MakeTenant
) -> None:
    space = f"{name}-web"
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    early = LiveApplication(api, "early", space)
    await early.apply()

    said = await early.says("Ready", "False", "NoTenant")
    assert space in said["message"]
    assert await early.has("Deployment") == {}

    await make_tenant(namespaceOptions={"adoptionPolicy": "Always"})
    seen = await early.ready()
    assert seen["status"]["tenant"] == name


async def test_what_the_tenant_does_not_allow_is_named_before_anything_is_made(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    internet = {"internetEgress": {"enabled": True}}
    tenant = await make_tenant(allowed={"registries": ["ghcr.io/acme"]}, network=internet)
    hello = LiveApplication(api, "hello", tenant.namespace())
    egress = [{"cidrs": ["0.0.0.0/0"], "ports": [443]}]
    await hello.apply(component("hello", egress=egress))

    said = await hello.says("PolicyCompliant", "False")
    assert "spec.allowed.registries" in said["message"]
    assert await hello.has("Deployment") == {}

    await tenant.apply(allowed={"registries": ["registry.k8s.io"]})
    await hello.ready()

    # Held again it runs on, and reaches no more than the Tenant opens.
    policy = partial(api.get, "NetworkPolicy", "tenantry.hello", tenant.namespace())
    assert "ipBlock" in str((await policy())["spec"])
    await tenant.apply(allowed={"registries": ["ghcr.io/acme"]}, network=None)
    await hello.says("Ready", "False", "PolicyViolation")
    await eventually(policy, lambda seen: "ipBlock" not in str(seen["spec"]))
    assert {*await hello.has("Deployment")} == {"hello-v1"}


async def test_a_pod_on_every_node_is_only_there_where_the_tenant_allows_it(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    agent = LiveApplication(api, "agent", tenant.namespace())
    await agent.apply(component("agent", kind="DaemonSet"))

    said = await agent.says("PolicyCompliant", "False")
    assert "a DaemonSet is not among those allowed" in said["message"]
    assert "spec.allowed.workloadKinds" in said["message"]
    assert await agent.has("DaemonSet") == {}

    await tenant.apply(allowed={"workloadKinds": ["DaemonSet"]})
    await agent.ready()


async def test_two_applications_do_not_get_in_each_others_way(api: ClusterApi, space: str) -> None:
    one, other = LiveApplication(api, "one", space), LiveApplication(api, "other", space)
    await one.apply(component("web"))
    await one.ready()

    await other.apply(component("api"), component("web"))
    said = await other.says("Ready", "False", "NameTaken")
    assert "the Application one" in said["message"]
    await other.apply(component("api"))
    await other.ready()
    await other.delete()

    seen = await one.get()
    assert seen["status"]["state"] == "Ready"
    assert {*await one.has("Deployment")} == {"web-v1"}


async def test_what_somebody_else_made_is_left_alone_until_it_is_handed_over(
    api: ClusterApi, space: str
) -> None:
    metadata = {"name": "web", "namespace": space}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    ports = [{"name": "old", "port": 8080}]
    await api.create(service | {"spec": {"ports": ports, "selector": {"a": "b"}}})
    hello = LiveApplication(api, "hello", space)
    await hello.apply(component("web"))
    await hello.says("Ready", "False", "NameTaken")

    labels = {"metadata": {"labels": {"tenantry.io/application": "hello"}}}
    await api.patch("Service", "web", labels, space)
    await hello.apply(component("web", replicas=2))
    await hello.ready()

    seen = await api.get("Service", "web", space)
    assert [one["name"] for one in seen["spec"]["ports"]] == ["http"]
    assert seen["spec"]["selector"]["app"] == "web"


async def test_why_pods_do_not_come_is_named_with_the_quotas_key(
    api: ClusterApi, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(quota={"hard": {"pods": 2}}, policy={"mode": "Warn"})
    hello = LiveApplication(api, "hello", tenant.namespace())

    await hello.apply(component("web", replicas=4))

    said = await hello.says("Degraded", "True", "QuotaExceeded")
    assert "pods" in said["message"]


async def test_why_a_pod_does_not_start_is_named_with_what_the_kubelet_says(
    api: ClusterApi, space: str
) -> None:
    hello = LiveApplication(api, "hello", space)
    await hello.apply(component("web", nodeSelector={"no": "such"}))

    said = await hello.says("Ready", "False", "Unschedulable")

    assert "node" in said["message"]


async def test_a_tenants_people_may_write_or_see_applications_as_their_role_says(
    as_user: AsUser, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(viewers=[{"kind": "User", "name": "vera"}])
    owner, viewer = await as_user("olivia"), await as_user("vera")
    mine = LiveApplication(owner, "mine", tenant.namespace())

    await mine.apply()
    await mine.ready()

    seen = LiveApplication(viewer, "mine", tenant.namespace())
    assert (await seen.get())["status"]["state"] == "Ready"
    with pytest.raises(Forbidden):
        await seen.apply(component("other"))


async def test_nothing_is_written_while_nothing_changes(site: Site) -> None:
    tenant = LiveTenant(site.api, "quiet")
    hello = LiveApplication(site.api, "hello", tenant.namespace())
    async with site.operator():
        await tenant.apply()
        await tenant.ready()
        await hello.apply(
            component("web", files={"/etc/a": "b"}, replicas=2),
            component("scaled", autoscaling={"maxReplicas": 3}),
            component("db", kind="StatefulSet"),
            component("nightly", kind="CronJob", schedule="0 3 * * *", port=None),
        )
        await hello.ready()
        await eventually(
            tenant.get, lambda seen: seen["status"].get("applications", {}).get("ready") == 1
        )
    audit = AuditLog(site.cluster.audit_log)
    async with site.operator(resync_interval="300ms"):

        async def lists() -> int:
            return audit.count(is_list_of("applications"))

        await eventually(lists, lambda count: count >= 4)
        writes = [one for one in audit.writes() if "/quiet" in one]
        assert writes == []
        await site.api.delete("Application", "hello", tenant.namespace())
        await eventually_gone(hello.get)
        await tenant.delete()
        await tenant.gone()
