"""Which storage tenants claim, and which volumes they claim by name."""

from contextlib import suppress
from typing import Any

import pytest

from policies.asking import at
from policies.spaces import AsSomebody, MakeSpace, Space
from policies.workload_manifests import TEMPLATED, pod, templated
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import AlreadyExists
from waiting import eventually

BINDER = "system:serviceaccount:kube-system:persistent-volume-binder"
ANNOTATION = "volume.beta.kubernetes.io/storage-class"
NAMES = "storage-classes: storageClassName"


def claim(*, annotation: str = "", **spec: Any) -> Manifest:
    metadata: Manifest = {"name": "data"}
    if annotation:
        metadata["annotations"] = {ANNOTATION: annotation}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        }
        | spec,
    }


def template(claimed: Manifest) -> Manifest:
    """What is made into a claim later."""
    return {"metadata": claimed["metadata"], "spec": claimed["spec"]}


def ephemeral(claimed: Manifest) -> list[Manifest]:
    """Volumes of a pod, of which one is claimed for it."""
    made = template(claimed)
    made["metadata"] = {k: v for k, v in made["metadata"].items() if k != "name"}
    return [{"name": "v", "ephemeral": {"volumeClaimTemplate": made}}]


CLAIMED = {
    "an allowed class": (claim(storageClassName="fast"), ""),
    "an allowed prefix": (claim(storageClassName="acme-ssd"), ""),
    "another class": (claim(storageClassName="slow"), f"{NAMES} slow"),
    "another case": (claim(storageClassName="fast.x"), f"{NAMES} fast.x"),
    "no class": (claim(), f"{NAMES} (none)"),
    "an empty class": (claim(storageClassName=""), f"{NAMES} (none)"),
    "an allowed class by annotation": (claim(annotation="fast"), ""),
    "another class by annotation": (claim(annotation="slow"), f"{NAMES} slow"),
    "another class by annotation beside a field": (
        claim(annotation="slow", storageClassName="fast"),
        f"{NAMES} slow",
    ),
    "an empty class with an allowed volume": (claim(storageClassName="", volumeName="pv-1"), ""),
}


@pytest.mark.parametrize(("manifest", "tried"), CLAIMED.values(), ids=CLAIMED)
async def test_claims_have_classes_of_the_tenant(
    space: MakeSpace, manifest: Manifest, tried: str
) -> None:
    acme = await space(storage_classes="fast\nacme-*", persistent_volumes="pv-1")

    said = await acme.verdict(manifest)

    assert said == (f"tenant acme: {tried}; allowed: fast, acme-*" if tried else "")


@pytest.mark.parametrize("spec", [{}, {"storageClassName": ""}, {"storageClassName": "slow"}])
async def test_every_class_is_allowed_where_the_rule_says_so(
    space: MakeSpace, spec: Manifest
) -> None:
    assert await (await space()).verdict(claim(**spec)) == ""


@pytest.mark.parametrize("rule", ["", None])
async def test_no_class_is_allowed_by_a_rule_that_is_empty_or_missing(
    space: MakeSpace, rule: str | None
) -> None:
    acme = await space(storage_classes=rule)

    assert "(none)" in await acme.verdict(claim())
    assert "(none)" in await acme.verdict(claim(storageClassName=""))
    assert "fast" in await acme.verdict(claim(storageClassName="fast"))


async def test_volumes_are_not_taken_by_name(space: MakeSpace) -> None:
    acme = await space()

    assert await acme.verdict(claim(volumeName="pv-1")) == (
        "tenant acme: persistent-volumes: volumeName pv-1; allowed: none"
    )


async def test_volumes_of_the_tenant_are_taken_by_name(space: MakeSpace) -> None:
    acme = await space(persistent_volumes="acme-*")

    assert await acme.verdict(claim(volumeName="acme-1")) == ""
    assert "volumeName globex-1" in await acme.verdict(claim(volumeName="globex-1"))


@pytest.fixture
async def waiting(space: MakeSpace) -> Space:
    """Where the claim ``data`` waits, of a class that the tenant may no longer use."""
    acme = await space(storage_classes="fast", persistent_volumes="none")
    with suppress(AlreadyExists):
        await acme.made(claim(storageClassName="old"))
    return acme


async def test_volumes_are_not_taken_later(waiting: Space) -> None:
    named = {"spec": {"volumeName": "pv-1"}}

    assert "volumeName pv-1" in await waiting.verdict_on_change(
        "PersistentVolumeClaim", "data", named
    )


async def test_the_binder_gives_claims_their_volumes(
    waiting: Space, as_somebody: AsSomebody
) -> None:
    binder = await as_somebody(BINDER)
    bound = await waiting.administrator.get("PersistentVolumeClaim", "data", waiting.namespace)
    bound["spec"]["volumeName"] = "pv-1"

    assert await at(bound).replace(bound).verdict(binder) == ""
    assert "volumeName pv-1" in await at(bound).replace(bound).verdict(waiting.user)


async def test_claims_from_before_may_be_labelled(waiting: Space) -> None:
    label = {"metadata": {"labels": {"a": "b"}}}

    assert await waiting.verdict_on_change("PersistentVolumeClaim", "data", label) == ""


async def test_the_default_class_counts(space: MakeSpace, world: World) -> None:
    acme = await space(storage_classes="fast")
    default = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "standard",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "example.com/disk",
    }
    await world.admin.apply(default)
    try:
        said = await eventually(lambda: acme.verdict(claim()), lambda seen: "standard" in seen)
    finally:
        await world.admin.delete("StorageClass", "standard")

    assert said == "tenant acme: storage-classes: storageClassName standard; allowed: fast"


LATER: dict[str, tuple[Manifest, str]] = {
    "another class": (claim(storageClassName="slow"), f"{NAMES} slow"),
    "another class by annotation": (claim(annotation="slow"), f"{NAMES} slow"),
    "a volume": (
        claim(storageClassName="fast", volumeName="pv-1"),
        "persistent-volumes: volumeName pv-1",
    ),
    "an allowed class": (claim(storageClassName="fast"), ""),
    "the class to be seen at the claim": (claim(), ""),
}


@pytest.mark.parametrize("kind", ["Pod", *TEMPLATED])
@pytest.mark.parametrize(("claimed", "tried"), LATER.values(), ids=LATER)
async def test_ephemeral_volumes_follow_the_rules(
    space: MakeSpace, kind: str, claimed: Manifest, tried: str
) -> None:
    acme = await space(storage_classes="fast")
    volumes = ephemeral(claimed)
    made = pod(volumes=volumes) if kind == "Pod" else templated(kind, volumes=volumes)

    said = await acme.verdict(made)

    assert tried in said
    assert bool(said) == bool(tried)


@pytest.mark.parametrize(("claimed", "tried"), LATER.values(), ids=LATER)
async def test_claims_of_stateful_sets_follow_the_rules(
    space: MakeSpace, claimed: Manifest, tried: str
) -> None:
    acme = await space(storage_classes="fast")
    made = templated("StatefulSet")
    made["spec"]["volumeClaimTemplates"] = [template(claimed)]

    said = await acme.verdict(made)

    assert tried in said
    assert bool(said) == bool(tried)
