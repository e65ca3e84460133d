"""A ResourceQuota with a lease changes only if it still is what it was seen as."""

from typing import Any

import pytest

from stored import stored
from tenantry.api.base import Manifest
from tenantry.fence import fenced
from tenantry.observed import Observed, observe
from tenantry.plan import compare

LEASE = "/metadata/annotations/tenantry.io~1lease"


def _quota(pods: str, lease: str | None, **labels: str) -> Manifest:
    metadata: Manifest = {
        "name": "tenantry",
        "namespace": "acme-web",
        "labels": {"a": "b"} | labels,
    }
    if lease is not None:
        metadata["annotations"] = {"tenantry.io/lease": lease}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": {"pods": pods}},
    }


def _seen(manifest: Manifest, **more: Any) -> Observed:
    return observe(stored(manifest, **more))


def test_the_generation_that_was_seen_is_tested_before_it_is_replaced() -> None:
    patch = fenced(_quota("5", "8"), _seen(_quota("3", "7")))

    assert patch == (
        {"op": "test", "path": LEASE, "value": "7"},
        {"op": "add", "path": LEASE, "value": "8"},
        {"op": "add", "path": "/spec/hard", "value": {"pods": "5"}},
    )


def test_one_without_a_generation_is_told_by_its_amounts() -> None:
    patch = fenced(_quota("5", "8"), _seen(_quota("3", None), uid="u7"))

    assert patch[:4] == (
        {"op": "test", "path": "/metadata/uid", "value": "u7"},
        {"op": "test", "path": "/spec/hard", "value": {"pods": "3"}},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": LEASE, "value": "8"},
    )


def test_labels_come_and_go_behind_the_same_fence() -> None:
    patch = fenced(_quota("3", "7", new="a"), _seen(_quota("3", "7", old="b")))

    assert {"op": "add", "path": "/metadata/labels/new", "value": "a"} in patch
    assert {"op": "remove", "path": "/metadata/labels/old"} in patch


def test_what_carries_no_lease_has_no_fence() -> None:
    assert fenced(_quota("5", None), _seen(_quota("3", None))) == ()


def test_what_a_later_ledger_has_written_is_left_alone() -> None:
    assert compare(_quota("5", "7"), _seen(_quota("3", "8"))) is None
    assert compare(_quota("5", "7", new="a"), _seen(_quota("5", "8"))) is None
    assert compare(_quota("5", "8"), _seen(_quota("3", "8"))) is not None


@pytest.mark.parametrize("nonsense", ["seven", "-8", "8" * 19, "8" * 5000])
def test_nonsense_for_a_generation_is_replaced(nonsense: str) -> None:
    patch = fenced(_quota("3", "7"), _seen(_quota("3", nonsense)))

    assert compare(_quota("3", "7"), _seen(_quota("3", nonsense))) is not None
    assert patch[:2] == (
        {"op": "test", "path": LEASE, "value": nonsense},
        {"op": "add", "path": LEASE, "value": "7"},
    )
