"""Looks at an Application as time goes by: what is remembered, and when it asks for another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import pytest

from bookinfo import GATEWAY_API, MESH
from stored import stored
from tenantry.api.base import Manifest
from tenantry.api.platform import Platform
from tenantry.application_ground import DEFAULT_POLICY
from tenantry.cluster.cache import Cache, application_key
from tenantry.cluster.errors import ApiError
from tenantry.cluster.resources import BY_KIND
from tenantry.desired.floor import floor_selector
from tenantry.observed import Key, key_of
from tenantry.plan import Change, Verb
from tenantry.reconcile import Result
from tenantry.reconcile_application import ApplicationReconciler

SPACE: Final = "acme-web"
KEY: Final = application_key(SPACE, "shop")
START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
STEPS: Final = [{"weight": 10, "pause": "5m"}, {"weight": 50, "pause": "10m"}]
DONE: Final = dict.fromkeys(
    ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "observedGeneration"), 1
)
LABELS: Final = {"tenantry.io/tenant": "acme"}


def _web(image: str = "example.com/web:2", **traffic: Any) -> Manifest:
    versions = [{"name": "v1", "image": "example.com/web:1"}, {"name": "v2", "image": image}]
    return {"name": "web", "port": 80, "versions": versions, "traffic": traffic}


def _canary(image: str = "example.com/web:2", **rollout: Any) -> Manifest:
    return _web(image, rollout={"version": "v2", "steps": STEPS} | rollout)


class _World:
    """A namespace that a Tenant has closed, at a time that tests set, and who writes into it."""

    def __init__(self, *components: Manifest) -> None:
        self.cache, self.now, self.version = Cache(), START, 0
        self.written: list[tuple[Verb, str, str]] = []
        self.told: list[str] = []
        self.refuses: set[str] = set()
        self.status: Manifest = {}
        self.tenant()
        self.closes()
        self.put("Namespace", SPACE, labels=LABELS, uid=SPACE)
        self.says(*components)
        self.restart()

    def restart(self) -> None:
        """A new process, which knows what the API server has."""
        self.reconciler = ApplicationReconciler(
            client=cast("Any", None),
            cache=self.cache,
            writer=cast("Any", self),
            recorder=cast("Any", self),
            now=lambda: self.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            served={*MESH},
        )

    def tenant(
        self, state: str = "Active", network: Manifest | None = None, **allowed: list[str]
    ) -> None:
        spec: Manifest = {
            "owners": [{"kind": "User", "name": "olivia"}],
            "namespaces": [{"name": "web"}],
        }
        more = {"allowed": allowed, "network": network or {}}
        status = {"namespaces": [{"name": SPACE, "uid": SPACE, "state": state}]}
        self.put("Tenant", "acme", uid="acme", spec=spec | more, status=status)

    def says(self, *components: Manifest) -> None:
        spec = {"components": [*components]}
        self.put("Application", "shop", SPACE, uid="shop", spec=spec, status=self.status)

    def closes(self) -> None:
        """The Tenant has closed the namespace to the pods of Applications."""
        for name in ("tenantry", DEFAULT_POLICY):
            spec = {"podSelector": floor_selector(has_applications=True)}
            self.put("NetworkPolicy", name, SPACE, labels=LABELS, spec=spec)

    def put(self, kind: str, name: str, namespace: str = "", **fields: Any) -> None:
        """Something is seen."""
        beside = {one: fields.pop(one) for one in ("spec", "status") if one in fields}
        metadata = {"name": name, "namespace": namespace} | fields
        self.seen({"kind": kind, "metadata": metadata} | beside)

    def seen(self, manifest: Manifest) -> None:
        self.version += 1
        metadata = {"generation": 1} | manifest["metadata"]
        metadata |= {"resourceVersion": str(self.version)}
        self.cache.upsert(manifest | {"metadata": metadata})

    def runs(self, version: str, **status: Any) -> None:
        """A version's workload is as this says; all well unless something is said."""
        found = self.cache.get(("Deployment", SPACE, f"web-{version}"))
        assert found is not None
        body = {"apiVersion": "apps/v1", "kind": "Deployment", **found.body}
        self.seen(stored(body) | {"status": DONE | status})

    def fails(self, version: str) -> None:
        """A pod of a version crashes."""
        state = {"waiting": {"reason": "CrashLoopBackOff"}}
        ended = {"terminated": {"exitCode": 3}}
        self._has_pod(version, {"name": "web", "state": state, "lastState": ended})

    def starts(self, version: str) -> None:
        """A pod of a version runs from the start on, and is not ready."""
        state = {"running": {"startedAt": f"{START:%Y-%m-%dT%H:%M:%SZ}"}}
        self._has_pod(version, {"name": "web", "state": state})

    def _has_pod(self, version: str, container: Manifest) -> None:
        image = f"example.com/web:{version[1:]}"
        labels = {
            "tenantry.io/application": "shop",
            "tenantry.io/component": "web",
            "version": version,
            "app.kubernetes.io/managed-by": "tenantry",
        }
        self.seen(
            {
                "kind": "Pod",
                "metadata": {"name": f"web-{version}-1", "namespace": SPACE, "labels": labels},
                "spec": {"containers": [{"name": "web", "image": image}]},
                "status": {"phase": "Running", "containerStatuses": [container]},
            }
        )
        self.runs(version, readyReplicas=0, availableReplicas=0)

    async def create_only(self, change: Change, owner: str, *, urgent: bool) -> None:
        await self.make(change, owner, urgent=urgent)

    async def make(self, change: Change, owner: str, *, urgent: bool, **_: str) -> None:
        assert (owner, urgent) == (KEY, False)
        kind, _namespace, name = key_of(change.manifest)
        if {kind, f"{kind} {name}"} & self.refuses:
            raise ApiError("no")
        self.written.append((change.verb, kind, name))
        if change.verb is Verb.DELETE:
            self.cache.discard(key_of(change.manifest))
        elif not change.applies:
            self._patch(key_of(change.manifest), change.removals["spec"])
        else:
            self.seen(stored(change.manifest))

    def _patch(self, key: Key, patch: Manifest) -> None:
        found = self.cache.get(key)
        assert found is not None
        merged = found.body["spec"] | patch
        spec = {name: value for name, value in merged.items() if value is not None}
        version = {"apiVersion": BY_KIND[key[0]].api_version, "kind": key[0]}
        self.seen(stored(version | found.body | {"spec": spec}))

    async def tell_application(self, _: Any, status: Manifest) -> None:
        found = self.cache.get(("Application", SPACE, "shop"))
        assert found is not None
        self.status = status
        self.seen({"kind": "Application", **found.body, "status": status})

    def tell(self, _about: Any, _type: str, reason: str, _message: str) -> None:
        self.told.append(reason)

    async def look(self, seconds: float = 0) -> Result:
        """A look, so many seconds from the start."""
        self.now = START + timedelta(seconds=seconds)
        return await self.reconciler.reconcile(KEY)

    def rollout(self) -> Manifest:
        return cast("Manifest", self.status["components"][0]["rollout"])

    def reasons(self) -> dict[str, str]:
        (component,) = self.status["components"]
        return {one["name"]: one.get("reason", "") for one in component["versions"]}

    def weights(self) -> dict[str, int]:
        component = self.status["components"][0]
        return {one["name"]: one["weight"] for one in component["versions"]}

    def route(self) -> Manifest:
        """The one route of the VirtualService."""
        found = self.cache.get(("VirtualService", SPACE, "web"))
        assert found is not None
        (route,) = found.body["spec"]["http"]
        return cast("Manifest", route)

    def has(self, kind: str) -> set[str]:
        """Names of the Application's objects of a kind."""
        return {name for _, _, name in self.cache.of_application(SPACE, "shop", kind)}

    def opened(self, component: str, direction: str) -> list[Manifest]:
        """The rules of a component's NetworkPolicy."""
        found = self.cache.get(("NetworkPolicy", SPACE, f"tenantry.{component}"))
        assert found is not None
        return cast("list[Manifest]", found.body["spec"].get(direction, []))

    def subsets(self) -> list[str]:
        found = self.cache.get(("DestinationRule", SPACE, "web"))
        assert found is not None
        return [one["name"] for one in found.body["spec"]["subsets"]]

    def routed(self) -> dict[str, int]:
        return {one["destination"]["subset"]: one["weight"] for one in self.route()["route"]}


