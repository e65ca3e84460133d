"""Bookinfo's traffic by whatever the cluster has, while that comes and goes as the operator runs.

So do the Prometheus operator's kinds and the one that recommends what pods ask for.

The CRDs are Istio's and the Gateway API's own. What no mesh runs here cannot show is requests.
"""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from conftest import Site
from foreign_kinds import published
from live_applications import LiveApplication, component
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from waiting import eventually, eventually_gone

NOTICED: Final = 60.0
"""Seconds until all of several kinds came or went, some dozens of CRDs among them."""
CALLED: Final = {"productpage", "details", "reviews", "ratings"}
OTHERS: Final = ("gateway-api", "prometheus-operator", "vertical-pod-autoscaler")
HOST: Final = "bookinfo.example.com"
TENANT: Final = {
    "allowed": {"hosts": ["*"]},
    "network": {
        "ingressControllers": [{"namespace": "istio-system", "podLabels": {"app": "a"}}],
        "monitoring": [{"namespace": "monitoring"}],
    },
}
TRAFFIC: Final = {
    "weights": {"v1": 80, "v2": 20},
    "match": [{"headers": {"end-user": "jason"}, "version": "v2"}],
    "timeout": "10s",
    "outlierDetection": {},
}
CANARY: Final = {
    "rollout": {"version": "v2", "steps": [{"weight": 10, "pause": "1h"}, {"weight": 100}]}
}
SCRAPED: Final = "prometheus.io/scrape"


def _bookinfo(traffic: Manifest = TRAFFIC, **exposure: str) -> list[Manifest]:
    """Its components, one of them exposed, another with this traffic."""
    calls = [{"component": "details"}, {"component": "reviews"}, {"component": "ratings"}]
    versions = [{"name": one, "image": f"example.com/reviews:{one}"} for one in ("v1", "v2")]
    exposed = [{"host": HOST} | exposure]
    return [
        component("productpage", dependsOn=calls, expose=exposed, metrics={}),
        component("details"),
        component(
            "reviews",
            versions=versions,
            dependsOn=[{"component": "ratings", "versions": ["v2"]}],
            traffic=traffic,
        ),
        component("ratings", traffic={"timeout": "2s"}),
    ]


@pytest.fixture(scope="module")
async def bookinfo(site: Site) -> AsyncIterator[LiveApplication]:
    """Bookinfo in a tenant of its own, Ready by an operator that runs all the while."""
    tenant = LiveTenant(site.api, "routed")
    async with site.operator(discovery_interval="1s") as operator:
        await tenant.apply(**TENANT)
        await tenant.ready()
        made = LiveApplication(site.api, "bookinfo", tenant.namespace())
        await made.apply(*_bookinfo())
        await made.ready()
        yield made
        assert operator.code is None
        await made.delete()
        await tenant.apply(deletionPolicy="Delete")
        await tenant.delete()
        await tenant.gone()


async def _directed(bookinfo: LiveApplication, provider: str) -> Manifest:
    """Wait until traffic is rendered for a provider, and all is well."""
    await eventually(
        bookinfo.get,
        lambda seen: seen["status"].get("trafficProvider") == provider and _is_ready(seen),
        within=NOTICED,
    )
    return await bookinfo.get()


def _is_ready(seen: Manifest) -> bool:
    found = condition(seen, "Ready")
    return found is not None and found["status"] == "True"


async def _has(bookinfo: LiveApplication, kind: str, *names: str) -> None:
    """Wait until it was made into objects of a kind with these names, and no others."""
    await eventually(
        lambda: bookinfo.has(kind), lambda seen: seen.keys() == {*names}, within=NOTICED
    )


async def _is_by_ingress(bookinfo: LiveApplication) -> None:
    """One Ingress, and what an Ingress cannot honour is told."""
    await _directed(bookinfo, "Ingress")
    (ingress,) = (await bookinfo.has("Ingress")).values()
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == [HOST]
    told = await bookinfo.says("TrafficManaged", "False", "NotHonoured")
    for knob in ("weights", "match", "timeout", "outlierDetection"):
        assert f"reviews traffic.{knob}" in told["message"]
    await bookinfo.says("MeshSecured", "False", "NoMesh")


