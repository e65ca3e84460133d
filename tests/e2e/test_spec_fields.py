"""Every field of the spec shows in what is made, and goes from it when it goes from the spec."""

from typing import Any

import pytest

from conftest import MakeTenant
from spec_fields import ABOUT_PEOPLE, FIELDS, ROLES
from spec_fields.access import TEAM
from spec_fields.field import item
from tenancy import LiveTenant
from waiting import eventually


@pytest.mark.parametrize("what", FIELDS)
async def test_a_field_shows_and_goes_again(what: str, make_tenant: MakeTenant) -> None:
    case = FIELDS[what]
    tenant = await make_tenant(**case.before)

    async def look() -> Any:
        return case.where(await tenant.made(case.kind, case.name))

    at_first = await look()
    assert at_first != case.shows

    await tenant.apply(**case.given)
    await eventually(look, lambda seen: seen == case.shows)
    await tenant.ready()

    await tenant.apply(**(dict.fromkeys(case.given) | case.before))
    await eventually(look, lambda seen: seen == at_first)
    await tenant.ready()


@pytest.mark.parametrize("what", ROLES)
async def test_a_role_is_bound_while_somebody_holds_it(what: str, make_tenant: MakeTenant) -> None:
    given, binding, role = ROLES[what]
    tenant = await make_tenant()
    assert await _bindings(tenant) == {"tenantry-owners": "admin"}

    await tenant.apply(**given)
    await tenant.ready()
    assert await _bindings(tenant) == {"tenantry-owners": "admin", binding: role}

    await tenant.apply(**dict.fromkeys(given))
    await eventually(lambda: _bindings(tenant), lambda seen: seen == {"tenantry-owners": "admin"})


async def _bindings(tenant: LiveTenant) -> dict[str, str]:
    made = await tenant.api.list("RoleBinding", tenant.namespace())
    return {one["metadata"]["name"]: one["roleRef"]["name"] for one in made}


async def test_a_further_role_may_be_for_some_namespaces_alone(make_tenant: MakeTenant) -> None:
    binding = {"clusterRole": "quota-reader", "subjects": [TEAM], "namespaces": ["db"]}

    tenant = await make_tenant(namespaces=["web", "db"], roleBindings=[binding])

    assert await tenant.made("RoleBinding", "tenantry-role-quota-reader", "db")
    assert "tenantry-role-quota-reader" not in await _bindings(tenant)


async def test_a_prefix_names_the_namespaces(make_tenant: MakeTenant, name: str) -> None:
    tenant = await make_tenant(namespaceOptions={"prefix": f"{name}x-"})

    assert await tenant.api.get("Namespace", f"{name}x-web")
    assert await tenant.api.find("Namespace", f"{name}-web") is None


async def test_a_volume_claim_has_bounds(make_tenant: MakeTenant) -> None:
    bounds = {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "2Gi"}}

    tenant = await make_tenant(limitRange={"limits": [bounds]})

    made = await tenant.made("LimitRange")
    assert item("PersistentVolumeClaim")(made) == bounds


async def test_what_is_for_people_is_kept_as_it_was_written(make_tenant: MakeTenant) -> None:
    tenant = await make_tenant(**ABOUT_PEOPLE)

    seen = await tenant.get()
    assert {key: seen["spec"][key] for key in ABOUT_PEOPLE} == ABOUT_PEOPLE