async def _running(component: Manifest) -> _World:
    """A world in which the component's versions run."""
    world = _World(component)
    await world.look()
    for version in component["versions"]:
        world.runs(version["name"])
    return world


BATCH: Final = {"name": "x", "kind": "CronJob", "schedule": "61 * * * *", "image": "a.io/b:1"}
"""The API server refuses its schedule for good."""


async def test_a_write_that_is_refused_for_good_keeps_no_rollback_of_another_component_back() -> (
    None
):
    world = await _running(_canary())
    await world.look()
    world.refuses.add("CronJob")
    world.says(_canary(), BATCH)
    assert (await world.look(10)).failures
    assert world.routed() == {"v1": 90, "v2": 10}

    world.fails("v2")
    await world.look(20)

    assert (world.rollout()["state"], world.weights()) == ("RolledBack", {"v1": 100, "v2": 0})
    assert world.routed() == {"v1": 100}


async def test_a_rollback_is_remembered_when_its_route_is_written_and_not_before() -> None:
    world = await _running(_canary())
    await world.look()
    world.refuses.add("VirtualService")
    world.fails("v2")

    assert (await world.look(10)).failures
    assert (world.rollout()["state"], world.rollout()["weight"]) == ("Progressing", 10)
    assert world.weights() == world.routed() == {"v1": 90, "v2": 10}

    world.refuses.clear()
    await world.look(20)
    assert (world.rollout()["state"], world.routed()) == ("RolledBack", {"v1": 100})


