"""The order of the demo: set the stage, have two tenants work, show what became of it.

While Bookinfo starts, another tenant's owner tries what must be refused; that is told at the end.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from demo import (
    access,
    drift,
    farewell,
    isolation,
    labels,
    overview,
    quota,
    refusals,
    stage,
    tenants,
)
from demo.world import World

if TYPE_CHECKING:
    from demo.audit import Write
    from demo.page import Page
    from demo.stage import Stage


def run(page: Page) -> None:
    """Play it.

    Raises:
        DemoFailedError: Something is not as the demo tells.
        DevClusterError: The cluster could not be started.
    """
    began = time.monotonic()
    page.console.print("\n[bold]Tenantry[/]: two tenants on one real control plane\n")
    theatre = stage.open_stage(page)
    stage.install(theatre, page)
    port = stage.start_operator(theatre, page)
    play(theatre, page)
    farewell.show(page, theatre.cluster.directory, port)
    page.note(f"[dim]All of it took {time.monotonic() - began:.1f} s.[/]")


def play(theatre: Stage, page: Page) -> None:
    """Play it on a stage where the operator is at work, and check all that is told.

    Raises:
        DemoFailedError: Something is not as the demo tells.
    """
    tenants.apply(theatre, page)
    with ThreadPoolExecutor() as threads:
        intruder = theatre.member("globex-owner", "globex-owners")
        tried = threads.submit(refusals.attempt, intruder)
        tenants.run_bookinfo(theatre.member("acme-owner", "acme-owners"), page)
        screens(theatre, page)
        refusals.show(page, tried.result())


def screens(theatre: Stage, page: Page) -> None:
    """Read what there is, check what the screens will claim, and show them."""
    admin = theatre.admin
    world = World.read(admin)
    order = access.making_of(theatre.audit)
    check(world, theatre, order)
    overview.await_usage(admin, world)
    overview.show(page, world, admin.run("get tn"))
    isolation.show(page, world)
    quota.show(page, world)
    access.show(page, world, order)
    labels.show(page, admin.run(labels.COMMAND))
    drift.show(page, drift.disturb(theatre, world))


def check(world: World, theatre: Stage, order: list[Write]) -> None:
    """Check what the screens are going to claim."""
    overview.check(world)
    isolation.check(world)
    quota.check(world, theatre.admin)
    access.check(world, order)
    labels.check(world)
