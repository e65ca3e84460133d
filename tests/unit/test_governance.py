"""What a Tenant's rules say to an Application, rule by rule."""

from typing import Any

import pytest

from applications import NAMESPACE, application, component
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
        ({"imagePullPolicies": ["Always"]}, {}, "imagePullPolicies"),
        ({"imageTags": []}, {}, "imageTags"),
        ({"imageTags": ["*", "!1*"]}, {}, "imageTags"),
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
        (
            {"storageClasses": ["fast"]},
            {
                "kind": "StatefulSet",
                "volumeClaimTemplates": [{"name": "d", "mountPath": "/d", "storage": "1Gi"}],
            },
            "storageClasses",
        ),
        ({"serviceTypes": ["NodePort"]}, {"kind": "StatefulSet"}, "serviceTypes"),
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
        ({"imageTags": ["*", "!latest"]}, {}),
        ({"imagePullPolicies": ["IfNotPresent"]}, {}),
        ({"priorityClasses": ["high"]}, {"priorityClassName": "high"}),
        ({"nodeSelectors": ["pool=*"]}, {"nodeSelector": {"pool": "b"}}),
        ({"tolerations": ["gpu"]}, {"tolerations": [{"key": "gpu", "operator": "Exists"}]}),
        ({"hosts": ["*.example.com"]}, {"expose": [HOST]}),
        ({"workloadKinds": ["DaemonSet"]}, {"kind": "DaemonSet"}),
        ({"workloadKinds": ["*"]}, {"kind": "DaemonSet"}),
        ({"serviceTypes": ["NodePort"]}, {"kind": "Job", "port": None}),
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
    ("tenants", "namespaces", "context", "broken"),
    [
        ("restricted", "baseline", {"runAsNonRoot": False}, False),
        ("baseline", "restricted", {"runAsNonRoot": False}, True),
        ("restricted", None, {"runAsNonRoot": False}, True),
    ],
)
def test_the_pod_security_of_the_applications_own_namespace_counts(
    tenants: str, namespaces: str | None, context: Manifest, *, broken: bool
) -> None:
    own = {"name": "prod"} | ({"podSecurity": namespaces} if namespaces else {})
    tenant = _tenant(
        podSecurity={"level": tenants}, namespaces=[own, {"name": "x", "podSecurity": "privileged"}]
    )
    assert tenant.prefix + "prod" == NAMESPACE

    found = _rules(tenant, securityContext=context)

    rule = "spec.namespaces[prod].podSecurity" if namespaces else "spec.podSecurity.level"
    assert found == ([rule] if broken else [])


def test_a_port_of_the_defaults_is_a_service_too() -> None:
    web = {"name": "web", "image": "ghcr.io/acme/web:1"}
    tenant = _tenant(allowed={"serviceTypes": ["NodePort"]})

    (found,) = violations(application(web, defaults={"port": 8080}), tenant)
    assert found.rule == "spec.allowed.serviceTypes"
    assert violations(application(web), tenant) == []


def test_a_node_selector_of_the_defaults_that_a_component_replaces_does_not_count() -> None:
    web = component("web", nodeSelector={"pool": "a"})
    shop = application(web, defaults={"nodeSelector": {"disk": "ssd"}})

    assert violations(shop, _tenant(allowed={"nodeSelectors": ["pool=a"]})) == []


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


CLAIM = {"name": "d", "mountPath": "/d", "storage": "10Gi", "storageClassName": "fast"}


