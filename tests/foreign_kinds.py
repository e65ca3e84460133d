"""CRDs of kinds that others define, with no more of a schema than a test needs."""

from tenantry.api.base import Manifest


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
