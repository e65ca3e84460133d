"""What objects are metered as: from when until when, by the API's times, and at whose charge."""

from decimal import Decimal

import pytest

from cost_metered_world import EPOCH, Books, at, namespace, node, pod
from tenantry.api.base import Manifest
from tenantry.cost.lives import HOUR, Account, Offer, Payer
from tenantry.cost.sightings import gone, one_class, sightings_of
from tenantry.cost.workloads import application_of, workload_of

GIB = 2**30


def owned(kind: str, name: str, **labels: str) -> Manifest:
    owner = {"kind": kind, "name": name, "controller": True}
    return {"metadata": {"labels": labels, "ownerReferences": [owner]}}


@pytest.mark.parametrize(
    ("of", "workload"),
    [
        (owned("ReplicaSet", "web-5d4f8", **{"pod-template-hash": "5d4f8"}), "Deployment/web"),
        (owned("ReplicaSet", "by-hand"), "ReplicaSet/by-hand"),
        (
            owned("ReplicaSet", "web-7f9", **{"rollouts-pod-template-hash": "7f9"}),
            "Rollout/web",
        ),
        (owned("Job", f"nightly-{EPOCH // 60}"), "CronJob/nightly"),
        (owned("Job", "import-20261024"), "Job/import-20261024"),
        (owned("StatefulSet", "db"), "StatefulSet/db"),
        (owned("Node", "node-a"), "Node/node-a"),
        ({"metadata": {}}, ""),
    ],
)
def test_a_pod_is_charged_to_the_workload_at_the_top(of: Manifest, workload: str) -> None:
    assert workload_of(of, EPOCH) == workload


def test_tenantrys_labels_go_before_those_that_kubernetes_recommends() -> None:
    recommended = {"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/name": "cart"}
    own = {"tenantry.io/application": "bookinfo", "tenantry.io/component": "reviews"}

    assert application_of(recommended) == ("shop", "cart")
    assert application_of(recommended | own) == ("bookinfo", "reviews")
    assert application_of({}) == ("", "")


def seen(manifest: Manifest) -> tuple[int | None, int | None]:
    (one,) = sightings_of(manifest, EPOCH + 9, one_class)
    return one.start, one.end


def test_a_pod_counts_from_its_place_on_a_node_to_the_end_of_its_last_container() -> None:
    finished = pod("a", start=EPOCH + 10, end=EPOCH + 70, created=EPOCH)

    assert seen(pod("a")) == (None, None)
    assert seen(finished) == (EPOCH + 10, EPOCH + 70)


def test_a_restart_stops_nothing_and_a_static_pod_counts_from_its_start() -> None:
    restarting = pod("a", start=EPOCH)
    restarting["status"]["containerStatuses"] = [
        {"name": "main", "state": {"terminated": {"finishedAt": at(EPOCH + 5)}}}
    ]
    static = pod("b", start=EPOCH + 2, created=EPOCH)
    static["status"] = {"phase": "Running", "startTime": at(EPOCH + 1)}

    assert seen(restarting) == (EPOCH, None)
    assert seen(static) == (EPOCH + 1, None)


def test_an_evicted_pod_without_containers_ends_when_that_was_decided() -> None:
    evicted = pod("a", start=EPOCH)
    evicted["status"] = {
        "phase": "Failed",
        "conditions": [{"type": "DisruptionTarget", "lastTransitionTime": at(EPOCH + 4)}],
    }

    assert seen(evicted)[1] == EPOCH + 4


def test_what_is_deleted_ends_when_that_is_heard_or_at_its_deadline_if_that_is_heard_late() -> None:
    running = pod("a", start=EPOCH)
    deleted = {"deletionTimestamp": at(EPOCH + 60), "deletionGracePeriodSeconds": 30}
    dying = running | {"metadata": running["metadata"] | deleted}
    stopped = pod("a", start=EPOCH)
    stopped["status"]["containerStatuses"] = [
        {"name": "main", "state": {"terminated": {"finishedAt": at(EPOCH + 33)}}}
    ]

    assert gone(running, EPOCH + 500, EPOCH + 500) == EPOCH + 500
    assert gone(running, EPOCH + 500, EPOCH + 100) == EPOCH + 100, "nobody knows: not charged"
    assert gone(dying, EPOCH + 31, EPOCH + 31) == EPOCH + 31
    assert gone(dying, EPOCH + 500, EPOCH + 20) == EPOCH + 60
    assert gone(stopped, EPOCH + 500, EPOCH + 20) == EPOCH + 33


def volume(phase: str, since: int, version: int) -> Manifest:
    claim = {"namespace": "acme-web", "name": "data-db-0", "uid": "claim-1"}
    return {
        "kind": "PersistentVolume",
        "metadata": {
            "name": "pv-1",
            "uid": "pv-1",
            "resourceVersion": str(version),
            "creationTimestamp": at(EPOCH),
        },
        "spec": {"capacity": {"storage": "10Gi"}, "storageClassName": "fast", "claimRef": claim},
        "status": {"phase": phase, "lastPhaseTransitionTime": at(since)},
    }


