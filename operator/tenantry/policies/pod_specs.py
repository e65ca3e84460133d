"""Where the specs of pods stand: in pods, and in the templates that controllers make pods from.

A template is looked at when somebody writes it, so that they hear at once; what counts is the pod,
which is looked at whoever creates it, for controllers act for tenants.
"""

from typing import Final

from tenantry.policies.policy import Named, Resources
from tenantry.policies.workloads import APPS, BATCH

PODS: Final = Resources(
    groups=("",), versions=("v1",), resources=("pods",), operations=("CREATE", "UPDATE")
)
EPHEMERAL_CONTAINERS: Final = Resources(
    groups=("",),
    versions=("v1",),
    resources=("pods/ephemeralcontainers",),
    operations=("UPDATE",),
)
TEMPLATES: Final = (
    Resources(
        groups=("",),
        versions=("v1",),
        resources=("replicationcontrollers", "podtemplates"),
        operations=("CREATE", "UPDATE"),
    ),
    Resources(
        groups=("apps",),
        versions=("v1",),
        resources=APPS,
        operations=("CREATE", "UPDATE"),
    ),
    Resources(
        groups=("batch",),
        versions=("v1",),
        resources=BATCH,
        operations=("CREATE", "UPDATE"),
    ),
)

IS_POD: Final = "request.resource.resource == 'pods'"


def pod_spec(of: str) -> str:
    """CEL for the pod's spec in an object of any of these kinds; ``{}`` if there is no object.

    Args:
        of: ``object`` or ``oldObject``.
    """
    return (
        f"({of} == null ? {{}} : {IS_POD} ? {of}.spec : "
        f"request.resource.resource == 'cronjobs' ? {of}.spec.jobTemplate.spec.template.spec : "
        f"request.resource.resource == 'podtemplates' ? {of}.template.spec : "
        f"{of}.spec.template.spec)"
    )


SPECS: Final[Named] = (("spec", pod_spec("object")), ("old", pod_spec("oldObject")))
"""Variables: the pod's spec as it is to be, and as it was (``{}`` when it is new). What was there
before stays, so that a rule that came later hinders no controller in tidying up."""
