"""Numbers, money and dates are written the same everywhere."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.reporting import format as written
from replenish.tables.proposal import ACTIONS, EXCEPTION_CODES


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, 1, "1,234.5"),
        (-0.2, 0, "0"),
        (-1234567.0, 0, "−1,234,567"),
        (None, 0, "–"),
        (float("nan"), 0, "–"),
        (float("inf"), 2, "–"),
    ],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert written.number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.5, "2.5"), (3.0, "3"), (123.4, "123"), (1200.0, "1,200"), (0.0, "0"), (None, "–")]
)
def test_quantity(value: float | None, text: str) -> None:
    assert written.quantity(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (999.4, "999"),
        (999.7, "1.0k"),
        (12345, "12.3k"),
        (345678, "346k"),
        (-2.5e6, "−2.5M"),
        (7e9, "7.0bn"),
        (0, "0"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert written.short(value) == text


def test_money_names_its_currency_and_is_empty_where_unknown() -> None:
    assert written.money(1500.0, "EUR") == "1.5k EUR"
    assert written.money(None, "EUR") == "–"


def test_day_is_english_whatever_the_locale() -> None:
    assert written.day(date(2026, 3, 1)) == "Sun 1 Mar 2026"
    assert written.day(None) == "–"


def test_percent() -> None:
    assert written.percent(0.9871, 1) == "98.7 %"
    assert written.percent(None) == "–"


def test_every_code_has_words_for_people() -> None:
    assert set(written.ACTION_WORDS) == set(ACTIONS)
    assert set(written.CODE_WORDS) == set(EXCEPTION_CODES)


@given(st.floats(-1e12, 1e12))
def test_a_short_number_stays_short_and_keeps_its_sign(value: float) -> None:
    text = written.short(value)
    assert re.fullmatch(r"−?[\d,]+(\.\d)?(k|M|bn)?", text)
    assert text.startswith("−") == (round(value) < 0)
