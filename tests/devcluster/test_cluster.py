from __future__ import annotations

import json
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest
from tests.devcluster.conftest import Kubectl

from devcluster import DevCluster, DevClusterError, readiness
from devcluster.source import KUBERNETES

if TYPE_CHECKING:
    from pathlib import Path

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod_spec(**container: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "image": "example.org/app:1", **container}]}


def pod(name: str, **container: Any) -> dict[str, Any]:
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(**container)}


def deployment(name: str, replicas: int) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod_spec()}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
    }


@pytest.fixture
def namespace(kubectl: Kubectl, request: pytest.FixtureRequest) -> str:
    name = f"n{abs(hash(request.node.name)):x}"
    kubectl("create", "namespace", name)
    kubectl("wait", "--for=create", "serviceaccount/default", "-n", name)
    return name


def test_the_api_server_says_its_version(kubectl: Kubectl) -> None:
    server = kubectl.json("version")["serverVersion"]
    assert (server["gitVersion"], server["major"], server["minor"]) == (KUBERNETES, "1", "37")


def test_nodes_are_spread_over_zones_and_take_pods(kubectl: Kubectl) -> None:
    nodes = kubectl.json("get", "nodes")["items"]
    zones = [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes]
    assert sorted(zones) == ["devcluster-a", "devcluster-b", "devcluster-c"]
    assert all("taints" not in node["spec"] for node in nodes)


def test_a_deployment_becomes_running_pods_with_addresses(kubectl: Kubectl, namespace: str) -> None:
    kubectl("create", "-n", namespace, "-f", "-", stdin=deployment("web", 4))
    kubectl("wait", "-n", namespace, "--for=condition=Available", "deployment/web", "--timeout=30s")
    pods = kubectl.json("get", "pods", "-n", namespace)["items"]
    assert {one["status"]["phase"] for one in pods} == {"Running"}
    assert len({one["status"]["podIP"] for one in pods}) == 4
    assert len({one["spec"]["nodeName"] for one in pods}) > 1
    assert all(one["status"]["containerStatuses"][0]["ready"] for one in pods)


def test_a_job_completes(kubectl: Kubectl, namespace: str) -> None:
    kubectl("create", "job", "work", "-n", namespace, "--image=example.org/app:1")
    kubectl("wait", "-n", namespace, "--for=condition=Complete", "job/work", "--timeout=30s")


def test_a_deleted_namespace_goes_with_its_pods(kubectl: Kubectl, namespace: str) -> None:
    # The namespace controller looks again after half of its pods' grace period.
    alone = pod("alone")
    alone["spec"]["terminationGracePeriodSeconds"] = 1
    kubectl("create", "-n", namespace, "-f", "-", stdin=alone)
    kubectl("wait", "-n", namespace, "--for=condition=Ready", "pod/alone", "--timeout=30s")
    kubectl("delete", "namespace", namespace, "--timeout=30s")


def test_a_user_with_a_certificate_is_known_and_may_do_nothing_until_granted(
    cluster: DevCluster, kubectl: Kubectl, namespace: str
) -> None:
    alice = Kubectl(cluster.kubeconfig_for("alice", ["acme-admins", "acme-devs"]))
    info = alice.json("auth", "whoami")["status"]["userInfo"]
    assert info["username"] == "alice"
    assert {"acme-admins", "acme-devs", "system:authenticated"} == set(info["groups"])
    refused = alice.run("get", "pods", "-n", namespace)
    assert 'User "alice" cannot list resource "pods"' in refused.stderr
    grant = ("create", "rolebinding", "see", "--clusterrole=view", "--group=acme-devs")
    kubectl(*grant, "-n", namespace)
    assert alice.run("get", "pods", "-n", namespace).returncode == 0


def test_a_service_account_is_known_by_its_token(
    cluster: DevCluster, kubectl: Kubectl, namespace: str
) -> None:
    kubectl("create", "serviceaccount", "robot", "-n", namespace)
    robot = Kubectl(cluster.service_account_kubeconfig(namespace, "robot"))
    info = robot.json("auth", "whoami")["status"]["userInfo"]
    assert info["username"] == f"system:serviceaccount:{namespace}:robot"
    assert "cannot list" in robot.run("get", "pods").stderr


