"""The last screen: the cluster goes on, and this is what to try on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from demo.page import Page


def show(page: Page, folder: Path, port: int) -> None:
    """Show commands that work when pasted, and how to end it all."""
    page.section("Yours to try", "The cluster and the operator go on running.")
    for why, lines in commands(os.path.relpath(folder), port):
        page.console.print(f"\n[dim]# {why}[/]")
        for line in lines:
            page.console.print(line, soft_wrap=True, markup=False)
    page.console.print()


def commands(folder: str, port: int) -> list[tuple[str, list[str]]]:
    """Give the commands, each group with what it is for.

    Args:
        folder: The cluster's, as seen from the current directory.
        port: Where the operator serves its metrics.
    """
    as_globex = f"{folder}/kubeconfigs/user-globex-owner.kubeconfig"
    suspend = """'{"spec":{"suspend":%s}}'"""
    return [
        (
            "once in your shell",
            [f"export KUBECONFIG=$PWD/{folder}/kubeconfig PATH=$PWD/.venv/bin:$PATH"],
        ),
        (
            "what a Tenant says of itself, and every field that it may have",
            ["kubectl describe tenant acme", "kubectl explain tenant.spec.network"],
        ),
        (
            "suspend it: owners and editors may only look, what runs goes on",
            [
                f"kubectl patch tenant acme --type=merge -p {suspend % 'true'}",
                "kubectl get rolebindings -n acme-prod -o wide",
                f"kubectl patch tenant acme --type=merge -p {suspend % 'false'}",
            ],
        ),
        (
            "break something; see what the operator logs, tells and counts",
            [
                "kubectl label namespace acme-prod tenantry.io/cost-center=free --overwrite",
                f"tail -n 2 {folder}/logs/tenantry.log",
                "kubectl events --for tenant/acme",
                f"curl -s http://127.0.0.1:{port}/metrics | grep ^tenantry_writes",
            ],
        ),
        (
            "be globex's owner",
            [f"kubectl --kubeconfig {as_globex} get pods -n acme-prod"],
        ),
        ("a third tenant", ["kubectl apply --server-side -f examples/02-team/tenant.yaml"]),
        ("end it all", ["make cluster-down"]),
    ]
