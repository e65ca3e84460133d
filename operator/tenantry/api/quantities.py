"""Quantities: how Kubernetes writes amounts of CPU, bytes and things.

The arithmetic is the official client's ``parse_quantity`` on ``Decimal``, so that nothing is
rounded by a float; this module adds the schema type and the form that is written back. It is the
one place below ``cluster/`` that imports from the client, and only this pure function of it.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Annotated

from kubernetes.utils.quantity import parse_quantity
from pydantic import Field

from tenantry.api.markers import map_atomic, rule, rules

_PATTERN = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]{1,2})?$"

Quantity = Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=_PATTERN, max_length=32)]
"""An amount that is never negative: ``2``, ``"500m"``, ``"16Gi"``."""

_COUNTED = (
    "pods|services|services[.]nodeports|services[.]loadbalancers|secrets|configmaps|"
    "persistentvolumeclaims|replicationcontrollers|resourcequotas"
)
_QUOTA_KEY = (
    "^((requests[.]|limits[.])?(cpu|memory|ephemeral-storage)|requests[.]storage|"
    f"{_COUNTED}|count/[a-z0-9.-]+|(requests[.])?hugepages-[0-9]+[KMGT]i|"
    "requests[.][a-z0-9.-]+/[A-Za-z0-9._-]+|"
    "[a-z0-9.-]+[.]storageclass[.]storage[.]k8s[.]io/(requests[.]storage|persistentvolumeclaims))$"
)

QuotaHard = Annotated[
    dict[str, Quantity],
    Field(
        max_length=64,
        json_schema_extra=rules(
            rule(
                f"self.all(k, k.matches('{_QUOTA_KEY}'))",
                "keys must be ResourceQuota keys, such as requests.cpu, limits.memory, pods, "
                "services.loadbalancers, count/jobs.batch or requests.nvidia.com/gpu",
            ),
        ),
    ),
]
"""Amounts by ResourceQuota key, as ``spec.hard`` of a ResourceQuota has them."""

ResourceList = Annotated[dict[str, Quantity], Field(max_length=16, json_schema_extra=map_atomic())]
"""Amounts by resource name (cpu, memory, ephemeral-storage, storage, ...)."""


def amount(quantity: str | int | Decimal) -> Decimal:
    """The number behind a quantity, exactly: cores, bytes or things.

    Raises:
        ValueError: what is given is not a quantity.
    """
    number: Decimal = parse_quantity(quantity)  # type: ignore[no-untyped-call]
    return number


def is_same(left: str | int, right: str | int) -> bool:
    """Whether two quantities are the same amount, however they are written."""
    return left == right or amount(left) == amount(right)


def format_cores(cores: Decimal, *, rounding: str = ROUND_UP) -> str:
    """Cores as Kubernetes writes them: whole, or in thousandths (``"2"``, ``"250m"``)."""
    milli = int((cores * 1000).to_integral_value(rounding))
    return f"{milli}m" if milli % 1000 else str(milli // 1000)


_BINARY = (("Ei", 1024**6), ("Pi", 1024**5), ("Ti", 1024**4), ("Gi", 1024**3), ("Mi", 1024**2))


def format_bytes(size: Decimal) -> str:
    """Bytes with the largest binary suffix that loses nothing (``"16Gi"``, ``"1500"``)."""
    whole = int(size)
    for suffix, unit in (*_BINARY, ("Ki", 1024)):
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return str(whole)


def divide(key: str, quantity: str | int, parts: int) -> str:
    """One of ``parts`` equal shares of a quota, rounded down so that the sum never exceeds it.

    CPU is cut to thousandths of a core, everything else to whole bytes or things.
    """
    share = amount(quantity) / parts
    if key.rpartition(".")[2] == "cpu":
        return format_cores(share, rounding=ROUND_DOWN)
    return format_bytes(share.to_integral_value(ROUND_DOWN))
