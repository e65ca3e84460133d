"""What Kubernetes would refuse of an owned object is refused of the Tenant, with what to write."""

from typing import Any

import pytest

from cluster_api import ClusterApi
from tenancy import tenant
from tenantry.cluster.errors import Rejected


def container(**parts: str) -> dict[str, Any]:
    cpu = {part: {"cpu": value} for part, value in parts.items()}
    return {"limitRange": {"limits": [{"type": "Container"} | cpu]}}


def selector(**requirement: Any) -> dict[str, Any]:
    peer = {"podSelector": {"matchExpressions": [{"key": "app"} | requirement]}}
    return {"network": {"ingress": [{"from": [peer]}]}}


def block(cidr: str, *left_out: str) -> dict[str, Any]:
    return {"network": {"egress": [{"to": [{"ipBlock": {"cidr": cidr, "except": left_out}}]}]}}


def port(name: str) -> dict[str, Any]:
    return {"network": {"monitoring": [{"namespace": "monitoring", "ports": [{"port": name}]}]}}


REFUSED = [
    pytest.param(container(min="2", max="1"), "min must not be more than max", id="min over max"),
    pytest.param(
        container(min="2", default="1"), "min must not be more than default", id="min over default"
    ),
    pytest.param(
        container(min="2", defaultRequest="1"),
        "min must not be more than defaultRequest",
        id="min over request",
    ),
    pytest.param(
        container(defaultRequest="1001m", default="1"),
        "defaultRequest must not be more than default",
        id="request over limit",
    ),
    pytest.param(
        container(defaultRequest="2", max="1"),
        "defaultRequest must not be more than max",
        id="request over max",
    ),
    pytest.param(
        container(default="2", max="1"), "default must not be more than max", id="default over max"
    ),
    pytest.param(
        container(maxLimitRequestRatio="500m"), "must be at least 1", id="ratio below one"
    ),
    pytest.param(
        container(maxLimitRequestRatio="10", min="1", max="4"),
        "must not be more than max divided by min",
        id="ratio over max by min",
    ),
    pytest.param(
        {"limitRange": {"limits": [{"type": "Pod", "default": {"cpu": "1"}}]}},
        "a Pod has no defaults: set those of its containers",
        id="default of a pod",
    ),
    pytest.param(
        {"limitRange": {"limits": [{"type": "PersistentVolumeClaim", "max": {"cpu": "1"}}]}},
        "needs a min or a max for storage",
        id="volume claim without storage",
    ),
    pytest.param(
        {"quota": {"perNamespace": {"pods": "1500m"}}},
        "things are counted in whole numbers",
        id="half a pod",
    ),
    pytest.param(
        block("10.0.0.0/24", "10.0.1.0/25"),
        "every exception must lie within the cidr",
        id="exception outside",
    ),
    pytest.param(block("10.0.0.0/24", "10.0.0.0/24"), "and be smaller", id="exception of it all"),
    pytest.param(selector(operator="In"), "In and NotIn need values", id="In without values"),
    pytest.param(
        selector(operator="Exists", values=["x"]),
        "Exists and DoesNotExist have none",
        id="Exists with values",
    ),
    pytest.param(selector(key="a b", operator="Exists"), "should match", id="no label's key"),
    pytest.param(port("http--alt"), "should match", id="two hyphens in a port's name"),
    pytest.param(port("8080"), "should match", id="a number as a port's name"),
    pytest.param(port("a" * 16), "Too long", id="a long name of a port"),
    pytest.param(
        {"owners": [{"kind": "ServiceAccount", "name": "A_B", "namespace": "ci"}]},
        "a ServiceAccount's name has lower-case letters",
        id="no ServiceAccount's name",
    ),
    pytest.param(
        {"owners": [{"kind": "ServiceAccount", "name": "bot", "namespace": "C I"}]},
        "should match",
        id="no namespace's name",
    ),
    pytest.param(
        {"roleBindings": [{"clusterRole": "a/b", "subjects": [{"kind": "User", "name": "x"}]}]},
        "should match",
        id="no ClusterRole's name",
    ),
]


@pytest.mark.parametrize(("spec", "message"), REFUSED)
async def test_a_tenant_is_refused(api: ClusterApi, spec: dict[str, Any], message: str) -> None:
    with pytest.raises(Rejected, match=message):
        await api.create(tenant("refused", **spec), dry_run=True)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(container(min="1", defaultRequest="1", default="1", max="1"), id="all equal"),
        pytest.param(
            container(maxLimitRequestRatio="4", min="1", max="4"), id="a ratio of max/min"
        ),
        pytest.param(
            {"quota": {"perNamespace": {"cpu": "1500m", "memory": "1.5Gi", "pods": 3}}},
            id="half a core",
        ),
        pytest.param(block("10.0.0.0/24", "10.0.0.0/25"), id="an exception of a half"),
        pytest.param(port("http-alt2"), id="a port's name"),
        pytest.param(selector(key="example.com/app", operator="NotIn", values=[""]), id="a key"),
    ],
)
async def test_a_tenant_is_taken(api: ClusterApi, spec: dict[str, Any]) -> None:
    await api.create(tenant("taken", **spec), dry_run=True)
