"""What Pod Security's levels admit of what a component may ask for.

https://kubernetes.io/docs/concepts/security/pod-security-standards/.
"""

from collections.abc import Mapping
from typing import Final

from tenantry.api.namespaces import PodSecurityLevel

ADDABLE: Final[Mapping[PodSecurityLevel, frozenset[str]]] = {
    "baseline": frozenset(
        {
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT",
        }
    ),
    "restricted": frozenset({"NET_BIND_SERVICE"}),
}
"""Capabilities that a container may add, by level; privileged admits all."""