async def test_while_its_own_objects_cannot_be_written_a_version_goes_no_further_up_and_down() -> (
    None
):
    world = await _running(_canary())
    await world.look()
    world.refuses.add("Deployment web-v1")
    changed = _canary(paused=False)
    changed["versions"][0]["env"] = [{"name": "A", "value": "1"}]
    world.says(changed)

    await world.look(400)
    assert (world.rollout()["state"], world.routed()["v2"]) == ("Progressing", 10)
    assert "could be written" in world.rollout()["message"]

    world.fails("v2")
    await world.look(410)
    assert (world.rollout()["state"], world.routed()) == ("RolledBack", {"v1": 100})


async def test_a_fault_ends_and_a_host_is_closed_whatever_else_cannot_be_written() -> None:
    fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-01-01T12:10:00Z"}
    open_ = _web(fault=fault) | {"expose": [{"host": "shop.acme.example.com"}]}
    world = _World(open_)
    world.tenant(hosts=["*.acme.example.com"])
    await world.look()
    assert world.has("IstioGateway")
    world.refuses |= {"CronJob", "Deployment web-v2"}

    world.says(_web("example.com/web:3", fault=fault), BATCH)
    await world.look(10)
    assert world.has("IstioGateway") == set()
    assert world.has("VirtualService") == {"web"}

    await world.look(600)
    assert "fault" not in world.route()


async def test_a_network_policy_that_nothing_asks_for_goes_whatever_else_cannot_be_written() -> (
    None
):
    database = _named("v1") | {"name": "db"}
    calls = _web() | {"dependsOn": [{"component": "db", "versions": ["v2"]}]}
    world = _World(calls, database)
    await world.look()
    policy = "tenantry.web.v2"
    assert policy in world.has("NetworkPolicy")
    world.refuses.add("CronJob")

    world.says(_web(), database, BATCH)
    await world.look(10)

    assert policy not in world.has("NetworkPolicy")


async def test_no_requests_go_to_a_version_that_could_not_be_made() -> None:
    world = _World(_web(weights={"v1": 80, "v2": 20}))
    world.refuses.add("Deployment web-v2")
    await world.look()
    assert world.routed() == {"v1": 100}
    assert world.weights() == {"v1": 100, "v2": 0}

    world.refuses.clear()
    await world.look(10)
    assert world.routed() == world.weights() == {"v1": 80, "v2": 20}


def _named(*names: str, **traffic: Any) -> Manifest:
    versions = [{"name": one, "image": f"example.com/web:{one[1:]}"} for one in names]
    made = {"name": "web", "port": 80, "versions": versions, "traffic": traffic or None}
    return {key: value for key, value in made.items() if value}


async def test_a_version_that_is_renamed_answers_until_the_other_one_can() -> None:
    world = await _running(_named("v1", timeout="1s"))
    await world.look()

    world.says(_named("v2", timeout="1s"))
    await world.look(10)
    assert world.has("Deployment") == {"web-v1", "web-v2"}
    assert {"web", "web-v1", "web-v2"} == world.has("Service")
    assert (world.routed(), world.weights()) == ({"v1": 100}, {"v1": 100, "v2": 0})
    assert world.status["state"] == "Progressing"

    world.runs("v2", readyReplicas=0, availableReplicas=0)
    await world.look(20)
    assert world.has("Deployment") == {"web-v1", "web-v2"}

    world.runs("v2")
    await world.look(30)
    assert world.has("Deployment") == {"web-v2"}
    assert world.has("Service") == {"web", "web-v2"}
    assert (world.routed(), world.subsets()) == ({"v2": 100}, ["v2"])
    assert world.status["state"] == "Ready"


