"""Who gets a look when something around an Application changes."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tenantry.api.base import Manifest
from tenantry.application_index import ApplicationIndex
from tenantry.cluster.cache import Cache, News
from tenantry.desired.prefixes import Prefixes
from tenantry.handlers.applications import Applications
from tenantry.handlers.engine import Engine
from tenantry.refused_pods import RefusedPods

CALLER, CALLEE, STRANGER = "acme-web/shop", "globex-web/stock", "acme-web/blog"
THERE: Manifest = {"namespace": "globex-web", "application": "stock", "component": "api"}
CALLS: Manifest = {"components": [{"name": "web", "dependsOn": [{"external": THERE}]}]}


class _Queue:
    """Remembers who is to get a look."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def add(self, key: str, *, urgent: bool = False) -> None:
        del urgent
        self.keys.add(key)

    def taken(self) -> set[str]:
        taken, self.keys = self.keys, set()
        return taken


@pytest.fixture
def queue() -> _Queue:
    return _Queue()


@pytest.fixture
def applications(queue: _Queue) -> Applications:
    """A caller of tenant acme, a callee of tenant globex, and one that knows neither."""
    index = ApplicationIndex()
    for key, spec in ((CALLER, CALLS), (CALLEE, {}), (STRANGER, {})):
        index.heard(key, spec)
        index.looked(key, key.partition("-")[0], waits=False)
    reconciler = SimpleNamespace(index=index, served=set(), refused=RefusedPods())
    made = Applications(Cache(), cast("Any", queue), cast("Any", reconciler))
    for key in (CALLER, CALLEE, STRANGER):
        made.looked_at(key)
    queue.taken()
    return made


def test_a_tenants_rules_concern_whom_its_applications_may_meet(
    applications: Applications, queue: _Queue
) -> None:
    applications.found_tenant("globex", News.CONTENT)
    assert queue.taken() == {CALLEE, CALLER}

    applications.found_tenant("acme", News.CONTENT)
    assert queue.taken() == {CALLER, STRANGER, CALLEE}


def test_a_tenants_status_concerns_nobody_who_does_not_wait(
    applications: Applications, queue: _Queue
) -> None:
    applications.found_tenant("globex", News.STATUS)

    assert queue.taken() == set()


def test_whose_a_namespace_is_concerns_the_neighbours_of_what_is_in_it(
    applications: Applications, queue: _Queue
) -> None:
    applications.found_namespace("globex-web")

    assert queue.taken() == {CALLEE, CALLER}


def test_one_that_begins_or_ceases_to_wait_is_met_no_more_or_anew(
    applications: Applications, queue: _Queue
) -> None:
    index = applications.reconciler.index

    for waits, woken in ((True, {CALLER}), (True, set()), (False, {CALLER}), (False, set())):
        index.looked(CALLEE, "globex", waits=waits)
        applications.looked_at(CALLEE)
        assert queue.taken() == woken


def test_the_first_look_at_one_that_does_not_wait_is_told_to_its_neighbours(
    applications: Applications, queue: _Queue
) -> None:
    index = applications.reconciler.index
    index.heard(CALLEE, None)
    applications.looked_at(CALLEE)
    assert queue.taken() == set()

    index.heard(CALLEE, {})
    applications.looked_at(CALLEE)
    assert queue.taken() == set()
    index.looked(CALLEE, "globex", waits=False)
    applications.looked_at(CALLEE)
    assert queue.taken() == {CALLER}


@pytest.fixture
def engine(applications: Applications, queue: _Queue) -> Engine:
    """One whose Tenants have the same queue."""
    writer = SimpleNamespace(is_writing=lambda _: False)
    return Engine(
        applications.cache,
        cast("Any", queue),
        cast("Any", writer),
        cast("Any", applications.reconciler),
        Prefixes(),
        1.0,
        applications,
    )


def test_a_tenant_that_is_changed_while_its_status_is_written_concerns_its_applications(
    engine: Engine, queue: _Queue
) -> None:
    engine.overtaken("globex", ("Tenant", "", "globex"))

    assert queue.taken() == {"globex", CALLEE, CALLER}


def test_a_namespace_that_is_changed_while_it_is_written_concerns_its_applications(
    engine: Engine, queue: _Queue
) -> None:
    engine.overtaken("globex", ("Namespace", "", "globex-web"))

    assert queue.taken() == {"globex", CALLEE, CALLER}


def test_what_an_application_is_made_into_concerns_nobody_else(
    engine: Engine, queue: _Queue
) -> None:
    engine.overtaken(CALLER, ("Deployment", "acme-web", "web-v1"))

    assert queue.taken() == {CALLER}


def test_an_application_that_is_changed_or_deleted_while_its_status_is_written_is_known_so(
    engine: Engine, queue: _Queue
) -> None:
    index = engine.applications.reconciler.index
    manifest = {
        "kind": "Application",
        "metadata": {"namespace": "acme-web", "name": "blog", "resourceVersion": "1"},
        "spec": {"components": [CALLS["components"][0] | {"name": "blog"}]},
    }
    engine.applications.cache.upsert(manifest)

    engine.overtaken(STRANGER, ("Application", "acme-web", "blog"))
    assert queue.taken() == {STRANGER, CALLEE}
    assert index.neighbours(STRANGER) == {CALLEE}

    engine.applications.cache.remove(manifest)
    engine.overtaken(STRANGER, ("Application", "acme-web", "blog"))
    assert CALLEE in queue.taken()
    assert index.in_namespace("acme-web") == {CALLER}
