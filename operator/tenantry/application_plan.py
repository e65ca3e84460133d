"""Pure: what an Application should be made into, against what there is.

Of a Tenant's objects every field is the operator's alone. Workloads are shared: the API server
fills in defaults, autoscalers set replicas, people add an annotation to have pods restarted. So
here an object is as it should be when it has all that was asked for; what others add is theirs.
What was asked for once and is no more is told by a digest of what was applied last: server-side
apply, which knows who set what, then takes it out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import (
    API_VERSION,
    APPLICATION_LABEL,
    APPLIED_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
)
from tenantry.api.quantities import is_same
from tenantry.application_openings import beyond, paths_of, widened
from tenantry.observed import Key, Observed, key_of, observe
from tenantry.plan import Change, Verb, name_only

_WHOLE: Final = frozenset(
    {"selector", "matchLabels", "nodeSelector", "podSelector", "namespaceSelector", "data"}
)
"""Maps with one meaning as a whole: a label more in a selector selects other pods."""
_OF_RUNNING_JOBS: Final = ("activeDeadlineSeconds", "backoffLimit", "parallelism", "suspend")
"""Fields of a Job's spec that the API server lets be changed once it is there (pkg/apis/batch
/validation, ValidateJobSpecUpdate), and that say nothing about what it runs."""
_AMOUNTS: Final = frozenset({"requests", "limits"})
_AMOUNT_FIELDS: Final = frozenset({"sizeLimit", "averageValue", "storage", "divisor"})
_DIGEST_LENGTH: Final = 16


def owned(application: Application, manifest: Manifest) -> Manifest:
    """A manifest as the Application's own: labelled, owned by it, with the digest of it all.

    Nothing of the Application's labels goes along: tools that track what they applied by a label
    would take the copy for theirs.
    """
    metadata = manifest["metadata"]
    made = metadata | {
        "namespace": application.namespace,
        "labels": metadata.get("labels", {})
        | {MANAGED_BY_LABEL: MANAGED_BY, APPLICATION_LABEL: application.name},
        "ownerReferences": [_owner(application)],
    }
    digest = hashlib.sha256(
        orjson.dumps(manifest | {"metadata": made}, option=orjson.OPT_SORT_KEYS)
    ).hexdigest()[:_DIGEST_LENGTH]
    annotations = metadata.get("annotations", {}) | {APPLIED_ANNOTATION: digest}
    return manifest | {"metadata": made | {"annotations": annotations}}


def _owner(application: Application) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "name": application.name,
        "uid": application.metadata.uid,
        "controller": True,
    }


def compare_owned(desired: Manifest, observed: Observed | None) -> Change | None:
    """The change that one object needs, or None."""
    if observed is None:
        return Change(Verb.CREATE, desired)
    if observed.is_being_deleted:
        return None
    if _has_other_address(desired, observed):
        return Change(Verb.REPLACE, desired, ("spec.clusterIP",), uid=observed.uid)
    desired = _as_made(desired, observed)
    differs = tuple(_differences(desired, observed))
    extra = beyond(desired, observed)
    if not differs and not extra:
        return None
    return Change(
        Verb.APPLY,
        _with_replicas(desired, observed),
        tuple(dict.fromkeys((*differs, *paths_of("spec", extra)))),
        applies=bool(differs),
        removals={"spec": extra} if extra else {},
        uid=observed.uid,
        handover=_handover(observed),
    )


def obsolete_of(observed: Mapping[Key, Observed], wanted: Sequence[Manifest]) -> list[Change]:
    """Deletions of what the Application was made into and is no more."""
    keys = {key_of(manifest) for manifest in wanted}
    return [
        Change(Verb.DELETE, name_only(key), uid=seen.uid)
        for key, seen in observed.items()
        if key not in keys and not seen.is_being_deleted and MANAGED_BY_LABEL in seen.own_labels
    ]


def refusal_to_take(application: Application, existing: Manifest) -> str:
    """Why an object that has the name of one of ours is left alone; empty if it may be taken.

    It is ours if the answer to a POST was lost; and if somebody has labelled it as ours.
    """
    metadata = existing["metadata"]
    holder = metadata.get("labels", {}).get(APPLICATION_LABEL)
    controllers = [one for one in metadata.get("ownerReferences", ()) if one.get("controller")]
    if any(one["uid"] == application.metadata.uid for one in controllers):
        return ""
    name, instead = metadata["name"], _instead(existing["kind"])
    if holder and holder != application.name:
        return f"{name} belongs to the Application {holder}: {instead} here or there"
    if controllers:
        return f"{name} belongs to {controllers[0]['kind']} {controllers[0]['name']}: {instead}"
    if holder == application.name:
        return ""
    return (
        f"{name} exists and was not made for this Application: delete it, {instead}, or "
        f"label it {APPLICATION_LABEL}={application.name} to hand it over"
    )


def _instead(kind: str) -> str:
    """What to write so that an object gets another name."""
    is_account = kind == "ServiceAccount"
    return "give serviceAccount.name another value" if is_account else "rename the component"


def taking(desired: Manifest, existing: Manifest) -> Change:
    """The change that makes an object ours that is there and may be taken."""
    metadata = existing["metadata"]
    labels = metadata.get("labels", {}) | {APPLICATION_LABEL: ""}
    seen = observe(existing | {"metadata": metadata | {"labels": labels}})
    return compare_owned(desired, seen) or Change(Verb.APPLY, desired)


def _has_other_address(desired: Manifest, observed: Observed) -> bool:
    """Whether a Service should have an address and has none, or the other way round.

    That is decided when it is made: https://kubernetes.io/docs/concepts/services-networking/service
    says of ``clusterIP`` that it may not be changed.
    """
    if desired["kind"] != "Service":
        return False
    specs = desired["spec"], observed.body.get("spec", {})
    wants, has = (one.get("clusterIP") != "None" for one in specs)
    return wants is not has


def _as_made(desired: Manifest, observed: Observed) -> Manifest:
    """A Job as it was made, but for what may be changed of it later; anything else as it is.

    What its pods are made of is immutable. What makes another Job of it is in its name, so whatever
    else has changed since (a cost label, the topology) is for the next Job.
    """
    if desired["kind"] != "Job":
        return desired
    made = {
        name: value
        for name, value in observed.body.get("spec", {}).items()
        if name not in _OF_RUNNING_JOBS
    }
    later = {name: desired["spec"][name] for name in _OF_RUNNING_JOBS if name in desired["spec"]}
    return desired | {"spec": made | later}


def _differences(desired: Manifest, observed: Observed) -> Iterator[str]:
    for part in ("labels", "annotations"):
        present = observed.body["metadata"].get(part, {})
        for key, value in desired["metadata"].get(part, {}).items():
            if present.get(key) != value:
                yield f"metadata.{part}.{key}"
    owners = {one["uid"] for one in observed.body["metadata"].get("ownerReferences", ())}
    if not owners.issuperset(one["uid"] for one in desired["metadata"]["ownerReferences"]):
        yield "metadata.ownerReferences"
    for name, value in desired.items():
        if name not in {"apiVersion", "kind", "metadata"}:
            yield from _field(name, value, observed.body.get(name))
    yield from widened(desired, observed)


def _field(path: str, desired: Any, observed: Any) -> Iterator[str]:
    """The paths of what was asked for and is not so."""
    if desired == observed:  # of most fields, and told in one go
        return
    name = path.rpartition(".")[2]
    if isinstance(desired, dict) and isinstance(observed, dict) and name not in _WHOLE:
        for key, value in desired.items():
            yield from _field(f"{path}.{key}", value, observed.get(key))
    elif isinstance(desired, list) and isinstance(observed, list):
        yield from _items(path, desired, observed)
    elif not _is_equal(path, desired, observed):
        yield path


def _items(path: str, desired: list[Any], observed: list[Any]) -> Iterator[str]:
    names = _names(desired)
    if names and (present := _names(observed)).keys() >= names.keys():
        for name, item in names.items():
            yield from _field(f"{path}.{name}", item, present[name])
    elif len(desired) != len(observed):
        yield path
    else:
        for one, other in zip(desired, observed, strict=True):
            yield from _field(path, one, other)


def _names(items: Iterable[Any]) -> dict[str, Any]:
    """Items by their names; nothing, if they are not all named."""
    items = [*items]
    named = {one["name"]: one for one in items if isinstance(one, dict) and "name" in one}
    return named if len(named) == len(items) else {}


def _is_equal(path: str, desired: Any, observed: Any) -> bool:
    if desired == observed or (not desired and observed is None):
        return True
    parts = path.split(".")
    if observed is None or not (_AMOUNTS & {*parts} or parts[-1] in _AMOUNT_FIELDS):
        return False
    try:
        return is_same(desired, observed)
    except ValueError:  # not a quantity after all
        return False


def _with_replicas(desired: Manifest, observed: Observed) -> Manifest:
    """With as many replicas as there are, where that is left to an autoscaler.

    Else server-side apply would take out the number that it set once itself, and the workload would
    have one pod until the autoscaler looks again.
    """
    replicas = observed.body.get("spec", {}).get("replicas")
    is_scaled = desired["kind"] in {"Deployment", "StatefulSet"} and replicas is not None
    if not is_scaled or "replicas" in desired["spec"]:
        return desired
    return desired | {"spec": desired["spec"] | {"replicas": replicas}}


def _handover(observed: Observed) -> tuple[Manifest, ...]:
    """What a POST set belongs to another entry than what apply sets: make it one of apply's.

    See https://pkg.go.dev/k8s.io/client-go/util/csaupgrade, which does the same for kubectl.
    """
    if observed.posted_as < 0:
        return ()
    entry = f"/metadata/managedFields/{observed.posted_as}"
    return (
        {"op": "test", "path": f"{entry}/manager", "value": MANAGED_BY},
        {"op": "test", "path": f"{entry}/operation", "value": "Update"},
        {"op": "replace", "path": f"{entry}/operation", "value": "Apply"},
    )