async def test_a_kind_that_is_changed_answers_until_the_other_one_can() -> None:
    world = await _running(_named("v1"))
    await world.look()

    world.says(_named("v1") | {"kind": "StatefulSet"})
    await world.look(10)
    assert (world.has("Deployment"), world.has("StatefulSet")) == ({"web-v1"}, {"web-v1"})
    assert world.status["state"] == "Progressing"
    assert (Verb.REPLACE, "Service", "web-v1") in world.written

    made = world.cache.get(("StatefulSet", SPACE, "web-v1"))
    assert made is not None
    body = {"apiVersion": "apps/v1", "kind": "StatefulSet", **made.body}
    world.seen(stored(body) | {"status": DONE})
    await world.look(20)
    assert (world.has("Deployment"), world.has("StatefulSet")) == (set(), {"web-v1"})


async def test_where_pods_share_a_claim_the_old_ones_go_at_once() -> None:
    volume = {"name": "d", "mountPath": "/d", "persistentVolumeClaim": {"claimName": "d"}}
    world = await _running(_named("v1") | {"volumes": [volume]})
    world.says(_named("v2") | {"volumes": [volume]})

    await world.look(10)

    assert world.has("Deployment") == {"web-v2"}


async def test_what_is_no_longer_listed_goes_although_something_else_is_refused() -> None:
    world = _World(_named("v1"), _named("v1") | {"name": "old"})
    await world.look()
    world.refuses.add("CronJob")

    world.says(_named("v1"), BATCH)
    await world.look(10)

    assert world.has("Deployment") == {"web-v1"}


async def test_subsets_are_there_before_they_are_routed_to_and_until_after() -> None:
    world = await _running(_named("v1", "v2", weights={"v1": 100}))
    await world.look()
    world.written.clear()

    world.says(_named("v1", "v2", "v3", weights={"v3": 100}))
    await world.look(10)
    assert _routes(world) == ["DestinationRule", "VirtualService"]

    world.runs("v3")
    world.says(_named("v1", "v3", weights={"v1": 100}))
    await world.look(20)
    assert _routes(world) == ["VirtualService", "DestinationRule"]

    world.says(_named("v2", "v3", weights={"v2": 100}))
    await world.look(30)
    assert _routes(world) == ["DestinationRule", "VirtualService", "DestinationRule"]
    assert world.subsets() == ["v2", "v3"]


def _routes(world: _World) -> list[str]:
    """The kinds of routes that were written since this was asked last."""
    kinds = [kind for _, kind, _ in world.written if kind in {"DestinationRule", "VirtualService"}]
    world.written.clear()
    return kinds


async def test_a_new_version_has_nothing_until_it_runs_and_then_goes_up_by_its_steps() -> None:
    world = _World(_canary())
    await world.look()
    assert (world.routed(), world.weights()) == ({"v1": 100}, {"v1": 100, "v2": 0})

    for version in ("v1", "v2"):
        world.runs(version)
    for seconds, share in ((10, 10), (309, 10), (310, 50), (910, 50)):
        await world.look(seconds)
        assert world.routed() == {"v1": 100 - share, "v2": share}
        assert world.weights() == world.routed()
        assert world.rollout()["weight"] == share
    assert world.rollout()["state"] == "Completed"


async def test_a_look_is_asked_for_when_the_next_step_is_due_and_none_when_it_is_over() -> None:
    world = await _running(_canary())

    asked = [(await world.look(seconds)).look_again_in for seconds in (0, 100, 300, 900)]

    assert asked == [300, 200, 600, None]


async def test_while_it_waits_for_its_workload_it_is_looked_at_again_at_its_deadline() -> None:
    world = _World(_canary(progressDeadlineSeconds=60))

    assert (await world.look()).look_again_in == 60
    world.runs("v2", readyReplicas=0, availableReplicas=0)
    await world.look(60)

    assert world.rollout()["state"] == "RolledBack"
    assert "60 seconds" in world.rollout()["message"]


async def test_pods_that_do_not_become_ready_are_looked_at_again_when_that_has_lasted() -> None:
    world = _World(_web())
    await world.look()
    world.runs("v2")
    world.starts("v1")

    asked = [(await world.look(seconds)).look_again_in for seconds in (10, 590)]
    assert asked == [590, 10]
    assert world.reasons() == {"v1": "Starting", "v2": ""}
    result = await world.look(600)

    assert (result.look_again_in, world.reasons()["v1"]) == (None, "ProbeFailing")


