"""A tenant that cannot be made is its own trouble: it says why, and delays no other."""

import asyncio
from dataclasses import dataclass, field

import pytest

from cluster_api import ClusterApi
from conftest import MakeTenant
from tenancy import LiveTenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Rejected
from waiting import eventually

TEAM = [{"kind": "Group", "name": "team"}]
PROMPT = 5.0
"""Seconds for a healthy tenant, on a machine that does other things as well. Were it behind a
broken one in a queue, it would wait for as long as that is tried again: for ever."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a tenant.

    Args:
        condition: the concern that fails, for this reason.
        says: a part of the message.
        cure: changes to the spec that make it well.
        in_the_way: labels of a namespace that is there before; none if None.
    """

    spec: Manifest
    condition: str
    reason: str
    says: str
    cure: Manifest = field(default_factory=dict)
    in_the_way: dict[str, str] | None = None


def _bound(role: str) -> Manifest:
    return {"roleBindings": [{"clusterRole": role, "subjects": TEAM}]}


def _annotations(count: int) -> Manifest:
    """Each is admitted; together they are more than an object may carry (256 KiB)."""
    many = {f"example.com/{number}": "x" * 4096 for number in range(count)}
    return {
        "namespaceOptions": {"annotations": many},
        "namespaces": [
            {
                "name": "web",
                "annotations": {f"example.com/w{number}": "x" * 4096 for number in range(count)},
            }
        ],
    }


POLICY = {
    "failurePolicy": "Fail",
    "matchConstraints": {
        "resourceRules": [
            {
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"],
                "resources": ["limitranges"],
            }
        ]
    },
    "validations": [
        {"expression": "!request.namespace.endsWith('-forbidden')", "message": "no limits here"}
    ],
}


@pytest.fixture(scope="module", autouse=True)
async def policy(api: ClusterApi) -> None:
    """A platform that refuses limits in namespaces of a certain name."""
    group, name = "admissionregistration.k8s.io/v1", "no-limits"
    kind = "ValidatingAdmissionPolicy"
    about = {"apiVersion": group, "metadata": {"name": name}}
    binding = {"policyName": name, "validationActions": ["Deny"]}
    await api.create(about | {"kind": kind, "spec": POLICY})
    await api.create(about | {"kind": f"{kind}Binding", "spec": binding})
    space = {"name": "platform-forbidden"}
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": space})
    limits = {"apiVersion": "v1", "kind": "LimitRange", "spec": {"limits": []}}
    metadata = {"name": "probe", "namespace": "platform-forbidden"}

    async def is_in_force() -> bool:
        try:
            await api.create(limits | {"metadata": metadata}, dry_run=True)
        except Rejected:
            return True
        return False

    await eventually(is_in_force)


TROUBLES = {
    "a name held by another tenant": Trouble(
        {"namespaces": ["web", "db"]},
        "NamespacesReady",
        "HeldByAnotherTenant",
        "is labelled as another tenant's",
        cure={"namespaces": ["db"]},
        in_the_way={"tenantry.io/tenant": "somebody-else"},
    ),
    "a namespace that may not be adopted": Trouble(
        {"namespaces": ["web", "db"]},
        "NamespacesReady",
        "NotAdopted",
        "adoptionPolicy",
        cure={"namespaceOptions": {"adoptionPolicy": "Always"}},
        in_the_way={},
    ),
    "a ClusterRole that the operator may not bind": Trouble(
        _bound("system:node"),
        "AccessGranted",
        "Forbidden",
        "bindableClusterRoles",
        cure={"roleBindings": None},
    ),
    "a ClusterRole that does not exist": Trouble(
        _bound("no-such-role"),
        "AccessGranted",
        "NotFound",
        '"no-such-role" not found; is there a ClusterRole of this name?',
        cure=_bound("quota-reader"),
    ),
    "an object that a policy of the platform refuses": Trouble(
        {"namespaces": ["web", "forbidden"], "deletionPolicy": "Orphan"},
        "QuotaEnforced",
        "Invalid",
        "denied request: no limits here",
        cure={"namespaces": ["web"]},
    ),
    "annotations that are too large together": Trouble(
        _annotations(32),
        "NamespacesReady",
        "Invalid",
        "metadata.annotations: Too long",
        cure=_annotations(1),
    ),
}


@pytest.mark.parametrize("what", TROUBLES)
async def test_it_says_what_is_wrong_and_is_well_once_that_is_mended(
    what: str, make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    trouble = TROUBLES[what]
    broken = await _broken(what, make_tenant, api, name)

    told = await broken.becomes(trouble.condition, "False", trouble.reason)
    assert trouble.says in told["message"]
    assert (await broken.becomes("Ready", "False", trouble.reason))["message"]
    assert (await broken.becomes("Stalled", "True"))["reason"] == trouble.reason

    await broken.apply(**trouble.cure)
    await broken.ready()


async def _broken(
    what: str, make_tenant: MakeTenant, api: ClusterApi, name: str, suffix: str = ""
) -> LiveTenant:
    trouble = TROUBLES[what]
    if trouble.in_the_way is not None:
        metadata = {"name": f"{name}{suffix}-web", "labels": trouble.in_the_way}
        await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return await make_tenant(suffix, ready=False, **trouble.spec)


async def test_none_of_them_delays_the_others(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    """More broken tenants than the operator has workers, and then healthy ones."""
    for number, what in enumerate([*TROUBLES, *TROUBLES]):
        broken = await _broken(what, make_tenant, api, name, f"b{number}")
        await broken.becomes("Ready", "False", TROUBLES[what].reason)

    healthy = [await make_tenant(f"h{number}", ready=False) for number in range(8)]

    await asyncio.gather(*(one.ready(within=PROMPT) for one in healthy))


async def test_a_repair_is_not_delayed_either(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    healthy = await make_tenant()
    for number, what in enumerate(TROUBLES):
        broken = await _broken(what, make_tenant, api, name, f"b{number}")
        await broken.becomes("Ready", "False", TROUBLES[what].reason)
    before = await healthy.made("NetworkPolicy")

    await api.delete("NetworkPolicy", "tenantry", healthy.namespace())

    after = await healthy.appears("NetworkPolicy", within=PROMPT)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


async def test_what_is_well_in_a_broken_tenant_is_made(
    make_tenant: MakeTenant, api: ClusterApi, name: str
) -> None:
    broken = await _broken("a namespace that may not be adopted", make_tenant, api, name)
    await broken.becomes("Ready", "False", "NotAdopted")

    assert (await broken.state_of("db"))["state"] == "Active"
    assert await broken.made("RoleBinding", "tenantry-owners", "db")
    seen = await broken.get()
    assert seen["status"]["summary"]["namespaces"] == "1/2"


async def test_nobody_gets_in_before_every_guard_stands(make_tenant: MakeTenant) -> None:
    broken = await make_tenant(ready=False, namespaces=["web", "forbidden"])
    await broken.becomes("QuotaEnforced", "False", "Invalid")

    waiting = await broken.becomes("AccessGranted", "False", "Waiting")

    assert waiting["message"] == f"not looked at yet in {broken.namespace('forbidden')}"
    assert await broken.api.list("RoleBinding", broken.namespace("forbidden")) == []
    assert await broken.made("NetworkPolicy", short="forbidden")
    assert await broken.becomes("NetworkIsolated", "True")
    assert await broken.made("RoleBinding", "tenantry-owners", "web")
