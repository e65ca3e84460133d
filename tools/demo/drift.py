"""A screen: somebody breaks a tenant's guards, and the operator puts them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from demo.failure import claim

if TYPE_CHECKING:
    from demo.audit import Write
    from demo.page import Page
    from demo.stage import Stage
    from demo.world import World


@dataclass(frozen=True)
class Disturbance:
    """What is done to a guard.

    Args:
        command: By the administrator.
        kind: Of the guard.
        resource: Its plural.
        namespace: Its namespace.
    """

    command: str
    kind: str
    resource: str
    namespace: str


@dataclass(frozen=True)
class Repair:
    """What came of a disturbance.

    Args:
        command: What was done.
        broken: The write that broke something.
        mended: The operator's write that put it right.
    """

    command: str
    broken: Write
    mended: Write


MORE: Final = """{"spec":{"hard":{"pods":"5000"}}}"""
DISTURBANCES: Final = (
    Disturbance(
        "delete networkpolicy tenantry -n acme-prod",
        "NetworkPolicy",
        "networkpolicies",
        "acme-prod",
    ),
    Disturbance(
        f"patch resourcequota tenantry -n globex-web --type=merge -p '{MORE}'",
        "ResourceQuota",
        "resourcequotas",
        "globex-web",
    ),
)


def disturb(stage: Stage, world: World) -> list[Repair]:
    """Break what there is to break, one after the other, and wait for each repair."""
    return [_disturb(stage, one, world) for one in DISTURBANCES]


def show(page: Page, repairs: list[Repair]) -> None:
    """Show who wrote what, and when."""
    page.section("Drift", "An administrator deletes an isolation and raises a quota by hand:")
    for one in repairs:
        page.command(f"kubectl {one.command}")
    page.table(
        ("!ms", "who", "what"),
        [
            row
            for one in repairs
            for row in (
                ("0", one.broken.who, _what(one.broken)),
                (f"[bold]{one.mended.after(one.broken):.0f}[/]", one.mended.who, _what(one.mended)),
            )
        ],
    )
    page.note("From the API server's own audit log: the time from one answer to the next.")


def _disturb(stage: Stage, one: Disturbance, world: World) -> Repair:
    spec = world.the(one.kind, one.namespace)["spec"]
    begin = stage.audit.end()
    stage.admin.run(one.command)

    def is_about(write: Write) -> bool:
        return (write.resource, write.namespace) == (one.resource, one.namespace)

    broken = stage.audit.await_write(begin, is_about, f"`{one.command}` is in the audit log.")
    mended = stage.audit.await_write(
        begin,
        lambda write: is_about(write) and write.at > broken.at,
        f"What `{one.command}` broke is mended.",
    )
    after = stage.admin.get(f"{one.resource} tenantry -n {one.namespace}")["spec"]
    claim(after == spec, f"After `{one.command}` all is as it was.", after)
    return Repair(one.command, broken, mended)


def _what(write: Write) -> str:
    return f"{write.verb} {write.resource}/{write.name} in {write.namespace}"