async def test_after_a_restart_it_goes_on_from_where_it_was() -> None:
    world = await _running(_canary())
    await world.look()
    before = world.rollout()

    world.restart()
    result = await world.look(200)

    assert world.rollout() == before
    assert result.look_again_in == 100


async def test_what_was_rolled_back_stays_so_after_a_restart_until_the_image_is_another() -> None:
    world = await _running(_canary())
    await world.look()
    world.fails("v2")
    await world.look(10)
    assert (world.rollout()["state"], world.routed()) == ("RolledBack", {"v1": 100})
    assert "exit code 3" in world.rollout()["message"]

    world.runs("v2")
    world.restart()
    await world.look(1000)
    assert world.rollout()["state"] == "RolledBack"

    world.says(_canary("example.com/web:2.1"))
    await world.look(1010)
    assert (world.rollout()["state"], world.routed()) == ("Progressing", {"v1": 100})


async def test_pods_and_workloads_of_the_image_before_say_nothing_of_the_new_one() -> None:
    world = await _running(_canary())
    world.fails("v2")
    await world.look(10)

    world.says(_canary("example.com/web:2.1"))
    await world.look(20)
    world.runs("v2", updatedReplicas=0, readyReplicas=0, availableReplicas=0)
    await world.look(30)
    assert (world.rollout()["state"], world.weights()["v2"]) == ("Progressing", 0)

    world.runs("v2")
    await world.look(40)
    assert world.weights()["v2"] == 10


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(lambda world: world.tenant("Failed"), id="it waits"),
        pytest.param(lambda world: world.tenant(registries=["ghcr.io"]), id="held"),
    ],
)
async def test_while_nothing_is_written_it_is_paused_where_it_is_and_begins_its_step_anew(
    stop: Callable[[_World], None],
) -> None:
    world = await _running(_canary())
    await world.look()
    stop(world)

    result = await world.look(100)
    assert result.look_again_in is None
    assert (world.rollout()["state"], world.rollout()["weight"]) == ("Paused", 10)
    assert world.weights() == {"v1": 90, "v2": 10}

    world.tenant()
    result = await world.look(5000)
    assert (world.rollout()["state"], world.weights()["v2"]) == ("Progressing", 10)
    assert result.look_again_in == 300


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(lambda world: world.tenant("Failed"), id="it waits"),
        pytest.param(lambda world: world.tenant(registries=["ghcr.io"]), id="held"),
    ],
)
async def test_while_nothing_is_written_faults_end_and_what_is_ill_is_taken_back(
    stop: Callable[[_World], None],
) -> None:
    fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-01-01T12:10:00Z"}
    component = _canary()
    component["traffic"]["fault"] = fault
    world = await _running(component)
    await world.look()
    stop(world)
    assert (await world.look(100)).look_again_in == 500
    world.written.clear()

    world.fails("v2")
    await world.look(110)
    assert (world.rollout()["state"], world.weights()) == ("RolledBack", {"v1": 100, "v2": 0})
    assert world.routed() == {"v1": 100}
    assert "fault" in world.route()

    await world.look(600)
    assert "fault" not in world.route()
    assert world.written == [(Verb.APPLY, "VirtualService", "web")] * 2
    await world.look(601)
    assert len(world.written) == 2


async def test_while_held_it_reaches_no_more_than_the_tenants_floor_and_nothing_is_opened() -> None:
    egress = [{"cidrs": ["0.0.0.0/0"], "ports": [443]}]
    database = _named("v1") | {"name": "db"}
    calls = _named("v1") | {"egress": egress, "dependsOn": [{"component": "db"}]}
    world = _World(calls, database)
    internet = {"internetEgress": {"enabled": True}}
    world.tenant(network=internet)
    await world.look()
    before = world.opened("web", "egress")
    assert "0.0.0.0/0" in str(before)
    ingress = world.opened("db", "ingress")

    world.tenant(registries=["ghcr.io"])
    world.says(calls, database, _named("v1") | {"name": "more"})
    await world.look(10)

    assert "ipBlock" not in str(world.opened("web", "egress"))
    assert world.opened("web", "egress") == [one for one in before if "ipBlock" not in str(one)]
    assert world.opened("db", "ingress") == ingress
    assert world.has("Deployment") == {"web-v1", "db-v1"}
    said = {one["type"]: one for one in world.status["conditions"]}
    assert (said["Degraded"]["status"], said["Degraded"]["reason"]) == ("True", "PolicyViolation")
    world.written.clear()
    await world.look(20)
    assert world.written == []

    world.tenant(network=internet)
    await world.look(30)
    assert world.opened("web", "egress") == before


