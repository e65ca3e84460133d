"""What was seen of an object, reduced to what the operator compares: the other side of ``desired``.

A cluster with thousands of namespaces has tens of thousands of owned objects. Of each, only what
can differ from a Tenant's wishes is kept, and of ``managedFields`` only which labels and
annotations are the operator's own: those, and no others, may be taken out again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tenantry.api.base import Manifest
from tenantry.api.names import (
    APPLICATION_LABEL,
    FIELD_MANAGER,
    NAMESPACE_NAME_LABEL,
    TENANT_LABEL,
)
from tenantry.symptoms import symptom_of

Key = tuple[str, str, str]
"""Kind, namespace (empty for cluster-scoped objects), name."""

ISTIO_GATEWAY: Final = "IstioGateway"
"""What Istio's Gateway goes by: the Gateway API has a kind of the same name."""
_ISTIO: Final = "networking.istio.io/"

_IGNORED = frozenset({"apiVersion", "kind", "metadata", "status", "secrets", "imagePullSecrets"})
_METADATA = ("name", "namespace", "labels", "annotations", "deletionTimestamp", "finalizers")
_PEOPLES = (*_METADATA, "creationTimestamp", "generation", "uid")
_MORE_METADATA = {
    "Tenant": _PEOPLES,
    "Application": _PEOPLES,
    "Pod": ("name", "namespace", "labels"),
    "Namespace": (*_METADATA, "creationTimestamp"),
}
_DATED = frozenset({"Job"})
"""Of these an Application may have several of which the newest counts."""
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
_OF_APPLICATIONS = (*_METADATA, "ownerReferences", "generation")
_COUNTS = frozenset(
    {
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "updatedNumberScheduled",
        "numberReady",
        "numberAvailable",
        "currentRevision",
        "updateRevision",
        "succeeded",
        "failed",
        "lastScheduleTime",
        "lastSuccessfulTime",
    }
)
"""Of a workload's status, what tells how far it is, beside its conditions."""
_ANY_POD = re.compile(r" of Pod [^\s,;]+")
_SCALES = frozenset({"AbleToScale", "ScalingActive"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class Observed:
    """An object as it is, in the API's own shape, less what does not matter here.

    Attributes:
        body: metadata (name, namespace, labels, annotations, finalizers, deletionTimestamp) and
            the fields beside it, without status.
        status: what of the status matters.
        own_labels: label keys that the operator's field manager set.
        own_annotations: annotation keys that it set.
        is_labelled_by_others: whether somebody else set the tenant's label, too or alone.
        made_at: when the operator's own POST made it, tenant's label and all (RFC 3339, UTC); empty
            if it did not.
        posted_as: of an Application's object, the place in ``managedFields`` of what the operator's
            own POST set, -1 if there is none: server-side apply takes nothing out of it until it is
            handed over.
    """

    uid: str
    body: Manifest
    status: Manifest
    own_labels: frozenset[str] = frozenset()
    own_annotations: frozenset[str] = frozenset()
    made_at: str = ""
    is_labelled_by_others: bool = False
    posted_as: int = -1

    @property
    def labels(self) -> dict[str, str]:
        """Labels, all of them."""
        labels: dict[str, str] = self.body["metadata"].get("labels", {})
        return labels

    @property
    def created_at(self) -> str:
        """Of a Namespace, Tenant, Application or Job, when it was made (RFC 3339, UTC)."""
        return str(self.body["metadata"].get("creationTimestamp", ""))

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is on its way out."""
        return "deletionTimestamp" in self.body["metadata"]


def key_of(manifest: Manifest) -> Key:
    """The key that an object has in the cache, whether desired or seen."""
    metadata, kind = manifest["metadata"], manifest["kind"]
    if kind == "Gateway" and manifest.get("apiVersion", "").startswith(_ISTIO):
        kind = ISTIO_GATEWAY
    return kind, metadata.get("namespace", ""), metadata["name"]


def observe(manifest: Manifest) -> Observed:
    """Reduce an object from the API server."""
    metadata = manifest["metadata"]
    kind, managed = manifest.get("kind", ""), metadata.get("managedFields", ())
    is_of_application = APPLICATION_LABEL in metadata.get("labels", ())
    usual = _OF_APPLICATIONS if is_of_application else _METADATA
    if kind in _DATED:
        usual = (*usual, "creationTimestamp")
    fields = _MORE_METADATA.get(kind, usual)
    kept = {field: metadata[field] for field in fields if metadata.get(field)}
    if _LAST_APPLIED in kept.get("annotations", ()):
        kept["annotations"] = {k: v for k, v in kept["annotations"].items() if k != _LAST_APPLIED}
    body = {"metadata": kept}
    if kind != "Pod":
        body |= {k: v for k, v in manifest.items() if k not in _IGNORED}
    labels, annotations = _own_keys(managed)
    return Observed(
        uid=metadata.get("uid", ""),
        body=body,
        status=_status(manifest),
        own_labels=labels,
        own_annotations=annotations,
        made_at=_made_at(metadata),
        is_labelled_by_others=_is_labelled_by_others(managed),
        posted_as=_posted_as(managed) if is_of_application else -1,
    )


def _status(manifest: Manifest) -> Manifest:
    if manifest.get("kind") == "Pod":
        return symptom_of(manifest)
    reduced = _REDUCED.get(manifest.get("kind", ""))
    return reduced(manifest.get("status") or {}) if reduced else {}


def _progress(status: Manifest) -> Manifest:
    """How far a workload is; conditions without their dates, which are no news."""
    conditions = [
        {name: one[name] for name in ("type", "status", "reason", "message") if name in one}
        for one in status.get("conditions", ())
    ]
    counts = {name: value for name, value in status.items() if name in _COUNTS}
    if active := status.get("active"):  # of a Job its pods' number, of a CronJob its Jobs
        counts["active"] = len(active) if isinstance(active, list) else active
    return counts | ({"conditions": conditions} if conditions else {})


def _kept_from_scaling(status: Manifest) -> Manifest:
    """Why an autoscaler does nothing; what it does while it works is no news.

    Every fifteen seconds it names another of the pods that are all alike: that is none either.
    """
    conditions = [
        {name: _ANY_POD.sub("", one.get(name, "")) for name in ("type", "reason", "message")}
        for one in status.get("conditions", ())
        if one["type"] in _SCALES and one.get("status") == "False"
    ]
    return {"conditions": conditions} if conditions else {}


def _amounts(status: Manifest) -> Manifest:
    return {field: status[field] for field in ("hard", "used") if field in status}


def _end(status: Manifest) -> Manifest:
    """What keeps a namespace that is on its way out."""
    return {
        "phase": status.get("phase", ""),
        "conditions": [
            {"type": condition["type"], "message": condition.get("message", "")}
            for condition in status.get("conditions", ())
            if condition.get("status") == "True"
        ],
    }


_REDUCED: Final[Mapping[str, Callable[[Manifest], Manifest]]] = {
    "Tenant": dict,
    "Application": dict,
    **dict.fromkeys(_WORKLOADS, _progress),
    "HorizontalPodAutoscaler": _kept_from_scaling,
    "ResourceQuota": _amounts,
    "Namespace": _end,
}
"""What is kept of a status, by kind; of others, nothing."""


def _posted_as(entries: Any) -> int:
    own = {
        entry.get("operation"): place
        for place, entry in enumerate(entries)
        if entry.get("manager") == FIELD_MANAGER and not entry.get("subresource")
    }
    return -1 if "Apply" in own else own.get("Update", -1)


def _own_keys(entries: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Label and annotation keys owned by the operator: ``f:metadata``, ``f:labels``, ``f:key``."""
    labels: set[str] = set()
    annotations: set[str] = set()
    for entry in entries:
        if entry.get("manager") != FIELD_MANAGER or entry.get("subresource"):
            continue
        metadata = entry.get("fieldsV1", {}).get("f:metadata", {})
        labels.update(_names(metadata.get("f:labels", {})))
        annotations.update(_names(metadata.get("f:annotations", {})))
    # The API server adds this label to a new namespace in the name of whoever makes it.
    labels.discard(NAMESPACE_NAME_LABEL)
    return frozenset(labels), frozenset(annotations)


def _is_labelled_by_others(entries: Any) -> bool:
    return any(
        entry.get("manager") != FIELD_MANAGER
        and f"f:{TENANT_LABEL}"
        in entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:labels", {})
        for entry in entries
    )


def _made_at(metadata: Manifest) -> str:
    """When the operator's own POST made an object; empty if it did not.

    ``managedFields`` tell: whoever may change an object may do so under the operator's name, but
    only later; and one who changes the tenant's label takes it out of the entry.
    """
    created = metadata.get("creationTimestamp", "")
    for entry in metadata.get("managedFields", ()):
        who = entry.get("manager"), entry.get("operation")
        labels = entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:labels", {})
        is_old = entry.get("time", "") <= created
        if who == (FIELD_MANAGER, "Update") and f"f:{TENANT_LABEL}" in labels and is_old:
            return str(created)
    return ""


def _names(fields: dict[str, Any]) -> list[str]:
    return [field[2:] for field in fields if field.startswith("f:")]
