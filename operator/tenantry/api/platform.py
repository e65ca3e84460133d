"""What the platform is like where the cluster itself does not tell: by the operator's options.

``settings`` describes each of them; what stands here is what holds if none is given. It goes into
rendering (``desired.applications.surroundings``) and into the Tenant's rules (``governance``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

INGRESS_GATEWAY: Final = MappingProxyType({"istio": "ingressgateway"})
"""Labels of the gateway that Istio installs by default:
https://istio.io/latest/docs/tasks/traffic-management/ingress/ingress-control/."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform's names.

    Attributes:
        gateway_class: of Gateways whose exposure names none; empty where there is none.
        ingress_gateway: labels of the pods of Istio's gateway at the edge.
        mesh_namespace: where the mesh's control plane runs.
        cluster_domain: last part of the names of Services.
    """

    gateway_class: str = ""
    ingress_gateway: Mapping[str, str] = field(default_factory=lambda: INGRESS_GATEWAY)
    mesh_namespace: str = "istio-system"
    cluster_domain: str = "cluster.local"


USUAL: Final = Platform()
"""What holds where no option is given."""
