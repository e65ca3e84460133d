"""Whether autoscalers have something to go by.

https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
"""

from collections.abc import Iterator
from typing import Final

from tenantry.doctor.facts import Facts, Unseen
from tenantry.doctor.finding import Finding, Level, ok, unknown

NAME: Final = "metrics-api"
_GROUP: Final = "metrics.k8s.io/"
_SERVER: Final = (
    "https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml"
)


def check(facts: Facts) -> Iterator[Finding]:
    """The API of kubectl top and of HorizontalPodAutoscalers."""
    if isinstance(facts.served, Unseen):
        yield unknown(NAME, "what the API server serves", facts.served)
    elif any(one.startswith(_GROUP) for one in facts.served):
        yield ok(NAME, "metrics.k8s.io is served")
    elif isinstance(facts.autoscalers, Unseen):
        yield unknown(NAME, "whether anything needs metrics.k8s.io", facts.autoscalers)
    elif not facts.autoscalers:
        yield ok(NAME, "metrics.k8s.io is not served, and no Application scales by it")
    else:
        yield Finding(
            NAME,
            Level.WARNING,
            f"metrics.k8s.io is not served; {facts.autoscalers} HorizontalPodAutoscalers need it",
            "Applications are not scaled.",
            f"kubectl apply -f {_SERVER}",
        )
