"""Host names and classes of the Gateway API's routes and gateways."""

from functools import partial
from typing import Any

import pytest

from policies import gateway_api
from policies.ingresses import ALLOWED, HOSTS, NO_HOST
from policies.spaces import MakeSpace
from policies.world import World
from tenantry.api.base import Manifest
from waiting import eventually


@pytest.fixture(scope="module")
async def gateways(world: World, space: MakeSpace) -> None:
    """The Gateway API is served."""
    for crd in gateway_api.crds():
        await world.admin.apply(crd)
    acme = await space()
    for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Gateway", "ListenerSet"):
        await eventually(partial(acme.user.list, kind, acme.namespace), lambda seen: seen == [])


def of_gateway_api(kind: str, **spec: Any) -> Manifest:
    api_version = f"{gateway_api.GROUP}/v1"
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


def listener(protocol: str = "HTTPS", **fields: Any) -> Manifest:
    return {"name": "web", "port": 443, "protocol": protocol} | fields


ROUTED = [
    ({"hostnames": ["app.example.com", "*.acme.example.com"]}, ""),
    ({"hostnames": ["app.example.com", "globex.example.com"]}, "globex.example.com"),
    ({"hostnames": ["*.example.com"]}, "*.example.com"),
    ({"hostnames": ["*"]}, "*"),
    ({"hostnames": [""]}, NO_HOST),
    ({"hostnames": []}, NO_HOST),
    ({}, NO_HOST),
]


@pytest.mark.usefixtures("gateways")
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute"])
@pytest.mark.parametrize(("spec", "tried"), ROUTED)
async def test_hosts_of_routes_are_those_of_the_tenant(
    space: MakeSpace, kind: str, spec: Manifest, tried: str
) -> None:
    acme = await space(hosts=HOSTS)

    assert await acme.verdict(of_gateway_api(kind, **spec)) == (
        f"tenant acme: hosts: host {tried}; {ALLOWED}" if tried else ""
    )


@pytest.mark.usefixtures("gateways")
async def test_names_of_routes_without_hosts_are_published_as_the_tenant_may(
    space: MakeSpace,
) -> None:
    acme = await space(hosts=HOSTS)

    def route(**annotations: str) -> Manifest:
        metadata = {"name": "web", "annotations": annotations}
        return of_gateway_api("TCPRoute") | {"metadata": metadata}

    key = "external-dns.alpha.kubernetes.io/hostname"
    assert await acme.verdict(route()) == ""
    assert await acme.verdict(route(**{key: "app.example.com"})) == ""
    assert "globex.example.com" in await acme.verdict(route(**{key: "globex.example.com"}))


LISTENED = [
    ([listener(hostname="app.example.com"), listener(hostname="*.acme.example.com")], ""),
    ([listener(hostname="app.example.com"), listener(hostname="globex.com")], "globex.com"),
    ([listener(hostname="*.example.com")], "*.example.com"),
    ([listener()], NO_HOST),
    ([listener("HTTP", hostname="")], NO_HOST),
    ([listener("TLS")], NO_HOST),
    ([listener("example.com/proxy")], NO_HOST),
    ([listener("TCP"), listener("UDP")], ""),
]


@pytest.mark.usefixtures("gateways")
@pytest.mark.parametrize("kind", ["Gateway", "ListenerSet"])
@pytest.mark.parametrize(("listeners", "tried"), LISTENED)
async def test_hosts_of_listeners_are_those_of_the_tenant(
    space: MakeSpace, kind: str, listeners: list[Manifest], tried: str
) -> None:
    acme = await space(hosts=HOSTS)

    assert await acme.verdict(of_gateway_api(kind, listeners=listeners)) == (
        f"tenant acme: hosts: host {tried}; {ALLOWED}" if tried else ""
    )


@pytest.mark.usefixtures("gateways")
@pytest.mark.parametrize(
    ("spec", "tried"),
    [
        ({"gatewayClassName": "internal"}, ""),
        ({"gatewayClassName": "acme-edge"}, ""),
        ({"gatewayClassName": "public"}, "public"),
        ({"gatewayClassName": ""}, "(none)"),
        ({}, "(none)"),
    ],
)
async def test_gateway_classes_are_those_of_the_tenant(
    space: MakeSpace, spec: Manifest, tried: str
) -> None:
    acme = await space(gateway_classes="internal\nacme-*")

    assert await acme.verdict(of_gateway_api("Gateway", listeners=[], **spec)) == (
        f"tenant acme: gateway-classes: gatewayClassName {tried}; allowed: internal, acme-*"
        if tried
        else ""
    )
