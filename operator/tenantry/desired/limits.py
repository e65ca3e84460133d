"""The LimitRange of a namespace: what a container gets that states nothing.

A ResourceQuota on CPU or memory refuses every pod that does not state them, and most manifests do
not. So a LimitRange goes with each quota, and its values are such that a pod without requests
starts: within the quota, and in the order that the API server demands. What a manifest gives stays
as it is given; the standard bends around it.

The least that a container may ask for is not nothing: a limit of 0 counts nothing against the quota
and is no limit at all to the kubelet.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Final

from tenantry.api.base import Manifest
from tenantry.api.limits import LimitRangeItem, LimitRangeSpec
from tenantry.api.namespaces import NamespaceSpec
from tenantry.api.quantities import amount, canonical, format_bytes
from tenantry.desired.objects import owned

MIN: Final[Mapping[str, str]] = {"cpu": "1m", "ephemeral-storage": "1Mi", "memory": "1Mi"}
DEFAULT_REQUEST: Final[Mapping[str, str]] = {
    "cpu": "100m",
    "ephemeral-storage": "256Mi",
    "memory": "128Mi",
}
DEFAULT: Final[Mapping[str, str]] = {"cpu": "500m", "ephemeral-storage": "1Gi", "memory": "512Mi"}

_CHAIN: Final = ("min", "defaultRequest", "default")
_NO_ITEM: Final = LimitRangeItem(type="Container")
_NOTHING: Final = Decimal(0)
_PLENTY: Final = Decimal("Infinity")
_PARTS: Final[Mapping[str, int]] = {"cpu": 1000}
"""Into how many parts one of a resource is divided; others are whole."""


def limit_range(namespace: str, labels: Mapping[str, str], items: list[Manifest]) -> Manifest:
    """The LimitRange of a namespace."""
    return owned("v1", "LimitRange", namespace, labels) | {"spec": {"limits": items}}


class Limits:
    """The items of each namespace's LimitRange; most namespaces have the same."""

    def __init__(self, spec: LimitRangeSpec, hard: Mapping[str, str]) -> None:
        """Compute those of a namespace that differs in nothing.

        Args:
            spec: what the Tenant says.
            hard: the quota of a namespace that has none of its own.
        """
        self._spec, self._hard = spec, hard
        self._items = limits(spec, hard)

    def of(self, own: NamespaceSpec, hard: Mapping[str, str]) -> list[Manifest]:
        """The items for a namespace with this quota."""
        if own.limit_range is None and hard == self._hard:
            return self._items
        return limits(own.limit_range or self._spec, hard)


def limits(spec: LimitRangeSpec, hard: Mapping[str, str]) -> list[Manifest]:
    """Its items: always one for containers, further ones as they are given.

    Args:
        spec: what the Tenant or its namespace says.
        hard: the namespace's quota, by ResourceQuota key.
    """
    items = {item.type: item for item in spec.limits}
    containers = items.pop("Container", _NO_ITEM)
    others = [_as_given(item) for _, item in sorted(items.items())]
    return [_containers(containers, hard), *others]


def _as_given(item: LimitRangeItem) -> Manifest:
    parts = {
        "default": item.default,
        "defaultRequest": item.default_request,
        "max": item.max,
        "maxLimitRequestRatio": item.max_limit_request_ratio,
        "min": item.min,
    }
    return {"type": item.type} | {
        part: {resource: canonical(value) for resource, value in sorted(given.items())}
        for part, given in parts.items()
        if given
    }


def _containers(item: LimitRangeItem, hard: Mapping[str, str]) -> Manifest:
    made = _as_given(item)
    least, request, limit = (made.setdefault(part, {}) for part in _CHAIN)
    for resource in DEFAULT:
        fitting = _fitting(resource, item, hard)
        for part, value in zip((least, request, limit), fitting, strict=True):
            part.setdefault(resource, _text(resource, value))
    # What the API server fills in for resources that have no standard here
    # (``SetDefaults_LimitRangeItem`` in pkg/apis/core/v1/defaults.go), in its order.
    for source, target in ((made.get("max", {}), limit), (limit, request), (least, request)):
        for resource, value in source.items():
            target.setdefault(resource, value)
    return {"type": made.pop("type")} | {
        part: dict(sorted(values.items())) for part, values in sorted(made.items())
    }


def _fitting(
    resource: str, item: LimitRangeItem, hard: Mapping[str, str]
) -> tuple[Decimal, Decimal, Decimal]:
    """Least, default request and default limit: as given, else the standard bent to fit.

    The API server demands min <= defaultRequest <= default <= max, and a ratio of at most max/min
    (``ValidateLimitRange`` in pkg/apis/core/validation/validation.go); its LimitRanger plugin
    refuses a container whose limit is more than the ratio times its request. A default above the
    quota would refuse every container that relies on it.
    """
    ratio = _given(item.max_limit_request_ratio, resource)
    least, request, limit, most = (
        _given(part, resource) for part in (item.min, item.default_request, item.default, item.max)
    )
    low, high = least or _NOTHING, _PLENTY if most is None else most
    top, usual = limit, request
    if top is None:
        within = min(high, _room(hard, f"limits.{resource}"))
        top = _between(max(low, request or _NOTHING), amount(DEFAULT[resource]), within)
    if usual is None:
        wanted = amount(DEFAULT_REQUEST[resource])
        if ratio:
            wanted = max(wanted, _whole(resource, top / ratio, ROUND_UP))
        within = min(top, _room(hard, f"requests.{resource}", resource))
        usual = _between(low, wanted, within)
    if limit is None and ratio:
        top = _between(max(low, usual), top, _whole(resource, usual * ratio, ROUND_DOWN))
    if least is None:
        within = _whole(resource, high / ratio, ROUND_DOWN) if ratio else high
        low = min(amount(MIN[resource]), usual, within)
    return low, usual, top


def _between(low: Decimal, wanted: Decimal, high: Decimal) -> Decimal:
    """What is wanted, within bounds; the lower one was given, so it wins over the upper."""
    return max(low, min(wanted, high))


def _given(amounts: Mapping[str, str | int], resource: str) -> Decimal | None:
    value = amounts.get(resource)
    return None if value is None else amount(canonical(value))


def _room(hard: Mapping[str, str], *keys: str) -> Decimal:
    """The least that the quota has for any of these keys.

    Nothing at all is no bound: no default could make a container start, and one of 0 would be no
    limit.
    """
    return min((amount(hard[key]) for key in keys if amount(hard.get(key, 0))), default=_PLENTY)


def _whole(resource: str, value: Decimal, rounding: str) -> Decimal:
    """Rounded to thousandths of a core, or whole bytes."""
    parts = _PARTS.get(resource, 1)
    return (value * parts).to_integral_value(rounding) / parts


def _text(resource: str, value: Decimal) -> str:
    if resource != "cpu" and value == int(value):
        return format_bytes(value)
    return canonical(format(value, "f"))
