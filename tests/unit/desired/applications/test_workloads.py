from typing import Any

import pytest

from applications import component, of_kind, pod, template_of, the

VERSIONS = [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2", "replicas": 0}]
CLAIM = {"name": "d", "mountPath": "/d", "persistentVolumeClaim": {"claimName": "d"}}


def test_each_version_is_a_workload_by_itself() -> None:
    made = of_kind("Deployment", component(replicas=3, versions=VERSIONS))

    assert {name: one["spec"]["replicas"] for name, one in made.items()} == {
        "web-v1": 3,
        "web-v2": 0,
    }


def test_a_deployment_never_has_fewer_pods_while_it_is_updated() -> None:
    spec = the("Deployment", component())["spec"]

    assert {name: value for name, value in spec.items() if name != "template"} == {
        "progressDeadlineSeconds": 600,
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "selector": {
            "matchLabels": {"app": "web", "tenantry.io/application": "shop", "version": "v1"}
        },
        "strategy": {
            "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
            "type": "RollingUpdate",
        },
    }


@pytest.mark.parametrize(
    ("volume", "expected"), [(CLAIM, "Recreate"), (CLAIM | {"readOnly": True}, "RollingUpdate")]
)
def test_pods_that_write_to_one_claim_never_run_side_by_side(volume: Any, expected: str) -> None:
    spec = the("Deployment", component(volumes=[volume]))["spec"]

    assert spec["strategy"]["type"] == expected


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_replicas_are_left_to_the_autoscaler(kind: str) -> None:
    web = component(kind=kind, replicas=3, autoscaling={"maxReplicas": 9})

    assert "replicas" not in the(kind, web)["spec"]


def test_a_stateful_set_is_as_the_api_server_stores_it() -> None:
    spec = the("StatefulSet", component("db", kind="StatefulSet", port=5432))["spec"]

    assert {name: spec[name] for name in spec if name not in {"selector", "template"}} == {
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "podManagementPolicy": "OrderedReady",
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "serviceName": "db-v1",
        "updateStrategy": {"rollingUpdate": {"partition": 0}, "type": "RollingUpdate"},
    }


def test_a_daemon_set_is_as_the_api_server_stores_it() -> None:
    spec = the("DaemonSet", component("agent", kind="DaemonSet", replicas=3))["spec"]

    assert {name: spec[name] for name in spec if name not in {"selector", "template"}} == {
        "revisionHistoryLimit": 10,
        "updateStrategy": {
            "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
            "type": "RollingUpdate",
        },
    }
    assert (
        "topologySpreadConstraints"
        not in template_of(the("DaemonSet", component("agent", kind="DaemonSet")))["spec"]
    )


def test_the_version_that_is_taken_up_has_the_deadline_of_the_rollout() -> None:
    rollout = {"version": "v2", "steps": [{"weight": 50}], "progressDeadlineSeconds": 90}

    made = of_kind("Deployment", component(versions=VERSIONS, traffic={"rollout": rollout}))

    assert {name: one["spec"]["progressDeadlineSeconds"] for name, one in made.items()} == {
        "web-v1": 600,
        "web-v2": 90,
    }


def test_overrides_of_security_are_seen_on_the_workload() -> None:
    given = {"readOnlyRootFilesystem": False, "capabilities": {"add": ["NET_BIND_SERVICE"]}}

    relaxed, strict = (
        the("Deployment", component(**context))
        for context in ({"securityContext": given}, {"securityContext": {"runAsUser": 1000}})
    )

    assert relaxed["metadata"]["annotations"] == {
        "tenantry.io/security-overrides": "capabilities,readOnlyRootFilesystem"
    }
    assert "annotations" not in strict["metadata"]


def test_pods_are_spread_over_zones_and_nodes_where_possible() -> None:
    zone, node = pod(component())["topologySpreadConstraints"]

    assert zone["topologyKey"] == "topology.kubernetes.io/zone"
    assert node == {
        "labelSelector": {
            "matchLabels": {"app": "web", "tenantry.io/application": "shop", "version": "v1"}
        },
        "matchLabelKeys": ["pod-template-hash"],
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
    }


def test_pods_say_which_nodes_they_run_on_and_what_else_they_need() -> None:
    tolerations = [{"key": "spot", "operator": "Exists"}, {"key": "a", "value": "b"}]
    made = pod(
        component(
            nodeSelector={"disk": "ssd"},
            tolerations=tolerations,
            priorityClassName="high",
            imagePullSecrets=["registry"],
            terminationGracePeriodSeconds=0,
        )
    )

    assert made["nodeSelector"] == {"disk": "ssd"}
    assert made["tolerations"] == [
        {"key": "spot", "operator": "Exists"},
        {"key": "a", "operator": "Equal", "value": "b"},
    ]
    assert made["priorityClassName"] == "high"
    assert made["imagePullSecrets"] == [{"name": "registry"}]
    assert made["terminationGracePeriodSeconds"] == 0
