"""Whose a name or a host is that two Applications claim, and what the other is told."""

from collections.abc import Collection
from typing import Any

import pytest

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.application_claims import Collision
from tenantry.application_collisions import collisions_of, holds, without
from tenantry.desired.applications.exposures import site_name
from tenantry.observed import Key, Observed, key_of, observe

HOST = "shop.example.com"
EXPOSED = {"expose": [{"host": HOST, "className": "x"}]}
EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
SPACES = {"acme-web": "acme", "acme-db": "acme", "globex-web": "globex"}


def _space(name: str, tenant: str) -> Manifest:
    metadata = {"name": name, "uid": name, "labels": {"tenantry.io/tenant": tenant}}
    return {"kind": "Namespace", "metadata": metadata}


def _tenant(name: str, *, hosts: tuple[str, ...] = ("*.example.com",), **policy: Any) -> Manifest:
    spaces = [space for space, tenant in SPACES.items() if tenant == name]
    return {
        "kind": "Tenant",
        "metadata": {"name": name, "uid": name},
        "spec": {
            "owners": [{"kind": "User", "name": "olivia"}],
            "allowed": {"hosts": [*hosts]},
            "policy": policy,
        },
        "status": {"namespaces": [{"name": one, "uid": one, "state": "Active"} for one in spaces]},
    }


def _component(name: str = "web", **more: Any) -> Manifest:
    return {"name": name, "image": "ghcr.io/acme/web:1.0", "port": 80} | more


def _application(key: str, *components: Manifest, made: str = EARLY, **more: Any) -> Manifest:
    namespace, _, name = key.partition("/")
    metadata = {"namespace": namespace, "name": name, "uid": key, "creationTimestamp": made}
    return {
        "kind": "Application",
        "metadata": metadata | more,
        "spec": {"components": [*components] or [_component()]},
    }


class World:
    """What is known of a cluster."""

    def __init__(self, *manifests: Manifest, has: Collection[tuple[str, str, str]] = ()) -> None:
        tenants = [_tenant("acme"), _tenant("globex")]
        spaces = [_space(name, tenant) for name, tenant in SPACES.items()]
        every = [*tenants, *spaces, *manifests]
        self._known: dict[Key, Observed] = {key_of(one): observe(one) for one in every}
        self._has = has

    def keys_of(self, owner: str) -> set[Key]:
        namespace = owner.partition("/")[0]
        return {(kind, namespace, name) for whose, kind, name in self._has if whose == owner}

    def collisions(self, key: str) -> tuple[Collision, ...]:
        namespace, _, name = key.partition("/")
        own = self._known["Application", namespace, name]
        rivals = {
            f"{space}/{other}"
            for kind, space, other in self._known
            if kind == "Application" and (space, other) != (namespace, name)
        }
        return collisions_of(Application.parse(own.body), rivals, self._known.get, self.keys_of)

    def losers(self, *keys: str) -> list[str]:
        return [key for key in keys if self.collisions(key)]


FIRST, SECOND = "acme-web/first", "acme-web/second"


@pytest.mark.parametrize(
    ("manifests", "has", "loser"),
    [
        ([_application(FIRST), _application(SECOND, made=LATE)], [], SECOND),
        ([_application(FIRST, made=LATE), _application(SECOND)], [], FIRST),
        ([_application(FIRST), _application(SECOND)], [], SECOND),
        (
            [_application(FIRST), _application(SECOND, made=LATE)],
            [(SECOND, "Service", "web")],
            FIRST,
        ),
        (
            [_application(FIRST), _application(SECOND, made=LATE)],
            [(FIRST, "Service", "web"), (SECOND, "Deployment", "web-v1")],
            SECOND,
        ),
    ],
    ids=["the oldest", "whatever its name", "by name", "who has it", "of two who have it"],
)
def test_a_name_is_one_applications(
    manifests: list[Manifest], has: list[tuple[str, str, str]], loser: str
) -> None:
    assert World(*manifests, has=has).losers(FIRST, SECOND) == [loser]


def test_who_loses_a_name_is_told_who_has_it_and_what_to_write_instead() -> None:
    world = World(_application(FIRST), _application(SECOND, made=LATE))

    (said,) = {one.message for one in world.collisions(SECOND) if one.claim.name == "web"}

    assert "the Application first has the name web" in said
    assert "to second-web" in said
    assert {one.reason for one in world.collisions(SECOND)} == {"NameTaken"}


def test_a_name_that_cannot_be_a_services_is_not_proposed() -> None:
    (said, *_) = World(_application(FIRST), _application("acme-web/2nd", made=LATE)).collisions(
        "acme-web/2nd"
    )

    assert "to web-2" in said.message


def test_the_same_name_in_two_namespaces_is_no_collision() -> None:
    world = World(_application("acme-web/shop"), _application("acme-db/shop", made=LATE))

    assert world.losers("acme-web/shop", "acme-db/shop") == []


