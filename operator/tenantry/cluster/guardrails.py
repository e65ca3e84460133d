"""Looks up which admission policies are in place; the API server has them, nobody else.

A policy without its binding does nothing, and a binding without its policy neither, so both are
listed. An API server that does not know mutating policies has none.
"""

from collections.abc import AsyncIterator
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.names import AdminTier
from tenantry.cluster.client import Client
from tenantry.cluster.errors import NotFound
from tenantry.cluster.resources import (
    ADMIN_NETWORK_POLICIES,
    CLUSTER_NETWORK_POLICIES,
    Resource,
)
from tenantry.guardrails import Guardrails
from tenantry.policies import POLICIES
from tenantry.policies.policy import API_VERSION, LABELS, Policy, full_name

SELECTOR: Final = ",".join(f"{key}={value}" for key, value in LABELS.items())
_WANTED: Final = frozenset(full_name(one) for one in POLICIES if isinstance(one, Policy))
_VALIDATING: Final = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_MUTATING: Final = ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
PLURALS: Final = {
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
    "MutatingAdmissionPolicy": "mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": "mutatingadmissionpolicybindings",
}
"""Kinds of admission policies and their bindings, as paths have them."""


async def look_up(client: Client) -> Guardrails:
    """What is in place now.

    Raises:
        ApiError: it could not be told.
    """
    validating, mutating = await _bound(client, *_VALIDATING), await _bound(client, *_MUTATING)
    return Guardrails.of(_WANTED, validating, mutating, admin_tier=await _admin_tier(client))


async def _admin_tier(client: Client) -> AdminTier | None:
    kinds: tuple[tuple[AdminTier, Resource], ...] = (
        ("ClusterNetworkPolicy", CLUSTER_NETWORK_POLICIES),
        ("AdminNetworkPolicy", ADMIN_NETWORK_POLICIES),
    )
    for kind, resource in kinds:
        if await _is_served(client, resource):
            return kind
    return None


async def _is_served(client: Client, kind: Resource) -> bool:
    try:
        found = await client.request("GET", f"/apis/{kind.api_version}")
    except NotFound:
        return False
    return kind.plural in {one["name"] for one in found["resources"]}


async def _bound(client: Client, policy: str, binding: str) -> set[str]:
    """The names of policies that are there and that a binding names."""
    try:
        there = [one["metadata"]["name"] async for one in _items(client, policy)]
        named = {one["spec"]["policyName"] async for one in _items(client, binding)}
    except NotFound:
        return set()
    return named & {*there}


async def _items(client: Client, kind: str) -> AsyncIterator[Manifest]:
    resource = Resource(API_VERSION, kind, PLURALS[kind], is_namespaced=False, selector=SELECTOR)
    async for page in client.pages(resource):
        for item in page["items"]:
            yield item
