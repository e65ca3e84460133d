"""Which storage tenants claim, and which volumes they claim by name.

What counts is the PersistentVolumeClaim, whoever creates it; claims that a StatefulSet or a pod
with ephemeral volumes will make are looked at before, where their author hears at once. The class
of a claim is the old annotation, if there, before the field:
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class. Without any it may be given
whatever volume has no class, so it counts as one that is not allowed, unless it names its volume.
"""

from typing import Final

from tenantry.policies.fragments import listed, rule
from tenantry.policies.people import BINDERS, is_one_of
from tenantry.policies.pod_specs import PODS, TEMPLATES, pod_spec
from tenantry.policies.policy import Policy, Resources
from tenantry.policies.refusals import ASKING, refusal

_CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"
_NONE: Final = "(none)"
"""Stands for the class of a claim without one: no StorageClass can have this name."""

_IS_CLAIM: Final = "request.resource.resource == 'persistentvolumeclaims'"

_CLAIMS: Final = Resources(
    groups=("",),
    versions=("v1",),
    resources=("persistentvolumeclaims",),
    operations=("CREATE", "UPDATE"),
)


def _claims(of: str) -> str:
    """CEL for the claims in an object: itself, or what it has templates of."""
    ephemeral = (
        f"{pod_spec(of)}.?volumes.orValue([]).filter(v, has(v.ephemeral))"
        ".map(v, v.ephemeral.volumeClaimTemplate)"
    )
    of_stateful_set = (
        f"(request.resource.resource == 'statefulsets' ? {of}.spec.?volumeClaimTemplates"
        ".orValue([]) : [])"
    )
    return f"({of} == null ? [] : {_IS_CLAIM} ? [{of}] : {ephemeral} + {of_stateful_set})"


def _classes(claims: str) -> str:
    """CEL for the classes of claims; a template that names none is left to its claim."""
    written = (
        f"c.?metadata.?annotations[?'{_CLASS_ANNOTATION}']"
        ".orValue(c.spec.?storageClassName.orValue(''))"
    )
    without = f"{_IS_CLAIM} && c.spec.?volumeName.orValue('') == '' ? '{_NONE}' : ''"
    return f"{claims}.map(c, [{written}].map(s, s != '' ? s : {without})[0]).filter(s, s != '')"


def _volumes(claims: str) -> str:
    return f"{claims}.map(c, c.spec.?volumeName.orValue('')).filter(v, v != '')"


VOLUMES: Final = Policy(
    name="volumes",
    purpose="Claims have storage classes that the tenant may use, and take no volume by name that "
    "is not theirs to take.",
    resources=(_CLAIMS, PODS, *TEMPLATES),
    match_conditions=(
        (
            "has-claims",
            (
                f"{_IS_CLAIM} ? request.operation == 'CREATE' || !({is_one_of(BINDERS)}) : "
                "request.resource.resource == 'statefulsets' || "
                f"{pod_spec('object')}.?volumes.orValue([]).exists(v, has(v.ephemeral))"
            ),
        ),
    ),
    variables=(
        *ASKING,
        ("claims", _claims("object")),
        ("known", _claims("oldObject")),
        ("classes", rule("storage-classes")),
        ("knownClasses", _classes("variables.known")),
        (
            "stored",
            (
                f"'*' in variables.classes ? [] : {_classes('variables.claims')}"
                f".filter(s, !{listed('s', 'variables.classes')} && !(s in variables.knownClasses))"
            ),
        ),
        ("volumes", rule("persistent-volumes")),
        ("knownVolumes", _volumes("variables.known")),
        (
            "bound",
            (
                f"{_volumes('variables.claims')}"
                f".filter(v, !{listed('v', 'variables.volumes')} && !(v in variables.knownVolumes))"
            ),
        ),
        (
            "copied",
            (
                "variables.claims.map(c, c.spec.?dataSourceRef.?namespace.orValue(''))"
                ".filter(n, n != '' && n != request.namespace)"
            ),
        ),
    ),
    validations=(
        refusal("storage-classes", "stored", "storageClassName "),
        refusal("persistent-volumes", "bound", "volumeName "),
        refusal(
            "persistent-volumes",
            "copied",
            "dataSourceRef to namespace ",
            "'allowed: data of the same namespace'",
        ),
    ),
    has_modes=True,
)
