"""How much a tenant may use, as a whole and in each of its namespaces.

The whole is what the platform team thinks of; a ResourceQuota is what the API server enforces, and
it knows one namespace. How the one becomes the other is up to ``distribution``.
"""

from typing import Annotated, Literal

from pydantic import Field

from tenantry.api.base import DnsLabel, Model
from tenantry.api.markers import list_map, list_set, rule, rules
from tenantry.api.quantities import QuotaHard

Distribution = Literal["Dynamic", "Static"]

_OF_PODS = (
    "^((requests[.]|limits[.])?(cpu|memory|ephemeral-storage)|pods|count/pods|"
    "(requests[.])?hugepages-[0-9]+[KMGT]i|requests[.][a-z0-9.-]+/[A-Za-z0-9._-]+)$"
)
"""What a quota with a scope may count:
https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes."""


class QuotaScope(Model):
    """Amounts for the tenant's pods of certain PriorityClasses, beside those for all its pods."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                f"self.hard.all(k, k.matches('{_OF_PODS}'))",
                "a scope counts pods and what they use: pods, cpu, memory, ephemeral-storage, "
                "their requests. and limits., and extended resources",
            ),
            rule("size(self.hard) > 0", "a scope needs amounts of its own in hard, such as pods"),
            rule(
                "self.priorityClasses == oldSelf.priorityClasses",
                "the priority classes of a scope cannot change: make a scope of another name",
            ),
        )
    }

    name: Annotated[
        str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    ]
    """What the scope is called; its ResourceQuotas are called ``tenantry-`` and this."""
    priority_classes: Annotated[
        list[DnsLabel], Field(min_length=1, max_length=16, json_schema_extra=list_set())
    ]
    """PriorityClasses of the pods that it counts."""
    hard: QuotaHard
    """Amounts for the whole tenant, as in ``spec.quota.hard``."""


class Quota(Model):
    """How much the tenant may use."""

    hard: QuotaHard = Field(default={})
    """Amounts for the whole tenant. The sum over its namespaces never exceeds them."""
    distribution: Distribution = "Dynamic"
    """How ``hard`` reaches the namespaces: lent to where it is needed and taken back from where it
    is idle (Dynamic), or in shares that stay as they are (Static)."""
    per_namespace: QuotaHard = Field(default={})
    """Amounts for each namespace, laid over the defaults key by key; never more than there is of
    ``hard``."""
    scopes: Annotated[list[QuotaScope], Field(max_length=8, json_schema_extra=list_map("name"))] = (
        Field(default=[])
    )
    """Amounts for pods of certain PriorityClasses."""


class NamespaceQuota(Model):
    """What one namespace may use."""

    model_config = Model.model_config | {
        "json_schema_extra": rules(
            rule(
                "self.guarantee.all(k, !(k in self.hard) || quantity(string(self.guarantee[k]))"
                ".compareTo(quantity(string(self.hard[k]))) <= 0)",
                "a guarantee must not be more than the namespace's own hard limit",
            )
        )
    }

    hard: QuotaHard = Field(default={})
    """The most that it may use, by ResourceQuota key, laid over ``spec.quota.perNamespace``; never
    more than there is of ``spec.quota.hard``."""
    guarantee: QuotaHard = Field(default={})
    """What of ``spec.quota.hard`` is always its own, used or not."""
