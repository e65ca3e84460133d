"""Events, written by the recorder itself: counted, made anew when they have expired, limited."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clock import Clock
from cluster_api import ClusterApi
from rendering import tenant as plain_tenant
from tenantry.api.base import Manifest
from tenantry.api.tenant import Tenant
from tenantry.cluster.client import Client
from tenantry.cluster.connection import connect
from tenantry.cluster.events import EventRecorder
from waiting import eventually

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def recorder(admin: Path, clock: Clock) -> AsyncIterator[EventRecorder]:
    """One that runs, in the administrator's hands; what it cannot write fails the test."""
    failed: list[object] = []
    connection = await connect(admin)
    made = EventRecorder(
        Client(connection),
        now=lambda: NOW,
        clock=clock,
        failed=lambda news, problem: failed.append((news, problem)),
    )
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.wait([running])
    await connection.close()
    assert failed == []


@pytest.fixture
def acme(name: str) -> Tenant:
    made = plain_tenant(name)
    uid = made.metadata.model_copy(update={"uid": f"uid-of-{name}"})
    return made.model_copy(update={"metadata": uid})


async def _events(api: ClusterApi, acme: Tenant) -> list[Manifest]:
    events = await api.list("Event", "default")
    return [one for one in events if one["involvedObject"]["name"] == acme.name]


def _counts(events: list[Manifest]) -> dict[str, int]:
    return {one["message"]: one["count"] for one in events}


async def test_the_same_news_is_counted_and_other_news_is_another_event(
    recorder: EventRecorder, acme: Tenant, api: ClusterApi
) -> None:
    for message in ("a", "b", "a", "a"):
        recorder.tell(acme, "Normal", "Told", message)

    events = await eventually(
        lambda: _events(api, acme), lambda seen: _counts(seen) == {"a": 3, "b": 1}
    )

    assert {one["firstTimestamp"] for one in events} == {NOW}
    assert all(one["metadata"]["name"].startswith(f"{acme.name}.") for one in events)


async def test_an_event_that_has_expired_is_made_anew(
    recorder: EventRecorder, acme: Tenant, api: ClusterApi
) -> None:
    recorder.tell(acme, "Warning", "Told", "a")
    (event,) = await eventually(lambda: _events(api, acme))
    await api.delete("Event", event["metadata"]["name"], "default")

    recorder.tell(acme, "Warning", "Told", "a")

    (again,) = await eventually(lambda: _events(api, acme))
    assert again["count"] == 1
    assert again["metadata"]["uid"] != event["metadata"]["uid"]


async def test_a_tenant_may_say_much_at_once_and_then_little(
    recorder: EventRecorder, acme: Tenant, clock: Clock
) -> None:
    def tell(times: int) -> int:
        """Tell so often; gives how much of it was cut."""
        before = recorder.dropped
        for _ in range(times):
            recorder.tell(acme, "Normal", "Told", "a")
        return recorder.dropped - before

    assert tell(25) == 0
    assert tell(1) == 1
    clock.now += 299
    assert tell(1) == 1
    clock.now += 2
    assert (tell(1), tell(1)) == (0, 1)
    clock.now += 100_000
    assert tell(26) == 1


async def test_one_tenants_chatter_silences_no_other(
    recorder: EventRecorder, acme: Tenant, api: ClusterApi
) -> None:
    for number in range(100):
        recorder.tell(acme, "Normal", "Told", f"{number}")
    other = acme.model_copy(
        update={"metadata": acme.metadata.model_copy(update={"name": f"{acme.name}o", "uid": "o"})}
    )

    recorder.tell(other, "Normal", "Told", "heard")

    assert _counts(await eventually(lambda: _events(api, other))) == {"heard": 1}


async def test_a_message_of_any_length_is_taken(
    recorder: EventRecorder, acme: Tenant, api: ClusterApi
) -> None:
    recorder.tell(acme, "Normal", "Told", "x" * 5000)

    (event,) = await eventually(lambda: _events(api, acme))

    assert event["message"] == "x" * 1024
