"""Which names and hosts an Application lays claim to, and who claims the same."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from applications import application, component, objects
from bookinfo import GATEWAY_API, MESH, surroundings
from tenantry.api.base import manifest_of
from tenantry.application_claims import Claim, Claims, claims_of
from tenantry.application_desire import desire
from tenantry.observed import key_of

SPACE = "acme-prod"


def _spec(*components: dict[str, Any]) -> dict[str, Any]:
    return {"components": [*components]}


def _claims(name: str, *components: dict[str, Any]) -> set[tuple[str, str, str]]:
    found = claims_of(SPACE, name, _spec(*components))
    return {(one.kind, one.namespace, one.name) for one in found}


def test_a_component_claims_the_names_of_its_services_and_of_its_account() -> None:
    versions = [{"name": "v2", "image": "a:2"}]

    assert _claims("shop", component("web", image="a:1", versions=versions)) == {
        ("Service", SPACE, "web"),
        ("Service", SPACE, "web-v1"),
        ("Service", SPACE, "web-v2"),
        ("ServiceAccount", SPACE, "shop-web"),
    }


def test_a_host_is_claimed_in_the_whole_cluster_and_by_all_that_expose_it() -> None:
    exposed = [{"host": "shop.example.com"}]

    found = claims_of(
        SPACE, "shop", _spec(component("a", expose=exposed), component("b", expose=exposed))
    )

    assert found[Claim("Host", "", "shop.example.com")] == ("a", "b")


def test_the_account_that_each_namespace_has_is_claimed_by_nobody() -> None:
    named = component("web", serviceAccount={"name": "default"})

    assert not [one for one in _claims("shop", named) if one[0] == "ServiceAccount"]


@pytest.mark.parametrize("host", ["shop.example.com", "*.example.com"])
@pytest.mark.parametrize("served", [(), GATEWAY_API, MESH])
def test_what_is_claimed_is_had_once_it_is_made(host: str, served: Iterable[str]) -> None:
    shop = application(component("web", expose=[{"host": host, "className": "x"}]))

    made = desire(shop, surroundings(served=served), {}, datetime(2026, 1, 1, tzinfo=UTC))

    keys = {key_of(one) for one in made.manifests}

    claims = claims_of(SPACE, "shop", manifest_of(shop.spec))
    assert [one for one in claims if not one.is_had("shop", keys)] == []
    assert [one for one in claims if one.is_had("shop", set())] == []
    assert not Claim("Host", "", "other.example.com").is_had("shop", keys)


def test_every_name_of_what_is_made_is_told_apart_by_what_is_claimed() -> None:
    """Two Applications that share no claim share no object."""
    first = application(component("b-c", files={"/a": "b"}), component("d"), name="a")
    second = application(component("c", files={"/a": "b"}), component("d-e"), name="a-b")

    shared = {key_of(one) for one in objects(first)} & {key_of(one) for one in objects(second)}

    claims = [claims_of(SPACE, one.name, manifest_of(one.spec)) for one in (first, second)]
    assert (shared, {*claims[0]} & {*claims[1]}) == (set(), set())


def test_those_who_claim_the_same_are_rivals_until_one_gives_it_up() -> None:
    claims = Claims()

    assert claims.heard("a/shop", _spec(component("web"))) == set()
    assert claims.heard("a/store", _spec(component("web"))) == {"a/shop"}
    assert claims.heard("b/shop", _spec(component("web"))) == set()
    assert claims.rivals("a/shop") == {"a/store"}
    assert claims.heard("a/store", _spec(component("other"))) == {"a/shop"}
    assert claims.rivals("a/shop") == set()


def test_whoever_waits_for_a_host_hears_that_it_is_free() -> None:
    claims = Claims()
    for key in ("a/shop", "b/shop"):
        claims.heard(key, _spec(component("web", expose=[{"host": "x.example.com"}])))

    assert claims.heard("a/shop", None) == {"b/shop"}
    assert claims.rivals("b/shop") == set()
