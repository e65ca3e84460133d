"""A screen: what another tenant's owner tries, in the API server's own words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from demo.failure import claim

if TYPE_CHECKING:
    from demo.kubectl import Kubectl, Said
    from demo.page import Page

IMAGE: Final = "registry.k8s.io/pause:3.10"


@dataclass(frozen=True)
class Attempt:
    """Something that is tried.

    Args:
        command: As it is typed.
        refusal: What the API server's answer must say; empty for what must be let.
    """

    command: str
    refusal: str = ""


ATTEMPTS: Final = (
    Attempt("create configmap greeting --from-literal=a=b -n globex-web --dry-run=server"),
    Attempt("get secrets -n acme-prod", 'cannot list resource "secrets"'),
    Attempt(f"run spy --image={IMAGE} -n acme-prod", 'cannot create resource "pods"'),
    Attempt("create service nodeport door --tcp=80 -n globex-web", "exceeded quota: tenantry"),
    Attempt(
        f"run root --image={IMAGE} --privileged -n globex-web",
        'violates PodSecurity "restricted:latest"',
    ),
    Attempt(
        """patch resourcequota tenantry -n globex-web -p '{"spec":{"hard":{"pods":"999"}}}'""",
        'cannot patch resource "resourcequotas"',
    ),
    Attempt("create namespace globex-more", 'cannot create resource "namespaces"'),
)
"""The first one is let: the others are not refused for a bad certificate."""


def attempt(owner: Kubectl) -> list[tuple[Attempt, Said]]:
    """Try everything, side by side.

    Raises:
        DemoFailedError: Something was let that must not be, or refused for another reason.
    """
    with ThreadPoolExecutor() as threads:
        answers = threads.map(lambda one: owner.attempt(one.command), ATTEMPTS)
        tried = list(zip(ATTEMPTS, answers, strict=True))
    for one, said in tried:
        if one.refusal:
            is_refused = not said.is_done and one.refusal in said.err
            claim(is_refused, f"`{said.command}` is refused.", said.err or said.out)
        else:
            claim(said.is_done, f"`{said.command}` is let.", said.err)
    return tried


def show(page: Page, tried: list[tuple[Attempt, Said]]) -> None:
    """Show what was tried and what the API server said."""
    page.section(
        "Another tenant's owner",
        "globex-owner may do their own work, in their own namespaces, within their floor:",
    )
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False, padding=(0, 1))
    for one, said in tried:
        mark = Text("refused", "red") if one.refusal else Text("let", "green")
        answer = said.err.removeprefix("Error from server (Forbidden): ") or said.out
        words = Text(said.command, "bold").append(f"\n{answer.strip()}", "not bold dim")
        table.add_row(mark, words)
    page.console.print(table)
    page.note(
        "RBAC, ResourceQuota and Pod Security say so inside the API server: no webhook is asked, "
        "and the operator need not run."
    )
