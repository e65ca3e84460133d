"""What the log says of a write: what changed, and nothing that may be secret."""

from typing import Any

from tenantry.api.base import Manifest
from tenantry.application_plan import compare_owned
from tenantry.cluster.writes import LONGEST, MOST, of_change, of_patch
from tenantry.observed import Observed, observe
from tenantry.plan import Change, Verb, compare


def _seen(manifest: Manifest) -> Observed:
    metadata = {"uid": "u", "resourceVersion": "1", **manifest["metadata"]}
    return observe(manifest | {"metadata": metadata})


def _object(kind: str, name: str = "tenantry", **fields: Any) -> Manifest:
    metadata = {"name": name, "namespace": "acme-web"}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


def _told(desired: Manifest, seen: Manifest) -> tuple[str, ...]:
    change = compare(desired, _seen(seen))
    assert change is not None
    return of_change(change, "acme").changed


def test_a_rule_that_differs_is_told_with_what_it_was_and_is() -> None:
    wanted = _object("ResourceQuota", spec={"hard": {"pods": "10", "requests.cpu": "2"}})
    found = _object("ResourceQuota", spec={"hard": {"pods": "500", "services": "3"}})

    assert _told(wanted, found) == (
        "spec.hard.pods: 500 -> 10",
        "spec.hard.requests.cpu: nothing -> 2",
        "spec.hard.services: 3 -> nothing",
    )


def test_labels_that_differ_are_told_too() -> None:
    wanted, found = _object("ResourceQuota", spec={}), _object("ResourceQuota", spec={})
    wanted["metadata"]["labels"] = {"a": "1"}
    found["metadata"]["labels"] = {"a": "2", "theirs": "x"}

    assert _told(wanted, found) == ("metadata.labels.a: 2 -> 1",)


def test_long_values_and_many_fields_are_cut_short() -> None:
    many = {f"k{n}": "1" for n in range(MOST + 3)}
    wanted = _object("ResourceQuota", spec={"hard": many | {"k0": "x" * 500}})

    told = _told(wanted, _object("ResourceQuota", spec={"hard": {}}))

    assert len(told) == MOST + 1
    assert told[-1] == "and 3 more"
    assert len(told[0]) < LONGEST + 50


def test_of_what_an_application_is_made_into_fields_are_named_and_values_are_not_told() -> None:
    wanted = _object("ConfigMap", "files", data={"password": "hunter2"})
    wanted["metadata"]["ownerReferences"] = []
    change = compare_owned(wanted, _seen(_object("ConfigMap", "files", data={"password": "old"})))
    assert change is not None

    write = of_change(change, "acme-web/shop")

    assert "data" in write.changed[0]
    assert "hunter2" not in f"{write.changed}{write.cause}"
    assert "old" not in f"{write.changed}"


def test_what_is_made_or_deleted_is_so_as_a_whole() -> None:
    manifest = _object("NetworkPolicy", spec={})

    made = of_change(Change(Verb.CREATE, manifest), "acme")
    gone = of_change(Change(Verb.DELETE, manifest), "acme")

    assert (made.cause, made.changed) == ("missing", ())
    assert (gone.cause, gone.changed) == ("no longer wanted", ())
    assert made.key == ("NetworkPolicy", "acme-web", "tenantry")


def test_a_status_is_told_by_the_parts_of_it_that_are_new() -> None:
    tenant = {
        "apiVersion": "tenantry.io/v1alpha1",
        "kind": "Tenant",
        "metadata": {"name": "acme", "finalizers": ["a.b/c"]},
        "spec": {},
        "status": {"state": "Active", "summary": {"cpu": "0/2"}},
    }
    after = {"state": "Active", "summary": {"cpu": "1/2"}, "conditions": []}
    key = ("Tenant", "", "acme")

    status = of_patch(
        key,
        "acme",
        [
            {"op": "test", "path": "/metadata/uid", "value": "u"},
            {"op": "add", "path": "/status", "value": after},
        ],
        _seen(tenant),
    )
    ledger = of_patch(
        key, "acme", [{"op": "add", "path": "/status/quota/ledgers", "value": []}], _seen(tenant)
    )
    finalizer = of_patch(
        key,
        "acme",
        [
            {
                "op": "add",
                "path": "/metadata/finalizers",
                "value": ["a.b/c", "tenantry.io/finalizer"],
            }
        ],
        _seen(tenant),
    )

    assert status.changed == ("status.conditions", "status.summary")
    assert ledger.changed == ("status.quota.ledgers",)
    assert (status.cause, ledger.cause, finalizer.cause) == (
        "what is told",
        "what is told",
        "finalizer",
    )
    assert finalizer.changed == (
        'metadata.finalizers: ["a.b/c"] -> ["a.b/c","tenantry.io/finalizer"]',
    )
