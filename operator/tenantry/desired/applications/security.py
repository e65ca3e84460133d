"""What a container may do: what Pod Security's level restricted asks for, less what is overridden.

https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted. A root file system
that is read only is beyond what the level asks for.
"""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.containers import SecurityContext

_STRICT: Final = SecurityContext()


def pod_security(given: SecurityContext | None) -> Manifest:
    """The securityContext of a pod: what holds for each container, those that a mesh adds too."""
    context = given or _STRICT
    made: Manifest = {
        "runAsNonRoot": context.run_as_non_root is not False,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if context.fs_group is not None:
        # Else each start walks through the whole volume.
        made |= {"fsGroup": context.fs_group, "fsGroupChangePolicy": "OnRootMismatch"}
    return made


def container_security(given: SecurityContext | None) -> Manifest:
    """The securityContext of the component's own container."""
    context = given or _STRICT
    capabilities: Manifest = {"drop": ["ALL"]}
    if context.capabilities is not None and context.capabilities.add:
        capabilities["add"] = list(context.capabilities.add)
    made: Manifest = {
        "allowPrivilegeEscalation": context.allow_privilege_escalation is True,
        "capabilities": capabilities,
        "readOnlyRootFilesystem": context.read_only_root_filesystem is not False,
    }
    if context.run_as_user is not None:
        made["runAsUser"] = context.run_as_user
    if context.run_as_group is not None:
        made["runAsGroup"] = context.run_as_group
    return made


def overrides(given: SecurityContext | None) -> tuple[str, ...]:
    """The fields in which a component is less strict than by default, for people to see."""
    context = given or _STRICT
    loosened = {
        "allowPrivilegeEscalation": context.allow_privilege_escalation is True,
        "capabilities": context.capabilities is not None and bool(context.capabilities.add),
        "readOnlyRootFilesystem": context.read_only_root_filesystem is False,
        "runAsNonRoot": context.run_as_non_root is False,
        "runAsUser": context.run_as_user == 0,
    }
    return tuple(field for field, is_looser in loosened.items() if is_looser)
