"""Manifests as the API server has them once they are written."""

from typing import Any

from tenantry.api.base import Manifest

CREATED = "2026-01-01T00:00:00Z"


def stored(
    manifest: Manifest, *, manager: str = "tenantry", version: int = 1, uid: str = "u1", **more: Any
) -> Manifest:
    """What a POST of a manifest by a field manager becomes.

    Args:
        version: the resource version.
        more: further metadata.
    """
    metadata = manifest["metadata"]
    owned: Manifest = {
        f"f:{part}": {f"f:{key}": {} for key in metadata[part]}
        for part in ("labels", "annotations")
        if metadata.get(part)
    }
    entry = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": manifest["apiVersion"],
        "time": CREATED,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": owned},
    }
    by_server = {
        "uid": uid,
        "resourceVersion": str(version),
        "creationTimestamp": CREATED,
        "managedFields": [entry],
    }
    return manifest | {"metadata": metadata | by_server | more}
