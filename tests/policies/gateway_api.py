"""CRDs of the Gateway API with the fields that matter here.

The real ones are half a megabyte each and say nothing else about these fields:
https://gateway-api.sigs.k8s.io/reference/spec/.
"""

from typing import Final

from tenantry.api.base import Manifest

GROUP: Final = "gateway.networking.k8s.io"
_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_LISTENERS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "name": _TEXT,
            "hostname": _TEXT,
            "port": {"type": "integer"},
            "protocol": _TEXT,
        },
    },
}
_SPECS: Final[dict[str, Manifest]] = {
    "HTTPRoute": {"hostnames": _TEXTS},
    "GRPCRoute": {"hostnames": _TEXTS},
    "TLSRoute": {"hostnames": _TEXTS},
    "TCPRoute": {"rules": {"type": "array", "items": {"type": "object"}}},
    "Gateway": {"gatewayClassName": _TEXT, "listeners": _LISTENERS},
    "ListenerSet": {"listeners": _LISTENERS},
}


def crds() -> list[Manifest]:
    """All of them."""
    return [_crd(kind, spec) for kind, spec in _SPECS.items()]


def _crd(kind: str, spec: Manifest) -> Manifest:
    plural = f"{kind.lower()}s"
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": spec}},
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{GROUP}",
            # The API server wants it on CRDs of the group.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
        },
        "spec": {
            "group": GROUP,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": [version],
        },
    }
