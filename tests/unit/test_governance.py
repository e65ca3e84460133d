"""What a Tenant's rules say to an Application, rule by rule."""

from typing import Any

import pytest

from applications import application, component
from bookinfo import GATEWAY_API, MESH
from tenantry.api.base import Manifest
from tenantry.api.platform import Platform
from tenantry.api.tenant import Tenant
from tenantry.governance import violations

EVERYTHING: Manifest = {"hosts": ["*"]}
HOST = {"host": "shop.example.com"}


def _tenant(**spec: Any) -> Tenant:
    owners = [{"kind": "User", "name": "olivia"}]
    return Tenant.parse({"metadata": {"name": "acme"}, "spec": {"owners": owners} | spec})


def _rules(tenant: Tenant, *served: str, gateway_class: str = "", **fields: Any) -> list[str]:
    platform = Platform(gateway_class=gateway_class)
    shop = application(component("web", **fields))
    return [one.rule for one in violations(shop, tenant, served, platform)]


def test_hello_breaks_no_rule_of_a_tenant_that_has_none() -> None:
    assert _rules(_tenant()) == []


@pytest.mark.parametrize(
    ("allowed", "fields", "rule"),
    [
        ({"registries": ["docker.io"]}, {}, "registries"),
        ({"imagePullPolicies": ["Always"]}, {"imagePullPolicy": "Never"}, "imagePullPolicies"),
        ({}, {"priorityClassName": "high"}, "priorityClasses"),
        (
            {"priorityClasses": ["*"]},
            {"priorityClassName": "system-node-critical"},
            "priorityClasses",
        ),
        ({"serviceTypes": ["NodePort"]}, {}, "serviceTypes"),
        ({"nodeSelectors": ["pool=a"]}, {"nodeSelector": {"pool": "b"}}, "nodeSelectors"),
        ({}, {"tolerations": [{"key": "gpu", "operator": "Exists"}]}, "tolerations"),
        ({}, {"kind": "DaemonSet"}, "workloadKinds"),
        ({"workloadKinds": ["Job"]}, {}, "workloadKinds"),
        ({}, {"expose": [HOST]}, "hosts"),
        (
            EVERYTHING | {"ingressClasses": ["nginx"]},
            {"expose": [HOST | {"className": "other"}]},
            "ingressClasses",
        ),
        (EVERYTHING | {"ingressClasses": ["nginx"]}, {"expose": [HOST]}, "ingressClasses"),
        (
            {"storageClasses": ["slow"]},
            {
                "kind": "StatefulSet",
                "volumeClaimTemplates": [
                    {"name": "d", "mountPath": "/d", "storage": "1Gi", "storageClassName": "fast"}
                ],
            },
            "storageClasses",
        ),
    ],
)
def test_what_is_not_allowed_names_its_rule(allowed: Manifest, fields: Manifest, rule: str) -> None:
    assert _rules(_tenant(allowed=allowed), **fields) == [f"spec.allowed.{rule}"]


@pytest.mark.parametrize(
    ("exposed", "served", "rule"),
    [
        ({}, (), "ingressClasses"),
        ({}, GATEWAY_API, "ingressClasses"),
        ({"className": "other"}, (), "ingressClasses"),
        ({"className": "other"}, GATEWAY_API, "gatewayClasses"),
        ({"type": "HTTPRoute", "className": "other"}, GATEWAY_API, "gatewayClasses"),
        ({"type": "Ingress", "className": "other"}, GATEWAY_API, "ingressClasses"),
        ({"gateway": {"name": "other"}}, (), "ingressClasses"),
        ({"gateway": {"name": "other"}}, GATEWAY_API, ""),
        ({}, MESH, ""),
        ({"type": "IstioGateway"}, MESH, ""),
        ({"type": "HTTPRoute", "className": "other"}, (), ""),
    ],
)
def test_a_class_is_held_against_the_rule_for_what_is_made_of_it(
    exposed: Manifest, served: tuple[str, ...], rule: str
) -> None:
    allowed = EVERYTHING | {"ingressClasses": ["nginx"], "gatewayClasses": ["shared"]}

    found = _rules(_tenant(allowed=allowed), *served, expose=[HOST | exposed])

    assert found == ([f"spec.allowed.{rule}"] if rule else [])


