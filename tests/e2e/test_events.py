"""Events tell what a person should know, once."""

from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually


async def _events(acme: LiveTenant, reason: str) -> list[Manifest]:
    """Events about this Tenant, in the namespace where those of cluster-scoped objects are."""
    return [
        one
        for one in await acme.api.list("Event", "default")
        if one["involvedObject"]["name"] == acme.name and one["reason"] == reason
    ]


async def test_a_tenant_that_becomes_ready_says_so_once(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(namespaces=["web", "db"])

    (told,) = await eventually(lambda: _events(acme, "Reconciled"))

    assert told["type"] == "Normal"
    assert told["count"] == 1
    assert told["message"] == "2 namespaces are as the Tenant says"
    uid = (await acme.get())["metadata"]["uid"]
    assert (told["involvedObject"]["kind"], told["involvedObject"]["uid"]) == ("Tenant", uid)
    assert told["reportingComponent"] == "tenantry.io/operator"


async def test_a_failure_is_a_warning_and_is_told_once_however_often_it_is_tried(
    make_tenant: MakeTenant,
) -> None:
    role = {"clusterRole": "system:node", "subjects": [{"kind": "User", "name": "ann"}]}
    acme = await make_tenant(ready=False, roleBindings=[role])
    await acme.becomes("Ready", "False", "Forbidden")
    # Twelve looks at the same trouble, each of which could have told of it.
    for number in range(12):
        await acme.apply(cost={"costCenter": f"CC-{number}"})
        await acme.becomes("Ready", "False", "Forbidden")

    (told,) = await eventually(lambda: _events(acme, "Forbidden"))

    assert (told["type"], told["count"]) == ("Warning", 1)
    assert "system:node" in told["message"]


async def test_a_repair_is_told_and_the_same_again_is_counted(make_tenant: MakeTenant) -> None:
    acme = await make_tenant()

    await _disturb(acme, 3)

    (told,) = await eventually(
        lambda: _events(acme, "DriftRepaired"), lambda seen: seen and seen[0]["count"] == 3
    )
    assert told["message"].startswith(f"NetworkPolicy {acme.namespace()}/tenantry: create")
    assert told["lastTimestamp"] >= told["firstTimestamp"]


async def test_a_tenant_with_much_to_say_is_cut_short(make_tenant: MakeTenant) -> None:
    acme = await make_tenant()

    await _disturb(acme, 40)
    await acme.apply(cost={"costCenter": "CC-1"})
    await acme.ready()

    (told,) = await _events(acme, "DriftRepaired")
    assert 10 < told["count"] <= 25


async def _disturb(acme: LiveTenant, times: int) -> None:
    """Delete an object and see it come back, so often."""
    uids: set[str] = set()
    for _ in range(times):
        seen = await eventually(
            lambda: acme.made("NetworkPolicy"), lambda seen: seen["metadata"]["uid"] not in uids
        )
        uids.add(seen["metadata"]["uid"])
        await acme.api.delete("NetworkPolicy", "tenantry", acme.namespace())
    await acme.appears("NetworkPolicy")


async def test_what_is_asked_for_is_no_drift(make_tenant: MakeTenant) -> None:
    acme = await make_tenant()

    await acme.apply(cost={"costCenter": "CC-1"}, editors=[{"kind": "User", "name": "ann"}])
    await acme.ready()
    await acme.apply(editors=None)
    await acme.ready()

    assert await _events(acme, "DriftRepaired") == []


async def test_a_protected_tenant_that_is_deleted_warns(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(deletionProtection=True)

    await acme.delete()

    (told,) = await eventually(lambda: _events(acme, "DeletionBlocked"))
    assert told["type"] == "Warning"
    assert "deletionProtection" in told["message"]


async def test_a_tenant_that_goes_says_how_it_left(make_tenant: MakeTenant) -> None:
    acme = await make_tenant(deletionPolicy="Orphan")

    await acme.delete()
    await acme.gone()

    (told,) = await eventually(lambda: _events(acme, "Left"))
    assert told["message"] == "left its namespaces (Orphan)"
