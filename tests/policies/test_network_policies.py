"""The floor: what tenants' own network policies open, and no more."""

from contextlib import suppress

import pytest

from policies.network_peers import FLOOR, PEERS, block, named, opens, policy
from policies.spaces import MakeSpace, Space
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists, Rejected


@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize(("peer", "ports", "tried"), PEERS.values(), ids=PEERS)
async def test_peers_lie_within_the_floor(
    space: MakeSpace,
    direction: str,
    peer: Manifest | None,
    ports: tuple[Manifest, ...],
    tried: str,
) -> None:
    acme = await space(**{f"{direction}_peers": FLOOR})
    written = opens(peer, *ports, direction=direction)
    if peer == named("{own}"):
        written = opens(named(acme.namespace), *ports, direction=direction)
    elif peer == named("acme-api", "{own}"):
        written = opens(named("acme-api", acme.namespace), *ports, direction=direction)

    floor = FLOOR.replace("\n", ", ").replace("{own}", acme.namespace)
    way = "ingress from" if direction == "ingress" else "egress to"
    assert await acme.verdict(written) == (
        f"tenant acme: {direction}-peers: {way} {tried}; allowed: {floor}" if tried else ""
    )


@pytest.mark.parametrize(
    "cidr", ["::ffff:192.0.2.0/120", "192.0.2.1/24", "192.000.2.0/24", "192.0.2.0", " 192.0.2.0/26"]
)
async def test_odd_notations_of_blocks_open_nothing_more(space: MakeSpace, cidr: str) -> None:
    acme = await space(ingress_peers=FLOOR)

    with suppress(Rejected):  # by the API server's own validation
        assert "ingress from ipBlock" in await acme.verdict(opens(block(cidr)))


DENYING = {
    "all": policy(),
    "all that comes": policy(policyTypes=["Ingress"], ingress=[]),
    "all that goes": policy(policyTypes=["Egress"], egress=[]),
    "both": policy(policyTypes=["Ingress", "Egress"]),
}


@pytest.mark.parametrize("manifest", DENYING.values(), ids=DENYING)
@pytest.mark.parametrize("floor", ["", FLOOR, "*"])
async def test_policies_that_only_deny_are_admitted(
    space: MakeSpace, manifest: Manifest, floor: str
) -> None:
    acme = await space(ingress_peers=floor, egress_peers=floor)

    assert await acme.verdict(manifest) == ""


async def test_every_rule_and_every_peer_counts(space: MakeSpace) -> None:
    acme = await space(ingress_peers=FLOOR)
    fine, foreign = {"podSelector": {}}, named("globex-web")

    assert "globex-web" in await acme.verdict(policy(ingress=[{"from": [fine, foreign]}]))
    assert "globex-web" in await acme.verdict(
        policy(ingress=[{"from": [fine]}, {"from": [foreign]}])
    )
    assert "everywhere" in await acme.verdict(policy(ingress=[{"from": [fine]}, {}]))


async def test_the_direction_counts_whatever_the_types_say(space: MakeSpace) -> None:
    acme = await space(ingress_peers=FLOOR)

    for types in (["Ingress"], ["Egress"], ["Ingress", "Egress"]):
        said = await acme.verdict(policy(policyTypes=types, egress=[{}]))
        assert "egress to everywhere" in said


async def test_a_floor_of_one_direction_is_not_the_others(space: MakeSpace) -> None:
    acme = await space(ingress_peers="*", egress_peers=FLOOR)

    assert await acme.verdict(opens(None)) == ""
    assert "egress to everywhere" in await acme.verdict(opens(None, direction="egress"))


async def test_its_own_namespace_is_not_within_a_floor_without_it(space: MakeSpace) -> None:
    acme = await space(ingress_peers="namespace=acme-db")

    assert await acme.verdict(opens({"podSelector": {}})) == (
        "tenant acme: ingress-peers: ingress from pods of its own namespace on every port; "
        "allowed: namespace=acme-db"
    )


@pytest.mark.parametrize("floor", ["", None])
async def test_nothing_is_opened_by_a_floor_that_is_empty_or_missing(
    space: MakeSpace, floor: str | None
) -> None:
    acme = await space(ingress_peers=floor, egress_peers=floor)

    for peer in (None, {"podSelector": {}}, {"namespaceSelector": {}}, block("192.0.2.0/24")):
        for direction in ("ingress", "egress"):
            assert await acme.verdict(opens(peer, direction=direction)) != ""


@pytest.mark.parametrize("manifest", [*DENYING.values(), opens({"podSelector": {}})])
async def test_tenants_write_no_policy_where_the_rule_says_so(
    space: MakeSpace, manifest: Manifest
) -> None:
    acme = await space(ingress_peers="-", egress_peers="-")

    assert await acme.verdict(manifest) == (
        "tenant acme: ingress-peers: a NetworkPolicy; network policies of this tenant are its "
        "platform team's: ask them"
    )


@pytest.fixture
async def opened(space: MakeSpace) -> Space:
    """Where the policy ``mine`` opens what the floor no longer has."""
    acme = await space(ingress_peers="namespace=acme-api")
    with suppress(AlreadyExists):
        await acme.made(opens(named("old")))
    return acme


async def test_a_policy_from_before_may_be_labelled(opened: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await opened.verdict_on_change("NetworkPolicy", "mine", label) == ""


async def test_a_policy_does_not_widen_later(opened: Space) -> None:
    def change(*peers: Manifest) -> Manifest:
        return {"spec": {"ingress": [{"from": [*peers]}]}}

    async def verdict(*peers: Manifest) -> str:
        return await opened.verdict_on_change("NetworkPolicy", "mine", change(*peers))

    assert "namespace globex-web" in await verdict(named("globex-web"))
    assert "namespace old" in await verdict(named("old"), named("acme-api"))
    assert await verdict(named("acme-api")) == ""


async def test_large_policies_and_floors_are_within_the_cost_of_a_policy(
    space: MakeSpace,
) -> None:
    left_out = ",".join(f"10.{n}.0.0/16" for n in range(30))
    lines = [f"namespace=acme-{n} ports=TCP/80,TCP/443,UDP/5000-6000" for n in range(64)]
    acme = await space(ingress_peers="\n".join((f"cidr=0.0.0.0/0 except={left_out}", *lines)))
    peers = [
        *(named(f"acme-{63 - n}") for n in range(8)),
        *(block(f"192.0.{n}.0/24") for n in range(8)),
    ]
    ports = [{"port": 80}, {"port": 443}, {"protocol": "UDP", "port": 5000, "endPort": 6000}]
    fine = [{"from": peers, "ports": ports} for _ in range(16)]

    assert await acme.verdict(policy(ingress=fine)) == ""
    assert "globex" in await acme.verdict(policy(ingress=[*fine, {"from": [named("globex")]}]))
