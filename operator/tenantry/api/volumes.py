"""Files of a component: volumes and claims in core/v1's terms, and files in the manifest."""

from typing import Annotated, Final, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.containers import DataKey, ObjectName
from tenantry.api.markers import list_map, list_set, rule, rules
from tenantry.api.quantities import Quantity

MountPath = Annotated[str, Field(min_length=2, max_length=256, pattern=r"^/[^:[:cntrl:]]+$")]
"""An absolute path in the container, not the root."""
SubPath = Annotated[str, Field(max_length=256, pattern=r"^([^/[:cntrl:]][^[:cntrl:]]*)?$")]
"""A relative path within a volume."""


class EmptyDirVolume(Model):
    """An empty directory that lives as long as the pod."""

    medium: Literal["", "Memory"] = ""
    """The node's disk, or its memory (which counts as the container's)."""
    size_limit: Quantity | None = None
    """The most bytes in it, such as ``1Gi``."""


class KeyToPath(Model):
    """One key of a ConfigMap or Secret as a file."""

    key: DataKey
    """The key."""
    path: Annotated[
        str, Field(min_length=1, max_length=256, pattern=r"^[^/[:cntrl:]][^[:cntrl:]]*$")
    ]
    """The file, below the mount path."""


KeysToPaths = Annotated[list[KeyToPath], Field(max_length=32, json_schema_extra=list_map("key"))]


class ConfigMapVolume(Model):
    """A ConfigMap of the application's namespace as files."""

    name: ObjectName
    """The ConfigMap."""
    items: KeysToPaths = Field(default=[])
    """The keys to show; all, each by its own name, when empty."""
    optional: bool = False
    """Whether pods start without it."""


class SecretVolume(Model):
    """A Secret of the application's namespace as files."""

    secret_name: ObjectName
    """The Secret."""
    items: KeysToPaths = Field(default=[])
    """The keys to show; all, each by its own name, when empty."""
    optional: bool = False
    """Whether pods start without it."""


class PersistentVolumeClaimVolume(Model):
    """A claim that exists in the application's namespace."""

    claim_name: ObjectName
    """The PersistentVolumeClaim."""


class Volume(Model):
    """A volume, and where the container sees it."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "[has(self.emptyDir), has(self.configMap), has(self.secret), "
                "has(self.persistentVolumeClaim)].exists_one(given, given)",
                "a volume needs exactly one of emptyDir, configMap, secret and "
                "persistentVolumeClaim; emptyDir: {} is an empty directory",
            )
        )
    }

    name: DnsLabel
    """What it is called in the pod."""
    mount_path: MountPath
    """Where the container sees it."""
    sub_path: SubPath = ""
    """A path within it to see instead of the whole."""
    read_only: bool = False
    """Whether the container cannot write to it."""
    empty_dir: EmptyDirVolume | None = None
    """An empty directory."""
    config_map: ConfigMapVolume | None = None
    """A ConfigMap."""
    secret: SecretVolume | None = None
    """A Secret."""
    persistent_volume_claim: PersistentVolumeClaimVolume | None = None
    """A claim that exists."""


_ONE_PLACE: Final = rule(
    "self.all(v, self.exists_one(o, o.mountPath == v.mountPath))",
    "two volumes cannot have one mountPath: choose another, or use subPath below it",
)

Volumes = Annotated[
    list[Volume],
    Field(max_length=16, json_schema_extra=list_map("name", validations=(_ONE_PLACE,))),
]


class VolumeClaimTemplate(Model):
    """A volume that each pod of a StatefulSet claims for itself."""

    name: DnsLabel
    """What it is called; the claims are called this, the workload and the pod's number."""
    mount_path: MountPath
    """Where the container sees it."""
    sub_path: SubPath = ""
    """A path within it to see instead of the whole."""
    storage: Quantity
    """Bytes to ask for, such as ``10Gi``."""
    storage_class_name: ObjectName | None = None
    """The StorageClass; the cluster's default when left out."""
    access_modes: Annotated[
        list[Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]],
        Field(min_length=1, max_length=4, json_schema_extra=list_set()),
    ] = Field(default=["ReadWriteOnce"])
    """How many nodes or pods may mount it at once."""


VolumeClaimTemplates = Annotated[
    list[VolumeClaimTemplate],
    Field(max_length=8, json_schema_extra=list_map("name", validations=(_ONE_PLACE,))),
]

Files = Annotated[
    dict[str, Annotated[str, Field(max_length=32768)]],
    Field(
        max_length=16,
        json_schema_extra=rules(
            rule(
                "self.all(path, path.matches('^(/[-._A-Za-z0-9]*[A-Za-z0-9][-._A-Za-z0-9]*)+$'))",
                "files are named by absolute paths of letters, digits, '-', '_' and '.', such as "
                "/etc/app/config.yaml",
            )
        ),
    ),
]
"""Contents by the absolute path of the file in the container."""
