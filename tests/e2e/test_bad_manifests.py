"""What the API server refuses, and how it says so: every rule and every bound of the CRD."""

import asyncio

import pytest

import installation
from bad_manifests import BAD_MANIFESTS
from bounds import Breach, breaches, rules_in
from cluster_api import ClusterApi
from tenancy import tenant
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Rejected

SCHEMA = installation.schema_of("Tenant")


@pytest.mark.parametrize("what", BAD_MANIFESTS)
async def test_a_rule_is_told_to_whoever_breaks_it(what: str, api: ClusterApi, name: str) -> None:
    bad = BAD_MANIFESTS[what]
    if bad.before:
        await api.apply(tenant(name, **bad.before))

    with pytest.raises(Rejected) as refused:
        await api.apply(tenant(bad.name or name, **bad.spec))

    assert bad.message in str(refused.value)


def test_every_rule_is_broken_by_a_manifest() -> None:
    rules = rules_in(SCHEMA)
    told = {bad.message for bad in BAD_MANIFESTS.values()}
    # The message of one rule is made of the value; it begins alike.
    made = {rule["messageExpression"] for rule in rules if "messageExpression" in rule}

    assert len(made) == 1
    assert any(message.startswith('subject "') for message in told)
    assert {rule["message"] for rule in rules if "message" in rule} - told == set()


FIELDS = SCHEMA["properties"]["spec"]["properties"]


@pytest.mark.parametrize("field", FIELDS)
async def test_every_bound_of_a_field_holds(field: str, api: ClusterApi, name: str) -> None:
    async def unheard(breach: Breach) -> str:
        """What is wrong with the answer to a breach; nothing, if all is well."""
        manifest = tenant(name)
        told = await api.refusal(manifest | {"spec": manifest["spec"] | breach.spec})
        is_told = breach.message in told and breach.path in told
        return "" if is_told else f"{breach.path} {breach.keyword}: {told or 'admitted'}"

    beyond = breaches(FIELDS[field], f"spec.{field}", lambda value: {field: value})
    answers = await asyncio.gather(*(unheard(breach) for breach in beyond))

    assert [answer for answer in answers if answer] == []


def test_there_are_bounds_to_be_held() -> None:
    counts = {
        field: len([*breaches(FIELDS[field], field, lambda value: value)]) for field in FIELDS
    }

    unbounded = {"suspend", "deletionProtection"}
    assert {field for field, count in counts.items() if not count} == unbounded
    assert sum(counts.values()) > 300


async def test_a_tenant_needs_an_owner(api: ClusterApi, name: str) -> None:
    manifest = tenant(name)
    del manifest["spec"]["owners"]

    assert "spec.owners: Required value" in await api.refusal(manifest)


async def test_a_tenant_needs_a_spec(api: ClusterApi, name: str) -> None:
    manifest = tenant(name)
    del manifest["spec"]

    assert "spec: Required value" in await api.refusal(manifest)


async def test_a_name_is_listed_once(api: ClusterApi, name: str) -> None:
    assert "duplicate entries for key" in await api.refusal(tenant(name, namespaces=["a", "a"]))


GOOD: dict[str, tuple[str, Manifest]] = {
    "a name of 40 characters": ("a" * 40, {"namespaces": ["b" * 22]}),
    "63 characters together": ("a" * 32, {"namespaces": ["b" * 30]}),
    "no namespaces at all": ("acme", {"namespaces": []}),
    "64 namespaces": (
        "acme",
        {"namespaces": [f"n{number}" for number in range(64)], "namespaceOptions": {"max": 64}},
    ),
    "a name like the system's": ("kubernetes", {}),
    "service accounts of one namespace": (
        "acme",
        {"editors": [{"kind": "Group", "name": "system:serviceaccounts:ci"}]},
    ),
    "a prefix of another name": ("acme", {"namespaceOptions": {"prefix": "other-"}}),
    "an exception that is a half": (
        "acme",
        {
            "network": {
                "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/9"]}}]}]
            }
        },
    ),
    "bounds that are all the same": (
        "acme",
        {
            "limitRange": {
                "limits": [
                    {"type": "Container"}
                    | {part: {"cpu": "1"} for part in ("min", "defaultRequest", "default", "max")}
                ]
            }
        },
    ),
    "a ratio of the most by the least": (
        "acme",
        {
            "limitRange": {
                "limits": [
                    {
                        "type": "Container",
                        "min": {"cpu": "500m"},
                        "max": {"cpu": 2},
                        "maxLimitRequestRatio": {"cpu": 4},
                    }
                ]
            }
        },
    ),
    "parts of what can be parted": (
        "acme",
        {"quota": {"perNamespace": {"cpu": "1500m", "memory": "1.5Gi", "hugepages-2Mi": ".5Gi"}}},
    ),
    "a port's name with a hyphen": (
        "acme",
        {"network": {"internetEgress": {"ports": [{"port": "http-alt2"}]}}},
    ),
    "a port that is a range of one": (
        "acme",
        {"network": {"internetEgress": {"ports": [{"port": 80, "endPort": 80}]}}},
    ),
    "a label below another domain": (
        "acme",
        {"namespaceOptions": {"labels": {"nottenantry.io/x": "y"}}},
    ),
}


@pytest.mark.parametrize("what", GOOD)
async def test_what_is_just_within_the_rules_is_admitted(what: str, api: ClusterApi) -> None:
    name, spec = GOOD[what]

    assert await api.refusal(tenant(name, **spec)) == ""
