from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stored import stored
from tenantry.api.base import Manifest
from tenantry.cluster.cache import Cache, News
from tenantry.observed import Key, key_of, observe

KEY: Key = ("ResourceQuota", "acme-web", "tenantry")


def _quota(
    version: int = 1,
    *,
    tenant: str = "acme",
    uid: str = "u1",
    name: str = "tenantry",
    **fields: Any,
) -> Manifest:
    labels = {"tenantry.io/tenant": tenant} if tenant else {}
    metadata = {"name": name, "namespace": "acme-web", "labels": labels}
    manifest = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    return stored(manifest | {"spec": {"hard": {"pods": "1"}}} | fields, version=version, uid=uid)


@pytest.fixture
def cache() -> Cache:
    made = Cache()
    made.upsert(_quota(5))
    return made


def test_an_object_that_is_new_is_content() -> None:
    assert Cache().upsert(_quota()) is News.CONTENT


@pytest.mark.parametrize("version", [4, 5])
def test_what_is_not_newer_is_nothing(cache: Cache, version: int) -> None:
    assert cache.upsert(_quota(version, spec={"hard": {"pods": "9"}})) is News.NOTHING
    assert cache.version(KEY) == 5


def test_resource_versions_are_numbers(cache: Cache) -> None:
    assert cache.upsert(_quota(10, spec={"hard": {"pods": "9"}})) is News.CONTENT


def test_a_newer_version_of_the_same_is_nothing(cache: Cache) -> None:
    assert cache.upsert(_quota(6)) is News.NOTHING
    assert cache.version(KEY) == 6


def test_another_status_is_told_as_such(cache: Cache) -> None:
    status = {"hard": {"pods": "1"}, "used": {"pods": "1"}}

    assert cache.upsert(_quota(6, status=status)) is News.STATUS
    assert cache.upsert(_quota(7, status=status | {"observed": "x"})) is News.NOTHING


def test_content_and_status_together_are_content(cache: Cache) -> None:
    changed = _quota(6, spec={"hard": {}}, status={"used": {"pods": "1"}})

    assert cache.upsert(changed) is News.CONTENT


def test_the_same_made_anew_is_content(cache: Cache) -> None:
    assert cache.upsert(_quota(6, uid="u2")) is News.CONTENT


def test_whose_a_label_is_matters(cache: Cache) -> None:
    """The operator may take out its own labels, and no others."""
    theirs = _quota(6)
    theirs["metadata"]["managedFields"][0]["manager"] = "kubectl"

    assert cache.upsert(theirs) is News.CONTENT


def test_what_is_gone_is_content_once(cache: Cache) -> None:
    assert cache.remove(_quota(6)) is News.CONTENT
    assert cache.remove(_quota(6)) is News.NOTHING
    assert cache.get(KEY) is None


def test_a_late_word_of_a_deletion_takes_nothing_out_that_was_made_since(cache: Cache) -> None:
    assert cache.remove(_quota(4)) is News.NOTHING
    assert cache.get(KEY) is not None


def test_it_gives_back_what_was_observed(cache: Cache) -> None:
    seen = _quota(6, status={"used": {"pods": "1"}})
    cache.upsert(seen)

    assert cache.get(KEY) == observe(seen)
    assert cache.of_tenant("acme") == {KEY: observe(seen)}


def test_a_label_that_moves_an_object_moves_it(cache: Cache) -> None:
    cache.upsert(_quota(6, tenant="globex"))

    assert cache.of_tenant("acme") == {}
    assert cache.of_tenant("globex").keys() == {KEY}
    assert cache.owners() == {"globex"}
    assert cache.owner_of(KEY) == "globex"


def test_what_is_unknown_is_empty() -> None:
    cache = Cache()

    assert cache.get(KEY) is None
    assert (cache.version(KEY), cache.owner_of(KEY), cache.of_tenant("acme")) == (0, "", {})
    assert cache.remove(_quota()) is News.NOTHING
    cache.discard(KEY)


def test_one_kind_of_a_tenant_may_be_asked_for(cache: Cache) -> None:
    assert cache.of_tenant("acme", "ResourceQuota").keys() == {KEY}
    assert cache.of_tenant("acme", "LimitRange") == {}
    assert cache.sizes() == {"ResourceQuota": 1}
    assert cache.keys("ResourceQuota") == [KEY]


def test_statuses_are_told_with_their_tenants(cache: Cache) -> None:
    cache.upsert(_quota(6, status={"used": {"pods": "1"}}))

    assert [*cache.statuses("ResourceQuota")] == [(KEY, "acme", {"used": {"pods": "1"}})]
    assert [*cache.statuses("Tenant")] == []


_objects = st.builds(
    _quota,
    st.integers(1, 12),
    tenant=st.sampled_from(["", "acme", "globex"]),
    uid=st.sampled_from(["u1", "u2"]),
    name=st.sampled_from(["a", "b", "c"]),
)


