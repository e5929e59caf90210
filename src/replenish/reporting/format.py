"""How numbers, money, dates and codes are written for people: the same on every machine, whatever its locale."""

from __future__ import annotations

import math
from datetime import date, datetime

EMPTY = "–"

ACTION_WORDS = {
    "NEW": "Order",
    "EXPEDITE": "Bring forward",
    "DEFER": "Push back",
    "INCREASE": "Increase",
    "DECREASE": "Decrease",
    "CANCEL": "Cancel",
    "ON_SCHEDULE": "Leave as it is",
}

CODE_WORDS = {
    "RELEASE_PAST_DUE": "Should have been ordered earlier",
    "EXPEDITE": "Order comes too late",
    "DEFER": "Order comes too early",
    "CANCEL": "Order no longer needed",
    "INCREASE": "Order too small",
    "DECREASE": "Order too large",
    "SUPPLY_PAST_DUE": "Supply overdue",
    "DEMAND_PAST_DUE": "Customer order overdue",
    "SHORTAGE": "Shortage",
    "POTENTIAL_STOCKOUT": "Stock-out likely",
    "BELOW_SAFETY_STOCK": "Below safety stock",
    "EXCESS": "Too much stock",
    "DEAD_STOCK": "Dead stock",
    "LATE_DEMAND": "Customer served late",
    "AT_RISK_LEAD_TIME": "At risk: lead time too short",
    "AT_RISK_CAPACITY": "At risk: no capacity",
    "AT_RISK_SUPPLIER": "At risk: supplier",
    "AT_RISK_MATERIAL": "At risk: material short",
    "OVERLOAD": "Work centre overloaded",
    "EXPIRY_RISK": "Will expire unsold",
    "EXPIRED": "Expired",
    "NO_SOURCE": "No source of supply",
    "NO_BOM": "No bill of materials",
    "BOM_CYCLE": "Bill or moves go in a circle",
    "DATA_INVALID": "Data cannot be planned",
    "GHOST_STOCK": "Stock in the books, not on the shelf",
    "LEAD_TIME_DRIFT": "Lead time has changed",
    "PARAMETER_DRIFT": "Parameter has changed",
    "OUTLIER": "Unusual demand",
}


def number(value: float | None, decimals: int = 0) -> str:
    """`1,234.5`; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return EMPTY
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "\N{MINUS SIGN}")


def quantity(value: float | None) -> str:
    """Units: whole from 100 up, else with at most two decimals, none of them an idle zero."""
    if value is None or not math.isfinite(value):
        return EMPTY
    text = number(value, 0 if abs(value) >= 100 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float | None, currency: str) -> str:
    """`12.3k EUR`: three figures at most, as a tile shows it."""
    if value is None or not math.isfinite(value):
        return EMPTY
    return f"{short(value)} {currency}"


def short(value: float) -> str:
    """A large number in three figures with k, M or bn behind it."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            scaled = value / size
            return number(scaled, 0 if abs(scaled) >= 100 else 1) + letter
    return number(value, 0)


def percent(value: float | None, decimals: int = 0) -> str:
    """`97 %` of a share between 0 and 1."""
    return EMPTY if value is None else f"{number(100 * value, decimals)} %"


def day(value: date | None) -> str:
    """`Mon 2 Mar 2026`, in English everywhere."""
    if value is None:
        return EMPTY
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[value.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[value.month - 1]
    return f"{weekday} {value.day} {month} {value.year}"


def moment(value: datetime | None) -> str:
    """`Mon 2 Mar 14:30`."""
    if value is None:
        return EMPTY
    return f"{' '.join(day(value.date()).split()[:3])} {value.hour:02d}:{value.minute:02d}"


def action_word(action: str) -> str:
    """What an action code tells a person to do."""
    return ACTION_WORDS.get(action, action)


def code_word(code: str) -> str:
    """What an exception code says, in plain words."""
    return CODE_WORDS.get(code, code)
