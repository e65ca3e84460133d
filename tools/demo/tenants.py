"""The two tenants of the demo: applied, awaited, and one of them at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.failure import claim

if TYPE_CHECKING:
    from demo.audit import AuditLog, Write
    from demo.kubectl import Kubectl
    from demo.page import Page
    from demo.stage import Stage

NAMES: Final = ("acme", "globex")
HOME: Final = "acme-prod"
"""Where Bookinfo runs."""
DEPLOYMENTS: Final = 6


def apply(stage: Stage, page: Page) -> None:
    """Apply both Tenants and wait until they are Ready."""
    files = " ".join(f"-f examples/{name}/tenant.yaml" for name in NAMES)
    with page.step("Tenants") as step:
        begin = stage.audit.end()
        stage.admin.run(f"apply --server-side --force-conflicts {files}")
        if stage.was_up:
            # Apply leaves what others have set; the demo wants the Tenants as their files say.
            stage.admin.run(f"replace {files}")
        wanted = " ".join(f"tenant/{name}" for name in NAMES)
        stage.admin.run(f"wait --for=condition=Ready {wanted} --timeout=30s")
        ready = ready_after(stage.audit, begin)
        took = f", Ready {ready:.0f} ms after they were made" if ready else ", Ready"
        step.result = f"{' and '.join(NAMES)} from examples/{took}"


def ready_after(audit: AuditLog, begin: int) -> float | None:
    """Give the milliseconds from the making of the Tenants to the last one's status.

    None if they were there already.
    """
    writes = audit.writes(begin)
    made = {one.name: one for one in writes if one.resource == "tenants" and one.is_creation}
    told: dict[str, Write] = {}
    for one in writes:
        if one.resource == "tenants/status":
            told.setdefault(one.name, one)
    both = [told[name].after(made[name]) for name in NAMES if name in made and name in told]
    return max(both) if len(both) == len(NAMES) else None


def run_bookinfo(owner: Kubectl, page: Page) -> None:
    """Have an owner of acme apply Bookinfo, and wait until it runs."""
    with page.step("Bookinfo") as step:
        owner.run(
            f"apply --server-side --force-conflicts -n {HOME} -f examples/bookinfo/bookinfo.yaml"
        )
        waited = owner.run(
            f"wait -n {HOME} --for=condition=Available deployment --all --timeout=60s"
        )
        running = waited.out.count("condition met")
        claim(running >= DEPLOYMENTS, "All of Bookinfo's Deployments run.", waited.out)
        step.result = f"applied to {HOME} by acme-owner (group acme-owners); all Pods Running"
