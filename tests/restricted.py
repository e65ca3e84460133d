"""Pod Security's level restricted, written down from its documentation and not from our code.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Iterator

from tenantry.api.base import Manifest

_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_PROFILES = {"RuntimeDefault", "Localhost"}


def violations(spec: Manifest) -> list[str]:
    """What in a pod's spec the level refuses; field by field."""
    return [*_of_pod(spec), *(each for one in _containers(spec) for each in _of(one, spec))]


def _containers(spec: Manifest) -> list[Manifest]:
    kinds = ("containers", "initContainers", "ephemeralContainers")
    return [one for kind in kinds for one in spec.get(kind, [])]


def _of_pod(spec: Manifest) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield field
    for volume in spec.get("volumes", []):
        if not volume.keys() - {"name"} <= _VOLUMES:
            yield f"volumes[{volume['name']}]"
    if spec.get("securityContext", {}).get("sysctls"):
        yield "sysctls"
    if spec.get("securityContext", {}).get("runAsUser") == 0:
        yield "runAsUser"


def _of(container: Manifest, spec: Manifest) -> Iterator[str]:
    own = container.get("securityContext", {})
    both = spec.get("securityContext", {}) | own
    yield from _of_privileges(own)
    if both.get("runAsNonRoot") is not True:
        yield "runAsNonRoot"
    if both.get("runAsUser") == 0:
        yield "runAsUser"
    if both.get("seccompProfile", {}).get("type") not in _PROFILES:
        yield "seccompProfile"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "hostPort"


def _of_privileges(own: Manifest) -> Iterator[str]:
    capabilities = own.get("capabilities", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities.drop"
    if not set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"}:
        yield "capabilities.add"
