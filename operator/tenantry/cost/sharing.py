"""How a cost that no tenant caused alone is shared: apart, evenly, by weight, by fixed shares."""

from collections.abc import Mapping
from decimal import Decimal

from tenantry.api.rate_card import Sharing

_HUNDRED = Decimal(100)


def parts_of(
    cost: Decimal, how: Sharing, weights: Mapping[str, Decimal], percent: Mapping[str, str]
) -> dict[str, Decimal]:
    """What each tenant gets of a cost; what is left of it stays apart.

    Args:
        cost: in whatever currency.
        how: ``Separate`` shares nothing.
        weights: what each tenant that there is has cost otherwise; for ``Weighted``. Where all of
            them are nought, nothing is shared.
        percent: of each tenant, for ``Fixed``; more than a hundred together are taken as weights.
    """
    if how == "Even":
        return {tenant: cost / len(weights) for tenant in weights}
    if how == "Weighted":
        whole = sum(weights.values(), Decimal(0))
        if not whole:
            return {}
        return {tenant: cost * weight / whole for tenant, weight in weights.items() if weight}
    if how == "Fixed":
        shares = {tenant: Decimal(share) for tenant, share in percent.items()}
        whole = max(_HUNDRED, sum(shares.values(), Decimal(0)))
        return {tenant: cost * share / whole for tenant, share in shares.items()}
    return {}
