from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  loads the profile
from bookinfo import MESH, application, component, surroundings
from policies.flows import around
from reachability import Address, Cluster, Pod
from tenantry.api.dependencies import Egress
from tenantry.api.network import Network
from tenantry.desired.applications.egress import egress_rules, floor_rules
from tenantry.desired.applications.labels import version_labels
from tenantry.desired.applications.network import network_policies
from tenantry.desired.applications.parts import parts
from tenantry.desired.floor import default_policy
from tenantry.desired.network import network_policy

INTERNET = {"internetEgress": {"enabled": True}}
METADATA, PUBLIC, PRIVATE = "169.254.169.254", "203.0.113.7", "10.1.2.3"


def reached(egress: dict[str, Any], network: dict[str, Any], *served: str) -> tuple[set[str], str]:
    """Which of a few addresses a pod reaches on port 443, and what is said of the rest."""
    made = application([component("web", egress=[egress])])
    near = surroundings(network=network, served=served)
    rendered = network_policies(made, near)
    (part,) = parts(made, near.facts)
    pod = Pod(made.namespace, version_labels(part, "v1"))
    cluster = Cluster([default_policy(made.namespace, {}), *rendered.manifests])
    addresses = (METADATA, PUBLIC, PRIVATE, "2001:4860::8888")
    return (
        {one for one in addresses if cluster.lets(pod, Address(one), 443)},
        "; ".join(one.reason for one in rendered.unhonoured),
    )


@pytest.mark.parametrize(
    ("egress", "network", "addresses", "words"),
    [
        pytest.param({"cidrs": ["203.0.113.0/24"]}, INTERNET, {PUBLIC}, "", id="a public network"),
        pytest.param(
            {"cidrs": ["0.0.0.0/0"]}, INTERNET, {PUBLIC}, "", id="every address, less the near ones"
        ),
        pytest.param(
            {"cidrs": ["203.0.113.0/24"]},
            {},
            set(),
            "203.0.113.0/24 on TCP/443 not",
            id="a public network that the floor keeps shut",
        ),
        pytest.param(
            {"cidrs": ["169.254.169.254/32"]},
            INTERNET,
            set(),
            "169.254.169.254/32 on TCP/443 not",
            id="the metadata of the cloud",
        ),
        pytest.param(
            {"cidrs": ["10.0.0.0/8"]},
            {"egress": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]},
            {PRIVATE},
            "10.0.0.0/8 on TCP/443 only in part",
            id="more than the floor opens",
        ),
        pytest.param(
            {"cidrs": ["10.1.0.0/16"]},
            {
                "egress": [
                    {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 5432}]},
                ]
            },
            set(),
            "on TCP/443 not",
            id="another port than the floor opens",
        ),
        pytest.param(
            {"cidrs": ["169.254.169.254/32"]},
            {"tenantPolicies": "Any"},
            {METADATA},
            "",
            id="anything, where tenants may open anything",
        ),
        pytest.param(
            {"hosts": ["www.example.com"]},
            INTERNET,
            set(),
            "know no host names",
            id="a host without a mesh",
        ),
    ],
)
def test_what_is_declared_is_reached_within_the_floor(
    egress: dict[str, Any], network: dict[str, Any], addresses: set[str], words: str
) -> None:
    found, said = reached(egress, network)
    assert found == addresses
    assert words in said
    assert bool(words) is bool(said)


def test_with_a_mesh_a_host_opens_the_world_for_the_mesh_to_narrow() -> None:
    found, said = reached({"hosts": ["www.example.com"]}, INTERNET, *MESH)
    assert found == {PUBLIC, "2001:4860::8888"}
    assert not said


def test_only_the_versions_that_declare_it_reach_a_server_and_resolve_names() -> None:
    egress = [{"cidrs": ["203.0.113.0/24"], "versions": ["v2"]}]
    made = application([component("web", "v1", "v2", egress=egress)])
    policies = network_policies(made, surroundings(network=INTERNET)).manifests
    assert [one["metadata"]["name"] for one in policies] == ["tenantry.web.v2"]
    assert policies[0]["spec"]["policyTypes"] == ["Egress"]


_blocks = st.sampled_from(
    ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.0.2.0/25", "::/0", "fc00::/7"]
)
_ports = st.lists(st.sampled_from([80, 443, 5432]), min_size=1, unique=True)
_floors = st.lists(
    st.builds(
        lambda cidr, ports: {
            "to": [{"ipBlock": {"cidr": cidr}}],
            "ports": [{"port": port} for port in ports],
        },
        _blocks,
        st.one_of(st.just([]), _ports),
    ),
    max_size=3,
)


@given(
    declared=st.lists(_blocks, min_size=1, unique=True),
    ports=_ports,
    floor=_floors,
    internet=st.booleans(),
)
def test_what_is_open_is_what_is_declared_and_in_the_floor(
    *, declared: list[str], ports: list[int], floor: list[dict[str, Any]], internet: bool
) -> None:
    network = Network.model_validate({"egress": floor, "internetEgress": {"enabled": internet}})
    egress = Egress(cidrs=declared, ports=ports)
    rules = egress_rules(egress, floor_rules("a", network), knows_hosts=False)
    pod = Pod("a", {})
    policy = network_policy("a", {}, network, ())
    cut = Cluster([policy | {"spec": policy["spec"] | {"egress": rules}}])
    whole = Cluster([policy])
    asked = policy["spec"] | {
        "egress": [
            {
                "to": [{"ipBlock": {"cidr": one}} for one in declared],
                "ports": [{"protocol": "TCP", "port": port} for port in ports],
            }
        ]
    }
    wanted = Cluster([policy | {"spec": asked}])
    blocks = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "169.254.0.0/16", "fc00::/7"]
    addresses = {ip for block in blocks for ip in around(block)} | {ip_address("203.0.113.7")}
    for address in addresses:
        host = Address(str(address))
        for port in (80, 443, 5432):
            is_open = wanted.lets(pod, host, port) and whole.lets(pod, host, port)
            assert cut.lets(pod, host, port) is is_open
