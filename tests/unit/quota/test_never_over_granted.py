from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from quota_world import KEYS, Decide, Operator, World
from tenantry.api.quota import Distribution
from tenantry.quota import Amounts, Claim, Decision, Ledger, Seen, decide

PASSES = 6
SETTINGS = settings(
    max_examples=60,
    stateful_step_count=50,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

small = st.integers(0, 6)
sizes = st.fixed_dictionaries({"requests.cpu": small, "pods": st.integers(0, 2)})
totals = st.fixed_dictionaries({"requests.cpu": st.integers(0, 300), "pods": st.integers(0, 20)})
parts = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 12))
claims = st.builds(
    Claim, guarantee=parts, limit=st.dictionaries(st.sampled_from(KEYS), st.integers(0, 200))
)
operators = st.integers(0, 1)
distributions = st.sampled_from(["Dynamic", "Dynamic", "Dynamic", "Static"])


class Tenancy(RuleBasedStateMachine):
    """Anything may happen at any time; whatever does, no more is lent than there is."""

    decide: Decide = staticmethod(decide)

    @initialize(total=totals, first=claims, second=claims)
    def start(self, total: Amounts, first: Claim, second: Claim) -> None:
        self.world = World(total=total, decide=self.decide)
        self.operators = [Operator(), Operator()]
        self.names = 0
        self.before = dict(total)
        self.create(first)
        self.create(second)

    def pick(self, position: int) -> str:
        names = sorted(self.world.objects)
        return names[position % len(names)]

    @precondition(lambda self: len(self.world.objects) < 5)
    @rule(claim=claims)
    def create(self, claim: Claim) -> None:
        self.world.create(f"team-{self.names}", claim)
        self.names += 1

    @precondition(lambda self: len(self.world.objects) > 1)
    @rule(at=small)
    def remove(self, at: int) -> None:
        self.world.remove(self.pick(at))

    @rule(at=small, claim=claims, is_leaving=st.booleans())
    def claim(self, at: int, claim: Claim, *, is_leaving: bool) -> None:
        self.world.claims[self.pick(at)] = replace(claim, is_leaving=is_leaving)

    @rule(at=small)
    def claim_nothing(self, at: int) -> None:
        self.world.claims.pop(self.pick(at), None)

    @rule(at=small, demand=st.fixed_dictionaries(dict.fromkeys(KEYS, st.integers(0, 40))))
    def demand(self, at: int, demand: Amounts) -> None:
        name = self.pick(at)
        if name in self.world.claims:
            self.world.claims[name] = replace(self.world.claims[name], demand=demand)

    @rule(total=totals)
    def edit_total(self, total: Amounts) -> None:
        self.world.total = total

    @rule(at=small, size=sizes, times=st.sampled_from([1, 1, 7, 30]))
    def admit(self, at: int, size: Amounts, times: int) -> None:
        for _ in range(times):
            self.world.admit(self.pick(at), size)

    @rule(at=small, size=sizes, times=st.sampled_from([1, 7, 30]))
    def delete(self, at: int, size: Amounts, times: int) -> None:
        self.world.use(self.pick(at), {key: -units * times for key, units in size.items()})

    @rule(at=small, change=st.fixed_dictionaries(dict.fromkeys(KEYS, st.integers(0, 2))))
    def recount(self, at: int, change: Amounts) -> None:
        self.world.use(self.pick(at), change)

    @rule(at=small)
    def copy_to_status(self, at: int) -> None:
        self.world.copy_to_status(self.pick(at))

    @rule(who=operators, at=small)
    def look_at_one(self, who: int, at: int) -> None:
        name = self.pick(at)
        self.operators[who].view[name] = self.world.objects[name]

    @rule(who=operators)
    def look_at_all(self, who: int) -> None:
        self.operators[who].view = dict(self.world.objects)

    @rule(who=operators, distribution=distributions)
    def begin(self, who: int, distribution: Distribution) -> None:
        self.world.begin(self.operators[who], distribution)

    @rule(who=operators)
    def commit(self, who: int) -> None:
        self.world.commit(self.operators[who])

    @rule(who=operators, distribution=distributions)
    def begin_and_commit(self, who: int, distribution: Distribution) -> None:
        self.begin(who, distribution)
        self.commit(who)

    @precondition(lambda self: self.world.writes)
    @rule(at=st.integers(0, 30))
    def land(self, at: int) -> None:
        self.world.land(self.world.writes.pop(at % len(self.world.writes)))

    @rule()
    def land_all(self) -> None:
        for write in self.world.writes:
            self.world.land(write)
        self.world.writes.clear()

    @rule(who=operators)
    def crash(self, who: int) -> None:
        self.operators[who] = Operator()
        self.world.writes.clear()

    @rule(distribution=distributions)
    def run_fairly(self, distribution: Distribution) -> None:
        self.world.run_fairly(distribution)

    @invariant()
    def no_more_is_lent_than_there_is(self) -> None:
        for key in KEYS:
            possible = self.world.possible(key)
            assert self.world.enforced(key) <= possible
            assert possible <= max(self.world.total[key], self.before[key])
            self.before[key] = possible


