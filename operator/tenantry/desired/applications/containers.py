"""The one container of a component's pods, as the API server stores it."""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.api.containers import ResourceRequirements
from tenantry.api.quantities import canonical
from tenantry.desired.applications.environment import variable, variables_from
from tenantry.desired.applications.images import full_image, pull_policy
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.pod_ports import container_ports
from tenantry.desired.applications.probes import probes
from tenantry.desired.applications.security import container_security
from tenantry.desired.applications.volumes import mounts

_TERMINATION: Final = {
    "terminationMessagePath": "/dev/termination-log",
    # The end of the log says why a container ended where it writes no message, as most do.
    "terminationMessagePolicy": "FallbackToLogsOnError",
}


def container(part: Part, version: Version) -> Manifest:
    """The container of a version's pods, called like the component."""
    component = part.of(version)
    image = full_image(version.image, part.registry)
    made: Manifest = {
        "name": part.name,
        "image": image,
        "imagePullPolicy": pull_policy(image, component.image_pull_policy),
        "resources": _resources(component.resources),
        "securityContext": container_security(component.security_context),
        **_TERMINATION,
        **probes(part),
    }
    optional = {
        "command": list(component.command or ()),
        "args": list(component.args or ()),
        "env": [variable(one) for one in component.env],
        "envFrom": [variables_from(one) for one in component.env_from],
        "ports": container_ports(part),
        "volumeMounts": mounts(component),
    }
    return made | {field: value for field, value in optional.items() if value}


def _resources(given: ResourceRequirements | None) -> Manifest:
    if given is None:
        return {}
    amounts = {"limits": given.limits, "requests": given.requests}
    return {
        part: {resource: canonical(value) for resource, value in sorted(values.items())}
        for part, values in amounts.items()
        if values
    }
