from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import rendered
from stored import stored
from strategies import tenants_with
from tenantry.api.base import Manifest
from tenantry.observed import Observed, key_of, observe
from tenantry.plan import Change, Verb, compare, name_only, obsolete

OURS = {"tenantry.io/tenant": "acme", "app.kubernetes.io/managed-by": "tenantry"}


def _object(kind: str = "ResourceQuota", **fields: Any) -> Manifest:
    metadata = {"name": "tenantry", "namespace": "acme-web", "labels": {**OURS}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata} | fields


def _quota(**hard: str) -> Manifest:
    return _object(spec={"hard": hard})


def _seen(manifest: Manifest, **metadata: Any) -> Observed:
    return observe(stored(manifest, **metadata))


def _changed(manifest: Manifest, seen: Manifest) -> Change:
    """The change from what is seen, written by the operator itself, to a manifest."""
    change = compare(manifest, _seen(seen))
    assert change is not None
    return change


@given(tenants_with())
def test_what_is_as_it_should_be_needs_nothing(tenant: Any) -> None:
    manifests = rendered(tenant)
    observed = {key_of(one): _seen(one) for one in manifests}

    assert [compare(one, observed[key_of(one)]) for one in manifests] == [None] * len(manifests)
    assert obsolete(observed, manifests) == []


@given(tenants_with())
def test_what_is_not_there_is_created(tenant: Any) -> None:
    for manifest in rendered(tenant):
        assert compare(manifest, None) == Change(Verb.CREATE, manifest)


def test_what_is_on_its_way_out_is_left_alone() -> None:
    leaving = _seen(_quota(pods="1"), deletionTimestamp="2026-01-01T00:00:00Z")

    assert compare(_quota(pods="2"), leaving) is None


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [("1", "1000m"), ("1Gi", "1024Mi"), ("500m", "0.5"), ("2k", "2000"), ("1", 1)],
)
def test_an_amount_written_otherwise_is_the_same(wanted: str, seen: str) -> None:
    limits = {"limits": [{"type": "Container", "max": {"cpu": wanted}}]}
    spelled = {"limits": [{"type": "Container", "max": {"cpu": seen}}]}

    assert compare(_quota(cpu=wanted), _seen(_quota(cpu=seen))) is None
    assert compare(_object("LimitRange", spec=limits), _seen(_object(spec=spelled))) is None


def test_only_amounts_may_be_written_otherwise() -> None:
    ports = {"egress": [{"ports": [{"port": "1000m"}]}]}
    other = {"egress": [{"ports": [{"port": "1"}]}]}

    change = _changed(_object("NetworkPolicy", spec=ports), _object("NetworkPolicy", spec=other))

    assert change.differs == ("spec.egress",)


def test_a_field_that_differs_is_applied_and_named() -> None:
    change = _changed(_quota(pods="2", services="1"), _quota(pods="1", services="1"))

    assert change == Change(
        Verb.APPLY, _quota(pods="2", services="1"), ("spec.hard.pods",), removals={}
    )


def test_a_field_that_is_missing_is_applied() -> None:
    change = _changed(_quota(pods="2"), _object(spec={}))

    assert (change.verb, change.differs, change.applies) == (Verb.APPLY, ("spec.hard",), True)


def test_a_field_that_somebody_put_in_is_removed_and_nothing_applied() -> None:
    change = _changed(_quota(pods="2"), _quota(pods="2", secrets="9"))

    assert change.differs == ("spec.hard.secrets",)
    assert change.removals == {"spec": {"hard": {"secrets": None}}}
    assert not change.applies


def test_a_list_is_compared_as_a_whole_and_in_order() -> None:
    one, two = {"type": "Pod", "max": {"cpu": "1"}}, {"type": "Container", "min": {"cpu": "1"}}
    wanted = _object("LimitRange", spec={"limits": [one, two]})

    swapped = _changed(wanted, _object("LimitRange", spec={"limits": [two, one]}))
    shorter = _changed(wanted, _object("LimitRange", spec={"limits": [one]}))
    longer = _object("LimitRange", spec={"limits": [one, two | {"max": {"cpu": "2"}}]})

    assert swapped.differs == shorter.differs == ("spec.limits",)
    assert _changed(wanted, longer).differs == ("spec.limits",)


def test_another_role_means_another_object() -> None:
    binding = _object("RoleBinding", roleRef={"kind": "ClusterRole", "name": "admin"}, subjects=[])
    seen = _object("RoleBinding", roleRef={"kind": "ClusterRole", "name": "view"}, subjects=[])

    assert _changed(binding, seen) == Change(Verb.REPLACE, binding, ("roleRef",), uid="u1")


