"""Whether the tables of spec_fields have every field that the CRD has."""

from collections.abc import Iterator
from typing import Any

import installation
from spec_fields import ABOUT_PEOPLE, BUDGET, FIELDS, ROLES
from tenantry.api.base import Manifest

ELSEWHERE = {
    "suspend": "test_suspension.py",
    "deletionPolicy": "test_departure.py",
    "deletionProtection": "test_departure.py",
    "namespaceOptions.adoptionPolicy": "test_adoption.py",
    "namespaceOptions.max": "test_bad_manifests.py",
    "namespaceOptions.prefix": "test_spec_fields.py, in a test of its own",
    "namespaces[].name": "every test",
    "namespaceOptions.selfService": "test_self_service.py",
    "quota.distribution": "test_quota_leases.py",
    "quota.scopes[].name": "test_quota_leases.py",
    "quota.scopes[].priorityClasses": "test_quota_leases.py",
    "quota.scopes[].hard": "test_quota_leases.py",
    "namespaces[].quota.guarantee": "test_quota_leases.py",
    "allowed.tenants": "test_application_network.py",
    "allowed.workloadKinds": "test_applications.py",
    "roleBindings[].namespaces": "test_spec_fields.py, in a test of its own",
    # Who a subject is, is for RBAC; see test_roles.py. It is stored, and follows from the kind.
    "owners[].apiGroup": "test_roles.py",
}
"""Fields that are no line of the tables above, and where they are tested."""


def test_no_field_is_forgotten() -> None:
    given = [case.given for case in FIELDS.values()] + [case.before for case in FIELDS.values()]
    given += [spec for spec, _, _ in ROLES.values()] + [BUDGET, ABOUT_PEOPLE]
    tested = {_general(path) for spec in given for path in _leaves(spec)} | ELSEWHERE.keys()
    spec = installation.schema_of("Tenant")
    wanted = {_general(path) for path in _schema_leaves(spec["properties"]["spec"])}

    assert sorted(wanted - {_general(path) for path in tested}) == []


SAME = {
    "editors[]": "owners[]",
    "viewers[]": "owners[]",
    "roleBindings[].subjects[]": "owners[]",
    "policy.exemptions[]": "owners[]",
    "namespaces[].limitRange": "limitRange",
    "namespaces[].network": "network",
    "network.monitoring[]": "network.ingressControllers[]",
    "network.tracing[].ports[]": "network.ingress[].ports[]",
    "network.egress[].to[]": "network.ingress[].from[]",
    "network.egress[].ports[]": "network.ingress[].ports[]",
    "network.ingressControllers[].ports[]": "network.ingress[].ports[]",
    "network.internetEgress.ports[]": "network.ingress[].ports[]",
    "network.ingress[].from[].namespaceSelector": "network.ingress[].from[].podSelector",
}
"""One model in several places: to test it in one of them is enough, and each place is tested."""


def _general(path: str) -> str:
    for place, model in SAME.items():
        if path.startswith(place + ".") or (path.startswith(place) and place.endswith("[]")):
            return _general(model + path.removeprefix(place))
    return path


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """The paths of a spec's values; a map's keys and a peer's labels are no fields."""
    if isinstance(value, dict) and path.rpartition(".")[2] not in _MAPS:
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield path


_MAPS = {
    "labels",
    "annotations",
    "hard",
    "perNamespace",
    "nodeSelector",
    "podLabels",
    "matchLabels",
    "default",
    "defaultRequest",
    "max",
    "min",
    "maxLimitRequestRatio",
}


def _schema_leaves(schema: Manifest, path: str = "") -> Iterator[str]:
    if "properties" in schema:
        for key, below in schema["properties"].items():
            yield from _schema_leaves(below, f"{path}.{key}" if path else key)
    elif schema.get("type") == "array" and "properties" in schema["items"]:
        yield from _schema_leaves(schema["items"], f"{path}[]")
    else:
        yield path
