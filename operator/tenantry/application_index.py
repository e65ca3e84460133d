"""What the engine remembers of all Applications: where they are, whom they wait for and speak of.

It decides who gets a look when something else changes: a namespace, a Tenant, a neighbour.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenantry.application_claims import Claims


@dataclass(slots=True)
class ApplicationIndex:
    """By key: namespace and name with a slash."""

    _keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _speaks_of: dict[str, frozenset[str]] = field(default_factory=dict)
    _spoken_of_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _tenant: dict[str, str] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)
    _met: set[str] = field(default_factory=set)
    _states: dict[str, str] = field(default_factory=dict)
    _claims: Claims = field(default_factory=Claims)

    def heard(self, key: str, spec: Mapping[str, Any] | None) -> set[str]:
        """Take in an Application's spec, or that it is gone (None); gives whom that concerns.

        Those are the other Applications that it calls or lets call, those that say so of it, and
        those that claim a name or a host that it claims or claimed.
        """
        namespace = key.partition("/")[0]
        before = self._speaks_of.get(key, frozenset())
        after = frozenset(_mentions(namespace, spec or {})) - {key}
        if spec is None:
            self._forget(key)
        else:
            self._keys[namespace].add(key)
            self._speaks_of[key] = after
        for other in before - after:
            self._spoken_of_by[other].discard(key)
        for other in after if spec is not None else ():
            self._spoken_of_by[other].add(key)
        rivals = self._claims.heard(key, spec)
        return {*before, *after, *self._spoken_of_by.get(key, ()), *rivals} - {key}

    def looked(self, key: str, tenant: str, *, waits: bool) -> None:
        """Remember whose an Application was found to be, and whether it waits for its tenant."""
        self._tenant[key] = tenant
        (self._waiting.add if waits else self._waiting.discard)(key)

    def stands(self, key: str, state: str) -> bool:
        """Remember an Application's state, empty if it is gone; tells whether that is news."""
        before = self._states.get(key, "")
        if state:
            self._states[key] = state
        else:
            self._states.pop(key, None)
        return before != state

    def is_met_anew(self, key: str) -> bool:
        """Whether others may meet an Application now and could not when this was asked last.

        Or the other way round: while it waits for its tenant nobody may.
        """
        is_met = key in self._tenant and key not in self._waiting
        if is_met == (key in self._met):
            return False
        (self._met.add if is_met else self._met.discard)(key)
        return True

    def states_in(self, namespace: str) -> dict[tuple[str, str], str]:
        """The states of the Applications of a namespace, by namespace and name."""
        keys = self._keys.get(namespace, ())
        return {(namespace, key.partition("/")[2]): self._states.get(key, "") for key in keys}

    @property
    def namespaces(self) -> Collection[str]:
        """The namespaces that have Applications, as of now."""
        return self._keys.keys()

    def in_namespace(self, namespace: str) -> set[str]:
        """The Applications of a namespace."""
        return {*self._keys.get(namespace, ())}

    def of_tenant(self, tenant: str) -> set[str]:
        """The Applications that were found to be a tenant's."""
        return {key for key, owner in self._tenant.items() if owner == tenant}

    @property
    def waiting(self) -> frozenset[str]:
        """The Applications that wait for a tenant."""
        return frozenset(self._waiting)

    def neighbours(self, key: str) -> set[str]:
        """Those that an Application speaks of, or that speak of it."""
        return {*self._speaks_of.get(key, ()), *self._spoken_of_by.get(key, ())}

    def with_neighbours(self, keys: Collection[str]) -> set[str]:
        """Some Applications, and those that they speak of or that speak of them."""
        return {*keys}.union(*(self.neighbours(key) for key in keys))

    def rivals(self, key: str) -> set[str]:
        """Those that claim a name or a host that an Application claims."""
        return self._claims.rivals(key)

    def all(self) -> set[str]:
        """Every Application."""
        return {*self._speaks_of}

    def _forget(self, key: str) -> None:
        namespace = key.partition("/")[0]
        self._keys[namespace].discard(key)
        if not self._keys[namespace]:
            del self._keys[namespace]
        self._speaks_of.pop(key, None)
        self._tenant.pop(key, None)
        self._waiting.discard(key)
        self._met.discard(key)


def _mentions(namespace: str, spec: Mapping[str, Any]) -> Iterator[str]:
    """The other Applications in a spec, as it was written."""
    for component in spec.get("components", ()):
        for dependency in component.get("dependsOn", ()):
            if there := dependency.get("external"):
                yield f"{there.get('namespace') or namespace}/{there['application']}"
        for caller in component.get("accepts", ()):
            yield f"{caller.get('namespace') or namespace}/{caller['application']}"