async def _still_works(bookinfo: LiveApplication) -> None:
    await bookinfo.apply(*_bookinfo(), component("late"))
    await bookinfo.ready()
    assert "late-v1" in await bookinfo.has("Deployment")
    await bookinfo.apply(*_bookinfo())
    await eventually_gone(lambda: bookinfo.api.get("Deployment", "late-v1", bookinfo.namespace))


@pytest.mark.timeout(300)
async def test_istio_that_comes_directs_and_secures_bookinfo_and_may_go_again(
    site: Site, bookinfo: LiveApplication
) -> None:
    await _is_by_ingress(bookinfo)

    async with published(site.api, "istio"):
        await _directed(bookinfo, "Istio")
        edge = (await bookinfo.has("IstioGateway")).keys()
        assert len(edge) == 1
        await _has(bookinfo, "VirtualService", "reviews", "ratings", *edge)
        await _has(bookinfo, "DestinationRule", "reviews", "ratings")
        await _has(bookinfo, "AuthorizationPolicy", *CALLED)
        await _has(bookinfo, "PeerAuthentication", "bookinfo")
        await _has(bookinfo, "Ingress")
        await bookinfo.says("MeshSecured", "True")
        await bookinfo.says("TrafficManaged", "True", "Istio")

    await _is_by_ingress(bookinfo)
    await _still_works(bookinfo)


async def _annotations(bookinfo: LiveApplication) -> dict[str, str]:
    """Of the pods of the component that tells metrics."""
    seen = (await bookinfo.has("Deployment"))["productpage-v1"]
    given: dict[str, str] = seen["spec"]["template"]["metadata"]["annotations"]
    return given


async def _shares(bookinfo: LiveApplication) -> dict[str, int]:
    """Percent of the requests to reviews by the Services of versions, as the HTTPRoute has it."""
    route = await bookinfo.api.get("HTTPRoute", "reviews", bookinfo.namespace)
    return {one["name"]: one["weight"] for one in route["spec"]["rules"][-1]["backendRefs"]}


@pytest.mark.timeout(300)
async def test_the_gateway_api_and_other_kinds_that_come_are_made_use_of_and_may_go_again(
    site: Site, bookinfo: LiveApplication
) -> None:
    await _is_by_ingress(bookinfo)
    (before,) = (await bookinfo.has("Ingress")).values()
    assert SCRAPED in await _annotations(bookinfo)

    async with published(site.api, *OTHERS):
        await _directed(bookinfo, "GatewayAPI")
        await _has(bookinfo, "HTTPRoute", "reviews", "ratings")
        await _has(bookinfo, "ServiceMonitor", "productpage")
        await _has(bookinfo, "VerticalPodAutoscaler", *(await bookinfo.has("Deployment")))
        await eventually(lambda: _annotations(bookinfo), lambda seen: SCRAPED not in seen)
        await bookinfo.says("MeshSecured", "False", "NoMesh")
        told = await bookinfo.says("TrafficManaged", "False", "NotHonoured")
        assert "reviews traffic.outlierDetection" in told["message"]
        assert "traffic.weights" not in told["message"]
        (after,) = (await bookinfo.has("Ingress")).values()
        assert after["metadata"]["uid"] == before["metadata"]["uid"], "the host was taken down"

        await bookinfo.apply(*_bookinfo(CANARY, type="HTTPRoute", className="shared"))
        (edge,) = await eventually(lambda: bookinfo.has("Gateway"))
        await _has(bookinfo, "HTTPRoute", "reviews", "ratings", f"{edge}.productpage.http")
        await _has(bookinfo, "Ingress")
        await eventually(
            lambda: _shares(bookinfo), lambda seen: seen == {"reviews-v1": 90, "reviews-v2": 10}
        )
        await bookinfo.says("TrafficManaged", "True", "GatewayAPI")
        await bookinfo.apply(*_bookinfo())
        await _has(bookinfo, "Ingress", before["metadata"]["name"])

    await _is_by_ingress(bookinfo)
    await eventually(lambda: _annotations(bookinfo), lambda seen: SCRAPED in seen, within=NOTICED)
    await _still_works(bookinfo)
