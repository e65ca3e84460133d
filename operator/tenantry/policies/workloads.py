"""What runs, or makes something run: the resources that several policies look at."""

from typing import Final

from tenantry.policies.policy import Resources

APPS: Final = ("deployments", "statefulsets", "daemonsets", "replicasets")
BATCH: Final = ("jobs", "cronjobs")


def workloads(*operations: str) -> tuple[Resources, ...]:
    """Pods and all that makes pods."""
    return (
        Resources(
            groups=("",),
            versions=("v1",),
            resources=("pods", "replicationcontrollers"),
            operations=operations,
        ),
        Resources(groups=("apps",), versions=("v1",), resources=APPS, operations=operations),
        Resources(groups=("batch",), versions=("v1",), resources=BATCH, operations=operations),
    )
