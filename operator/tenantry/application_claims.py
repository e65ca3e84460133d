"""Pure: the names and hosts that an Application lays claim to, of which each is one Application's.

Names are those of Services, for a component is reached by its own, and of ServiceAccounts, for by
these callers are known to each other; both are one's in a namespace. A host is one's in the
cluster: two who answer to it would each get some of the other's requests.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tenantry.desired.applications.exposures import site_name
from tenantry.desired.applications.naming import service_account_name, workload_name
from tenantry.observed import ISTIO_GATEWAY, Key

_NAMED: Final = {
    "Service": {"Service", "Deployment", "StatefulSet", "DaemonSet", "CronJob"},
    "ServiceAccount": {"ServiceAccount"},
}
"""Kinds of the objects by which a name is had."""
_EDGE: Final = frozenset(
    {"Ingress", "Gateway", ISTIO_GATEWAY, "VirtualService", "HTTPRoute", "GRPCRoute"}
)
"""Kinds of the objects by which a host is had."""
_OF_ALL: Final = "default"
"""The ServiceAccount that each namespace has; it is nobody's own."""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A name that one Application can have.

    Attributes:
        kind: what it is the name of.
        namespace: where; empty for a host, which is one's wherever it is claimed.
        name: the name, or the host.
    """

    kind: Literal["Service", "ServiceAccount", "Host"]
    namespace: str
    name: str

    def is_had(self, application: str, keys: Collection[Key]) -> bool:
        """Whether an Application has what it claims: something of it is made already.

        Args:
            application: its name.
            keys: of all that it was made into.
        """
        if self.kind == "Host":
            site = site_name(application, self.name)
            return any(
                kind in _EDGE and (name == site or name.startswith(f"{site}."))
                for kind, _, name in keys
            )
        return any(kind in _NAMED[self.kind] and name == self.name for kind, _, name in keys)


@dataclass(frozen=True, slots=True)
class Collision:
    """A claim that is somebody else's.

    Attributes:
        claim: what is claimed.
        components: those of the Application that claim it.
        reason: ``NameTaken`` or ``HostTaken``.
        message: who has it, and what to write instead.
        is_running: whether these components are made already, under names that are theirs.
    """

    claim: Claim
    components: tuple[str, ...]
    reason: str
    message: str
    is_running: bool = False


@dataclass(slots=True)
class Claims:
    """The claims of all Applications, by key: namespace and name with a slash."""

    _of: dict[str, frozenset[Claim]] = field(default_factory=dict)
    _by: dict[Claim, set[str]] = field(default_factory=dict)

    def heard(self, key: str, spec: Mapping[str, Any] | None) -> set[str]:
        """Take in an Application's spec, or that it is gone; gives whose claims are the same.

        Those who shared a claim that is given up are among them.
        """
        namespace, _, name = key.partition("/")
        rivals = self.rivals(key)
        for claim in self._of.pop(key, ()):
            self._by[claim].discard(key)
            if not self._by[claim]:
                del self._by[claim]
        if spec is not None:
            self._of[key] = frozenset(claims_of(namespace, name, spec))
            for claim in self._of[key]:
                self._by.setdefault(claim, set()).add(key)
        return rivals | self.rivals(key)

    def rivals(self, key: str) -> set[str]:
        """The Applications that claim something that this one claims, too."""
        return {one for claim in self._of.get(key, ()) for one in self._by[claim]} - {key}


def claims_of(namespace: str, name: str, spec: Mapping[str, Any]) -> dict[Claim, tuple[str, ...]]:
    """What an Application claims, and by which of its components.

    Args:
        namespace: the Application's.
        name: the Application's.
        spec: as the API server has it.
    """
    made: dict[Claim, tuple[str, ...]] = {}
    for component in spec.get("components", ()):
        for claim in _of_component(namespace, name, component):
            made[claim] = (*made.get(claim, ()), component["name"])
    return made


def _of_component(
    namespace: str, application: str, component: Mapping[str, Any]
) -> Iterator[Claim]:
    name = component["name"]
    given = [one["name"] for one in component.get("versions", ())]
    versions = [*(["v1"] if component.get("image") else []), *given]
    for one in dict.fromkeys([name, *(workload_name(name, version) for version in versions)]):
        yield Claim("Service", namespace, one)
    chosen = component.get("serviceAccount", {}).get("name")
    account = service_account_name(application, name, chosen)
    if account != _OF_ALL:
        yield Claim("ServiceAccount", namespace, account)
    for host in dict.fromkeys(one["host"] for one in component.get("expose", ())):
        yield Claim("Host", "", host)
