"""Owners make and delete namespaces with nothing but kubectl; all see what is theirs."""

import asyncio
from functools import partial

import pytest

import workloads
from cluster_api import ClusterApi
from conftest import AsUser, MakeTenant
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually, eventually_gone

SELF_SERVICE = {"selfService": True, "max": 4}


def _namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _labelled(tenant: str | None) -> Manifest:
    return {"metadata": {"labels": {"tenantry.io/tenant": tenant}}}


@pytest.fixture
async def acme(make_tenant: MakeTenant, name: str) -> LiveTenant:
    """A tenant whose owners help themselves, and a neighbour who does so too."""
    await make_tenant("n", owners=_group(f"{name}n-owners"), namespaceOptions=SELF_SERVICE)
    return await make_tenant(
        owners=_group(f"{name}-owners"),
        editors=_group(f"{name}-editors"),
        namespaceOptions=SELF_SERVICE,
    )


def _group(name: str) -> list[Manifest]:
    return [{"kind": "Group", "name": name}]


@pytest.fixture
async def owner(acme: LiveTenant, as_user: AsUser) -> ClusterApi:
    return await as_user("olga", f"{acme.name}-owners")


async def _joined(acme: LiveTenant, short: str, state: str = "Active") -> Manifest:
    return await eventually(
        partial(acme.state_of, short), lambda seen: seen.get("state") == state and seen["joined"]
    )


async def test_an_owner_makes_a_namespace_by_the_label(acme: LiveTenant, owner: ClusterApi) -> None:
    space = acme.namespace("lab")

    await owner.create(_namespace(space, **{"tenantry.io/tenant": acme.name}))

    await _joined(acme, "lab")
    await owner.create(workloads.deployment("web", space))
    assert await owner.get("ResourceQuota", "tenantry", space)
    assert await owner.get("NetworkPolicy", "tenantry", space)


