"""CRDs of the Gateway API with the fields that matter here.

The real ones are half a megabyte each and say nothing else about these fields:
https://gateway-api.sigs.k8s.io/reference/spec/.
"""

from typing import Final

from foreign_kinds import crd
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
    return [
        crd(
            GROUP,
            kind,
            "v1",
            {
                "type": "object",
                "properties": {"spec": {"type": "object", "properties": spec}},
            },
        )
        for kind, spec in _SPECS.items()
    ]
