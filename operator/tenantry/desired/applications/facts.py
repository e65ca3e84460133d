"""What rendering an Application depends on, beside the Application."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """The surroundings of an Application."""

    namespace: str
    """The namespace that it is in."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of that namespace: whose it is and who pays (``COST_LABELS``); they go on every object."""
    served: frozenset[str] = frozenset()
    """Optional kinds that the API server has: ``VerticalPodAutoscaler``, ``ServiceMonitor``,
    ``PodMonitor``, ``VirtualService``, ``HTTPRoute`` and the like."""

    @property
    def has_mesh(self) -> bool:
        """Whether Istio is there: its CRDs are, and nothing installs them but Istio."""
        return {"VirtualService", "DestinationRule"} <= self.served
