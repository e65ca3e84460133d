"""The state of workloads, told by the pods that are theirs now."""

import pytest

from tenantry.api.base import Manifest
from tenantry.application_workloads import workloads_of
from tenantry.component_health import Health
from tenantry.observed import key_of, observe
from tenantry.refused_pods import RefusedPods

LABELS = {
    "tenantry.io/application": "shop",
    "tenantry.io/component": "web",
    "app": "web",
    "version": "v1",
}


def _deployment(image: str) -> Manifest:
    counts = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1}
    return {
        "kind": "Deployment",
        "metadata": {"name": "web-v1", "namespace": "acme", "labels": LABELS, "generation": 2},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
        "status": counts,
    }


def _crashing(*images: str) -> Manifest:
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    return {
        "kind": "Pod",
        "metadata": {"name": "web-v1-1", "namespace": "acme", "labels": LABELS},
        "spec": {"containers": [{"name": "any", "image": one} for one in images]},
        "status": {"containerStatuses": [{"name": "web", "state": waiting}]},
    }


def _health(*manifests: Manifest) -> Health:
    observed = {key_of(one): observe(one) for one in manifests}
    return workloads_of(observed, RefusedPods())["web", "v1"]


@pytest.mark.parametrize(
    ("image", "of_pod", "phase"),
    [
        pytest.param("a.io/web:2", ["a.io/web:2"], "Failed", id="its own"),
        pytest.param("a.io/web:2", ["a.io/web:1"], "InProgress", id="one of before"),
        pytest.param("a.io/web:2", ["proxy:1", "a.io/web:2"], "Failed", id="with a sidecar"),
        pytest.param("a.io/web:2", ["mirror:5000/a/web:2"], "Failed", id="from a mirror"),
        pytest.param("a.io/web:2", ["a.io/web:2@sha256:ab"], "Failed", id="pinned at admission"),
        pytest.param("web@sha256:cd", ["web@sha256:ab"], "InProgress", id="another digest"),
        pytest.param("a.io/web:2", [], "Failed", id="nobody knows"),
    ],
)
def test_the_troubles_of_pods_of_an_image_before_are_not_those_of_the_workload(
    image: str, of_pod: list[str], phase: str
) -> None:
    health = _health(_deployment(image), _crashing(*of_pod))

    assert (health.phase, health.image) == (phase, image)


def test_a_workload_of_an_application_that_had_the_name_before_says_nothing() -> None:
    made = _deployment("a.io/web:2")
    made["metadata"]["ownerReferences"] = [{"kind": "Application", "name": "shop", "uid": "old"}]
    observed = {key_of(made): observe(made | {"apiVersion": "apps/v1"})}

    assert workloads_of(observed, RefusedPods(), "new") == {}
    assert {*workloads_of(observed, RefusedPods(), "old")} == {("web", "v1")}