class Liveness(Tenancy):
    """From wherever it got to, what fits is granted, and then nothing is written any more."""

    @rule(at=small, key=st.sampled_from(KEYS), percent=st.integers(1, 100))
    def what_fits_is_granted(self, at: int, key: str, percent: int) -> None:
        world, name = self.undisturbed(), self.pick(at)
        demand = fitting(world, name, key) * percent // 100
        if demand > 0:
            world.claims[name] = replace(world.claims[name], demand={key: demand})
        for _ in range(PASSES):
            world.run_fairly()
        one = world.objects[name]

        assert one is None or demand <= 0 or one.status[key] - one.used[key] >= demand

    @rule(distribution=distributions)
    def it_comes_to_rest(self, distribution: Distribution) -> None:
        world = self.world.copy()
        for _ in range(PASSES):
            world.run_fairly(distribution)
        settled = world.ledger
        decided = world.run_fairly(distribution)

        assert decided.ledger is settled
        for key in KEYS:
            apart = sum(
                max(one.used[key], one.spec.get(key, 0))
                for name, one in world.objects.items()
                if one and name not in world.claims
            )
            if world.used(key) <= world.total[key] and not apart:
                assert world.enforced(key) <= world.total[key]

    def undisturbed(self) -> World:
        """The world as it is, with nobody else asking for anything."""
        world = self.world.copy()
        world.claims = {name: replace(claim, demand={}) for name, claim in world.claims.items()}
        return world


def fitting(world: World, name: str, key: str) -> int:
    """What the namespace can be given beyond what it uses: others keep what is theirs."""
    claim = world.claims.get(name)
    if claim is None or claim.is_leaving:
        return 0
    own = world.objects[name]
    limit = min(world.total[key], claim.limit.get(key, world.total[key]))
    theirs = sum(_theirs(world, other, key) for other in world.objects if other != name)
    return min(limit, world.total[key] - theirs) - (own.used[key] if own else 0)


def _theirs(world: World, name: str, key: str) -> int:
    one, claim = world.objects[name], world.claims.get(name)
    used = one.used[key] if one else 0
    if claim is None:
        amounts = [world.ledger.grants.get(name, {}), *([one.spec, one.status] if one else [])]
        amounts += [write.hard for write in world.writes if write.name == name]
        return max(used, *(hard.get(key, 0) for hard in amounts))
    if claim.is_leaving:
        return used
    return max(used, min(claim.guarantee.get(key, 0), claim.limit.get(key, world.total[key])))


def by_the_formula(
    total: Amounts,
    _distribution: Distribution,
    ledger: Ledger,
    seen: Mapping[str, Seen | None],
    _claims: Mapping[str, Claim],
) -> Decision:
    """hard = total - sum of used + own used, in every namespace."""
    used = {name: one.used if one else dict.fromkeys(total, 0) for name, one in seen.items()}
    left = {key: units - sum(one[key] for one in used.values()) for key, units in total.items()}
    hard = {
        name: {key: max(0, left[key] + own[key]) for key in total} for name, own in used.items()
    }
    following = Ledger(
        generation=ledger.generation + 1,
        grants=hard,
        since=dict.fromkeys(hard, ledger.generation + 1),
    )
    return Decision(ledger=following, hard=hard, over={}, unguaranteed=(), waits=False)


class Formula(Tenancy):
    """The same world, where only what is admitted is counted, with nothing lowered or recounted."""

    decide = staticmethod(by_the_formula)

    @precondition(lambda _self: False)
    @rule(at=small, change=sizes)
    def recount(self, at: int, change: Amounts) -> None:
        raise NotImplementedError

    @rule(total=totals)
    def edit_total(self, total: Amounts) -> None:
        self.world.total = {key: max(total[key], self.world.total[key]) for key in KEYS}

    @invariant()
    def no_more_is_lent_than_there_is(self) -> None:
        for key in KEYS:
            assert self.world.used(key) <= self.world.total[key]


def test_quota_is_never_over_granted() -> None:
    run_state_machine_as_test(Tenancy, settings=SETTINGS)


def test_what_fits_is_granted_within_six_passes_and_then_it_rests() -> None:
    run_state_machine_as_test(Liveness, settings=SETTINGS)


def test_capsules_formula_breaks_in_the_same_model() -> None:
    no_shrinking = settings(SETTINGS, phases=[Phase.generate], max_examples=2000, database=None)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Formula, settings=no_shrinking)
