"""Services: their types, and addresses and names beyond the cluster."""

from contextlib import suppress
from typing import Any

import pytest

from policies.spaces import MakeSpace, Space
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Forbidden, Rejected


def service(**spec: Any) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"ports": [{"port": 80}]} | spec,
    }


def external(name: str) -> Manifest:
    return service(type="ExternalName", externalName=name)


@pytest.mark.parametrize(
    ("spec", "tried"),
    [
        ({}, ""),
        ({"type": "ClusterIP"}, ""),
        ({"clusterIP": "None"}, ""),
        ({"type": "NodePort"}, "NodePort"),
        ({"type": "LoadBalancer"}, "LoadBalancer"),
        ({"type": "ExternalName", "externalName": "a.example.com"}, "ExternalName"),
    ],
)
async def test_types_are_those_of_the_tenant(
    space: MakeSpace, spec: dict[str, Any], tried: str
) -> None:
    acme = await space(service_types="ClusterIP")

    assert await acme.verdict(service(**spec)) == (
        f"tenant acme: service-types: type {tried}; allowed: ClusterIP" if tried else ""
    )


@pytest.mark.parametrize("rule", ["", None])
async def test_no_type_is_allowed_by_a_rule_that_is_empty_or_missing(
    space: MakeSpace, rule: str | None
) -> None:
    acme = await space(service_types=rule)

    assert "type ClusterIP" in await acme.verdict(service())


async def test_external_names_are_nobodys_by_default(space: MakeSpace) -> None:
    acme = await space()

    assert "type ExternalName" in await acme.verdict(external("a.example.com"))


ADDRESSES = "192.0.2.0/25\n2001:db8:1::/48\n198.51.100.7/32"


@pytest.mark.parametrize(
    ("addresses", "tried"),
    [
        ([], ""),
        (["192.0.2.1"], ""),
        (["192.0.2.127", "198.51.100.7"], ""),
        (["2001:db8:1::5"], ""),
        (["2001:DB8:1:0::5"], ""),
        (["192.0.2.128"], "192.0.2.128"),
        (["192.0.2.1", "10.96.0.1"], "10.96.0.1"),
        (["198.51.100.8"], "198.51.100.8"),
        (["2001:db8:2::5"], "2001:db8:2::5"),
    ],
)
async def test_external_ips_lie_in_the_tenants_networks(
    space: MakeSpace, addresses: list[str], tried: str
) -> None:
    acme = await space(external_ips=ADDRESSES)

    assert await acme.verdict(service(externalIPs=addresses)) == (
        f"tenant acme: external-ips: externalIPs {tried}; allowed: " + ADDRESSES.replace("\n", ", ")
        if tried
        else ""
    )


@pytest.mark.parametrize("address", ["::ffff:192.0.2.1", "192.0.2.001"])
async def test_odd_notations_of_external_ips_are_not_admitted(
    space: MakeSpace, address: str
) -> None:
    acme = await space(external_ips=ADDRESSES)

    try:
        said = await acme.verdict(service(externalIPs=[address]))
    except Rejected:
        return
    assert f"externalIPs {address}" in said


async def test_external_ips_are_nobodys_by_default(space: MakeSpace) -> None:
    acme = await space()

    assert await acme.verdict(service(externalIPs=["192.0.2.1"])) == (
        "tenant acme: external-ips: externalIPs 192.0.2.1; allowed: none"
    )


async def test_every_external_ip_is_allowed_where_the_rule_says_so(space: MakeSpace) -> None:
    acme = await space(external_ips="*")

    assert await acme.verdict(service(externalIPs=["192.0.2.1"])) == ""


@pytest.mark.parametrize(
    ("name", "is_admitted"),
    [
        ("api.example.com", True),
        ("api.example.com.", True),
        ("a.acme.example.com", True),
        ("a.b.acme.example.com", True),
        ("acme.example.com", False),
        ("evilacme.example.com", False),
        ("evil.api.example.com", False),
        ("web.globex-web.svc.cluster.local", False),
        ("127.0.0.1", False),
        ("localhost", False),
    ],
)
async def test_external_names_are_those_of_the_tenant(
    space: MakeSpace, name: str, *, is_admitted: bool
) -> None:
    acme = await space(service_types="*", external_names="api.example.com\n*.acme.example.com")

    shown = name.removesuffix(".")
    assert await acme.verdict(external(name)) == (
        ""
        if is_admitted
        else f"tenant acme: external-names: externalName {shown}; "
        "allowed: api.example.com, *.acme.example.com"
    )