def test_a_component_may_not_be_called_like_the_version_of_anothers() -> None:
    world = World(_application(FIRST), _application(SECOND, _component("web-v1"), made=LATE))

    assert world.losers(FIRST, SECOND) == [SECOND]
    assert "of its component web" in world.collisions(SECOND)[0].message


def test_an_account_that_another_has_is_refused_with_the_field_to_change() -> None:
    named = {"serviceAccount": {"name": "robot"}}
    world = World(
        _application(FIRST, _component("a", **named)),
        _application(SECOND, _component("b", **named), made=LATE),
    )

    (found,) = world.collisions(SECOND)
    assert "serviceAccount.name" in found.message
    assert "the Application first has the ServiceAccount robot" in found.message


def _exposing(key: str, **more: Any) -> Manifest:
    return _application(key, _component(key.partition("/")[2], **EXPOSED), **more)


SHOP, STORE, THEIRS = "acme-web/shop", "acme-db/store", "globex-web/theirs"


def test_a_host_is_one_applications_in_the_whole_cluster() -> None:
    world = World(_exposing(SHOP), _exposing(STORE, made=LATE), _exposing(THEIRS, made=LATE))

    assert world.losers(SHOP, STORE, THEIRS) == [STORE, THEIRS]
    assert {one.reason for one in world.collisions(STORE)} == {"HostTaken"}


def test_within_a_tenant_it_is_named_who_has_a_host_and_across_tenants_it_is_not() -> None:
    world = World(_exposing(SHOP), _exposing(STORE, made=LATE), _exposing(THEIRS, made=LATE))

    (near,), (far,) = world.collisions(STORE), world.collisions(THEIRS)

    assert f"the Application {SHOP} has the host {HOST}" in near.message
    assert "an Application of another tenant" in far.message
    assert "acme" not in far.message


def test_who_has_a_host_keeps_it_whoever_is_older() -> None:
    has = [(THEIRS, "Ingress", site_name("theirs", HOST))]
    world = World(_exposing(SHOP), _exposing(THEIRS, made=LATE), has=has)

    assert world.losers(SHOP, THEIRS) == [SHOP]


@pytest.mark.parametrize(
    "elder",
    [
        [_exposing("nowhere/theirs")],
        [_exposing(THEIRS), _tenant("globex", hosts=("other.org",))],
        [_exposing(THEIRS), _tenant("globex") | {"status": {}}],
        [_exposing(THEIRS, deletionTimestamp=LATE)],
    ],
    ids=["of no tenant", "not allowed", "not ready", "being deleted"],
)
def test_one_that_cannot_have_a_host_stands_in_nobodys_way(elder: list[Manifest]) -> None:
    assert World(_exposing(SHOP, made=LATE), *elder).losers(SHOP) == []


def test_what_is_taken_is_left_out_with_all_that_leads_to_it() -> None:
    web = _component("web", dependsOn=[{"component": "api"}, {"component": "db"}], **EXPOSED)
    late = _application(SECOND, web, _component("api"), _component("db"), made=LATE)
    world = World(_application(FIRST, _component("api")), _exposing(STORE), late)

    rest = without(Application.parse(late), world.collisions(SECOND))

    assert [one.name for one in rest.spec.components] == ["web", "db"]
    assert rest.spec.components[0].expose == []
    assert [one.component for one in rest.spec.components[0].depends_on] == ["db"]


def _versions(*names: str) -> Manifest:
    versions = [{"name": name, "image": "ghcr.io/acme/web:1.0"} for name in names]
    return {"name": "web", "versions": versions, "port": 80}


def test_who_has_a_component_may_give_it_a_version_that_an_older_one_claims() -> None:
    both = [_versions("v1", "v2")]
    has = [(SECOND, "Service", "web"), (SECOND, "Deployment", "web-v1")]
    world = World(_application(FIRST, *both), _application(SECOND, *both, made=LATE), has=has)

    assert world.losers(FIRST, SECOND) == [FIRST]
    assert not holds(world.collisions(FIRST))


def test_what_runs_is_not_taken_apart_because_of_a_version_whose_name_is_taken() -> None:
    has = [(FIRST, "Service", "web-v2"), (SECOND, "Service", "web")]
    world = World(
        _application(FIRST, _component("web-v2"), made=LATE),
        _application(SECOND, _versions("v1", "v2")),
        has=has,
    )

    assert world.losers(FIRST, SECOND) == [SECOND]
    assert holds(world.collisions(SECOND))


def test_of_what_is_half_made_against_another_nothing_stays() -> None:
    has = [(FIRST, "Service", "web"), (SECOND, "Deployment", "web-v1")]
    world = World(_application(FIRST), _application(SECOND, made=LATE), has=has)

    assert not holds(world.collisions(SECOND))


def test_without_a_collision_nothing_is_left_out() -> None:
    shop = Application.parse(_exposing(SHOP))

    assert without(shop, World(_exposing(SHOP)).collisions(SHOP)) is shop
