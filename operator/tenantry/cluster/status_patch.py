"""The operator's patch of a status: field by field, and never what another process writes there.

``status.cost`` is the meter's (ADR 0020). Where the operator replaced the whole status, what the
meter had told since the operator's last look would be gone until the meter tells again, an hour
later.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantry.api.base import Manifest

_OF_OTHERS: Final = frozenset({"cost"})


def status_patch(before: Mapping[str, Any], status: Manifest) -> list[Manifest]:
    """The JSON patch (RFC 6902) from a status as it is known to what it should be.

    A field that is to go is set to null: the API server prunes that whether the field is there or
    not, and ``remove`` of one that has gone meanwhile would fail
    (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable).

    Args:
        before: as the API server has it; empty where there is none.
        status: all of it, what others write included.
    """
    if not before:
        return [{"op": "add", "path": "/status", "value": status}]
    names = sorted((before.keys() | status.keys()) - _OF_OTHERS)
    return [
        {"op": "add", "path": f"/status/{name}", "value": status.get(name)}
        for name in names
        if status.get(name) != before.get(name)
    ]
