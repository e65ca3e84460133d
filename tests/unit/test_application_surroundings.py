"""What is around an Application: its floor, its tenant's namespaces, and whom it may meet."""

from typing import Any

import pytest

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.application_surroundings import surroundings_of
from tenantry.desired.applications.surroundings import Surroundings
from tenantry.observed import Key, Observed, observe

SHOP = {"name": "shop", "namespace": "acme-web"}


def _space(name: str, tenant: str, **labels: str) -> Manifest:
    metadata = {"name": name, "uid": name, "labels": {"tenantry.io/tenant": tenant} | labels}
    return {"kind": "Namespace", "metadata": metadata}


def _tenant(name: str, *spaces: str, allows: tuple[str, ...] = (), **spec: Any) -> Manifest:
    states = [{"name": one, "uid": one, "state": "Active"} for one in spaces]
    return {
        "kind": "Tenant",
        "metadata": {"name": name, "uid": name},
        "spec": {
            "owners": [{"kind": "User", "name": "olivia"}],
            "allowed": {"tenants": [*allows]},
        }
        | spec,
        "status": {"namespaces": states},
    }


def _application(name: str, namespace: str, **spec: Any) -> Manifest:
    components = [{"name": "api", "image": "example.com/api:1", "port": 80}]
    return {
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace, "uid": name},
        "spec": {"components": components} | spec,
    }


def _around(own: Manifest, *others: Manifest, meets: tuple[str, ...] = ()) -> Surroundings:
    known: dict[Key, Observed] = {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): observe(one)
        for one in (own, *others)
    }
    return surroundings_of(
        Application.parse(_application(**SHOP)), Tenant.parse(own), meets, {"HTTPRoute"}, known.get
    )


def test_cost_labels_of_the_namespace_and_the_kinds_that_are_served_go_along() -> None:
    space = _space("acme-web", "acme", **{"tenantry.io/cost-center": "42", "team": "books"})

    around = _around(_tenant("acme", "acme-web"), space)

    assert around.facts.labels == {
        "tenantry.io/tenant": "acme",
        "tenantry.io/cost-center": "42",
    }
    assert around.facts.served == {"HTTPRoute"}


def test_a_namespace_with_a_floor_of_its_own_has_that() -> None:
    own = [{"name": "web", "network": {"sameNamespace": False}}, {"name": "db"}]
    tenant = _tenant("acme", "acme-web", "acme-db", namespaces=own)

    assert not _around(tenant).network.same_namespace
    assert _around(tenant).of_tenant == ("acme-db", "acme-web")


def test_applications_of_one_tenant_may_meet() -> None:
    spaces = _space("acme-web", "acme"), _space("acme-db", "acme")
    tenant = _tenant("acme", "acme-web", "acme-db")

    around = _around(tenant, *spaces, _application("db", "acme-db"), meets=("acme-db/db",))

    assert {*around.neighbours} == {("acme-db", "db")}


@pytest.mark.parametrize(
    ("own", "other", "may"),
    [
        (("globex",), ("acme",), True),
        (("glob*",), ("*",), True),
        (("globex",), (), False),
        ((), ("acme",), False),
        ((), (), False),
    ],
)
def test_those_of_two_tenants_may_meet_where_both_tenants_say_so(
    own: tuple[str, ...], other: tuple[str, ...], *, may: bool
) -> None:
    around = _around(
        _tenant("acme", "acme-web", allows=own),
        _tenant("globex", "globex-db", allows=other),
        _space("acme-web", "acme"),
        _space("globex-db", "globex"),
        _application("db", "globex-db"),
        meets=("globex-db/db",),
    )

    assert bool(around.neighbours) is may


def test_an_application_on_no_tenants_ground_is_met_by_nobody() -> None:
    away: Manifest = {"kind": "Namespace", "metadata": {"name": "away", "uid": "away"}}
    tenant = _tenant("acme", "acme-web")

    assert _around(tenant, away, _application("db", "away"), meets=("away/db",)).neighbours == {}
    assert _around(tenant, meets=("acme-web/gone",)).neighbours == {}


def test_an_application_that_cannot_be_read_is_met_by_nobody() -> None:
    tenant, space = _tenant("acme", "acme-web"), _space("acme-web", "acme")
    broken = _application("db", "acme-web", components="many")

    assert _around(tenant, space, broken, meets=("acme-web/db",)).neighbours == {}
