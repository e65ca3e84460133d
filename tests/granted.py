"""What the chart lets the operator do, as (group, resource, verb)."""

from collections.abc import Iterable, Iterator
from typing import Final

from installation import RELEASE, chart
from tenantry.api.base import Manifest

Right = tuple[str, str, str]

ROLES: Final = ("ClusterRole", "Role")
AGGREGATED: Final = "/aggregate-to-"


METER: Final = f"{RELEASE}-meter"
"""The meter's ServiceAccount, and its ClusterRole."""


def rules(values: Manifest | None = None) -> list[Manifest]:
    """Every rule of every role that the chart gives to the operator."""
    return [rule for manifest in roles(values) for rule in manifest["rules"]]


def meter_rules() -> list[Manifest]:
    """Every rule of the role that the chart gives to the meter."""
    return [
        rule
        for manifest in chart()
        if manifest["kind"] in ROLES and manifest["metadata"]["name"] == METER
        for rule in manifest["rules"]
    ]


def roles(values: Manifest | None = None, *, of_people: bool = False) -> list[Manifest]:
    """The operator's roles in the chart; or those for people."""
    return [
        manifest
        for manifest in chart(values)
        if manifest["kind"] in ROLES
        and manifest["metadata"]["name"] != METER
        and _is_for_people(manifest) is of_people
    ]


def _is_for_people(role: Manifest) -> bool:
    labels = role["metadata"]["labels"]
    is_to_bind = labels.get("app.kubernetes.io/component") == "finops"
    return is_to_bind or any(AGGREGATED in label for label in labels)


def rights(of: Iterable[Manifest]) -> Iterator[Right]:
    """Rules, one right at a time."""
    for rule in of:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield group, resource, verb