@pytest.mark.parametrize(("entry", "broken"), [("shared", False), ("other", True)])
def test_the_platforms_gateway_class_must_be_allowed_as_well(entry: str, *, broken: bool) -> None:
    allowed = EVERYTHING | {"gatewayClasses": [entry]}

    found = _rules(_tenant(allowed=allowed), *GATEWAY_API, gateway_class="shared", expose=[HOST])

    assert found == (["spec.allowed.gatewayClasses"] if broken else [])


@pytest.mark.parametrize(
    ("allowed", "fields"),
    [
        ({"registries": ["ghcr.io/acme"]}, {}),
        ({"priorityClasses": ["high"]}, {"priorityClassName": "high"}),
        ({"nodeSelectors": ["pool=*"]}, {"nodeSelector": {"pool": "b"}}),
        ({"tolerations": ["gpu"]}, {"tolerations": [{"key": "gpu", "operator": "Exists"}]}),
        ({"hosts": ["*.example.com"]}, {"expose": [HOST]}),
        ({"workloadKinds": ["DaemonSet"]}, {"kind": "DaemonSet"}),
        ({"workloadKinds": ["*"]}, {"kind": "DaemonSet"}),
        ({}, {"kind": "StatefulSet"}),
        (
            EVERYTHING | {"ingressClasses": ["nginx"]},
            {"expose": [HOST | {"className": "nginx"}]},
        ),
    ],
)
def test_what_is_allowed_is_not_mentioned(allowed: Manifest, fields: Manifest) -> None:
    assert _rules(_tenant(allowed=allowed), **fields) == []


@pytest.mark.parametrize(
    ("level", "context", "broken"),
    [
        ("restricted", {"runAsNonRoot": False}, True),
        ("baseline", {"runAsNonRoot": False}, False),
        ("restricted", {"allowPrivilegeEscalation": True}, True),
        ("restricted", {"capabilities": {"add": ["NET_BIND_SERVICE"]}}, False),
        ("restricted", {"capabilities": {"add": ["CHOWN"]}}, True),
        ("baseline", {"capabilities": {"add": ["CHOWN"]}}, False),
        ("baseline", {"capabilities": {"add": ["SYS_ADMIN"]}}, True),
        ("privileged", {"capabilities": {"add": ["SYS_ADMIN"]}}, False),
        ("restricted", {"readOnlyRootFilesystem": False}, False),
    ],
)
def test_pod_security_bounds_what_a_component_may_loosen(
    level: str, context: Manifest, *, broken: bool
) -> None:
    found = _rules(_tenant(podSecurity={"level": level}), securityContext=context)

    assert found == (["spec.podSecurity.level"] if broken else [])


@pytest.mark.parametrize(
    ("hard", "fields", "key"),
    [
        ({"pods": 2}, {"replicas": 3}, "pods"),
        (
            {"requests.cpu": "1"},
            {"resources": {"requests": {"cpu": "600m"}}, "replicas": 2},
            "requests.cpu",
        ),
        ({"cpu": "1"}, {"resources": {"requests": {"cpu": "2"}}}, "cpu"),
        ({"limits.memory": "1Gi"}, {"resources": {"limits": {"memory": "2Gi"}}}, "limits.memory"),
        ({"pods": 2}, {"autoscaling": {"minReplicas": 3, "maxReplicas": 5}}, "pods"),
    ],
)
def test_what_could_never_run_names_the_quotas_key(
    hard: Manifest, fields: Manifest, key: str
) -> None:
    assert _rules(_tenant(quota={"hard": hard}), **fields) == [f"spec.quota.hard[{key}]"]


def test_what_fits_into_the_quota_exactly_is_not_mentioned() -> None:
    resources = {"requests": {"cpu": "500m"}}

    hard = {"requests.cpu": "1", "pods": 2}
    assert _rules(_tenant(quota={"hard": hard}), replicas=2, resources=resources) == []


def test_a_violation_names_component_field_and_what_is_allowed() -> None:
    shop = application(component("web"))

    (found,) = violations(shop, _tenant(allowed={"registries": ["docker.io", "quay.io"]}))

    assert str(found) == (
        "component web: image ghcr.io/acme/web:1.0 is not among those allowed: docker.io, quay.io "
        "(spec.allowed.registries of the Tenant)"
    )


def test_the_registry_of_the_defaults_counts() -> None:
    shop = application(
        {"name": "web", "image": "web:1"}, defaults={"imageRegistry": "evil.example.com"}
    )

    (found,) = violations(shop, _tenant(allowed={"registries": ["docker.io"]}))

    assert "evil.example.com/web:1" in found.message
