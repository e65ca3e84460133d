"""What the chart lets the operator do, as (group, resource, verb)."""

from collections.abc import Iterable, Iterator
from typing import Final

from installation import RELEASE, chart
from tenantry.api.base import Manifest
from tenantry.cluster.privileges import Privilege

Right = tuple[str, str, str]

ROLES: Final = ("ClusterRole", "Role")
COMPONENT: Final = "app.kubernetes.io/component"
METER: Final = f"{RELEASE}-meter"
"""The meter's ServiceAccount, and its ClusterRole."""


def rules(values: Manifest | None = None) -> list[Manifest]:
    """Every rule of every role that the chart gives to the operator."""
    return [rule for manifest in roles(values) for rule in manifest["rules"]]


def roles(values: Manifest | None = None, *, of: str = "operator") -> list[Manifest]:
    """The roles in the chart of the ``operator``, the ``meter``, ``people`` or ``finops``."""
    return [
        manifest
        for manifest in chart(values)
        if manifest["kind"] in ROLES and manifest["metadata"]["labels"][COMPONENT] == of
    ]


def rights(of: Iterable[Manifest]) -> Iterator[Right]:
    """Rules, one right at a time."""
    for rule in of:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield group, resource, verb


def grants(values: Manifest | None = None, *, of: str = "operator") -> set[Privilege]:
    """What the roles of a process grant, with names and places; why is left out."""
    return {
        Privilege(*right, name, is_local=role["kind"] == "Role")
        for role in roles(values, of=of)
        for rule in role["rules"]
        for right in rights([rule])
        for name in rule.get("resourceNames", [""])
    }