async def test_an_owner_makes_a_namespace_by_its_name_alone(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    made = await owner.create(_namespace(acme.namespace("lab")))

    assert made["metadata"]["labels"]["tenantry.io/tenant"] == acme.name
    await _joined(acme, "lab")


async def test_access_comes_after_everything_that_limits(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    space = acme.namespace("lab")
    await owner.create(_namespace(space))

    await eventually(partial(owner.may, "create", "pods", space))

    for kind in ("ResourceQuota", "LimitRange", "NetworkPolicy"):
        assert await acme.made(kind, short="lab")
    made = await acme.made("Namespace", short="lab")
    assert made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


async def test_an_owner_deletes_what_owners_made_and_not_what_is_listed(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    await owner.create(_namespace(acme.namespace("lab")))
    await _joined(acme, "lab")
    await eventually(partial(owner.may, "delete", "namespaces", name=acme.namespace("lab")))

    await owner.delete("Namespace", acme.namespace("lab"))

    await eventually_gone(partial(acme.made, "Namespace", short="lab"))
    await eventually(partial(acme.state_of, "lab"), lambda seen: seen == {})
    with pytest.raises(Forbidden):
        await owner.delete("Namespace", acme.namespace("web"))


async def test_an_owner_does_not_delete_what_an_administrator_moved_in(
    acme: LiveTenant, owner: ClusterApi, api: ClusterApi
) -> None:
    moved = acme.namespace("moved")
    await api.create(_namespace(moved, **{"tenantry.io/tenant": acme.name}))
    await owner.create(_namespace(acme.namespace("lab")))
    await _joined(acme, "moved")

    await eventually(partial(owner.may, "delete", "namespaces", name=acme.namespace("lab")))

    assert not await owner.may("delete", "namespaces", name=moved)
    with pytest.raises(Forbidden):
        await owner.delete("Namespace", moved)


@pytest.mark.parametrize(
    ("suffix", "label"),
    [
        pytest.param("n-x", "", id="a name of another tenant's prefix"),
        pytest.param("n-x", "own", id="a name of another's prefix, labelled as its own"),
        pytest.param("-x", "n", id="another tenant's label"),
        pytest.param("-x", "nobody", id="the label of no tenant"),
        pytest.param("zz", "", id="a name of nobody's"),
    ],
)
async def test_an_owner_makes_no_namespace_of_others(
    suffix: str, label: str, acme: LiveTenant, owner: ClusterApi
) -> None:
    tenants = {"own": acme.name, "n": f"{acme.name}n", "nobody": f"{acme.name}q"}
    labels = {"tenantry.io/tenant": tenants[label]} if label else {}

    with pytest.raises(Forbidden):
        await owner.create(_namespace(acme.name + suffix, **labels))


async def test_a_refusal_does_not_tell_whether_a_tenant_exists(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    said = []
    for suffix in ("n", "q"):
        label = {"tenantry.io/tenant": f"{acme.name}{suffix}"}
        with pytest.raises(Forbidden) as refused:
            await owner.create(_namespace(acme.namespace("x"), **label))
        said.append(str(refused.value).replace(f"{acme.name}{suffix}", "T"))

    assert said[0] == said[1]


async def test_an_owner_of_a_short_name_takes_nothing_of_a_longer_one(
    make_tenant: MakeTenant, acme: LiveTenant, owner: ClusterApi
) -> None:
    await make_tenant("-b", namespaces=[])

    with pytest.raises(Forbidden):
        await owner.create(_namespace(acme.namespace("b-c")))


async def test_an_owner_with_a_short_prefix_gets_nothing_of_a_longer_one(
    make_tenant: MakeTenant, as_user: AsUser, name: str
) -> None:
    options = {"selfService": True, "prefix": f"x{name}-"}
    people = _group(f"{name}s-owners")
    short = await make_tenant("s", namespaces=[], owners=people, namespaceOptions=options)
    await make_tenant("l", namespaces=[], namespaceOptions={"prefix": f"x{name}-long-"})
    owner = await as_user("olga", f"{name}s-owners")

    taken = f"x{name}-long-web"
    await owner.create(_namespace(taken, **{"tenantry.io/tenant": short.name}))

    seen = await eventually(short.get, lambda seen: seen["status"].get("namespaces"))
    [space] = seen["status"]["namespaces"]
    assert (space["state"], space["reason"]) == ("NotAdopted", "NameBelongsToAnotherTenant")
    assert not await owner.may("create", "pods", taken)


async def test_an_editor_makes_none(acme: LiveTenant, as_user: AsUser) -> None:
    editor = await as_user("ed", f"{acme.name}-editors")

    with pytest.raises(Forbidden, match="cannot create resource"):
        await editor.create(_namespace(acme.namespace("lab")))


async def test_of_ten_namespaces_made_at_once_there_are_as_many_as_may_be(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    names = [f"lab{number}" for number in range(10)]

    await asyncio.gather(*(owner.create(_namespace(acme.namespace(one))) for one in names))

    async def states() -> list[str]:
        return sorted([(await acme.state_of(one)).get("state", "") for one in names])

    await eventually(states, lambda seen: seen == ["Active"] * 3 + ["Parked"] * 7)
    parked = [one for one in names if (await acme.state_of(one))["state"] == "Parked"]
    assert not await owner.may("create", "pods", acme.namespace(parked[0]))
    told = condition(await acme.ready(), "NamespacesParked")
    assert told
    assert acme.namespace(min(parked)) in told["message"]

    await acme.apply(namespaceOptions={"selfService": True, "max": 20})

    await eventually(states, lambda seen: seen == ["Active"] * 10)


async def test_a_parked_namespace_gets_in_when_another_goes(
    acme: LiveTenant, owner: ClusterApi
) -> None:
    for short in ("a", "b", "c", "d"):
        await owner.create(_namespace(acme.namespace(short)))
        await _joined(acme, short, "Parked" if short == "d" else "Active")
    await eventually(partial(owner.may, "delete", "namespaces", name=acme.namespace("a")))

    await owner.delete("Namespace", acme.namespace("a"))

    await _joined(acme, "d")


async def test_without_self_service_owners_make_none(acme: LiveTenant, owner: ClusterApi) -> None:
    await owner.create(_namespace(acme.namespace("lab")))
    await _joined(acme, "lab")

    await acme.apply(namespaceOptions={"max": 4})
    await acme.ready()

    with pytest.raises(Forbidden, match="cannot create resource"):
        await owner.create(_namespace(acme.namespace("more")))
    assert (await acme.state_of("lab"))["state"] == "Active"


async def test_people_see_what_is_theirs_and_nothing_of_others(
    acme: LiveTenant, owner: ClusterApi, as_user: AsUser, name: str
) -> None:
    for person in (owner, await as_user("ed", f"{acme.name}-editors")):
        assert (await person.get("Tenant", acme.name))["status"]["quota"]["hard"]
        assert await person.get("Namespace", acme.namespace())
        for kind, other in (("Tenant", f"{name}n"), ("Namespace", f"{name}n-web")):
            with pytest.raises(Forbidden):
                await person.get(kind, other)
        with pytest.raises(Forbidden):
            await person.list("Namespace")


async def _may_not(person: ClusterApi, space: str) -> bool:
    return not await person.may("create", "pods", space)


async def test_an_administrator_moves_a_namespace_in_over_and_out(
    acme: LiveTenant, make_tenant: MakeTenant, api: ClusterApi, as_user: AsUser, name: str
) -> None:
    other = await make_tenant("o", owners=_group(f"{name}o-owners"), namespaces=[])
    space = f"legacy-{name}"
    ours = await as_user("olga", f"{name}-owners")
    theirs = await as_user("otto", f"{name}o-owners")
    await api.create(_namespace(space, **{"tenantry.io/tenant": acme.name}))
    await eventually(partial(ours.may, "create", "pods", space))

    await api.patch(
        "Namespace", space, {"metadata": {"labels": {"tenantry.io/tenant": other.name}}}
    )

    await eventually(partial(theirs.may, "create", "pods", space))
    await eventually(lambda: _may_not(ours, space))
    quota = await api.get("ResourceQuota", "tenantry", space)
    assert quota["metadata"]["labels"]["tenantry.io/tenant"] == other.name
    await eventually(
        other.get, lambda seen: [one["name"] for one in seen["status"]["namespaces"]] == [space]
    )

    await api.patch("Namespace", space, _labelled(None))

    await eventually(partial(api.list, "ResourceQuota", space), lambda seen: seen == [])
    await eventually(lambda: _may_not(theirs, space))
    await eventually(
        partial(api.get, "Namespace", space),
        lambda left: "tenantry.io" not in str(left["metadata"].get("annotations", "")),
    )
    await eventually(other.get, lambda seen: seen["status"]["namespaces"] == [])


async def test_a_pipeline_s_service_account_may_be_an_owner(
    make_tenant: MakeTenant, api: ClusterApi
) -> None:
    pipeline = {"kind": "ServiceAccount", "name": "deployer", "namespace": "default"}
    acme = await make_tenant(owners=[pipeline], namespaceOptions=SELF_SERVICE)

    bound = await api.get("ClusterRoleBinding", f"tenantry:{acme.name}:owners")

    assert bound["subjects"] == [pipeline]


async def test_what_is_refused_says_what_to_do(owner: ClusterApi) -> None:
    with pytest.raises(Forbidden, match=r"tenantry\.io/tenant"):
        await owner.create(_namespace("somewhere-else"))
