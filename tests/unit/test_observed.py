from typing import Any

import pytest

from stored import CREATED, stored
from tenantry.api.base import Manifest
from tenantry.observed import key_of, observe


def _object(kind: str = "Namespace", **fields: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "acme-web"}} | fields


def _marked(**metadata: Any) -> Manifest:
    manifest = _object()
    return manifest | {"metadata": manifest["metadata"] | metadata}


def test_a_key_has_no_namespace_where_the_object_has_none() -> None:
    quota = {"kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "acme-web"}}

    assert key_of(_object()) == ("Namespace", "", "acme-web")
    assert key_of(quota) == ("ResourceQuota", "acme-web", "q")


def test_what_the_api_server_keeps_for_itself_is_left_out() -> None:
    seen = observe(stored(_marked(labels={"a": "b"}), uid="u7", generation=3, selfLink="x"))

    assert seen.uid == "u7"
    assert seen.body == {
        "metadata": {"name": "acme-web", "labels": {"a": "b"}, "creationTimestamp": CREATED}
    }


def test_of_a_tenant_the_generation_counts() -> None:
    manifest = _object("Tenant", spec={"owners": []}) | {"apiVersion": "tenantry.io/v1alpha1"}
    seen = observe(stored(manifest, uid="u7", generation=3, finalizers=["f"]))

    assert seen.body["metadata"] == {
        "name": "acme-web",
        "uid": "u7",
        "creationTimestamp": CREATED,
        "generation": 3,
        "finalizers": ["f"],
    }
    assert seen.body["spec"] == {"owners": []}


def test_what_kubectl_remembers_is_no_difference() -> None:
    last = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "x"}

    assert observe(_marked(annotations=last)).body["metadata"]["annotations"] == {"note": "x"}


@pytest.mark.parametrize("field", ["secrets", "imagePullSecrets"])
def test_what_others_write_into_a_service_account_is_theirs(field: str) -> None:
    account = _object("ServiceAccount", **{field: [{"name": "x"}]})

    assert observe(account).body == observe(_object("ServiceAccount")).body


def test_own_labels_are_those_that_the_operator_set() -> None:
    manifest = stored(_marked(labels={"ours": "1"}, annotations={"note": "2"}))
    theirs = stored(_marked(labels={"theirs": "1"}), manager="kubectl")
    manifest["metadata"]["labels"] |= theirs["metadata"]["labels"]
    manifest["metadata"]["managedFields"] += theirs["metadata"]["managedFields"]

    seen = observe(manifest)

    assert seen.own_labels == {"ours"}
    assert seen.own_annotations == {"note"}
    assert seen.labels == {"ours": "1", "theirs": "1"}


def test_applied_and_posted_labels_both_count() -> None:
    manifest = stored(_marked(labels={"posted": "1"}))
    applied = stored(_marked(labels={"applied": "1"}))["metadata"]["managedFields"]
    manifest["metadata"]["managedFields"] += [applied[0] | {"operation": "Apply"}]

    assert observe(manifest).own_labels == {"posted", "applied"}


def test_a_write_to_a_subresource_owns_no_labels() -> None:
    manifest = stored(_marked(labels={"a": "1"}))
    manifest["metadata"]["managedFields"][0]["subresource"] = "status"

    assert observe(manifest).own_labels == frozenset()


def test_the_name_label_is_the_api_servers() -> None:
    """It is set in the name of whoever makes a namespace; taking it out would be refused."""
    labels = {"kubernetes.io/metadata.name": "acme-web", "ours": "1"}

    assert observe(stored(_marked(labels=labels))).own_labels == {"ours"}


def test_of_a_quota_hard_and_used_count() -> None:
    status = {"hard": {"pods": "5"}, "used": {"pods": "1"}, "other": "x"}

    assert observe(_object("ResourceQuota", status=status)).status == {
        "hard": {"pods": "5"},
        "used": {"pods": "1"},
    }


def test_of_a_namespace_the_phase_and_what_is_true_of_it_count() -> None:
    conditions = [
        {"type": "A", "status": "True", "message": "some finalizers remain", "reason": "x"},
        {"type": "B", "status": "False", "message": "nothing"},
        {"type": "C", "status": "True"},
    ]

    seen = observe(_object(status={"phase": "Terminating", "conditions": conditions}))

    assert seen.status == {
        "phase": "Terminating",
        "conditions": [
            {"type": "A", "message": "some finalizers remain"},
            {"type": "C", "message": ""},
        ],
    }


@pytest.mark.parametrize("status", [None, {}])
def test_a_status_may_be_missing(status: Any) -> None:
    assert observe(_object("ResourceQuota", status=status)).status == {}
    assert observe(_object("Namespace", status=status)).status == {"phase": "", "conditions": []}


def test_of_other_kinds_no_status_counts() -> None:
    assert observe(_object("NetworkPolicy", status={"conditions": [1]})).status == {}


def test_a_deletion_timestamp_says_that_it_is_on_its_way_out() -> None:
    assert observe(_marked(deletionTimestamp="2026-01-01T00:00:00Z")).is_being_deleted
    assert not observe(_object()).is_being_deleted


def _autoscaler(**conditions: str) -> Manifest:
    made = [
        {"type": type_, "status": "False" if message else "True", "message": message}
        for type_, message in conditions.items()
    ]
    metadata = {"name": "web-v1", "namespace": "acme-web"}
    kind = "HorizontalPodAutoscaler"
    return {"kind": kind, "metadata": metadata, "spec": {}, "status": {"conditions": made}}


def test_of_an_autoscaler_it_is_kept_why_it_does_nothing_whichever_pod_it_names() -> None:
    said = "missing request for cpu in container web of Pod web-v1-{}, and so on"

    one, other = (
        observe(_autoscaler(ScalingActive=said.format(pod), ScalingLimited="too many"))
        for pod in ("a", "b")
    )

    assert one.status == other.status
    (why,) = one.status["conditions"]
    assert why["message"] == "missing request for cpu in container web, and so on"
    assert observe(_autoscaler(ScalingActive="")).status == {}
