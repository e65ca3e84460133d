"""Where pods run: spread over zones and nodes, and held to nodes that fit.

https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/.
"""

from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.components import Component, Version
from tenantry.api.scaling import Toleration, TopologySpreadConstraint
from tenantry.desired.applications.defaults import SCALED
from tenantry.desired.applications.labels import version_selector
from tenantry.desired.applications.parts import Part

_WHEN_LEFT_OUT: Final = (
    TopologySpreadConstraint(topology_key="topology.kubernetes.io/zone"),
    TopologySpreadConstraint(topology_key="kubernetes.io/hostname"),
)


def spread(part: Part, version: Version) -> list[Manifest]:
    """``topologySpreadConstraints`` of a version's pods, by the labels of the version.

    A Deployment's are counted for each revision by itself: else the pods of the one that goes
    would hold places that the one that comes cannot have.
    """
    kind, given = part.component.kind, part.component.topology_spread
    constraints = tuple(given or ())
    if given is None and kind in SCALED:
        constraints = _WHEN_LEFT_OUT
    selector = version_selector(part.application, part.name, version.name)
    revision = {"matchLabelKeys": ["pod-template-hash"]} if kind == "Deployment" else {}
    return [
        {
            "labelSelector": {"matchLabels": selector},
            "maxSkew": constraint.max_skew,
            "topologyKey": constraint.topology_key,
            "whenUnsatisfiable": constraint.when_unsatisfiable,
        }
        | revision
        for constraint in constraints
    ]


def nodes(component: Component) -> Manifest:
    """The fields of a pod that say which nodes it may run on."""
    made: Manifest = {}
    if component.node_selector:
        made["nodeSelector"] = dict(sorted(component.node_selector.items()))
    if component.tolerations:
        made["tolerations"] = [_toleration(one) for one in component.tolerations]
    return made


def _toleration(given: Toleration) -> Manifest:
    optional = {"effect": given.effect, "value": given.value}
    made: Manifest = {"key": given.key, "operator": given.operator}
    return made | {field: value for field, value in optional.items() if value}
