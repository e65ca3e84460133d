"""The tenant's quota, lent to its namespaces by need, and never more than there is."""

from functools import partial
from typing import Any

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.api.quantities import amount
from tenantry.cluster.errors import Forbidden
from waiting import eventually

PODS = {"pods": "8"}


async def _hard(acme: LiveTenant, short: str, key: str = "pods", name: str = "tenantry") -> Any:
    quota = await acme.made("ResourceQuota", name, short)
    return quota["status"].get("hard", {}).get(key)


async def _shares(acme: LiveTenant, *shorts: str, key: str = "pods") -> list[str]:
    return [await _hard(acme, short, key) for short in shorts]


async def _settled(acme: LiveTenant, wanted: list[str], *shorts: str, key: str = "pods") -> None:
    await eventually(partial(_shares, acme, *shorts, key=key), lambda seen: seen == wanted)


async def _run(api: ClusterApi, acme: LiveTenant, short: str, replicas: int) -> None:
    await api.create(workloads.deployment("web", acme.namespace(short), replicas))
    await _scaled(api, acme, short, replicas)


async def _scaled(api: ClusterApi, acme: LiveTenant, short: str, replicas: int) -> None:
    await eventually(
        partial(api.get, "Deployment", "web", acme.namespace(short)),
        lambda seen: seen["status"].get("readyReplicas", 0) == replicas,
        within=60,  # a controller that was refused often waits long before it tries again
    )


def _listed(*shorts: str, **quota: Manifest) -> list[Manifest]:
    return [{"name": short, "quota": quota.get(short, {})} for short in shorts]


async def test_idle_namespaces_share_what_there_is(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})

    await _settled(acme, ["4", "4"], "a", "b")

    assert (await acme.get())["status"]["quota"]["hard"]["pods"] == "8"