async def test_a_step_that_could_not_be_written_has_not_begun() -> None:
    world = await _running(_canary())
    await world.look()
    world.refuses.add("VirtualService")

    result = await world.look(300)
    assert result.failures
    assert (world.rollout()["weight"], world.weights()["v2"]) == (10, 10)

    world.refuses.clear()
    result = await world.look(400)
    assert (world.routed()["v2"], world.weights()["v2"], result.look_again_in) == (50, 50, 600)


async def test_a_fault_goes_away_by_itself_at_the_time_it_says() -> None:
    fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-01-01T12:10:00Z"}
    world = await _running(_web(fault=fault))
    assert (await world.look(30)).look_again_in == 570
    assert "fault" in world.route()

    assert (await world.look(599)).look_again_in == 1
    assert "fault" in world.route()
    assert (await world.look(600)).look_again_in is None
    assert "fault" not in world.route()


async def test_a_fault_that_ends_in_the_middle_of_a_look_is_not_forgotten() -> None:
    fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-01-01T12:10:00Z"}
    world = await _running(_web(fault=fault))
    await world.look(10)
    times = iter([599, *[600] * 9])

    def now() -> str:
        return (START + timedelta(seconds=next(times))).strftime("%Y-%m-%dT%H:%M:%SZ")

    world.reconciler.now = now
    assert (await world.reconciler.reconcile(KEY)).look_again_in == 1


async def test_that_its_namespace_is_being_closed_is_told_when_it_lasts() -> None:
    world = _World(_web())
    closed = ("NetworkPolicy", SPACE, DEFAULT_POLICY)
    world.cache.discard(closed)
    created = START.strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"type": "Ready", "status": "Unknown", "reason": "Pending", "message": "by default"}
    given["lastTransitionTime"] = "1970-01-01T00:00:00Z"
    fields: Manifest = {"spec": {"components": [_web()]}, "status": {"conditions": [given]}}
    world.put("Application", "shop", SPACE, uid="shop", creationTimestamp=created, **fields)

    result = await world.look(1)
    assert (world.status, world.told, result.look_again_in) == ({}, [], 5)
    await world.look(6)
    assert (world.status["state"], world.told) == ("Pending", ["TenantNotReady"])

    world.closes()
    await world.look(7)
    assert world.status["state"] == "Progressing"


async def test_nothing_is_written_between_steps() -> None:
    world = await _running(_canary())
    await world.look()
    await world.look(10)
    world.written.clear()

    await world.look(299)
    assert world.written == []
    await world.look(300)
    assert world.written == [(Verb.APPLY, "VirtualService", "web")]


async def test_a_step_and_the_end_of_a_fault_are_no_drift_and_what_somebody_changed_is() -> None:
    fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": "2026-01-01T12:10:00Z"}
    component = _canary()
    component["traffic"]["fault"] = fault
    world = await _running(component)
    for seconds in (1, 2, 302, 600, 1000):
        await world.look(seconds)
    assert "fault" not in world.route()
    assert "RolloutCompleted" in world.told
    assert "DriftRepaired" not in world.told

    world.cache.discard(("VirtualService", SPACE, "web"))
    await world.look(1100)
    assert world.told[-1] == "DriftRepaired"


@pytest.mark.parametrize(
    ("class_name", "usual", "is_held"),
    [("external", "", True), (None, "external", True), ("internal", "", False), (None, "", False)],
)
async def test_nothing_is_made_of_a_gateway_class_that_the_tenant_does_not_allow(
    class_name: str | None, usual: str, *, is_held: bool
) -> None:
    exposure = {"host": "shop.example.com"} | ({"className": class_name} if class_name else {})
    world = _World(_web() | {"expose": [exposure]})
    world.reconciler.served = {*GATEWAY_API, "Gateway"}
    world.reconciler.platform = Platform(gateway_class=usual)
    world.tenant(hosts=["*"], gatewayClasses=["internal"])

    await world.look()

    kinds = {kind for _, kind, _ in world.written}
    assert ({"Gateway", "Ingress"} & kinds == set()) is is_held
    assert ("Gateway" in kinds) is (class_name == "internal")
