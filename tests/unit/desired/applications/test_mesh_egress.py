from typing import Any

import pytest

from bookinfo import MESH, application, component, surroundings
from tenantry.api.base import Manifest
from tenantry.desired.applications.mesh_egress import mesh_egress

HOST = {"hosts": ["www.example.com"]}
CIDR = {"cidrs": ["203.0.113.0/24"], "ports": [5432]}


def made(*egress: dict[str, Any], served: tuple[str, ...] = MESH, **spec: Any) -> list[Manifest]:
    web = component("web", egress=[*egress], dependsOn=[{"component": "api"}])
    return mesh_egress(application([web, component("api")], **spec), surroundings(served=served))


def specs(those: list[Manifest], kind: str) -> list[Manifest]:
    return [each["spec"] for each in those if each["kind"] == kind]


def test_a_host_is_made_known_and_all_others_are_unknown_to_the_component_alone() -> None:
    those = made(HOST)
    (entry,) = specs(those, "ServiceEntry")
    assert entry == {
        "exportTo": ["."],
        "hosts": ["www.example.com"],
        "location": "MESH_EXTERNAL",
        "ports": [{"name": "tls-443", "number": 443, "protocol": "TLS"}],
        "resolution": "DNS",
    }
    (sidecar,) = specs(those, "Sidecar")
    assert sidecar["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}
    assert sidecar["workloadSelector"]["labels"]["app"] == "web"
    (listener,) = sidecar["egress"]
    assert listener["hosts"] == [
        "acme-prod/*.acme-prod.svc.cluster.local",
        "istio-system/*",
        "./www.example.com",
    ]


def test_where_traces_are_collected_stays_known() -> None:
    web = component("web", egress=[HOST])
    around = surroundings(served=MESH, network={"tracing": [{"namespace": "otel"}]})
    for observability, is_known in (({"tracing": {}}, True), ({}, False)):
        those = mesh_egress(application([web], observability=observability), around)
        (sidecar,) = specs(those, "Sidecar")
        known = "otel/*.otel.svc.cluster.local" in sidecar["egress"][0]["hosts"]
        assert known is is_known


@pytest.mark.parametrize(
    ("host", "ports", "protocols", "resolution"),
    [
        ("www.example.com", [80, 443], ["HTTP", "TLS"], "DNS"),
        ("*.example.com", [443], ["TLS"], "NONE"),
    ],
)
def test_hosts_are_known_by_what_clients_say_first(
    host: str, ports: list[int], protocols: list[str], resolution: str
) -> None:
    (entry,) = specs(made({"hosts": [host], "ports": ports}), "ServiceEntry")
    assert [each["protocol"] for each in entry["ports"]] == protocols
    assert entry["resolution"] == resolution


def test_addresses_stay_open_beside_hosts() -> None:
    those = made(HOST, CIDR)
    _, addresses = specs(those, "ServiceEntry")
    assert addresses["addresses"] == ["203.0.113.0/24"]
    assert [each["number"] for each in addresses["ports"]] == [5432]
    (sidecar,) = specs(those, "Sidecar")
    assert f"./{addresses['hosts'][0]}" in sidecar["egress"][0]["hosts"]


@pytest.mark.parametrize(
    "those",
    [
        pytest.param(made(CIDR), id="no host"),
        pytest.param(made(HOST, served=()), id="no mesh"),
        pytest.param(made(HOST, {"cidrs": ["0.0.0.0/0"]}), id="every address is open"),
        pytest.param(made(HOST | {"protocol": "UDP"}), id="a host over UDP"),
        pytest.param(made(HOST, policy={"networkPolicy": "Disabled"}), id="left to the floor"),
    ],
)
def test_nothing_is_narrowed_where_there_is_nothing_to_narrow(those: list[Manifest]) -> None:
    assert those == []
