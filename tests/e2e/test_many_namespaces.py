"""A Tenant may list as many namespaces as the CRD allows."""

import pytest

from conftest import MakeTenant
from tenancy import LiveTenant

COUNT = 64
NAMES = [f"n{number:02}" for number in range(COUNT)]


@pytest.fixture
async def large(make_tenant: MakeTenant) -> LiveTenant:
    return await make_tenant(
        namespaces=NAMES,
        namespaceOptions={"max": COUNT},
        network={"sameTenant": True},
        quota={"hard": {"pods": "640"}},
        deletionPolicy="Orphan",
    )


async def test_all_of_them_are_made_shared_and_told(large: LiveTenant) -> None:
    seen = await large.get()
    assert seen["status"]["summary"]["namespaces"] == f"{COUNT}/{COUNT}"
    assert [one["name"] for one in seen["status"]["namespaces"]] == [
        large.namespace(short) for short in NAMES
    ]
    assert seen["status"]["quota"]["hard"]["pods"] == "640"
    for kind in ("ResourceQuota", "LimitRange", "NetworkPolicy", "RoleBinding", "ServiceAccount"):
        found = await large.api.list(kind, selector=f"tenantry.io/tenant={large.name}")
        assert len(found) == COUNT

    # One goes: the others share what it had, and no longer let it in.
    await large.apply(namespaces=NAMES[1:])
    await large.ready()

    policy = await large.made("NetworkPolicy", short="n63")
    assert large.namespace("n00") not in repr(policy["spec"])
    assert large.namespace("n01") in repr(policy["spec"])
