"""Whose a labelled namespace is: by the list, by the label, or by nobody's leave."""

from typing import Any

import pytest

from rendering import tenant
from stored import stored
from tenantry.api.names import SELF_SERVICE_LABEL, STATE_LABEL, TENANT_LABEL
from tenantry.api.tenant import Tenant
from tenantry.membership import Membership, membership
from tenantry.observed import Observed, observe

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def _space(name: str, uid: str = "", created: str = EARLY, **more: Any) -> Observed:
    labels = {TENANT_LABEL: "acme"} | more.pop("labels", {})
    metadata = {"name": name, "labels": labels}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    made = stored(manifest, manager="kubectl", uid=uid or name, creationTimestamp=created, **more)
    return observe(made)


def _tenant(
    *records: dict[str, Any], most: int = 10, being_deleted: bool = False, **spec: Any
) -> Tenant:
    options = {"max": most, "selfService": True}
    made = tenant("acme", being_deleted=being_deleted, namespaceOptions=options, **spec)
    return Tenant.parse(made.model_dump(by_alias=True) | {"status": {"namespaces": [*records]}})


def _record(name: str, state: str = "Active", *, joined: bool = False) -> dict[str, Any]:
    return {"name": name, "uid": name, "state": state, "joined": joined}


def _sorted(made: Tenant, *spaces: Observed, is_guarded: bool = True) -> Membership:
    named = {one.body["metadata"]["name"]: one for one in spaces}
    return membership(made, named, is_guarded=is_guarded)


def test_a_listed_namespace_is_listed_whatever_it_carries() -> None:
    sorting = _sorted(_tenant(), _space("acme-prod", labels={STATE_LABEL: "retained"}))

    assert sorting == Membership(listed=frozenset({"acme-prod"}))


def test_a_labelled_namespace_joins_under_any_name() -> None:
    sorting = _sorted(_tenant(), _space("acme-x"), _space("legacy"))

    assert sorting.members == {"acme-x", "legacy"}
    assert sorting.held == {"acme-x", "legacy"}


def test_a_label_that_nobody_guards_is_not_believed() -> None:
    sorting = _sorted(_tenant(), _space("acme-x"), is_guarded=False)

    assert not sorting.held
    assert sorting.strangers["acme-x"].reason == "LabelNotGuarded"
    assert "tenantry policies" in sorting.strangers["acme-x"].message


def test_who_has_joined_stays_though_the_guard_goes() -> None:
    sorting = _sorted(_tenant(_record("acme-x", joined=True)), _space("acme-x"), is_guarded=False)

    assert sorting.members == {"acme-x"}


@pytest.mark.parametrize("name", ["kube-x", "default", "openshift-x"])
def test_a_namespace_of_the_system_never_joins(name: str) -> None:
    assert _sorted(_tenant(), _space(name)).strangers[name].reason == "ReservedName"


def test_what_a_former_tenant_of_the_name_left_does_not_join() -> None:
    sorting = _sorted(_tenant(), _space("acme-old", labels={STATE_LABEL: "retained"}))

    assert sorting.strangers["acme-old"].reason == "Retained"


PREFIXES = {"acme": "acme-", "acme-labs": "acme-labs-"}
MADE_BY_PEOPLE = {SELF_SERVICE_LABEL: "compound"}


def test_what_people_make_under_anothers_longer_prefix_does_not_join() -> None:
    taken = _space("acme-labs-x", labels=MADE_BY_PEOPLE)
    fine = _space("acme-lab-x", labels=MADE_BY_PEOPLE)
    spaces = {"acme-labs-x": taken, "acme-lab-x": fine}

    sorting = membership(_tenant(), spaces, PREFIXES, is_guarded=True)

    assert sorting.members == {"acme-lab-x"}
    assert sorting.strangers["acme-labs-x"].reason == "NameBelongsToAnotherTenant"


def test_what_has_joined_or_was_moved_in_keeps_its_name_whosever_it_is() -> None:
    tenant = _tenant(_record("acme-labs-x", joined=True))
    spaces = {
        "acme-labs-x": _space("acme-labs-x", labels=MADE_BY_PEOPLE),
        "acme-labs-y": _space("acme-labs-y"),
        "globex-z": _space("globex-z", labels=MADE_BY_PEOPLE),
    }

    sorting = membership(tenant, spaces, PREFIXES | {"globex": "globex-"}, is_guarded=True)

    assert sorting.members == spaces.keys()


def test_what_was_listed_is_left_by_the_deletion_policy() -> None:
    sorting = _sorted(_tenant(_record("acme-old")), _space("acme-old"))

    assert sorting.unlisted == {"acme-old"}
    assert not sorting.joined


def test_what_an_ended_operator_adopted_does_not_join_when_it_is_listed_no_more() -> None:
    metadata = {"name": "acme-x", "labels": {TENANT_LABEL: "acme"}}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    adopted = observe(stored(manifest, uid="x", creationTimestamp="2025-01-01T00:00:00Z"))

    sorting = _sorted(_tenant(), adopted)

    assert sorting.strangers["acme-x"].reason == "NotListed"


def test_whoever_came_first_gets_in() -> None:
    spaces = [_space("acme-a", created=LATE), _space("acme-b"), _space("acme-c")]

    sorting = _sorted(_tenant(most=3), *spaces)

    assert sorting.members == {"acme-b", "acme-c"}
    assert sorting.parked == {"acme-a"}


def test_who_is_in_stays_in_though_there_is_less_room() -> None:
    records = [_record("acme-b", joined=True), _record("acme-c", "Parked", joined=True)]
    spaces = [_space("acme-a"), _space("acme-b", created=LATE), _space("acme-c")]

    sorting = _sorted(_tenant(*records, most=1), *spaces)

    assert sorting.members == {"acme-b"}
    assert sorting.parked == {"acme-a", "acme-c"}


def test_one_that_is_being_deleted_takes_room_until_it_is_gone() -> None:
    going = _space("acme-a", deletionTimestamp=LATE)

    sorting = _sorted(_tenant(most=2), going, _space("acme-b", created=LATE))

    assert (sorting.ending, sorting.parked) == ({"acme-a"}, {"acme-b"})


def test_whoever_has_joined_leaves_with_the_tenant() -> None:
    made = _tenant(_record("acme-x", joined=True), being_deleted=True)

    sorting = _sorted(made, _space("acme-x"), _space("acme-y"))

    assert sorting.unlisted == {"acme-x"}
    assert not sorting.joined
