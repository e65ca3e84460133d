from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strategies import cores, counts, sizes
from tenantry.api.quantities import (
    amount,
    canonical,
    format_bytes,
    format_cores,
    is_same,
)

quantities = st.one_of(cores, sizes, counts)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (0, "0"),
        ("0Gi", "0"),
        ("1000m", "1"),
        ("0.5", "500m"),
        (".25", "250m"),
        ("1.", "1"),
        ("0.0001", "1m"),
        ("100n", "1m"),
        ("1e-9", "1e-3"),
        (1000, "1k"),
        ("1500", "1500"),
        ("1000k", "1M"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("1023", "1023"),
        ("0.5Ki", "512"),
        ("1Ki", "1Ki"),
        ("0.0001Gi", "107374183m"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1500e0", "1500"),
        ("1E", "1E"),
        ("7Ei", "7Ei"),
        ("8Ei", "9223372036854775807"),
    ],
)
def test_a_quantity_is_written_as_the_api_server_stores_it(written: str | int, stored: str) -> None:
    assert canonical(written) == stored


@given(quantities)
def test_writing_it_so_adds_less_than_a_thousandth(quantity: str | int) -> None:
    assume(amount(quantity) < 2**63)

    assert 0 <= amount(canonical(quantity)) - amount(quantity) < Decimal("0.001")


@given(quantities)
def test_what_is_canonical_stays_as_it_is(quantity: str | int) -> None:
    assert canonical(canonical(quantity)) == canonical(quantity)


@pytest.mark.parametrize("nonsense", ["", "1ki", "Gi", "one"])
def test_what_is_no_quantity_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"nvalid|unknown"):
        amount(nonsense)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("1", "1000m", True), (2, "2", True), ("1Gi", "1024Mi", True), ("1G", "1Gi", False)],
)
def test_amounts_are_compared_however_they_are_written(
    left: str | int, right: str | int, *, same: bool
) -> None:
    assert is_same(left, right) is same


def test_cores_are_rounded_as_asked() -> None:
    assert format_cores(Decimal("0.0015")) == "2m"
    assert format_cores(Decimal("0.0015"), rounding=ROUND_DOWN) == "1m"
    assert format_cores(Decimal(2)) == "2"


def test_bytes_have_the_largest_suffix_that_loses_nothing() -> None:
    assert format_bytes(Decimal(16 * 1024**3)) == "16Gi"
    assert format_bytes(Decimal(1536)) == "1536"
    assert format_bytes(Decimal(0)) == "0"
