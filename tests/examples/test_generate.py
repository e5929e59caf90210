"""The generated companies: the same bytes every time, sound by contract, true to their own laws, dirty on purpose."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from replenish.examples import factory, retail, write_example
from replenish.examples.days import AS_OF
from replenish.settings import load
from replenish.tables.inputs import INPUT_TABLES

Tables = dict[str, pl.DataFrame]
NODE = ("item_id", "location_id")
KINDS = ("retail", "factory")


@pytest.fixture(scope="module")
def companies() -> dict[str, Tables]:
    return {"retail": retail(), "factory": factory()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("companies")
    for kind in KINDS:
        write_example(kind, home / kind)
    return {kind: home / kind for kind in KINDS}


def _checksums(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _shop_node(tables: Tables, item_id: str) -> pl.DataFrame:
    return tables["sales"].filter(pl.col("item_id") == item_id)


# ---------------------------------------------------------------- the folder


def test_another_process_with_other_hashes_and_threads_writes_the_same_bytes(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    code = "import sys, pathlib; from replenish.examples import write_example; "
    code += "[write_example(kind, pathlib.Path(sys.argv[1]) / kind) for kind in ('retail', 'factory')]"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "POLARS_MAX_THREADS": "1"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True, timeout=120)
    for kind in KINDS:
        assert _checksums(tmp_path / kind) == _checksums(folders[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_can_be_read(folders: dict[str, Path], kind: str) -> None:
    settings = load(folders[kind] / "replenish.toml")
    named = {path.name for path in (folders[kind] / "inputs").iterdir()}
    assert settings.source
    assert {source.files for source in settings.source.values()} <= named


@pytest.mark.parametrize("kind", KINDS)
def test_truth_lies_beside_the_inputs_and_not_among_them(folders: dict[str, Path], kind: str) -> None:
    assert (folders[kind] / "truth" / "true_demand.csv").is_file()
    assert not [path for path in (folders[kind] / "inputs").rglob("*") if "tru" in path.name]


def test_real_exports_are_dirty(folders: dict[str, Path]) -> None:
    inputs = folders["retail"] / "inputs"
    north = (inputs / "verkauf_nord.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        north.decode("utf-8")
    assert "Stückpreis" in north.decode("cp1252").splitlines()[0].split(";")
    assert "1,19" in north.decode("cp1252")
    center = (inputs / "till_center.csv").read_text(encoding="utf-8")
    for dirt in ("2025-13-45", "yesterday", "three", "cashier", "GIFT-CARD"):
        assert dirt in center
    lines = center.splitlines()
    assert 5 < len(lines) - len(set(lines)) < 0.01 * len(lines)
    assert ",-7.0\n" in (inputs / "stock.csv").read_text(encoding="utf-8")
    assert pl.read_parquet(inputs / "sales_south.parquet").height > 10_000


def test_nothing_is_overwritten(folders: dict[str, Path]) -> None:
    before = _checksums(folders["retail"])
    with pytest.raises(FileExistsError, match="already holds README"):
        write_example("factory", folders["retail"])
    assert _checksums(folders["retail"]) == before


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose retail or factory"):
        write_example("bakery", tmp_path)  # type: ignore[arg-type]  # a word that is refused is the point
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- both companies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", INPUT_TABLES, ids=lambda table: table.__name__)
def test_clean_tables_keep_the_contract(companies: dict[str, Tables], kind: str, table: type) -> None:
    name = table.full_name().removeprefix("raw.")
    frame = companies[kind].get(name)
    if frame is None:
        assert name in {"acknowledge", "erp_key", "price_break", "setup_change"}, f"{kind} lacks {name}"
        return
    columns = {one: column.dtype for one, column in table.columns().items()}
    missing = [pl.lit(None, dtype=dtype).alias(one) for one, dtype in columns.items() if one not in frame.columns]
    table.validate(frame.with_columns(missing).select(list(columns)), cast=True)


@pytest.mark.parametrize("kind", KINDS)
def test_history_ends_on_as_of_and_spans_two_years(companies: dict[str, Tables], kind: str) -> None:
    stock = companies[kind]["stock"]
    assert (stock["date"].max(), AS_OF.isoweekday()) == (AS_OF, 7)
    assert stock["date"].max() - stock["date"].min() >= timedelta(days=721)
    assert companies[kind]["sales"]["date"].max() <= AS_OF


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_sells_more_than_was_wanted_and_much_was_not_served(companies: dict[str, Tables], kind: str) -> None:
    demand = companies[kind]["truth.demand"].filter(pl.col("location_id") != "WH")
    assert (demand["served_qty"] <= demand["demand_qty"]).all()
    fill = demand["served_qty"].sum() / demand["demand_qty"].sum()
    assert 0.80 < fill < 0.97


@pytest.mark.parametrize("kind", KINDS)
def test_sales_are_what_was_served(companies: dict[str, Tables], kind: str) -> None:
    sold = companies[kind]["sales"].filter(pl.col("qty") > 0)["qty"].sum()
    assert sold == pytest.approx(companies[kind]["truth.demand"]["served_qty"].sum(), rel=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_demand_follows_its_mean(companies: dict[str, Tables], kind: str) -> None:
    demand = companies[kind]["truth.demand"]
    total, mean = demand["demand_qty"].sum(), demand["mean_qty"].sum()
    assert abs(total - mean) < 5 * (3.0 * mean) ** 0.5  # dispersion is at most 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_network_is_whole(companies: dict[str, Tables], kind: str) -> None:
    tables = companies[kind]
    nodes = set(tables["sourcing"].select(NODE).iter_rows())
    moved = tables["sourcing"].filter(pl.col("kind") == "move").select("item_id", "source_id")
    assert set(moved.iter_rows()) <= nodes
    assert set(tables["truth.demand"].select(NODE).unique().iter_rows()) <= nodes
    bought = tables["sourcing"].filter(pl.col("kind") == "buy")["source_id"].unique()
    assert set(bought) <= set(tables["supplier"]["supplier_id"])
    made = tables["sourcing"].filter(pl.col("kind") == "make").select(NODE)
    assert set(made["item_id"]) == set(tables["bom"]["parent_item_id"]) == set(tables["routing"]["item_id"])
    assert set(tables["routing"]["work_center_id"]) == set(tables["work_center"]["work_center_id"])


@pytest.mark.parametrize(("kind", "levels"), [("retail", 2), ("factory", 3)])
def test_the_bill_has_its_levels(companies: dict[str, Tables], kind: str, levels: int) -> None:
    below: dict[str, list[str]] = {}
    for parent, part in companies[kind]["bom"].select("parent_item_id", "component_item_id").iter_rows():
        below.setdefault(parent, []).append(part)

    def depth(item: str) -> int:
        return 1 + max(map(depth, below[item])) if item in below else 0

    assert max(map(depth, below)) == levels


@pytest.mark.parametrize("kind", KINDS)
def test_orders_and_receipts_add_up(companies: dict[str, Tables], kind: str) -> None:
    orders = companies[kind]["open_order"].filter(pl.col("kind") != "sales")
    came = companies[kind]["receipt"].group_by("order_id", "line_id").agg(came=pl.col("qty").sum())
    joined = orders.join(came, on=["order_id", "line_id"], how="left").with_columns(pl.col("came").fill_null(0.0))
    regular = joined.filter(~pl.col("order_id").str.contains("LOST|HOLD|PLAN"))
    assert regular.filter((pl.col("qty") - pl.col("open_qty") - pl.col("came")).abs() > 1e-6).is_empty()
    assert came.height == joined.filter(pl.col("came") > 0).height


@pytest.mark.parametrize(("kind", "late"), [("retail", "FARHOME"), ("factory", "METALWORK")])
def test_lead_times_follow_their_laws(companies: dict[str, Tables], kind: str, late: str) -> None:
    """First receipts of lines old enough to have arrived, against the true mean, within four standard errors."""
    tables = companies[kind]
    first = tables["receipt"].group_by("order_id", "line_id").agg(pl.col("date").min())
    lines = tables["open_order"].join(first, on=["order_id", "line_id"])
    lines = lines.filter(pl.col("kind") == "purchase", pl.col("order_date") < date(2026, 6, 1))
    lines = lines.with_columns(delay=(pl.col("date") - pl.col("order_date")).dt.total_days())
    law = tables["truth.lead_time"].select(*NODE, "source_id", "mean_days", "variance_days2")
    told = lines.join(law, on=[*NODE, "source_id"]).filter(pl.col("source_id") == late)
    error = (told["delay"] - told["mean_days"]).mean()
    assert told.height > 40
    assert abs(error) < 4 * (told["variance_days2"].mean() / told.height) ** 0.5
    lateness = lines.group_by("source_id").agg(late=(pl.col("date") > pl.col("due_date")).mean()).sort("late")
    assert lateness["source_id"][-1] == late


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_book_has_its_sorrows(companies: dict[str, Tables], kind: str) -> None:
    waiting = companies[kind]["open_order"].filter(pl.col("open_qty") > 0, pl.col("kind") != "sales")
    assert waiting.filter(pl.col("due_date") <= AS_OF, pl.col("order_date") > date(2026, 6, 1)).height >= 3
    assert set(waiting["status"]) == {"released", "hold", "planned"}
    lost = waiting.filter(pl.col("order_id") == "PO-LOST").row(0, named=True)
    assert (AS_OF - lost["order_date"]).days > 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_ghost_keeps_its_books_and_sells_nothing(companies: dict[str, Tables], kind: str) -> None:
    tables = companies[kind]
    ghost = tables["truth.record"].filter(pl.col("what") == "ghost").select(NODE)
    recent = pl.col("date") > AS_OF - timedelta(days=28)
    stock = tables["stock"].join(ghost, on=NODE).filter(recent)
    wanted = tables["truth.demand"].join(ghost, on=NODE).filter(recent)
    assert stock["on_hand_qty"].min() == stock["on_hand_qty"].max() > 5
    assert tables["sales"].join(ghost, on=NODE).filter(recent).is_empty()
    assert wanted["demand_qty"].sum() > 10
    assert tables["stock_count"].join(ghost, on=NODE).filter(recent).is_empty()


@pytest.mark.parametrize("kind", KINDS)
def test_a_negative_record_is_among_the_positions(companies: dict[str, Tables], kind: str) -> None:
    tables = companies[kind]
    negative = tables["stock"].filter(pl.col("date") == AS_OF, pl.col("on_hand_qty") < 0).select(NODE)
    assert negative.equals(tables["truth.record"].filter(pl.col("what") == "negative").select(NODE))


@pytest.mark.parametrize("kind", KINDS)
def test_counts_find_mostly_what_the_books_say(companies: dict[str, Tables], kind: str) -> None:
    counts = companies[kind]["stock_count"]
    agreed = (counts["book_qty"] == counts["counted_qty"]).mean()
    assert counts.height >= 100
    assert 0.85 < agreed < 1.0


# ---------------------------------------------------------------- each company


def test_the_retail_company_is_complete(companies: dict[str, Tables]) -> None:
    tables = companies["retail"]
    assert tables["sales"]["item_id"].n_unique() == 42
    assert tables["location"]["kind"].value_counts().sort("kind").rows() == [
        ("plant", 1),
        ("store", 3),
        ("warehouse", 1),
    ]
    bought_for_warehouse = tables["sourcing"].filter(pl.col("kind") == "buy", pl.col("location_id") == "WH")
    assert bought_for_warehouse["source_id"].n_unique() == 3
    assert tables["supplier"].height == 5
    assert tables["bom"].filter(pl.col("parent_item_id").str.starts_with("A-"))["parent_item_id"].n_unique() == 4


def test_retail_items_of_every_kind(companies: dict[str, Tables]) -> None:
    tables = companies["retail"]
    a_new = _shop_node(tables, "A-042")
    assert a_new["date"].min() >= AS_OF - timedelta(weeks=6)
    dying = tables["truth.demand"].filter(pl.col("item_id") == "A-041")
    early, late = (dying.filter(pl.col("date").dt.year() == year)["mean_qty"].mean() for year in (2025, 2026))
    assert late < 0.7 * early
    assert tables["item"].filter(pl.col("item_id") == "A-041")["end_date"].item() > AS_OF
    tail = tables["truth.demand"].filter(pl.col("item_id").is_in(["A-038", "A-040"]))
    assert 0.0 < (tail["demand_qty"] > 0).mean() < 0.05
    lots = tables["lot"]
    assert set(lots["item_id"]) <= {"A-001", "A-002", "A-003"}
    assert (lots["expiry_date"] > AS_OF).all()
    assert "hold" in set(lots["status"])


def test_lots_are_the_stock_of_perishables(companies: dict[str, Tables]) -> None:
    """Up to units the books still show but nobody has."""
    tables = companies["retail"]
    in_lots = tables["lot"].group_by(NODE).agg(lot_qty=pl.col("qty").sum())
    position = tables["stock"].filter(pl.col("date") == AS_OF).join(in_lots, on=NODE)
    assert (position["on_hand_qty"] == position["lot_qty"]).all()


def test_shops_are_closed_on_sundays_and_holidays(companies: dict[str, Tables]) -> None:
    sold = companies["retail"]["sales"].filter(pl.col("qty") > 0)
    assert 7 not in set(sold["date"].dt.weekday())
    assert sold.filter(pl.col("date").dt.month() == 12, pl.col("date").dt.day().is_in([25, 26])).is_empty()


def test_promotions_lift_demand_by_their_true_uplift(companies: dict[str, Tables]) -> None:
    tables = companies["retail"]
    uplift = dict(tables["truth.uplift"].iter_rows())["P-26-COLA"]
    cola = tables["truth.demand"].filter(pl.col("item_id") == "A-016", pl.col("location_id") == "SHOP-CENTER")
    during = cola.filter(pl.col("date").is_between(date(2026, 3, 16), date(2026, 3, 21)))["mean_qty"].mean()
    before = cola.filter(pl.col("date").is_between(date(2026, 3, 9), date(2026, 3, 14)))["mean_qty"].mean()
    assert during / before == pytest.approx(uplift, rel=0.05)


def test_stock_of_a_shop_moves_by_receipts_and_sales(companies: dict[str, Tables]) -> None:
    """Except where a count put the books right and at the node whose record is false."""
    tables = companies["retail"]
    shops = pl.col("location_id").str.starts_with("SHOP")
    keeps = ~pl.col("item_id").is_in(["A-001", "A-002", "A-003"])
    sold = tables["sales"].filter(pl.col("qty") > 0).group_by("date", *NODE).agg(sold=pl.col("qty").sum())
    lines = tables["open_order"].select("order_id", "line_id", *NODE)
    came = (
        tables["receipt"].join(lines, on=["order_id", "line_id"]).group_by("date", *NODE).agg(came=pl.col("qty").sum())
    )
    stock = tables["stock"].filter(shops, keeps, pl.col("date") > date(2025, 3, 1)).sort(*NODE, "date")
    moved = (
        stock.join(sold, on=["date", *NODE], how="left").join(came, on=["date", *NODE], how="left").sort(*NODE, "date")
    )
    change = pl.col("on_hand_qty").diff().over(NODE)
    residual = change - pl.col("came").fill_null(0.0) + pl.col("sold").fill_null(0.0)
    odd = moved.select(residual=residual).drop_nulls()["residual"] != 0
    assert odd.mean() < 0.005


def test_the_factory_is_complete(companies: dict[str, Tables]) -> None:
    tables = companies["factory"]
    assert tables["item"].height == 42
    assert set(tables["sales"]["date"].dt.weekday()) == {1}
    assert tables["location"].filter(pl.col("kind") == "vmi").height == 3
    assert set(tables["work_center"]["work_center_id"]) == set(tables["production_log"]["work_center_id"])
    ahead = tables["open_order"].filter(pl.col("kind") == "sales")
    assert {True, False} == set(ahead["due_date"] > AS_OF)
    assert tables["location"].filter(pl.col("location_id") == "WH")["shortage_rule"].item() == "backorder"


def test_the_plant_has_the_hours_but_not_many_to_spare(companies: dict[str, Tables]) -> None:
    log = companies["factory"]["production_log"].filter(pl.col("date") > date(2026, 5, 31))
    hours = log.group_by("work_center_id").agg(pl.col("planned_hours").sum() / 24)
    busiest = hours["planned_hours"].max()
    assert 40 < busiest < 72
