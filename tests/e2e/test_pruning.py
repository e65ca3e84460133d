"""What a spec no longer asks for goes from the objects, and with them."""

from typing import Any

import pytest

from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from waiting import eventually

RICH: dict[str, Any] = {
    "namespaces": [{"name": "web", "labels": {"example.com/tier": "a"}}],
    "namespaceOptions": {
        "labels": {"example.com/team": "a"},
        "annotations": {"example.com/page": "p"},
    },
    "cost": {"costCenter": "CC-1", "environment": "prod"},
    "quota": {"perNamespace": {"count/jobs.batch": "5"}},
    "network": {"internetEgress": {"enabled": True}},
    "limitRange": {"limits": [{"type": "Pod", "max": {"cpu": "4"}}]},
}


@pytest.fixture
async def rich(make_tenant: MakeTenant) -> LiveTenant:
    return await make_tenant(**RICH)


async def test_all_that_a_spec_made_goes_when_the_spec_does(
    rich: LiveTenant, make_tenant: MakeTenant
) -> None:
    plain = await make_tenant("p")
    kinds = ("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy")

    await rich.apply(**dict.fromkeys(RICH))
    await rich.ready()

    for kind in kinds:
        assert _named_alike(await rich.made(kind), rich) == _named_alike(
            await plain.made(kind), plain
        )


def _named_alike(seen: Manifest, tenant: LiveTenant) -> Any:
    """Without what differs between two tenants, or is the API server's."""
    metadata = {key: seen["metadata"].get(key, {}) for key in ("labels", "annotations")}
    text = repr({"metadata": metadata, "spec": seen["spec"]})
    return text.replace(tenant.name, "NAME")


async def test_a_label_goes_even_when_it_came_with_the_first_post(rich: LiveTenant) -> None:
    await rich.apply(namespaceOptions=None)
    await rich.ready()

    labels = (await rich.made("Namespace"))["metadata"]["labels"]
    assert "example.com/team" not in labels
    assert labels["example.com/tier"] == "a"


async def test_a_label_that_somebody_else_set_as_well_stays(rich: LiveTenant) -> None:
    marked = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": rich.namespace(), "labels": {"example.com/theirs": "b"}},
    }
    await rich.api.apply(marked, manager="somebody")

    await rich.apply(namespaceOptions=None)
    await rich.ready()

    labels = (await rich.made("Namespace"))["metadata"]["labels"]
    assert labels["example.com/theirs"] == "b"
    assert "example.com/team" not in labels


async def test_a_role_that_nobody_holds_any_more_is_unbound(make_tenant: MakeTenant) -> None:
    team = [{"kind": "Group", "name": "team"}]
    roles = [{"clusterRole": role, "subjects": team} for role in ("quota-reader", "secret-rotator")]
    acme = await make_tenant(editors=team, viewers=team, roleBindings=roles)
    names = {"editors", "owners", "viewers", "role-quota-reader", "role-secret-rotator"}
    assert await _bindings(acme) == names

    await acme.apply(editors=None, roleBindings=roles[:1])

    await eventually(
        lambda: _bindings(acme), lambda seen: seen == {"owners", "viewers", "role-quota-reader"}
    )


async def _bindings(tenant: LiveTenant) -> set[str]:
    made = await tenant.api.list("RoleBinding", tenant.namespace())
    return {one["metadata"]["name"].removeprefix("tenantry-") for one in made}
