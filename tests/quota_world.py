"""A model of what quotas live in: the API server's objects, admission, the controller that copies
spec to status when it likes, and operators with views of any age whose writes land at any time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tenantry.api.quota import Distribution
from tenantry.quota import Amounts, Claim, Decision, Ledger, Seen, decide

KEYS = ("requests.cpu", "pods")
ZERO = dict.fromkeys(KEYS, 0)

Decide = Callable[
    [Amounts, Distribution, Ledger, Mapping[str, Seen | None], Mapping[str, Claim]], Decision
]


@dataclass(frozen=True)
class Write:
    """A write of a ResourceQuota on its way, that holds only over the generation it has seen."""

    name: str
    over: int
    generation: int
    hard: Amounts


@dataclass
class Operator:
    view: dict[str, Seen | None] = field(default_factory=dict)
    read: tuple[Ledger, Amounts] | None = None
    decided: Decision | None = None


@dataclass
class World:
    total: Amounts
    decide: Decide = decide
    objects: dict[str, Seen | None] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    granted: dict[str, list[tuple[int, Amounts]]] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)

    def copy(self) -> "World":
        return replace(
            self,
            objects=dict(self.objects),
            claims=dict(self.claims),
            granted={name: list(grants) for name, grants in self.granted.items()},
            writes=list(self.writes),
        )

    # What the tenant and the cluster do.

    def create(self, name: str, claim: Claim) -> None:
        self.objects[name] = None
        self.claims[name] = claim

    def remove(self, name: str) -> None:
        self.objects.pop(name)
        self.claims.pop(name, None)

    def copy_to_status(self, name: str) -> None:
        one = self.objects[name]
        if one:
            self.objects[name] = replace(one, status=one.spec)

    def admit(self, name: str, size: Amounts) -> bool:
        one = self.objects[name]
        fits = one is not None and all(
            one.used[key] + size[key] <= one.status.get(key, 0) for key in KEYS
        )
        if fits:
            self.use(name, size)
        return fits

    def use(self, name: str, change: Amounts) -> None:
        one = self.objects[name]
        if one:
            used = {key: max(0, one.used[key] + change[key]) for key in KEYS}
            self.objects[name] = replace(one, used=used)

    # What an operator does, step by step.

    def begin(self, operator: Operator, distribution: Distribution) -> None:
        """Decides on the ledger as it is, and on views of any age, except of what seems gone."""
        for name in self.ledger.grants.keys() - operator.view.keys():
            if name in self.objects:
                operator.view[name] = self.objects[name]
        operator.read = (self.ledger, self.total)
        operator.decided = self.decide(
            self.total, distribution, self.ledger, dict(operator.view), dict(self.claims)
        )

    def commit(self, operator: Operator) -> None:
        """The compare-and-swap; then what differs from the view is sent on its way."""
        read, decided = operator.read, operator.decided
        operator.read = operator.decided = None
        if read is None or decided is None:
            return
        if decided.ledger is not read[0]:
            if read[0] is not self.ledger or read[1] is not self.total:
                return
            self.ledger = decided.ledger
            for name, since in self.ledger.since.items():
                if since == self.ledger.generation:
                    self.granted.setdefault(name, []).append((since, self.ledger.grants[name]))
        self.writes += _differences(decided, operator.view)

    def land(self, write: Write) -> None:
        one = self.objects.get(write.name)
        if write.name not in self.objects or (one.generation if one else 0) != write.over:
            return
        one = one or Seen(spec=ZERO, status={}, used=ZERO)
        self.objects[write.name] = replace(one, spec=write.hard, generation=write.generation)

    # What is true of it.

    def possible(self, key: str) -> int:
        """The sum of the most that is, or may by a write on its way come to be, in force."""
        return sum(self._possible(name, key) for name in self.objects)

    def enforced(self, key: str) -> int:
        return sum(
            max(one.spec.get(key, 0), one.status.get(key, 0))
            for one in self.objects.values()
            if one
        )

    def used(self, key: str) -> int:
        return sum(one.used[key] for one in self.objects.values() if one)

    def _possible(self, name: str, key: str) -> int:
        one = self.objects[name]
        there = one.generation if one else 0
        later = [hard for since, hard in self.granted.get(name, []) if since > there]
        known = [self.ledger.grants.get(name, {}), *later]
        known += [one.spec, one.status] if one else []
        return max(hard.get(key, 0) for hard in known)

    # What happens when everything works.

    def run_fairly(self, distribution: Distribution = "Dynamic") -> Decision:
        """One pass of one operator with a fresh view, and all that follows from it."""
        operator = Operator(view=dict(self.objects))
        self.begin(operator, distribution)
        decided = operator.decided
        assert decided is not None
        self.commit(operator)
        for write in self.writes:
            self.land(write)
        self.writes.clear()
        for name in self.objects:
            self.copy_to_status(name)
        return decided


def _differences(decided: Decision, view: Mapping[str, Seen | None]) -> list[Write]:
    found = []
    for name, hard in decided.hard.items():
        one = view.get(name)
        there, since = (one.generation if one else 0), decided.ledger.since[name]
        if there <= since and (one is None or there < since or one.spec != hard):
            found.append(Write(name, over=there, generation=since, hard=hard))
    return found