@pytest.mark.parametrize(
    ("hard", "fields", "key"),
    [
        ({"count/pods": 2}, {"replicas": 3}, "count/pods"),
        ({"requests.cpu": "1"}, {"resources": {"limits": {"cpu": "2"}}}, "requests.cpu"),
        ({"memory": "1Gi"}, {"resources": {"limits": {"memory": "2Gi"}}}, "memory"),
        ({"services": 1}, {}, "services"),
        ({"count/deployments.apps": 0}, {}, "count/deployments.apps"),
        (
            {"hugepages-2Mi": "2Mi"},
            {"resources": {"limits": {"hugepages-2Mi": "4Mi"}}},
            "hugepages-2Mi",
        ),
        *(
            (
                {key: most},
                {"kind": "StatefulSet", "replicas": 3, "volumeClaimTemplates": [CLAIM]},
                key,
            )
            for key, most in (
                ("requests.storage", "29Gi"),
                ("persistentvolumeclaims", 2),
                ("fast.storageclass.storage.k8s.io/requests.storage", "29Gi"),
                ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", 2),
            )
        ),
    ],
)
def test_every_key_that_an_application_uses_of_counts(
    hard: Manifest, fields: Manifest, key: str
) -> None:
    assert _rules(_tenant(quota={"hard": hard}), **fields) == [f"spec.quota.hard[{key}]"]


@pytest.mark.parametrize(
    ("quota", "own", "rule"),
    [
        ({}, {"pods": 2}, "spec.namespaces[prod].quota.hard[pods]"),
        ({"perNamespace": {"pods": 2}}, {}, "spec.quota.perNamespace[pods]"),
        ({"perNamespace": {"pods": 1}}, {"pods": 2}, "spec.namespaces[prod].quota.hard[pods]"),
        ({"perNamespace": {"pods": 1}}, {"pods": 3}, ""),
        ({"hard": {"pods": 2}}, {"pods": 9}, "spec.quota.hard[pods]"),
        ({"hard": {"pods": 9}}, {"pods": 2}, "spec.namespaces[prod].quota.hard[pods]"),
        (
            {"scopes": [{"name": "gold", "priorityClasses": ["gold"], "hard": {"pods": 2}}]},
            {},
            "spec.quota.scopes[gold].hard[pods]",
        ),
        ({"scopes": [{"name": "x", "priorityClasses": ["x"], "hard": {"pods": 2}}]}, {}, ""),
    ],
)
def test_the_quota_of_the_applications_own_namespace_counts(
    quota: Manifest, own: Manifest, rule: str
) -> None:
    spaces = [{"name": "prod", "quota": {"hard": own}}]
    tenant = _tenant(quota=quota, namespaces=spaces, allowed={"priorityClasses": ["gold"]})

    found = _rules(tenant, replicas=3, priorityClassName="gold")
    assert found == ([rule] if rule else [])


def test_what_a_namespace_may_have_by_default_counts_as_well() -> None:
    shop = application(component("web", replicas=51))

    (found,) = violations(shop, _tenant())

    assert str(found) == (
        "all components ask for 51 of pods, and may have 50 (spec.quota.perNamespace[pods] of the "
        "Tenant)"
    )


def _nightly(name: str, **job: Any) -> Manifest:
    return {
        "name": name,
        "image": "ghcr.io/acme/web:1",
        "kind": "CronJob",
        "schedule": "0 3 * * *",
        "resources": {"requests": {"cpu": "3"}},
        "job": job,
    }


@pytest.mark.parametrize(
    ("components", "is_too_much"),
    [
        ([_nightly("a"), _nightly("b"), _nightly("c")], False),
        ([_nightly("a") | {"kind": "Job", "schedule": None}, _nightly("b")], False),
        ([_nightly("a"), _nightly("b", parallelism=2, completions=2)], True),
        ([_nightly("a", parallelism=2)], False),
        ([_nightly("a", parallelism=2, completions=2, suspend=True)], False),
        ([_nightly("a"), component("web", resources={"requests": {"cpu": "1500m"}})], True),
    ],
    ids=[
        "one after the other",
        "a Job and a CronJob",
        "one that is too large",
        "never more pods than completions",
        "suspended",
        "beside what runs all the time",
    ],
)
def test_jobs_may_run_one_after_the_other(components: list[Manifest], *, is_too_much: bool) -> None:
    given = [{k: v for k, v in one.items() if v is not None} for one in components]

    found = violations(application(*given), _tenant(quota={"hard": {"requests.cpu": "4"}}))
    assert [one.rule for one in found] == (["spec.quota.hard[requests.cpu]"] if is_too_much else [])


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