def claim(**labels: str) -> Manifest:
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "namespace": "acme-web",
            "name": "data-db-0",
            "uid": "claim-1",
            "resourceVersion": "1",
            "labels": labels,
        },
    }


def service(type_: str, version: int, changed: int) -> Manifest:
    return {
        "kind": "Service",
        "metadata": {
            "namespace": "acme-web",
            "name": "web",
            "uid": "service-1",
            "resourceVersion": str(version),
            "creationTimestamp": at(EPOCH),
            "managedFields": [{"time": at(changed)}],
        },
        "spec": {"type": type_},
    }


def totals(books: Books) -> dict[tuple[Payer, str], Decimal]:
    found: dict[tuple[Payer, str], Decimal] = {}
    for (_, payer, resource), units in books.nonzero().items():
        found[payer, resource] = found.get((payer, resource), Decimal()) + units
    return found


def test_a_volume_is_a_supply_while_it_is_there_and_a_tenants_while_it_is_bound() -> None:
    books = Books()
    ledger = books.ledger()
    labels = {"tenantry.io/application": "shop", "tenantry.io/component": "db"}
    for told in (namespace("acme-web", "acme"), claim(**labels), volume("Bound", EPOCH + 10, 100)):
        ledger.hear("ADDED", told, EPOCH + 10)
    books.settled(ledger, EPOCH + 60)
    ledger.hear("MODIFIED", volume("Released", EPOCH + 110, 101), EPOCH + 110)
    books.settled(ledger, EPOCH + 200)

    assert totals(books) == {
        (Account("acme", "acme-web", "shop", "db"), "storage/fast"): Decimal(100 * 10 * GIB),
        (Offer("volume", "fast"), "storage/fast"): Decimal(200 * 10 * GIB),
    }


def test_a_load_balancer_counts_while_its_service_is_one() -> None:
    books = Books()
    ledger = books.ledger()
    ledger.hear("ADDED", namespace("acme-web", "acme"), EPOCH)
    ledger.hear("ADDED", service("LoadBalancer", 10**6, EPOCH + 40), EPOCH + 40)
    ledger.hear("DELETED", service("ClusterIP", 10**6 + 1, EPOCH + 100), EPOCH + 100)
    books.settled(ledger, EPOCH + 200)
    ledger.hear("ADDED", service("LoadBalancer", 10**6 + 2, EPOCH + 300), EPOCH + 300)
    books.settled(ledger, EPOCH + 310)

    account = Account("acme", "acme-web", workload="Service/web")
    assert totals(books) == {
        (account, "load-balancer"): Decimal(70),
        (Offer("load-balancer"), "load-balancer"): Decimal(70),
    }


def test_another_class_of_a_node_counts_from_then_on_for_it_and_for_its_pods() -> None:
    books = Books()
    ledger = books.ledger()
    ledger.node_class = lambda labels: labels.get("capacity", "on-demand")
    ledger.hear("ADDED", namespace("acme-web", "acme"), EPOCH)
    ledger.hear("ADDED", node("node-a", cpu="4"), EPOCH)
    ledger.hear("ADDED", pod("a", start=EPOCH), EPOCH)
    books.settled(ledger, EPOCH + 50)
    changed = node("node-a", {"capacity": "spot"}, cpu="4")
    changed["metadata"]["managedFields"] = [{"time": at(EPOCH + 100)}]
    ledger.hear("MODIFIED", changed, EPOCH + 101)
    books.settled(ledger, EPOCH + 300)

    cores = {key[0]: units for key, units in totals(books).items() if key[1] == "cpu"}
    assert cores == {
        Offer("node", "on-demand"): 400,
        Offer("node", "spot"): 800,
        Account("acme", "acme-web", node_class="on-demand"): 100,
        Account("acme", "acme-web", node_class="spot"): 200,
    }


def test_a_pod_of_the_same_name_is_another_pod_and_one_that_vanished_ends_then() -> None:
    books = Books()
    ledger = books.ledger()
    for told in (namespace("acme-web", "acme"), node("node-a"), pod("db-0", start=EPOCH, uid="1")):
        ledger.hear("ADDED", told, EPOCH)
    ledger.hear("ADDED", pod("db-0", start=EPOCH + 60, created=EPOCH + 50, uid="2"), EPOCH + 61)
    ledger.vanish(("Pod", "acme-web", "db-0"), EPOCH + 80)
    books.settled(ledger, EPOCH + HOUR)

    assert totals(books)[Account("acme", "acme-web", node_class="default"), "cpu"] == 50 + 20
