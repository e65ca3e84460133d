"""How a Tenant's status counts and names its Applications."""

import pytest

from tenantry.api.tenant_status import MAX_APPLICATIONS
from tenantry.observed import observe
from tenantry.tenant_applications import applications_of, state_of

STATES = {
    ("acme-web", "fine"): "Ready",
    ("acme-web", "late"): "Progressing",
    ("acme-web", "broken"): "Degraded",
    ("acme-db", "held"): "Degraded",
    ("acme-db", "early"): "Pending",
    ("acme-db", "leaving"): "Terminating",
}


def test_each_state_is_counted() -> None:
    told = applications_of(STATES)

    assert (told.total, told.ready, told.progressing, told.degraded, told.pending) == (
        6,
        1,
        1,
        2,
        1,
    )


def test_those_in_trouble_come_first_and_then_by_name() -> None:
    told = applications_of(STATES)

    assert [one.name for one in told.items] == [
        "held",
        "broken",
        "early",
        "late",
        "leaving",
        "fine",
    ]


def test_the_order_in_which_they_were_heard_of_makes_no_difference() -> None:
    backwards = dict(reversed(STATES.items()))

    assert applications_of(backwards) == applications_of(STATES)


def test_of_too_many_those_in_trouble_are_named_and_all_are_counted() -> None:
    many = {("acme-web", f"a{number}"): "Ready" for number in range(MAX_APPLICATIONS + 44)}

    told = applications_of(many | {("acme-web", "z"): "Degraded"})

    assert (told.total, told.ready, len(told.items)) == (301, 300, MAX_APPLICATIONS)
    assert told.items[0].name == "z"


@pytest.mark.parametrize("unknown", ["", "FromTheFuture"])
def test_a_state_that_is_not_known_is_told_as_one_that_waits(unknown: str) -> None:
    told = applications_of({("acme-web", "shop"): unknown})

    assert (told.pending, told.items[0].state) == (1, "Pending")


@pytest.mark.parametrize(
    ("metadata", "status", "state"),
    [
        ({}, {"state": "Ready"}, "Ready"),
        ({}, {}, "Pending"),
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, {"state": "Ready"}, "Terminating"),
    ],
)
def test_an_application_is_in_the_state_that_its_status_tells(
    metadata: dict[str, str], status: dict[str, str], state: str
) -> None:
    named = {"name": "shop", "namespace": "acme-web"}
    manifest = {"kind": "Application", "metadata": named | metadata, "status": status}

    assert state_of(observe(manifest)) == state