@given(st.lists(st.tuples(st.booleans(), _objects), max_size=30))
def test_it_has_the_newest_of_everything_by_key_and_by_tenant(
    events: list[tuple[bool, Manifest]],
) -> None:
    cache, newest = Cache(), dict[Key, Manifest]()
    for is_gone, manifest in events:
        key, version = key_of(manifest), int(manifest["metadata"]["resourceVersion"])
        known = int(newest[key]["metadata"]["resourceVersion"]) if key in newest else 0
        if is_gone:
            cache.remove(manifest)
            if known <= version:
                newest.pop(key, None)
        else:
            cache.upsert(manifest)
            if known < version:
                newest[key] = manifest

    by_tenant: dict[str, dict[Key, Any]] = defaultdict(dict)
    for key, manifest in newest.items():
        tenant = manifest["metadata"]["labels"].get("tenantry.io/tenant", "")
        by_tenant[tenant][key] = observe(manifest)
    assert {tenant: cache.of_tenant(tenant) for tenant in cache.owners()} == by_tenant
    assert sorted(cache.keys("ResourceQuota")) == sorted(newest)


def _made(kind: str, version: int = 1, *, manager: str = "tenantry", **status: Any) -> Manifest:
    labels = {"tenantry.io/application": "shop", "tenantry.io/tenant": "acme"}
    metadata = {"name": "web-v1", "namespace": "acme-web", "labels": labels}
    manifest = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"a": 1}}
    return stored(
        manifest | ({"status": status} if status else {}), version=version, manager=manager
    )


@pytest.mark.parametrize("kind", ["Deployment", "NetworkPolicy", "ServiceAccount"])
def test_what_the_operator_labelled_for_an_application_is_that_applications(kind: str) -> None:
    cache = Cache()
    cache.upsert(_made(kind))

    assert cache.owner_of((kind, "acme-web", "web-v1")) == "acme-web/shop"
    assert cache.of_application("acme-web", "shop").keys() == {(kind, "acme-web", "web-v1")}
    assert cache.of_tenant("acme") == {}


def test_what_somebody_else_labelled_so_is_not() -> None:
    cache = Cache()
    cache.upsert(_made("Deployment", manager="kubectl"))
    cache.upsert(_made("NetworkPolicy", manager="kubectl"))

    assert cache.of_application("acme-web", "shop") == {}
    assert cache.of_tenant("acme").keys() == {("NetworkPolicy", "acme-web", "web-v1")}


def test_a_job_is_the_applications_whose_cron_job_made_it_and_no_other_is() -> None:
    cache = Cache()
    job = _made("Job", manager="kube-controller-manager")
    cache.upsert(job)
    assert cache.owner_of(key_of(job)) == ""

    owners = [{"kind": "CronJob", "name": "web", "uid": "u1"}]
    metadata = job["metadata"] | {"ownerReferences": owners, "resourceVersion": "2"}
    cache.upsert(job | {"metadata": metadata})

    assert cache.owner_of(key_of(job)) == "acme-web/shop"


def test_of_a_pod_only_the_cause_of_its_trouble_is_kept_and_is_news() -> None:
    cache = Cache()
    waiting = {"name": "a", "state": {"waiting": {"reason": "ErrImagePull", "message": "no"}}}

    assert cache.upsert(_made("Pod", 1, manager="kube")) is News.CONTENT
    assert cache.upsert(_made("Pod", 2, manager="kube", podIP="10.0.0.1")) is News.NOTHING
    troubled = _made("Pod", 3, manager="kube", containerStatuses=[waiting])
    assert cache.upsert(troubled) is News.STATUS
    (seen,) = cache.of_application("acme-web", "shop", "Pod").values()
    assert seen.body.keys() == {"metadata"}
    assert seen.status["reason"] == "ImagePullBackOff"


def test_how_far_a_workload_is_is_status_and_not_content() -> None:
    cache = Cache()
    cache.upsert(_made("Deployment", 1, readyReplicas=0))

    assert cache.upsert(_made("Deployment", 2, readyReplicas=1)) is News.STATUS
    dated = {"type": "Available", "status": "True", "lastUpdateTime": "x"}
    assert cache.upsert(_made("Deployment", 3, readyReplicas=1, conditions=[dated])) is News.STATUS
    later = dated | {"lastUpdateTime": "y"}
    assert cache.upsert(_made("Deployment", 4, readyReplicas=1, conditions=[later])) is News.NOTHING


def test_a_fingerprint_is_of_content_and_neither_of_statuses_nor_of_pods() -> None:
    cache, other = Cache(), ("Namespace", "", "acme-web")
    cache.upsert(_made("Deployment", 1))
    before = cache.fingerprint("acme-web/shop", other)

    cache.upsert(_made("Deployment", 2, readyReplicas=1))
    cache.upsert(_made("Pod", 3))
    assert cache.fingerprint("acme-web/shop", other) == before

    cache.upsert({"kind": "Namespace", "metadata": {"name": "acme-web", "resourceVersion": "4"}})
    moved = cache.fingerprint("acme-web/shop", other)
    assert moved != before
    cache.upsert(_made("Deployment", 5) | {"spec": {"a": 2}})
    assert cache.fingerprint("acme-web/shop", other) != moved


def test_what_an_application_lost_the_label_of_is_no_tenants_to_prune() -> None:
    cache, seen = Cache(), _made("ServiceAccount")
    annotations = {"tenantry.io/applied": "x"}
    seen["metadata"] |= {"labels": {"tenantry.io/tenant": "acme"}, "annotations": annotations}
    seen = stored({key: seen[key] for key in ("apiVersion", "kind", "metadata")})
    cache.upsert(seen)

    assert cache.owner_of(("ServiceAccount", "acme-web", "web-v1")) == ""
