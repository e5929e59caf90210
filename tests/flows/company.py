"""The smallest company a night can be planned for: two items in one shop, two files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 84


def write_company(folder: Path) -> Path:
    """A company folder with sales of twelve weeks, tonight's stock and a quick forecast."""
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    sales = [f"{day},milk,shop,{3 + day.day % 4}" for day in days] + [f"{day},candle,shop,1" for day in days[::9]]
    stock = [f"{days[-1]},milk,shop,6", f"{days[-1]},candle,shop,9"]
    (folder / "inputs").mkdir(parents=True)
    (folder / "replenish.toml").write_text('[forecast]\nmembers = "light"\n\n[compute]\nworkers = 1\n')
    (folder / "inputs" / "sales.csv").write_text("\n".join(["date,item_id,location_id,qty", *sales]) + "\n")
    (folder / "inputs" / "stock.csv").write_text("\n".join(["date,item_id,location_id,on_hand_qty", *stock]) + "\n")
    return folder