def test_a_service_account_that_is_not_there_gets_no_token(cluster: DevCluster) -> None:
    with pytest.raises(DevClusterError, match="404"):
        cluster.service_account_kubeconfig("default", "nobody")


def test_a_quota_holds(kubectl: Kubectl, namespace: str) -> None:
    kubectl("create", "quota", "one", "--hard=pods=1", "-n", namespace)
    kubectl(
        "wait",
        "-n",
        namespace,
        "--for=jsonpath={.status.hard.pods}=1",
        "quota/one",
        "--timeout=30s",
    )
    kubectl("create", "-n", namespace, "-f", "-", stdin=pod("first"))
    second = Kubectl.run(kubectl, "create", "-n", namespace, "-f", "-", stdin=pod("second"))
    assert "exceeded quota: one" in second.stderr


def test_pod_security_holds(kubectl: Kubectl, namespace: str) -> None:
    kubectl("label", "ns", namespace, "pod-security.kubernetes.io/enforce=restricted")
    open_pod = kubectl.run("create", "-n", namespace, "-f", "-", stdin=pod("open"))
    assert 'violates PodSecurity "restricted:latest"' in open_pod.stderr
    kubectl("create", "-n", namespace, "-f", "-", stdin=pod("closed", securityContext=RESTRICTED))


@pytest.mark.parametrize("kind", ["validating", "mutating"])
def test_admission_policies_are_served(kubectl: Kubectl, kind: str) -> None:
    kubectl("get", f"{kind}admissionpolicies.v1.admissionregistration.k8s.io")


def test_who_writes_is_in_the_audit_log(cluster: DevCluster, namespace: str) -> None:
    lines = cluster.audit_log.read_text().splitlines()
    written = [event for event in map(json.loads, lines) if event["verb"] == "create"]
    created = [event for event in written if event["objectRef"].get("name") == namespace]
    assert [event["user"]["username"] for event in created] == ["kubernetes-admin"]


def test_keys_and_kubeconfigs_are_their_owners_alone(cluster: DevCluster) -> None:
    secret = [cluster.kubeconfig, *cluster.directory.glob("*/*.key")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_second_cluster_runs_beside_the_first_and_trusts_none_of_its_users(
    cluster: DevCluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    with DevCluster.start(tmp_path / "second", nodes=1) as second:
        assert second.url != cluster.url
        assert not set(second.pids.values()) & set(cluster.pids.values())
        assert len(Kubectl(second.kubeconfig).json("get", "nodes")["items"]) == 1
        assert len(kubectl.json("get", "nodes")["items"]) == 3
        stranger = kubectl.run("get", "nodes", "--server", second.url, "--insecure-skip-tls-verify")
        assert stranger.returncode != 0
        guest = second.host("sleep", [str(shutil.which("sleep")), "60"])
        assert guest.find()
        assert set(second.alive().values()) == {True}
    assert not any(second.alive().values())
    assert not guest.find()


def test_a_killed_program_is_missed_and_comes_back(cluster: DevCluster) -> None:
    cluster.kill("kube-controller-manager")
    assert not cluster.ready()
    with pytest.raises(DevClusterError, match="kube-controller-manager ended"):
        cluster.wait_ready()
    cluster.restart("kube-controller-manager")
    assert cluster.ready()


def test_an_api_server_that_is_restarted_has_the_same_address_and_data(
    cluster: DevCluster, kubectl: Kubectl, namespace: str
) -> None:
    before = cluster.pids["kube-apiserver"]
    cluster.restart("kube-apiserver")
    assert cluster.pids["kube-apiserver"] != before
    kubectl("get", "namespace", namespace)


def test_a_paused_program_is_silent_until_it_is_resumed(cluster: DevCluster) -> None:
    cluster.pause("kube-scheduler")
    assert not cluster.ready()
    cluster.resume("kube-scheduler")
    cluster.wait_ready()


def test_logs_are_at_hand(cluster: DevCluster) -> None:
    assert "Serving securely" in cluster.logs("kube-apiserver")


def test_nothing_that_is_running_counts_as_ended(cluster: DevCluster) -> None:
    readiness.until(cluster.ready, "The cluster", lambda: None)
    assert set(cluster.alive().values()) == {True}
