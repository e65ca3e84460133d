"""Pure: what of an Application is written before what, and what a failure keeps back.

What isolates, and what pods need, comes before pods; a failure stops what comes after it in its
component and nothing of another. Routes come after all that, whatever became of it: by them
requests are taken back from what is ill, faults end and hosts are closed.

A version that is no longer listed stays until those that are listed are as they should be, for
until then it is what answers.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tenantry.api.application import Application
from tenantry.api.base import Manifest
from tenantry.api.names import COMPONENT_LABEL
from tenantry.application_workloads import WORKLOADS
from tenantry.component_health import MISSING, Health
from tenantry.desired.applications.defaults import SERVERS, completed
from tenantry.desired.applications.labels import VERSION_LABEL
from tenantry.desired.applications.naming import workload_name
from tenantry.desired.applications.volumes import writes_to_claims
from tenantry.observed import ISTIO_GATEWAY, Key, Observed, key_of
from tenantry.outcomes import Failure
from tenantry.plan import Change

STAGES: Final = (
    frozenset(
        {
            *("NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication"),
            *("ServiceEntry", "Sidecar", "ServiceAccount", "ConfigMap"),
        }
    ),
    frozenset({"Service"}),
    WORKLOADS,
)
"""What isolates, and what pods need, before pods; whatever else comes after them."""
RULE: Final = "DestinationRule"
"""Routes name its subsets: those must be there before, and until after."""
ROUTES: Final = frozenset(
    {RULE, "VirtualService", "HTTPRoute", "GRPCRoute", "Gateway", ISTIO_GATEWAY, "Ingress"}
)
_CLOSING: Final = ROUTES | {"NetworkPolicy"}
"""Kinds that only ever open something: without them less is reached."""
_OF_VERSIONS: Final = SERVERS | {
    *("Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "VerticalPodAutoscaler")
}
"""What a version needs to go on answering."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """An object that could not be written, and why."""

    manifest: Manifest
    failure: Failure


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is no longer listed and still answers.

    Attributes:
        keys: of the objects that stay for now.
        sole: components of which nothing that is listed answers yet; requests stay with what does.
    """

    keys: frozenset[Key] = frozenset()
    sole: frozenset[str] = frozenset()


def stage_of(manifest: Manifest) -> int:
    """When an object that is no route is written."""
    kind = manifest["kind"]
    return next((place for place, kinds in enumerate(STAGES) if kind in kinds), len(STAGES))


def is_route(manifest: Manifest) -> bool:
    """Whether an object says where requests go."""
    return manifest["kind"] in ROUTES


def is_kept_back(manifest: Manifest, failed: Collection[Unwritten]) -> bool:
    """Whether an object waits for one of its component, or of all, that could not be written."""
    return bool({"", _component(manifest)} & {_component(one.manifest) for one in failed})


def short_of(application: Application, failed: Collection[Unwritten]) -> frozenset[str]:
    """The components of which something could not be written."""
    named = {_component(one.manifest) for one in failed}
    return frozenset(one.name for one in application.spec.components if {"", one.name} & named)


def absent(
    application: Application, short: Collection[str], health: Mapping[tuple[str, str], Health]
) -> dict[str, frozenset[str]]:
    """The versions whose workloads could not be made, by component."""
    found = {
        one.name: frozenset(
            each.name for each in one.all_versions if (one.name, each.name) not in health
        )
        for one in application.spec.components
        if one.name in short
    }
    return {name: versions for name, versions in found.items() if versions}


def concerned(application: Application, manifest: Manifest) -> frozenset[str]:
    """The components that a route is about: its own, and those whose Services it names."""
    services = {
        name: one.name
        for one in application.spec.components
        for name in (one.name, *(workload_name(one.name, each.name) for each in one.all_versions))
    }
    named = {services[one] for one in _texts(manifest.get("spec")) if one in services}
    return frozenset({_component(manifest), *named})


def before_routes(rule: Manifest, observed: Observed | None) -> Manifest | None:
    """A DestinationRule as it must be before routes name its subsets; None if it is so.

    It has those of before as well: routes name them until they are written.
    """
    if observed is None:
        return rule
    wanted, present = _subsets(rule), _subsets(observed.body)
    if not wanted.keys() - present.keys():
        return None
    both = [*({**present, **wanted}.values())]
    return rule | {"spec": rule["spec"] | {"subsets": both}}


def leaving(
    application: Application,
    observed: Mapping[Key, Observed],
    obsolete: Collection[Change],
    health: Mapping[tuple[str, str], Health],
) -> Leaving:
    """What of the obsolete stays until what is listed is as it should be.

    Where pods share a claim it goes at once: the new ones could not have it before.
    """
    gone = {key: _place(observed[key]) for key in (key_of(one.manifest) for one in obsolete)}
    running = {place for key, place in gone.items() if key[0] in SERVERS}
    kept: set[tuple[str, str]] = set()
    sole: set[str] = set()
    for one in application.spec.components:
        own = {place for place in running if place[0] == one.name}
        states = [health.get((one.name, each.name), MISSING) for each in one.all_versions]
        is_done = all(each.is_current for each in states)
        if is_done or one.kind not in SERVERS or _is_exclusive(application, one.name):
            continue
        kept |= own
        if own and not any(each.available for each in states):
            sole.add(one.name)
    keys = (key for key, place in gone.items() if key[0] in _OF_VERSIONS and place in kept)
    return Leaving(frozenset(keys), frozenset(sole))


def may_go(
    application: Application, change: Change, seen: Observed, failed: Collection[Unwritten]
) -> bool:
    """Whether something obsolete may go although something else could not be written.

    What opens something goes in any case, but for a route whose successor is not there; so does
    what belongs to a component that is no longer listed.
    """
    kind, component = key_of(change.manifest)[0], _place(seen)[0]
    if kind in _CLOSING:
        routes = [one for one in failed if is_route(one.manifest)]
        return kind not in ROUTES or not any(
            component in concerned(application, one.manifest) for one in routes
        )
    listed = {one.name for one in application.spec.components}
    if component and component not in listed:
        return True
    return not failed if not component else component not in short_of(application, failed)


def _is_exclusive(application: Application, name: str) -> bool:
    (component,) = (one for one in application.spec.components if one.name == name)
    return writes_to_claims(completed(component, application.spec.defaults))


def _component(manifest: Manifest) -> str:
    return str(manifest["metadata"].get("labels", {}).get(COMPONENT_LABEL, ""))


def _place(seen: Observed) -> tuple[str, str]:
    return seen.labels.get(COMPONENT_LABEL, ""), seen.labels.get(VERSION_LABEL, "")


def _subsets(body: Manifest) -> dict[str, Manifest]:
    return {one["name"]: one for one in body.get("spec", {}).get("subsets", ())}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