def test_other_subjects_are_applied() -> None:
    role = {"kind": "ClusterRole", "name": "admin"}
    binding = _object("RoleBinding", roleRef=role, subjects=[{"kind": "User", "name": "ann"}])

    change = _changed(binding, _object("RoleBinding", roleRef=role, subjects=[]))

    assert (change.verb, change.differs) == (Verb.APPLY, ("subjects",))


def _with_labels(manifest: Manifest, **labels: str) -> Manifest:
    made = deepcopy(manifest)
    made["metadata"]["labels"] |= {key.replace("_", "-"): value for key, value in labels.items()}
    return made


def test_a_label_that_differs_is_applied() -> None:
    wanted = _with_labels(_quota(), team="a")

    assert _changed(wanted, _with_labels(_quota(), team="b")).differs == ("metadata.labels.team",)
    assert _changed(wanted, _quota()).differs == ("metadata.labels.team",)


def test_labels_of_others_are_theirs() -> None:
    seen = observe(stored(_with_labels(_quota(), theirs="x"), manager="somebody"))

    assert compare(_quota(), seen) is None


def test_a_label_of_our_own_that_is_no_longer_wanted_is_removed() -> None:
    change = _changed(_quota(), _with_labels(_quota(), team="a"))

    assert change.removals == {"metadata": {"labels": {"team": None}}}
    assert not change.applies


def test_an_annotation_of_our_own_is_removed_as_well() -> None:
    seen = _quota()
    seen["metadata"]["annotations"] = {"note": "x"}

    assert _changed(_quota(), seen).removals == {"metadata": {"annotations": {"note": None}}}


def test_what_is_to_set_and_what_is_to_remove_are_one_change() -> None:
    seen = _with_labels(_quota(pods="1", secrets="9"), team="a")

    change = _changed(_quota(pods="2"), seen)

    assert change.applies
    assert change.removals == {
        "metadata": {"labels": {"team": None}},
        "spec": {"hard": {"secrets": None}},
    }


def _applied(change: Change, seen: Manifest) -> Manifest:
    """What server-side apply of the manifest, and then the merge patch, make of an object."""
    made = deepcopy(seen)
    _lay(made, deepcopy(change.manifest))
    _merge(made, change.removals)
    return made


def _lay(below: Manifest, above: Manifest) -> None:
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _lay(below[key], value)
        else:
            below[key] = value


def _merge(target: Manifest, patch: Manifest) -> None:
    """RFC 7396."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(key, {}), value)
        else:
            target[key] = value


_scalars = st.sampled_from(["1", "2", "a"])
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
_labels = st.dictionaries(st.sampled_from(["team", "tier", "a.b/c"]), _scalars, max_size=3)


@given(_values, _values, _labels, _labels)
def test_one_change_is_enough(wanted: Any, is_: Any, labels: Any, others: Any) -> None:
    desired = _with_labels(_object("NetworkPolicy", spec={"x": wanted}), **labels)
    seen = _with_labels(_object("NetworkPolicy", spec={"x": is_}), **others)

    change = compare(desired, _seen(seen))

    after = _applied(change, seen) if change else seen
    assert compare(desired, _seen(after)) is None


def test_an_object_of_ours_that_nothing_asks_for_is_deleted_by_its_uid() -> None:
    quota = _quota(pods="1")
    observed = {key_of(quota): _seen(quota)}

    assert obsolete(observed, []) == [
        Change(Verb.DELETE, name_only(("ResourceQuota", "acme-web", "tenantry")), uid="u1")
    ]


def test_a_copy_of_ours_that_somebody_else_made_is_theirs() -> None:
    quota = _quota(pods="1")
    observed = {key_of(quota): _seen(quota, manager="kubectl")}

    assert obsolete(observed, []) == []


def test_what_is_on_its_way_out_is_not_deleted_twice() -> None:
    quota = _quota(pods="1")
    observed = {key_of(quota): _seen(quota, deletionTimestamp="2026-01-01T00:00:00Z")}

    assert obsolete(observed, []) == []


def test_a_service_account_is_released_and_stays() -> None:
    account = _object("ServiceAccount", automountServiceAccountToken=False)
    observed = {key_of(account): _seen(account)}

    (change,) = obsolete(observed, [])

    assert change.verb is Verb.APPLY
    assert change.manifest == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "tenantry", "namespace": "acme-web"},
    }


def test_a_name_alone_has_a_namespace_only_if_its_object_has_one() -> None:
    assert name_only(("Namespace", "", "acme-web"))["metadata"] == {"name": "acme-web"}
