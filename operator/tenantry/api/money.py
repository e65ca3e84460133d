"""Prices and currencies as manifests write them: exact decimals, ISO 4217 codes.

A price is a string, for a YAML number is a binary fraction before anybody can read it as what was
written. The rule is CEL so that the API server says what to write instead; the models hold the same
rule, for manifests that come from elsewhere.
"""

import re
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final

from iso4217 import Currency as Iso4217
from pydantic import AfterValidator, Field, WithJsonSchema

from tenantry.api.markers import rule, rules

_NUMBER: Final = "[0-9]{1,9}([.][0-9]{1,12})?"
_ADVICE: Final = (
    "must be a number that is not negative, with at most 9 digits before the point and 12 after "
    'it, in quotes: "0.031611"'
)
_POSITIVE_ADVICE: Final = (
    "must be a number above nought, with at most 9 digits before the point and 12 after it, in "
    'quotes: "1500"'
)
_PERCENT: Final = "([0-9]{1,2}([.][0-9]{1,4})?|100)"
_PERCENT_ADVICE: Final = 'must be a number from 0 to 100, in quotes and without a sign: "12.5"'


def _number(text: str) -> str:
    if re.fullmatch(_NUMBER, text) is None:
        raise ValueError(_ADVICE)
    return text


def _percent(text: str) -> str:
    if re.fullmatch(_PERCENT, text) is None:
        raise ValueError(_PERCENT_ADVICE)
    return text


Price = Annotated[
    str,
    Field(max_length=22, json_schema_extra=rules(rule(f"self.matches('^{_NUMBER}$')", _ADVICE))),
    AfterValidator(_number),
]
"""An amount of money, in the currency of whatever it belongs to: ``"0.031611"``."""

PositivePrice = Annotated[
    str,
    Field(
        max_length=22,
        json_schema_extra=rules(
            rule(f"self.matches('^{_NUMBER}$') && self.matches('[1-9]')", _POSITIVE_ADVICE)
        ),
    ),
    AfterValidator(_number),
]
"""An amount that is more than nothing, as far as the API server is asked."""

Percent = Annotated[
    str,
    Field(
        max_length=7,
        json_schema_extra=rules(rule(f"self.matches('^{_PERCENT}$')", _PERCENT_ADVICE)),
    ),
    AfterValidator(_percent),
]
"""A part of a hundred: ``"12.5"``."""


@cache
def currencies() -> dict[str, int]:
    """The digits after the point that amounts have, by the code of each currency of ISO 4217.

    Metals, units of account and codes for tests are in the standard, too, but have no digits:
    nobody can be charged in them.
    """
    return {one.code: one.exponent for one in Iso4217 if one.exponent is not None}


def _currency(code: str) -> str:
    if code not in currencies():
        raise ValueError("must be the ISO 4217 code of a currency, such as USD, EUR or JPY")
    return code


def _codes() -> dict[str, Any]:
    return {"type": "string", "enum": sorted(currencies())}


Currency = Annotated[str, AfterValidator(_currency), WithJsonSchema(_codes())]
"""The code of a currency (https://www.iso.org/iso-4217-currency-codes.html)."""


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount of a currency that can be paid: ``0.01`` of USD, ``1`` of JPY.

    Raises:
        KeyError: ISO 4217 has no such currency.
    """
    return Decimal(1).scaleb(-currencies()[currency])
