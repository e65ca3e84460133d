"""Which priority classes pods name, and the one that they are given."""

from collections.abc import AsyncIterator

import pytest

from policies.spaces import MakeSpace
from policies.workload_manifests import TEMPLATED, pod, templated
from policies.world import World
from tenantry.api.base import Manifest
from tenantry.cluster.errors import Forbidden
from waiting import eventually


def priority_class(name: str, value: int, **fields: bool) -> Manifest:
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
    } | fields


@pytest.fixture(scope="module", autouse=True)
async def classes(world: World, space: MakeSpace) -> None:
    """Three classes, known to the policy."""
    for name, value in (("acme-high", 1000), ("acme-low", -10), ("urgent", 5000)):
        await world.admin.apply(priority_class(name, value))
    acme = await space()
    for name in ("acme-high", "acme-low", "urgent"):
        await eventually(
            lambda name=name: acme.verdict(pod(priorityClassName=name)),
            lambda seen: "priority-classes" in seen,
        )


@pytest.mark.parametrize("kind", ["Pod", *TEMPLATED])
@pytest.mark.parametrize(
    ("name", "allowed", "is_admitted"),
    [
        ("acme-high", "acme-high", True),
        ("acme-low", "acme-*", True),
        ("urgent", "*", True),
        ("urgent", "acme-*\nnormal", False),
        ("urgent", "~urgen", False),
        ("urgent", "~urg.*", True),
        ("urgent", "", False),
        ("system-node-critical", "*", False),
        ("system-node-critical", "system-*", False),
        ("system-node-critical", "~system-.*", False),
        ("system-node-critical", "system-node-critical", True),
        ("system-cluster-critical", "system-node-critical", False),
    ],
)
async def test_classes_are_those_of_the_tenant(
    space: MakeSpace, kind: str, name: str, allowed: str, *, is_admitted: bool
) -> None:
    acme = await space(priority_classes=allowed)
    made = pod if kind == "Pod" else lambda **spec: templated(kind, **spec)

    said = await acme.verdict(made(priorityClassName=name))

    shown = allowed.replace("\n", ", ") or "none"
    assert said == (
        ""
        if is_admitted
        else f"tenant acme: priority-classes: priorityClassName {name}; allowed: {shown}"
    )


@pytest.fixture
async def default_class(world: World) -> AsyncIterator[str]:
    """A class that pods get which name none."""
    name = "ordinary"
    await world.admin.apply(priority_class(name, 1, globalDefault=True))
    yield name
    await world.admin.delete("PriorityClass", name)


async def test_the_default_class_is_everybodys(space: MakeSpace, default_class: str) -> None:
    acme = await space()

    async def given() -> str:
        try:
            stored = await acme.user.create(acme.placed(pod()), dry_run=True)
        except Forbidden:  # the class came into force between two passes of the same request
            return ""
        return str(stored["spec"].get("priorityClassName"))

    await eventually(given, lambda seen: seen == default_class)
    assert await acme.verdict(pod(priorityClassName=default_class)) == ""
