"""Pure: which of an Application's names and hosts are another Application's.

Who has one keeps it, whoever else comes: taking it away would break what runs. Where nobody has it
yet it is the oldest's, by ``creationTimestamp`` and then by name, of those who may make use of it:
an Application that waits for its tenant, or is held by its rules, stands in nobody's way.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from pydantic import ValidationError

from tenantry.api.application import Application
from tenantry.api.base import manifest_of
from tenantry.api.tenant import Tenant
from tenantry.application_claims import Claim, Collision, claims_of
from tenantry.application_ground import ground_of
from tenantry.governance import Violation, violations
from tenantry.observed import Key, Observed

Get = Callable[[Key], Observed | None]
"""Knows Namespaces, Tenants and Applications."""
KeysOf = Callable[[str], Collection[Key]]
"""Knows what an Application was made into."""
Violations = Callable[[Application, Tenant], Sequence[Violation]]
"""Holds an Application against a Tenant's rules."""
_NAME_LENGTH: Final = 50


@dataclass(frozen=True)
class _Claimant:
    """An Application, and what it has."""

    application: Application
    keys: Collection[Key]
    get: Get
    violations: Violations

    @property
    def key(self) -> str:
        return f"{self.application.namespace}/{self.application.name}"

    @cached_property
    def claims(self) -> dict[Claim, tuple[str, ...]]:
        spec = manifest_of(self.application.spec)
        return claims_of(self.application.namespace, self.application.name, spec)

    @cached_property
    def tenant(self) -> str:
        return ground_of(self.application.namespace, self.get)[0]

    @cached_property
    def is_free(self) -> bool:
        """Whether anything may be made of it."""
        _, tenant, wait = ground_of(self.application.namespace, self.get)
        if tenant is None or wait or self.application.is_being_deleted:
            return False
        is_enforced = tenant.spec.policy.mode == "Enforce"
        return not (is_enforced and self.violations(self.application, tenant))

    def has(self, claims: Iterable[Claim]) -> bool:
        """Whether it has any of them."""
        return any(claim.is_had(self.application.name, self.keys) for claim in claims)

    def names_beside(self, claim: Claim) -> list[Claim]:
        """The names of the components that claim something."""
        components = {*self.claims[claim]}
        return [
            one
            for one, those in self.claims.items()
            if one.kind == "Service" and components & {*those}
        ]

    def precedes(self, other: Self, claim: Claim) -> bool:
        """Whether a claim is rather this one's, of two who claim it.

        The names of a component go together, or each of two could have half of what it needs.
        """
        contested = [claim]
        if claim.kind == "Service":
            contested = [one for one in self.names_beside(claim) if one in other.claims]
        if not (self.has(contested) or self.is_free):
            return False
        return self._place(claim, contested) < other._place(claim, contested)

    def _place(
        self, claim: Claim, contested: Collection[Claim]
    ) -> tuple[bool, bool, str, str, str]:
        """What has it, then what runs already, then what is old comes first."""
        is_new = claim.kind == "Host" or not self.has(self.names_beside(claim))
        metadata = self.application.metadata
        age = metadata.creation_timestamp, metadata.name, metadata.namespace
        return not self.has(contested), is_new, *age


def collisions_of(
    application: Application,
    rivals: Iterable[str],
    get: Get,
    keys_of: KeysOf,
    broken: Violations = violations,
) -> tuple[Collision, ...]:
    """What of an Application's claims is somebody else's.

    Args:
        application: one that may be made now.
        rivals: keys of the Applications that claim something that it claims.
        get: looks an object up.
        keys_of: gives the keys of what an Application was made into.
        broken: gives the rules of a Tenant that an Application breaks.
    """
    others = [one for key in sorted(rivals) if (one := _rival(key, get, keys_of, broken))]
    if not others:
        return ()
    keys = keys_of(f"{application.namespace}/{application.name}")
    own = _Claimant(application, keys, get, broken)
    return tuple(_collisions(own, others))


def without(application: Application, collisions: Collection[Collision]) -> Application:
    """An Application without what it cannot have: hosts, and components whose names are taken.

    What runs already is not taken apart because of a name that it wants now: see ``holds``.
    """
    hosts = {one.claim.name for one in collisions if one.claim.kind == "Host"}
    refused = {name for one in collisions if one.claim.kind != "Host" for name in one.components}
    if not collisions:
        return application
    kept = [
        one.model_copy(
            update={
                "expose": [each for each in one.expose if each.host not in hosts],
                "depends_on": [each for each in one.depends_on if each.component not in refused],
            }
        )
        for one in application.spec.components
        if one.name not in refused
    ]
    spec = application.spec.model_copy(update={"components": kept})
    return application.model_copy(update={"spec": spec})


def holds(collisions: Iterable[Collision]) -> bool:
    """Whether an Application must stay as it is: a component that runs wants a name that is taken.

    Written without that component, it would lose what runs; with it, it would be half of what it
    should be.
    """
    return any(one.is_running for one in collisions)


def _rival(key: str, get: Get, keys_of: KeysOf, broken: Violations) -> _Claimant | None:
    namespace, _, name = key.partition("/")
    seen = get(("Application", namespace, name))
    if seen is None:
        return None
    try:
        application = Application.parse(seen.body | {"status": {}})
        return _Claimant(application, keys_of(key), get, broken)
    except ValidationError:
        return None  # its own status says why; its objects are left as they are


def _collisions(own: _Claimant, others: Collection[_Claimant]) -> Iterator[Collision]:
    lost = {claim: first for claim in own.claims if (first := _first(own, others, claim))}
    for claim, first in lost.items():
        components = own.claims[claim]
        reason = "HostTaken" if claim.kind == "Host" else "NameTaken"
        kept = () if claim.kind == "Host" else {*own.names_beside(claim)} - lost.keys()
        message = _message(own, first, claim, components)
        yield Collision(claim, components, reason, message, own.has(kept))


def _first(own: _Claimant, others: Iterable[_Claimant], claim: Claim) -> _Claimant | None:
    """Whose a claim is, if it is not one's own."""
    rivals = (one for one in others if claim in one.claims)
    return next((one for one in rivals if one.precedes(own, claim)), None)


def _message(own: _Claimant, other: _Claimant, claim: Claim, components: tuple[str, ...]) -> str:
    whose = ", ".join(components)
    if claim.kind == "Host":
        is_neighbour = other.tenant == own.tenant
        who = f"the Application {other.key}" if is_neighbour else "an Application of another tenant"
        ask = "take it out there first" if is_neighbour else "ask whoever runs the platform"
        return f"component {whose}: {who} has the host {claim.name}: expose another, or {ask}"
    if claim.kind == "ServiceAccount":
        return (
            f"component {whose}: the Application {other.application.name} has the ServiceAccount "
            f"{claim.name}: give serviceAccount.name another value"
        )
    return (
        f"component {whose}: the Application {other.application.name} has the name {claim.name} "
        f"(of its component {', '.join(other.claims[claim])}): rename the component, for example "
        f"{_suggestion(own, components[0])}"
    )


def _suggestion(own: _Claimant, component: str) -> str:
    """A name that is likely to be free, and that a Service may have."""
    better = f"{own.application.name}-{component}"
    is_fine = len(better) <= _NAME_LENGTH and better[0].isalpha()
    return f"to {better}" if is_fine else f"to {component[: _NAME_LENGTH - 2]}-2"
