"""Gateway API's kinds: what lets traffic in, and where it goes.

https://gateway-api.sigs.k8s.io/reference/spec/.
"""

from typing import Final

GATEWAY_GROUPS: Final = ("gateway.networking.k8s.io", "gateway.networking.x-k8s.io")
"""The standard one, and the one of experiments (``XListenerSet``)."""

LISTENING: Final = ("gateways", "listenersets", "xlistenersets")
NAMING_HOSTS: Final = ("httproutes", "grpcroutes", "tlsroutes")
NAMING_NO_HOSTS: Final = ("tcproutes", "udproutes")

GATEWAY_KINDS: Final = (*LISTENING, *NAMING_HOSTS, *NAMING_NO_HOSTS)
"""All that tenants write."""
