"""The pods of a version: what each workload's template says, as the API server stores it.

The standard is what Pod Security's level restricted admits, without a token and without the
variables that tell of every Service in the namespace: others are found by name.
"""

from typing import Final

from tenantry.api import names
from tenantry.api.base import Manifest
from tenantry.api.components import Version
from tenantry.desired.applications.config_maps import digest_of
from tenantry.desired.applications.containers import container
from tenantry.desired.applications.labels import version_labels
from tenantry.desired.applications.monitoring import scrape_annotations
from tenantry.desired.applications.parts import Part
from tenantry.desired.applications.security import pod_security
from tenantry.desired.applications.spreading import nodes, spread
from tenantry.desired.applications.volumes import volumes

_GRACE_SECONDS: Final = 30
_DEFAULT_CONTAINER: Final = "kubectl.kubernetes.io/default-container"
"""The container that kubectl means where a mesh has added others."""


def pod_template(part: Part, version: Version, *, restart: str = "Always") -> Manifest:
    """``template`` of a workload.

    Args:
        part: the component.
        version: the version of it.
        restart: the restart policy of its containers.
    """
    annotations = {_DEFAULT_CONTAINER: part.name, **scrape_annotations(part)}
    if part.component.files:
        annotations[names.FILES_ANNOTATION] = digest_of(part.component.files)
    return {
        "metadata": {
            "labels": version_labels(part, version.name),
            "annotations": dict(sorted(annotations.items())),
        },
        "spec": _spec(part, version) | {"restartPolicy": restart},
    }


def _spec(part: Part, version: Version) -> Manifest:
    component = part.component
    grace = component.termination_grace_period_seconds
    made: Manifest = {
        "automountServiceAccountToken": component.service_account.automount_token,
        "containers": [container(part, version)],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": False,
        "schedulerName": "default-scheduler",
        "securityContext": pod_security(component.security_context),
        # The API server keeps the old field's name beside the new one.
        "serviceAccount": part.service_account,
        "serviceAccountName": part.service_account,
        "terminationGracePeriodSeconds": _GRACE_SECONDS if grace is None else grace,
        **nodes(component),
    }
    optional = {
        "imagePullSecrets": [{"name": name} for name in component.image_pull_secrets],
        "priorityClassName": component.priority_class_name,
        "topologySpreadConstraints": spread(part, version),
        "volumes": volumes(component),
    }
    return made | {field: value for field, value in optional.items() if value}
