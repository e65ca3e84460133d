"""CRDs of kinds that others define: theirs, or with no more of a schema than a test needs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial

from cluster_api import ClusterApi
from devcluster import definitions, progress
from tenantry.api.base import Manifest
from tenantry.cluster.errors import NotFound
from waiting import eventually, eventually_gone

_PATIENCE = 60.0
"""Seconds until some dozens of CRDs are gone: the API server takes them down one by one."""


def crd(
    group: str,
    kind: str,
    version: str,
    schema: Manifest,
    *,
    plural: str = "",
    scope: str = "Namespaced",
) -> Manifest:
    """A CustomResourceDefinition.

    Args:
        group: of the kind.
        kind: its name.
        version: the only one, served and stored.
        schema: of the whole object.
        plural: the lower-case kind and an s when left out.
        scope: Namespaced or Cluster.
    """
    plural = plural or f"{kind.lower()}s"
    served = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            # The API server wants it on CRDs of Kubernetes' own groups.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
        },
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "scope": scope,
            "versions": [served],
        },
    }


@cache
def documents(name: str) -> list[Manifest]:
    """The CRDs of a set, as the project publishes them."""
    file = definitions.file(name, definitions.definitions(progress.suited()))
    made: list[Manifest] = json.loads(file.read_text())
    return made


@asynccontextmanager
async def published(api: ClusterApi, *names: str) -> AsyncIterator[None]:
    """Sets of others' CRDs, served while the context lasts."""
    crds = [crd for name in names for crd in documents(name)]
    for one in crds:
        await api.apply(one, force=True)
    for one in crds:
        await eventually(partial(_crd, api, one), _is_served)
    try:
        yield
    finally:
        await removed(api, *names)


async def removed(api: ClusterApi, *names: str) -> None:
    """Take sets of CRDs away, and all objects of their kinds with them."""
    crds = [crd for name in names for crd in documents(name)]
    for one in crds:
        with suppress(NotFound):
            await api.delete("CustomResourceDefinition", one["metadata"]["name"])
    for one in crds:
        await eventually_gone(partial(_crd, api, one), within=_PATIENCE)


async def _crd(api: ClusterApi, manifest: Manifest) -> Manifest:
    return await api.get("CustomResourceDefinition", manifest["metadata"]["name"])


def _is_served(seen: Manifest) -> bool:
    conditions = seen.get("status", {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
