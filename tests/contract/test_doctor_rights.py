"""What ``tenantry doctor`` asks for the operator is what the chart gives it."""

from typing import Any

from granted import roles
from installation import NAMESPACE, RELEASE
from tenantry.api.base import Manifest
from tenantry.doctor.facts import Installation
from tenantry.doctor.rights import FORBIDDEN, needed

Granted = tuple[str, str, str, str, str]


def _granted(role: Manifest) -> set[Granted]:
    where = role["metadata"].get("namespace", "")
    rules: list[dict[str, Any]] = role["rules"]
    return {
        (verb, resource, group, name, where)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


def test_the_doctor_asks_for_what_the_chart_grants_and_for_nothing_else() -> None:
    asked = {
        (one.verb, one.resource, one.group, one.name, one.namespace)
        for one in needed(Installation(NAMESPACE, RELEASE, "tenantry"))
    }

    granted = {right for role in roles() for right in _granted(role)}

    assert asked == granted
    assert not {(one.verb, one.resource) for one in FORBIDDEN} & {right[:2] for right in granted}