async def test_what_one_leaves_another_may_use_without_anyone_acting(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _settled(acme, ["4", "4"], "a", "b")

    await _run(api, acme, "a", 8)

    await _settled(acme, ["8", "0"], "a", "b")
    with pytest.raises(Forbidden, match="exceeded quota: tenantry"):
        await api.create(workloads.pod("one", acme.namespace("b")))


async def test_what_becomes_idle_is_given_back(make_tenant: MakeTenant, api: ClusterApi) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _run(api, acme, "a", 8)

    await api.patch("Deployment", "web", {"spec": {"replicas": 1}}, acme.namespace("a"))
    await eventually(
        partial(acme.made, "ResourceQuota", short="a"),
        lambda seen: seen["status"]["used"]["pods"] == "1",
        within=60,
    )
    await _run(api, acme, "b", 7)


async def test_a_guarantee_is_kept_free(make_tenant: MakeTenant, api: ClusterApi) -> None:
    acme = await make_tenant(
        namespaces=_listed("a", "b", b={"guarantee": {"pods": "3"}}), quota={"hard": PODS}
    )

    await api.create(workloads.deployment("web", acme.namespace("a"), 8))

    await _scaled(api, acme, "a", 5)
    await _settled(acme, ["5", "3"], "a", "b")
    await _run(api, acme, "b", 3)


async def test_a_namespace_has_no_more_than_its_limit(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(
        namespaces=_listed("a", "b", a={"hard": {"pods": "2"}}), quota={"hard": PODS}
    )

    await _settled(acme, ["2", "6"], "a", "b")


async def test_static_shares_stay_whatever_is_used(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS, "distribution": "Static"})
    await _settled(acme, ["4", "4"], "a", "b")

    await api.create(workloads.deployment("web", acme.namespace("a"), 8))

    await _scaled(api, acme, "a", 4)
    assert await _shares(acme, "a", "b") == ["4", "4"]


async def test_a_new_namespace_gets_its_part(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _settled(acme, ["4", "4"], "a", "b")

    await acme.apply(namespaces=[{"name": one} for one in ("a", "b", "c", "d")])
    await acme.ready()

    async def whole() -> int:
        return sum(int(one) for one in await _shares(acme, "a", "b", "c", "d"))

    await eventually(whole, lambda seen: seen == 8)
    assert int(await _hard(acme, "c")) > 0


async def test_a_quota_below_what_is_used_evicts_nothing_and_admits_nothing(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _run(api, acme, "a", 6)

    await acme.apply(quota={"hard": {"pods": "4"}})

    await acme.becomes("OverQuota", "True", "UsedMoreThanQuota")
    assert "pods: 6 used of 4" in condition(await acme.get(), "OverQuota")["message"]  # type: ignore[index]
    await _settled(acme, ["4", "0"], "a", "b")
    await _scaled(api, acme, "a", 6)
    for short in ("a", "b"):
        with pytest.raises(Forbidden, match="exceeded quota"):
            await api.create(workloads.pod("one", acme.namespace(short)))


async def test_guarantees_over_the_whole_are_told_and_met_in_part(make_tenant: MakeTenant) -> None:
    much = {"guarantee": {"pods": "6"}}
    acme = await make_tenant(namespaces=_listed("a", "b", a=much, b=much), quota={"hard": PODS})

    await _settled(acme, ["4", "4"], "a", "b")
    told = await acme.becomes("GuaranteesMet", "False", "GuaranteesExceedQuota")
    assert "pods of 8" in told["message"]


@pytest.mark.parametrize(
    ("key", "whole", "share"),
    [
        ("requests.cpu", "3", "1500m"),
        ("limits.memory", "6Gi", "3Gi"),
        ("count/jobs.batch", "8", "4"),
        ("requests.nvidia.com/gpu", "4", "2"),
        ("gold.storageclass.storage.k8s.io/requests.storage", "10Gi", "5Gi"),
    ],
)
async def test_every_kind_of_amount_is_lent(
    key: str, whole: str, share: str, make_tenant: MakeTenant
) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": {key: whole}})

    seen = await eventually(
        partial(_shares, acme, "a", "b", key=key),
        lambda seen: sum(amount(one or 0) for one in seen) == amount(whole),
    )
    assert amount(seen[0]) == amount(share)


async def test_pods_of_a_class_have_a_quota_of_their_own(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    metadata = {"name": f"{name}-urgent"}
    await api.create(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": metadata,
            "value": 10,
        }
    )
    scope = {"name": "urgent", "priorityClasses": [metadata["name"]], "hard": {"pods": "2"}}
    acme = await make_tenant(
        namespaces=["a", "b"],
        quota={"scopes": [scope]},
        allowed={"priorityClasses": [metadata["name"]]},
    )
    await eventually(partial(_hard, acme, "a", name="tenantry-urgent"), lambda seen: seen == "1")
    urgent = workloads.pod("one", acme.namespace("a"))
    urgent["spec"]["priorityClassName"] = metadata["name"]

    await api.create(urgent)
    await api.create(workloads.pod("plain", acme.namespace("a")))

    with pytest.raises(Forbidden, match="exceeded quota: tenantry-urgent"):
        await api.create(urgent | {"metadata": urgent["metadata"] | {"name": "two"}})
    await api.delete("PriorityClass", metadata["name"])


async def test_a_lease_that_somebody_edits_is_put_back(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _settled(acme, ["4", "4"], "a", "b")

    await api.patch(
        "ResourceQuota", "tenantry", {"spec": {"hard": {"pods": "99"}}}, acme.namespace("a")
    )

    await _settled(acme, ["4", "4"], "a", "b")


async def test_a_quota_that_is_gone_from_the_spec_is_gone(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS})
    await _settled(acme, ["4", "4"], "a", "b")

    await acme.apply(quota=None)
    seen = await acme.ready()

    await _settled(acme, ["50", "50"], "a", "b")
    assert not seen["status"]["quota"].get("ledgers")


async def test_events_that_an_editor_forges_lend_nothing_and_stop_nothing(
    make_tenant: MakeTenant, as_user: AsUser
) -> None:
    group = [{"kind": "Group", "name": "forgers"}]
    acme = await make_tenant(namespaces=["a", "b"], quota={"hard": PODS}, editors=group)
    await _settled(acme, ["4", "4"], "a", "b")
    editor = await as_user("eve", "forgers")

    for number, asked in enumerate(("pods=many", "pods=Infinity", "pods=1e999999999")):
        message = f"exceeded quota: tenantry, requested: {asked}, used: {asked}, limited: {asked}"
        await editor.create(_refusal(f"forged-{number}", acme.namespace("a"), message))

    await acme.apply(namespaces=_listed("a", "b", "c"), quota={"hard": PODS}, editors=group)
    await eventually(partial(acme.made, "ResourceQuota", short="c"))
    shares = await eventually(
        partial(_shares, acme, "a", "b", "c"),
        lambda seen: None not in seen and sum(map(int, seen)) == 8,
    )
    assert shares[0] == shares[1]


def _refusal(name: str, namespace: str, message: str) -> Manifest:
    """As a controller would tell that a pod did not fit."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {"kind": "ReplicaSet", "name": "web", "namespace": namespace},
        "reason": "FailedCreate",
        "type": "Warning",
        "message": message,
    }
