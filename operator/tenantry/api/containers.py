"""What runs in a component's pods: images, environment, resources, and what a container may do.

The terms are those of core/v1: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/.
"""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.markers import list_atomic, list_map, list_set, rule, rules
from tenantry.api.quantities import ResourceList

Image = Annotated[
    str,
    Field(
        min_length=1,
        max_length=512,
        pattern=r"^[A-Za-z0-9]([-A-Za-z0-9._:/]*[A-Za-z0-9])?(@sha256:[0-9a-f]{64})?$",
    ),
]
"""An image by tag or digest: ``ghcr.io/acme/shop:1.2.3``, ``shop@sha256:...``."""

ImagePullPolicy = Literal["Always", "IfNotPresent", "Never"]

ImagePullSecrets = Annotated[list[DnsLabel], Field(max_length=8, json_schema_extra=list_set())]
"""Names of Secrets with registries' credentials."""

Words = Annotated[
    list[Annotated[str, Field(max_length=4096)]],
    Field(max_length=64, json_schema_extra=list_atomic()),
]
"""A command line, word by word; no shell reads it."""

ObjectName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
]
"""RFC 1123 subdomain: what a ConfigMap or a Secret may be called."""

DataKey = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
"""A key of a ConfigMap or a Secret."""


class KeySelector(Model):
    """One key of a ConfigMap or a Secret in the application's namespace."""

    name: ObjectName
    """The ConfigMap or Secret."""
    key: DataKey
    """The key in it."""
    optional: bool = False
    """Whether pods start without it."""


class ObjectFieldSelector(Model):
    """A field of the pod itself."""

    field_path: Annotated[
        str,
        Field(
            max_length=128,
            pattern=r"^(metadata\.(name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])|"
            r"spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$",
        ),
    ]
    """Such as ``metadata.name`` or ``status.podIP``."""


class EnvVarSource(Model):
    """Where a variable's value comes from."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "[has(self.secretKeyRef), has(self.configMapKeyRef), has(self.fieldRef)]"
                ".exists_one(given, given)",
                "valueFrom needs exactly one of secretKeyRef, configMapKeyRef and fieldRef",
            )
        )
    }

    secret_key_ref: KeySelector | None = None
    """A key of a Secret."""
    config_map_key_ref: KeySelector | None = None
    """A key of a ConfigMap."""
    field_ref: ObjectFieldSelector | None = None
    """A field of the pod."""


class EnvVar(Model):
    """A variable of the container's environment."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!(has(self.value) && has(self.valueFrom))",
                "a variable has a value or a valueFrom, not both",
            )
        )
    }

    name: Annotated[
        str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z][-._a-zA-Z0-9]*$")
    ]
    """What it is called."""
    value: Annotated[str, Field(max_length=8192)] | None = None
    """Its value; empty when neither this nor ``valueFrom`` is given."""
    value_from: EnvVarSource | None = None
    """Where its value comes from instead."""


Env = Annotated[list[EnvVar], Field(max_length=64, json_schema_extra=list_map("name"))]


class EnvFromReference(Model):
    """A ConfigMap or a Secret as a whole."""

    name: ObjectName
    """What it is called."""
    optional: bool = False
    """Whether pods start without it."""


class EnvFromSource(Model):
    """All keys of a ConfigMap or a Secret as variables."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "has(self.configMapRef) != has(self.secretRef)",
                "envFrom needs exactly one of configMapRef and secretRef",
            )
        )
    }

    prefix: Annotated[str, Field(max_length=64, pattern=r"^([-._a-zA-Z][-._a-zA-Z0-9]*)?$")] = ""
    """What the variables' names begin with."""
    config_map_ref: EnvFromReference | None = None
    """The ConfigMap."""
    secret_ref: EnvFromReference | None = None
    """The Secret."""


EnvFrom = Annotated[list[EnvFromSource], Field(max_length=16, json_schema_extra=list_atomic())]


class ResourceRequirements(Model):
    """What a container is sure to get, and the most it may take."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.requests.all(k, !(k in self.limits) || quantity(string(self.requests[k]))"
                ".compareTo(quantity(string(self.limits[k]))) <= 0)",
                "requests must not be more than limits",
            )
        )
    }

    requests: ResourceList = Field(default={})
    """Amounts to reserve, by resource: ``cpu`` in cores, ``memory`` in bytes."""
    limits: ResourceList = Field(default={})
    """Amounts that are never exceeded, by resource."""


class Capabilities(Model):
    """Linux capabilities; all are dropped first."""

    add: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Z_]+$")]],
        Field(max_length=16, json_schema_extra=list_set()),
    ] = Field(default=[])
    """Capabilities to have nevertheless, such as ``NET_BIND_SERVICE``, which is the only one that
    Pod Security's level restricted admits."""


class SecurityContext(Model):
    """Where a container differs from what Pod Security's level restricted asks for.

    What is left out stays as strict as that: no root, no escalation, no capabilities, the runtime's
    seccomp profile, and a root file system that is read only.
    """

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "!has(self.runAsUser) || self.runAsUser != 0 || "
                "(has(self.runAsNonRoot) && !self.runAsNonRoot)",
                "user 0 is root: choose another, or set runAsNonRoot: false as well",
            )
        )
    }

    read_only_root_filesystem: bool | None = None
    """Whether the image's own files cannot be written; true when left out."""
    run_as_non_root: bool | None = None
    """Whether a container that would run as root is not started; true when left out."""
    run_as_user: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    """User id; the image's when left out."""
    run_as_group: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    """Group id; the image's when left out."""
    fs_group: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    """Group id that volumes belong to."""
    allow_privilege_escalation: bool | None = None
    """Whether a process may gain more privileges than its parent has; false when left out."""
    capabilities: Capabilities | None = None
    """Linux capabilities; none when left out."""


class ServiceAccountSettings(Model):
    """Whom the pods are to the cluster and to the mesh."""

    name: DnsLabel | None = None
    """The ServiceAccount; when left out, application and component with a hyphen between them, or
    with a dot where the component has a hyphen itself. Components that name the same one are the
    same to their callees."""
    automount_token: bool = False
    """Whether pods get a token for the Kubernetes API."""