def balanced(*ranges: str) -> Manifest:
    given = {"loadBalancerSourceRanges": [*ranges]} if ranges else {}
    return service(type="LoadBalancer", **given)


@pytest.mark.parametrize(
    ("ranges", "tried"),
    [
        (["10.1.2.0/24"], ""),
        (["10.1.0.0/16", "2001:db8::/64"], ""),
        (["10.0.0.0/8"], "10.0.0.0/8"),
        (["10.1.0.0/16", "0.0.0.0/0"], "0.0.0.0/0"),
        (["::/0"], "::/0"),
        ([], "(none), which is every address"),
    ],
)
async def test_source_ranges_lie_in_the_tenants_networks(
    space: MakeSpace, ranges: list[str], tried: str
) -> None:
    acme = await space(load_balancer_source_ranges="10.1.0.0/16\n2001:db8::/32")

    assert await acme.verdict(balanced(*ranges)) == (
        f"tenant acme: load-balancer-source-ranges: loadBalancerSourceRanges {tried}; "
        "allowed: 10.1.0.0/16, 2001:db8::/32"
        if tried
        else ""
    )


async def test_source_ranges_matter_to_load_balancers_only(space: MakeSpace) -> None:
    acme = await space(load_balancer_source_ranges="10.1.0.0/16")

    assert await acme.verdict(service()) == ""


async def test_source_ranges_are_free_where_the_rule_says_so(space: MakeSpace) -> None:
    assert await (await space()).verdict(balanced()) == ""


@pytest.fixture
async def narrowed(space: MakeSpace) -> Space:
    """Where the service ``web`` has a type that the tenant may no longer use."""
    acme = await space(service_types="ClusterIP", external_ips="203.0.113.0/24")
    with suppress(AlreadyExists):
        await acme.made(service(type="NodePort"))
    return acme


async def test_a_service_from_before_may_be_labelled(narrowed: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await narrowed.verdict_on_change("Service", "web", label) == ""


async def test_a_service_from_before_may_not_be_changed_otherwise(narrowed: Space) -> None:
    change = {"spec": {"type": "LoadBalancer"}}

    assert "type LoadBalancer" in await narrowed.verdict_on_change("Service", "web", change)


async def test_a_service_from_before_may_become_what_is_allowed(narrowed: Space) -> None:
    change = {"spec": {"type": "ClusterIP"}}

    assert await narrowed.verdict_on_change("Service", "web", change) == ""


async def test_external_ips_cannot_come_later(narrowed: Space) -> None:
    change = {"spec": {"type": "ClusterIP", "externalIPs": ["10.96.0.1"]}}

    assert "externalIPs 10.96.0.1" in await narrowed.verdict_on_change("Service", "web", change)


ADDRESSED = {
    "an EndpointSlice": {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "web", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.244.0.1"]}],
        "ports": [{"port": 80}],
    },
    "Endpoints": {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": "web"},
        "subsets": [{"addresses": [{"ip": "10.244.0.1"}], "ports": [{"port": 80}]}],
    },
}


@pytest.mark.parametrize("manifest", ADDRESSED.values(), ids=ADDRESSED)
async def test_owners_do_not_write_the_endpoints_of_services(
    space: MakeSpace, manifest: Manifest
) -> None:
    acme = await space()

    with pytest.raises(Forbidden, match="cannot create resource"):
        await acme.user.create(acme.placed(manifest), dry_run=True)


async def test_owners_do_not_write_the_status_of_services(narrowed: Space) -> None:
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.96.0.1"}]}}}

    with pytest.raises(Forbidden, match="cannot patch resource"):
        await narrowed.user.patch("Service", "web", status, narrowed.namespace, "status")
