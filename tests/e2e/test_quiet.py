"""Nothing is written when nothing has changed: not while idle, not after a restart, not by a list.

The API server's audit log is asked, not the operator. A short resync makes the operator list
everything again and again; what a list makes it do, it has done by the list after the next.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import workloads
from audit import AuditLog, is_list_of
from conftest import Site
from tenancy import LiveTenant
from waiting import eventually

TEAM = [{"kind": "Group", "name": "team"}]


@pytest.fixture(scope="module")
async def tenants(site: Site) -> AsyncIterator[list[LiveTenant]]:
    """Tenants of several shapes, brought about and left alone."""
    shapes: dict[str, dict[str, Any]] = {
        "quiet-plain": {},
        "quiet-rich": {
            "namespaces": ["web", "db", "ci"],
            "editors": TEAM,
            "viewers": TEAM,
            "quota": {"hard": {"requests.cpu": "10", "pods": 100}},
            "limitRange": {"limits": [{"type": "Pod", "max": {"cpu": "1500m"}}]},
            "network": {"sameTenant": True, "internetEgress": {"enabled": True}},
            "nodeSelector": {"pool": "a"},
            "cost": {"costCenter": "CC-1"},
        },
        "quiet-suspended": {"suspend": True, "editors": TEAM},
        "quiet-retained": {"namespaces": ["web", "db"]},
    }
    made = {name: LiveTenant(site.api, name) for name in shapes}
    async with site.operator():
        for name, tenant in made.items():
            await tenant.apply(**shapes[name])
            await tenant.ready()
        await made["quiet-retained"].apply(namespaces=["web"])
        await made["quiet-retained"].ready()
        await site.api.create(workloads.deployment("app", "quiet-rich-web", replicas=3))
        await eventually(
            made["quiet-rich"].get,
            lambda seen: seen["status"]["quota"]["used"].get("pods") == "3",
        )
    yield [*made.values()]
    async with site.operator():
        for tenant in made.values():
            await tenant.delete()
            await tenant.gone()


async def _look_at_everything(audit: AuditLog, times: int) -> None:
    """Wait until the operator has listed everything so often since the log was opened."""

    async def lists() -> int:
        return audit.count(is_list_of("tenants"))

    await eventually(lists, lambda count: count >= times)


@pytest.fixture(scope="module")
async def written_at_start(
    site: Site,
    tenants: list[LiveTenant],  # noqa: ARG001 - they are there
) -> AsyncIterator[list[str]]:
    """What an operator writes that starts where all is as it should be; it runs from then on."""
    audit = AuditLog(site.cluster.audit_log)
    async with site.operator(resync_interval="300ms"):
        await _look_at_everything(audit, 4)
        yield audit.writes()


@pytest.fixture
async def settled(
    site: Site,
    written_at_start: list[str],  # noqa: ARG001 - it runs
) -> AuditLog:
    """What the API server hears from now on, of an operator that has seen and said all."""
    await _look_at_everything(AuditLog(site.cluster.audit_log), 2)
    return AuditLog(site.cluster.audit_log)


def test_a_restart_writes_nothing(written_at_start: list[str]) -> None:
    assert written_at_start == []


async def test_an_idle_operator_writes_nothing(settled: AuditLog) -> None:
    await _look_at_everything(settled, 3)

    assert settled.writes() == []


async def test_a_change_is_written_once(settled: AuditLog, tenants: list[LiveTenant]) -> None:
    rich = tenants[1]

    await rich.apply(cost={"costCenter": "CC-2"})
    await rich.ready()
    await _look_at_everything(settled, 2)

    named_tenantry = ("resourcequotas", "limitranges", "networkpolicies")
    roles = ("owners", "editors", "viewers")
    wanted = [
        f"patch {path}"
        for space in ("quiet-rich-web", "quiet-rich-db", "quiet-rich-ci")
        for path in (
            f"namespaces/{space}/{space}",
            f"serviceaccounts/{space}/default",
            *(f"{resource}/{space}/tenantry" for resource in named_tenantry),
            *(f"rolebindings/{space}/tenantry-{role}" for role in roles),
        )
    ]
    assert _but_events(settled) == sorted([*wanted, "patch tenants/status/quiet-rich"])


def _but_events(audit: AuditLog) -> list[str]:
    return sorted(one for one in audit.writes() if " events/" not in one)


async def test_what_others_write_into_an_object_is_no_reason_to_write(
    site: Site, settled: AuditLog, tenants: list[LiveTenant]
) -> None:
    plain = tenants[0]
    marks = {"labels": {"example.com/theirs": "1"}, "annotations": {"example.com/note": "2"}}

    for kind, name in (("ResourceQuota", "tenantry"), ("ServiceAccount", "default")):
        await site.api.patch(kind, name, {"metadata": marks}, plain.namespace())
    await site.api.patch("Namespace", plain.namespace(), {"metadata": marks})
    await _look_at_everything(settled, 2)

    assert settled.writes() == []


async def test_a_repair_is_one_write(
    site: Site, settled: AuditLog, tenants: list[LiveTenant]
) -> None:
    space = tenants[0].namespace()

    await site.api.delete("LimitRange", "tenantry", space)
    await tenants[0].appears("LimitRange")
    await _look_at_everything(settled, 2)

    assert _but_events(settled) == [f"create limitranges/{space}/tenantry"]


async def test_a_label_that_is_taken_out_is_one_write(
    settled: AuditLog, tenants: list[LiveTenant]
) -> None:
    plain = tenants[0]
    await plain.apply(namespaceOptions={"labels": {"example.com/team": "a"}})
    await plain.ready()

    await plain.apply(namespaceOptions=None)
    await plain.ready()
    await _look_at_everything(settled, 2)

    space = plain.namespace()
    assert _but_events(settled) == [
        *[f"patch namespaces/{space}/{space}"] * 2,
        *[f"patch tenants/status/{plain.name}"] * 2,
    ]
