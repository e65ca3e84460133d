"""Evaluated as a network plugin would: an address is let out if a block has it and leaves it in."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering import tenant, the
from tenantry.api.base import Manifest


def internet(**fields: Any) -> Manifest:
    network = {"sameNamespace": False, "dns": {"enabled": False}}
    network["internetEgress"] = {"enabled": True} | fields
    [rule] = the("NetworkPolicy", tenant(network=network))["spec"]["egress"]
    made: Manifest = rule
    return made


PUBLIC, WITH_PRIVATE = internet(), internet(includePrivate=True)


def lets_out(rule: Manifest, address: str | IPv4Address | IPv6Address) -> bool:
    wanted = ip_address(address)
    return any(
        wanted in ip_network(peer["ipBlock"]["cidr"])
        and not any(wanted in ip_network(block) for block in peer["ipBlock"]["except"])
        for peer in rule["to"]
    )


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.215.14",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "172.32.0.1",
        "100.128.0.1",
    ],
)
def test_hosts_on_the_internet_are_reached(address: str) -> None:
    assert lets_out(PUBLIC, address)
    assert lets_out(WITH_PRIVATE, address)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("10.1.2.3", id="RFC 1918, 10"),
        pytest.param("172.16.0.1", id="RFC 1918, 172.16"),
        pytest.param("192.168.255.255", id="RFC 1918, 192.168"),
        pytest.param("100.64.0.1", id="RFC 6598"),
        pytest.param("198.18.0.1", id="RFC 2544"),
        pytest.param("240.0.0.1", id="RFC 1112"),
        pytest.param("fd12:3456::1", id="RFC 4193"),
        pytest.param("fec0::1", id="RFC 3879"),
        pytest.param("64:ff9b:1::a", id="RFC 8215"),
        pytest.param("64:ff9b::a01:203", id="RFC 1918 through NAT64"),
    ],
)
def test_private_addresses_are_reached_only_when_asked_for(address: str) -> None:
    assert not lets_out(PUBLIC, address)
    assert lets_out(WITH_PRIVATE, address)


@pytest.mark.parametrize("rule", [PUBLIC, WITH_PRIVATE], ids=["public", "with private"])
@pytest.mark.parametrize(
    "address",
    [
        pytest.param("169.254.169.254", id="metadata of most clouds"),
        pytest.param("169.254.170.23", id="EKS Pod Identity"),
        pytest.param("fd00:ec2::254", id="metadata of AWS, IPv6"),
        pytest.param("fd00:ec2::23", id="EKS Pod Identity, IPv6"),
        pytest.param("fd20:ce::254", id="metadata of Google Cloud, IPv6"),
        pytest.param("100.100.100.200", id="metadata of Alibaba Cloud"),
        pytest.param("168.63.129.16", id="metadata of Azure"),
        pytest.param("192.0.0.192", id="metadata of Oracle Cloud"),
        pytest.param("64:ff9b::a9fe:a9fe", id="metadata of most clouds through NAT64"),
        pytest.param("64:ff9b::a83f:8110", id="metadata of Azure through NAT64"),
        pytest.param("fe80::1", id="link-local"),
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("::1", id="loopback, IPv6"),
        pytest.param("0.0.0.0", id="unspecified"),  # noqa: S104 - nothing is bound
        pytest.param("::", id="unspecified, IPv6"),
        pytest.param("224.0.0.251", id="multicast"),
        pytest.param("ff02::1", id="multicast, IPv6"),
        pytest.param("255.255.255.255", id="broadcast"),
    ],
)
def test_what_is_no_host_on_the_internet_is_never_reached(rule: Manifest, address: str) -> None:
    assert not lets_out(rule, address)


@given(st.ip_addresses())
def test_nothing_special_is_public(address: IPv4Address | IPv6Address) -> None:
    reserved = address.is_link_local or address.is_loopback or address.is_multicast
    if reserved or address.is_unspecified:
        assert not lets_out(WITH_PRIVATE, address)
    if reserved or (address.version == 4 and address.is_private and not _is_documentation(address)):
        assert not lets_out(PUBLIC, address)


def _is_documentation(address: IPv4Address | IPv6Address) -> bool:
    """Set aside for examples (RFC 5737): nothing is there, so nothing has to be kept away."""
    blocks = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    return any(address in ip_network(block) for block in blocks)


@pytest.mark.parametrize("rule", [PUBLIC, WITH_PRIVATE], ids=["public", "with private"])
def test_every_exception_is_a_part_of_its_block_and_of_no_other_exception(rule: Manifest) -> None:
    for peer in rule["to"]:
        whole = ip_network(peer["ipBlock"]["cidr"])
        parts = [ip_network(block) for block in peer["ipBlock"]["except"]]
        assert all(part.version == whole.version and part != whole for part in parts)
        assert not any(one.overlaps(other) for one in parts for other in parts if one is not other)


def test_ports_narrow_it() -> None:
    assert internet(ports=[{"port": 443}])["ports"] == [{"protocol": "TCP", "port": 443}]
    assert "ports" not in PUBLIC
