"""Volumes of a component's pods, and where its container sees them."""

from collections.abc import Sequence
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Component
from tenantry.api.quantities import canonical
from tenantry.api.volumes import EmptyDirVolume, KeyToPath, Volume, VolumeClaimTemplate
from tenantry.desired.applications.config_maps import key_of
from tenantry.desired.applications.labels import version_selector
from tenantry.desired.applications.naming import files_name
from tenantry.desired.applications.parts import Part

FILES_VOLUME: Final = "tenantry-files"
"""The volume of the files that are written in the manifest."""
_MODE: Final = 0o644
"""Permissions of files from ConfigMaps and Secrets, the API server's default."""


def volumes(component: Component) -> list[Manifest]:
    """``spec.volumes`` of a pod."""
    made: list[Manifest] = [{"name": volume.name} | _source(volume) for volume in component.volumes]
    if component.files:
        files = {"defaultMode": _MODE, "name": files_name(component.name)}
        made.append({"name": FILES_VOLUME, "configMap": files})
    return made


def mounts(component: Component) -> list[Manifest]:
    """``volumeMounts`` of the component's container."""
    files = [
        # Each by itself: a directory would hide what the image has beside the file.
        {"mountPath": path, "name": FILES_VOLUME, "readOnly": True, "subPath": key_of(path)}
        for path in sorted(component.files)
    ]
    templates = component.volume_claim_templates if component.kind == "StatefulSet" else []
    return [
        *(_mount(volume, read_only=volume.read_only) for volume in component.volumes),
        *(_mount(template, read_only=False) for template in templates),
        *files,
    ]


def claim_templates(part: Part, version: str) -> list[Manifest]:
    """``volumeClaimTemplates`` of a StatefulSet.

    They are immutable, so they have no label that may change; the controller adds the selector's
    to each claim anyway. Kind, phase and mode are as the API server stores them.
    """
    labels = version_selector(part.application, part.name, version)
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": template.name, "labels": labels},
            "spec": _claim(template),
            "status": {"phase": "Pending"},
        }
        for template in part.component.volume_claim_templates
    ]


def writes_to_claims(component: Component) -> bool:
    """Whether pods write to a claim that they share with the pods that replace them."""
    return any(
        volume.persistent_volume_claim is not None and not volume.read_only
        for volume in component.volumes
    )


def _claim(template: VolumeClaimTemplate) -> Manifest:
    made: Manifest = {
        "accessModes": list(template.access_modes),
        "resources": {"requests": {"storage": canonical(template.storage)}},
        "volumeMode": "Filesystem",
    }
    if template.storage_class_name is not None:
        made["storageClassName"] = template.storage_class_name
    return made


def _mount(volume: Volume | VolumeClaimTemplate, *, read_only: bool) -> Manifest:
    made: Manifest = {"mountPath": volume.mount_path, "name": volume.name}
    if read_only:
        made["readOnly"] = True
    if volume.sub_path:
        made["subPath"] = volume.sub_path
    return made


def _source(volume: Volume) -> Manifest:
    if volume.config_map is not None:
        config = volume.config_map
        return {"configMap": {"name": config.name} | _keys(config.items, optional=config.optional)}
    if volume.secret is not None:
        secret = volume.secret
        keys = _keys(secret.items, optional=secret.optional)
        return {"secret": {"secretName": secret.secret_name} | keys}
    if volume.persistent_volume_claim is not None:
        return {"persistentVolumeClaim": {"claimName": volume.persistent_volume_claim.claim_name}}
    return {"emptyDir": _empty_dir(volume.empty_dir or EmptyDirVolume())}


def _keys(items: Sequence[KeyToPath], *, optional: bool) -> Manifest:
    made: Manifest = {"defaultMode": _MODE}
    if items:
        made["items"] = [{"key": item.key, "path": item.path} for item in items]
    if optional:
        made["optional"] = True
    return made


def _empty_dir(given: EmptyDirVolume) -> Manifest:
    made: Manifest = {}
    if given.medium:
        made["medium"] = given.medium
    if given.size_limit is not None:
        made["sizeLimit"] = canonical(given.size_limit)
    return made
