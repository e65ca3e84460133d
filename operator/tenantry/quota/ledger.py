"""What the amounts of a tenant are decided from, and the ledger that they are written to.

A ledger is written by compare-and-swap, together with the total that it was decided for, before
any ResourceQuota is. What makes it safe against stale views and late writes is that each
ResourceQuota carries the generation of the grant that it was written from:

- A ResourceQuota of the generation that the ledger has for its namespace holds the current grant,
  and its ``status.hard`` can only change to that. The view of it is a bound, however old it is.
- One of an earlier generation may have changed since to any grant given in between, so the ledger
  remembers the most that may be in force (``ceilings``) until the current grant has arrived.

A "namespace" here is one life of a namespace: its key should hold the uid, since a new namespace
of an old name must not be taken for the one that the ledger has an entry for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Amounts = Mapping[str, int]
"""Units by ResourceQuota key (``amounts.to_units``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One namespace's ResourceQuota as last seen; keys that it lacks are 0."""

    spec: Amounts
    status: Amounts
    used: Amounts
    generation: int = 0
    """Of the grant that ``spec`` was written from, by the annotation; 0 when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one namespace is likely to want, in units by key."""

    refused: Amounts = field(default_factory=dict)
    """What it was refused, beyond what it uses."""
    grown: Amounts = field(default_factory=dict)
    """By how much it has just grown, where it was not as high before."""
    peak: Amounts = field(default_factory=dict)
    """The most that it has just used, where that is more than now."""
    is_rising: bool = False
    """Whether usage has gone up lately, so that Kubernetes' next count may miss some of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one namespace may have and asks for."""

    guarantee: Amounts = field(default_factory=dict)
    limit: Amounts = field(default_factory=dict)
    """The most that it may have; the tenant's total for keys that it lacks."""
    demand: Amounts = field(default_factory=dict)
    """What was asked for and refused, beyond what is used."""
    growth: Amounts = field(default_factory=dict)
    """By how much usage has just grown, and so may grow again."""
    peak: Amounts = field(default_factory=dict)
    """From what usage has just fallen, and so may come back to."""
    is_rising: bool = False
    """Usage has gone up lately: a count of it may be too low (``recounts``)."""
    is_leaving: bool = False
    """It gets nothing more, and what it does not use is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What each namespace has been granted of the tenant's total."""

    generation: int = 0
    grants: Mapping[str, Amounts] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    """The generation in which each namespace's grants last changed: what its ResourceQuota is to
    carry. It is written only over an earlier one (or its own, when somebody edited it)."""
    ceilings: Mapping[str, Amounts] = field(default_factory=dict)
    """The most that may be in force until ``since`` is seen, where that is more than the grant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The ledger to write, and what is worth telling."""

    ledger: Ledger
    hard: Mapping[str, Amounts]
    """What ``spec.hard`` of each namespace's ResourceQuota is to be."""
    over: Mapping[str, tuple[int, int]]
    """Keys of which more is used than there is: used, total."""
    unguaranteed: tuple[str, ...]
    """Keys whose guarantees add up to more than there is."""
    waits: bool
    """Something is to grow once what was taken back elsewhere is seen to be free."""
