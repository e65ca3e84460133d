"""Quantities: how Kubernetes writes amounts of CPU, bytes and things.

The arithmetic is the official client's ``parse_quantity`` on ``Decimal``, so that nothing is
rounded by a float; this module adds the schema type and the form that is written back. It is the
one place below ``cluster/`` that imports from the client, and only this pure function of it.
"""

import re
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from typing import Annotated, Final

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
            rule(
                "self.all(k, k.matches('(cpu|memory|storage)$|^(requests[.])?hugepages-') || "
                "!string(self[k]).matches('[.num]'))",
                "things are counted in whole numbers, without a point, n, u or m",
            ),
            # The API server counts in thousandths, in 63 bits: beyond this it mangles amounts.
            rule(
                "self.all(k, quantity(string(self[k])).compareTo(quantity('9P')) <= 0)",
                "amounts are at most 9P, that is 9 with fifteen zeros",
            ),
        ),
    ),
]
"""Amounts by ResourceQuota key, as ``spec.hard`` of a ResourceQuota has them."""

ResourceList = Annotated[dict[str, Quantity], Field(max_length=16, json_schema_extra=map_atomic())]
"""Amounts by resource name (cpu, memory, ephemeral-storage, storage, ...)."""


@lru_cache(maxsize=8192)
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


_KIBI: Final = 1024
_LARGEST_DECIMAL: Final = 18
_LARGEST_BINARY: Final = 2**63 - 1
_BINARY = tuple((f"{letter}i", 1024**power) for power, letter in enumerate(" KMGTPE") if power)[
    ::-1
]
_DECIMAL = {-3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_IN_CORES: Final = re.compile(r"^((requests|limits)\.)?cpu$")
_IN_BYTES: Final = re.compile(
    r"^((requests|limits)\.)?(memory|storage|ephemeral-storage|hugepages-.*)$|/requests\.storage$"
)
_EXPONENT = re.compile(r"[eE][-+]?[0-9]+$")


@lru_cache(maxsize=8192)
def canonical(quantity: str | int) -> str:
    """The quantity as the API server has it in a list of resources: ``1000m`` as ``1``.

    The kind of suffix stays (binary, decimal, exponent), the number is whole and as short as can
    be without losing anything, and a binary one below 1024 becomes decimal:
    https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity. What is finer than a
    thousandth is rounded up to one (``SetDefaults_ResourceList`` in pkg/apis/core/v1/defaults.go),
    and a binary one is at most what fits into 64 bits.

    Raises:
        ValueError: what is given is not a quantity.
    """
    text = str(quantity)
    milli = int((amount(quantity) * 1000).to_integral_value(ROUND_UP))
    if text.endswith("i"):
        milli = min(milli, _LARGEST_BINARY * 1000)
        whole, rest = divmod(milli, 1000)
        if whole >= _KIBI and not rest:
            return _with_binary_suffix(whole)
    if not milli:
        return "0"
    exponent, has_suffix = -3, not _EXPONENT.search(text)
    while milli % 1000 == 0 and not (has_suffix and exponent == _LARGEST_DECIMAL):
        milli, exponent = milli // 1000, exponent + 3
    if has_suffix or not exponent:
        return f"{milli}{_DECIMAL[exponent]}"
    return f"{milli}e{exponent}"


def format_cores(cores: Decimal, *, rounding: str = ROUND_UP) -> str:
    """Cores as Kubernetes writes them: whole, or in thousandths (``"2"``, ``"250m"``)."""
    return canonical(f"{int((cores * 1000).to_integral_value(rounding))}m")


def format_bytes(size: Decimal) -> str:
    """Bytes with the largest binary suffix that loses nothing (``"16Gi"``, ``"1500"``)."""
    whole = min(int(size), _LARGEST_BINARY)
    return _with_binary_suffix(whole) if whole and whole % _KIBI == 0 else canonical(whole)


def _with_binary_suffix(whole: int) -> str:
    for suffix, unit in _BINARY:
        if whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return canonical(whole)


def is_cores(key: str) -> bool:
    """Whether amounts of a ResourceQuota key are cores."""
    return _IN_CORES.search(key) is not None


def is_bytes(key: str) -> bool:
    """Whether amounts of a ResourceQuota key are bytes."""
    return _IN_BYTES.search(key) is not None


def format_amount(key: str, value: Decimal) -> str:
    """An amount of a ResourceQuota key as a quantity that reads well."""
    if is_cores(key):
        return format_cores(value)
    return format_bytes(value) if is_bytes(key) else canonical(int(value))
