"""A version that is taken up by steps, on a control plane that knows Istio's traffic kinds."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest

from conftest import Site
from foreign_kinds import crd
from live_applications import LiveApplication, component
from tenancy import LiveTenant, condition
from tenantry.api.base import Manifest
from waiting import eventually, eventually_gone
from workloads import IMAGE

KINDS: Final = ("VirtualService", "DestinationRule")
SCHEMA: Final = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
CRDS: Final = [crd("networking.istio.io", kind, "v1", SCHEMA) for kind in KINDS]
ANOTHER: Final = "registry.k8s.io/pause:3.9"
SHORT: Final = [{"weight": weight, "pause": "2s"} for weight in (10, 50, 100)]
LONG: Final = [{"weight": 10, "pause": "1h"}, {"weight": 100}]


class Canary(LiveApplication):
    """An Application whose one component has two versions."""

    async def takes_up(
        self,
        *steps: Manifest,
        image: str = IMAGE,
        beside: tuple[Manifest, ...] = (),
        **rollout: Any,
    ) -> None:
        """Apply it with v2 being taken up by these steps, and other components beside it."""
        versions = [{"name": "v1", "image": IMAGE}, {"name": "v2", "image": image}]
        told = {"version": "v2", "steps": [*steps]} | rollout
        web = component("web", versions=versions, traffic={"rollout": told})
        await self.apply(web, *beside)

    async def rollout(self) -> Manifest:
        """What its status says of the rollout, with the weights of all versions."""
        seen = await self.get()
        web = (seen["status"].get("components") or [{}])[0]
        weights = {one["name"]: one.get("weight", 0) for one in web.get("versions", ())}
        return {"weight": 0, "message": ""} | web.get("rollout", {}) | {"weights": weights}

    async def is_at(self, state: str, weight: int) -> Manifest:
        """Wait until the rollout has a state and a weight, in the status and in the route."""
        seen = await eventually(
            self.rollout, lambda seen: (seen.get("state"), seen["weight"]) == (state, weight)
        )
        assert seen["weights"] == {"v1": 100 - weight, "v2": weight}
        wanted = {one: share for one, share in seen["weights"].items() if share}
        await eventually(self.routed, lambda routed: routed == wanted)
        return seen

    async def routed(self) -> dict[str, int]:
        """Percent by version, as the VirtualService has it."""
        seen = await self.api.get("VirtualService", "web", self.namespace)
        (http,) = seen["spec"]["http"]
        return {one["destination"]["subset"]: one["weight"] for one in http["route"]}

    async def events(self) -> list[str]:
        """Reasons of what was told about it, in no order."""
        return [
            one["reason"]
            for one in await self.api.list("Event", self.namespace)
            if one["involvedObject"]["kind"] == "Application"
        ]

    async def crashes(self, version: str) -> None:
        """Have the pods of a version end again and again."""
        selector = f"app=web,version={version}"
        for pod in await self.api.list("Pod", self.namespace, selector):
            (seen,) = pod["status"]["containerStatuses"]
            ended = {"exitCode": 3, "reason": "Error"}
            broken = {
                "ready": False,
                "started": False,
                "restartCount": 5,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": ended},
            }
            down = {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}
            status = {"containerStatuses": [seen | broken], "conditions": [down]}
            name = pod["metadata"]["name"]
            await self.api.patch("Pod", name, {"status": status}, self.namespace, "status")


@pytest.fixture(scope="module")
async def tenant(site: Site) -> AsyncIterator[LiveTenant]:
    """A Tenant that is ready, on a cluster that knows the kinds, and nobody at work."""
    for one in CRDS:
        await site.api.apply(one)
    for kind in KINDS:
        await eventually(partial(site.api.list, kind), lambda seen: isinstance(seen, list))
    made = LiveTenant(site.api, "rolling")
    async with site.operator():
        await made.apply()
        await made.ready()
    yield made
    async with site.operator():
        await made.delete()
        await made.gone()
    for name in (one["metadata"]["name"] for one in CRDS):
        await site.api.delete("CustomResourceDefinition", name)
        await eventually_gone(partial(site.api.get, "CustomResourceDefinition", name))


@pytest.fixture
async def canary(site: Site, tenant: LiveTenant) -> AsyncIterator[Canary]:
    """An Application that is not applied yet; it is gone after the test."""
    made = Canary(site.api, "canary", tenant.namespace())
    yield made
    if await site.api.find("Application", made.name, made.namespace):
        await made.delete()


async def test_a_new_version_begins_with_nothing_and_goes_up_by_steps_until_it_is_completed(
    site: Site, canary: Canary
) -> None:
    async with site.operator():
        versions = [{"name": "v1", "image": IMAGE}]
        await canary.apply(component("web", versions=versions))
        await canary.ready()

        await canary.takes_up(*SHORT)
        shares = await _until_completed(canary)
        assert shares == sorted(shares)
        assert {10, 50, 100} <= {*shares}
        await canary.is_at("Completed", 100)
        seen = await canary.ready()
        assert (condition(seen, "Progressing") or {})["reason"] == "Completed"
        told = await eventually(canary.events, lambda seen: "RolloutCompleted" in seen)
        assert len(told) <= 6
        assert "DriftRepaired" not in told


async def _until_completed(canary: Canary) -> list[int]:
    """The shares that v2 has in the route until it is completed, in order."""
    shares: list[int] = []

    async def look() -> str:
        routed = await canary.routed()
        share = routed.get("v2", 0)
        assert routed.get("v1", 0) + share == 100
        if share not in shares:
            shares.append(share)
        return str((await canary.rollout()).get("state"))

    await eventually(look, lambda state: state == "Completed", within=60)
    return shares


async def test_a_version_has_nothing_while_its_pods_cannot_be_placed(
    site: Site, canary: Canary
) -> None:
    async with site.operator():
        versions = [{"name": one, "image": IMAGE} for one in ("v1", "v2")]
        traffic = {"rollout": {"version": "v2", "steps": SHORT}}
        nowhere = {"no": "such"}
        await canary.apply(
            component("web", versions=versions, traffic=traffic, nodeSelector=nowhere)
        )

        await canary.says("Ready", "False", "Unschedulable")
        await canary.is_at("Progressing", 0)


async def test_paused_by_hand_it_stays_and_then_goes_on(site: Site, canary: Canary) -> None:
    async with site.operator():
        await canary.takes_up(*LONG)
        await canary.is_at("Progressing", 10)
        await canary.says("Progressing", "True", "TakingUp")

        await canary.takes_up(*LONG, paused=True)
        await canary.is_at("Paused", 10)
        await canary.says("Progressing", "False", "RolloutPaused")
        seen = await canary.ready()
        assert seen["status"]["state"] == "Ready"

        await canary.takes_up(*LONG)
        await canary.is_at("Progressing", 10)


async def test_a_version_that_crashes_is_taken_back_until_it_has_another_image(
    site: Site, canary: Canary
) -> None:
    async with site.operator():
        await canary.takes_up(*LONG)
        await canary.is_at("Progressing", 10)

        # One that the API server refuses for good keeps nothing of another component back.
        never = component("x", kind="CronJob", schedule="61 * * * *", port=None)
        await canary.takes_up(*LONG, beside=(never,))
        said = await canary.says("Ready", "False", "Invalid")
        assert "CronJob x-v1" in said["message"]
        await canary.crashes("v2")
        seen = await canary.is_at("RolledBack", 0)
        await canary.takes_up(*LONG)

        seen = await canary.is_at("RolledBack", 0)
        assert "exit code 3" in seen["message"]
        for type_, status in (("Ready", "False"), ("Degraded", "True"), ("Stalled", "True")):
            await canary.says(type_, status, "RolledBack")
        await eventually(canary.events, lambda told: told.count("RolledBack") == 1)

    async with site.operator():
        await canary.takes_up(*LONG, progressDeadlineSeconds=900)
        await canary.says("Degraded", "True", "RolledBack")
        await canary.is_at("RolledBack", 0)

        await canary.takes_up(*LONG, image=ANOTHER)
        await canary.is_at("Progressing", 10)
        await canary.ready()


async def test_deleted_in_the_middle_of_a_rollout_it_leaves_nothing(
    site: Site, canary: Canary
) -> None:
    async def left() -> list[str]:
        kinds = (*KINDS, "Deployment", "ReplicaSet", "Pod", "Service", "ServiceAccount")
        return [name for kind in kinds for name in await canary.has(kind)]

    async with site.operator():
        await canary.takes_up(*LONG)
        await canary.is_at("Progressing", 10)
        assert {"web", "web-v1", "web-v2"} <= {*await left()}

        await canary.delete()

        # The garbage collector looks for kinds that are new to it every thirty seconds.
        await eventually(left, lambda seen: not seen, within=60)


async def test_a_restart_in_the_middle_changes_nothing(site: Site, canary: Canary) -> None:
    async with site.operator():
        await canary.takes_up(*LONG)
        before = await canary.is_at("Progressing", 10)

    async with site.operator():
        await canary.takes_up(*LONG, paused=True)
        await canary.is_at("Paused", 10)
    async with site.operator():
        await canary.takes_up(*LONG)
        after = await canary.is_at("Progressing", 10)
        assert after["stepsHash"] == before["stepsHash"]


async def test_a_step_that_was_over_while_nobody_was_at_work_is_taken_after_the_restart(
    site: Site, canary: Canary
) -> None:
    steps = [{"weight": 10, "pause": "3s"}, {"weight": 50, "pause": "1h"}, {"weight": 100}]
    async with site.operator():
        await canary.takes_up(*steps)
        await canary.is_at("Progressing", 10)

    async with site.operator():
        await canary.is_at("Progressing", 50)


async def test_a_fault_ends_by_itself(site: Site, canary: Canary) -> None:
    async def http() -> Manifest:
        seen = await site.api.get("VirtualService", "web", canary.namespace)
        (entry,) = seen["spec"]["http"]
        return {**entry}

    async with site.operator():
        ends = (datetime.now(UTC) + timedelta(seconds=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
        fault = {"delay": {"fixedDelay": "7s"}, "expiresAt": ends}
        await canary.apply(component("web", traffic={"fault": fault}))
        await eventually(http, lambda seen: "fault" in seen)

        await eventually(http, lambda seen: "fault" not in seen)
        assert datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") >= ends
