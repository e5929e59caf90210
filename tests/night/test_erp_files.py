"""Whole nights with files for all ERPs: taken in by their import rules, night after night, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from replenish import steps
from replenish.examples import write_example
from replenish.night.folder import Place
from replenish.night.replay import replay
from replenish.night.run import Finished, run_folder
from replenish.publish import manifest
from replenish.publish.dialects import write_dialects
from replenish.publish_settings import ERP_SYSTEMS
from replenish.tables import core, plan, proposal
from replenish.tables.table import Table
from tests.night.small import LAST_DAY, frames, write_folder
from tests.publish.erp_night import (
    AS_OF,
    accounted,
    erpnext_for,
    external,
    frepple_for,
    keys_for,
    load_erpnext,
    load_frepple,
    load_odoo,
    odoo_for,
    rows_of,
    settings,
)

SETTINGS = """\
[forecast]
members = "light"
[publish]
dialects = ["odoo", "erpnext", "frepple"]
odoo_company = "base.main_company"
erpnext_company = "Acme"
"""
WITHOUT_KEY = "soap"


@dataclass(frozen=True)
class Night:
    """A published night, as tests ask of it."""

    folder: Path

    def read(self, table: type[Table]) -> pl.DataFrame:
        """A table of the night."""
        return pl.read_parquet(self.folder / f"{table.full_name().replace('.', '/')}.parquet")

    @property
    def lines(self) -> pl.DataFrame:
        """Its proposals."""
        return self.read(proposal.Proposal)


def _keys() -> pl.DataFrame:
    """Keys for all the small company could speak of, but for one item; a row with an External ID that is none."""
    places, items = ("north", "south", "depot", "works"), ("tea", "jam", "leaf")
    rows = [("item", item) for item in items] + [("location", place) for place in places]
    rows += [("supplier", "grower"), ("uom", "EA"), ("bom", "tea@works")]
    rows += [("picking_type", f"{kind}@{place}") for kind in ("purchase", "transfer", "production") for place in places]
    keys = [{"system": "odoo", "kind": kind, "our_id": ours, "erp_id": external(kind, ours)} for kind, ours in rows]
    keys.append({"system": "odoo", "kind": "item", "our_id": WITHOUT_KEY, "erp_id": "no external id"})
    keys.append({"system": "frepple", "kind": "operation", "our_id": "tea@works", "erp_id": "make tea"})
    return pl.DataFrame(keys)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Night]:
    """Two nights of the small company, a week apart."""
    tables = frames()
    days = (LAST_DAY - timedelta(days=7), LAST_DAY)
    tables["stock"] = pl.concat([tables["stock"].with_columns(date=pl.lit(day)) for day in days])
    folder = write_folder(tmp_path_factory.mktemp("erp") / "company", tables | {"erp_key": _keys()}, SETTINGS)
    return [Night(run_folder(folder, as_of=day).folder) for day in days]


def test_a_row_that_is_no_external_id_is_rejected_and_its_item_held(nights: list[Night]) -> None:
    rejects = pl.read_parquet(nights[0].folder / "raw" / "reject.parquet")
    assert rejects.select("table_name", "rule").rows() == [("erp_key", "external_id_is_one_word")]
    held = nights[0].lines.filter(item_id=WITHOUT_KEY, action="NEW")
    assert not held.is_empty()
    assert all(f"Odoo has no key for item {WITHOUT_KEY}" in cause for cause in held["hold_cause"])
    named = nights[0].read(proposal.Exception).filter(pl.col("cause_id") == f"odoo/item/{WITHOUT_KEY}")
    assert named.select("code", "item_id", "hold").rows() == [("DATA_INVALID", WITHOUT_KEY, True)]
    assert not nights[0].lines.filter(pl.col("item_id") != WITHOUT_KEY)["hold"].any()


@pytest.mark.parametrize("system", ERP_SYSTEMS)
def test_every_line_of_both_nights_is_accounted_for(nights: list[Night], system: str) -> None:
    for night in nights:
        accounted(night.folder / "proposals", system, night.lines)
        assert rows_of(night.folder / "proposals" / system / "lines.csv")


def test_the_manifest_has_the_files_with_rows_and_checksums(nights: list[Night]) -> None:
    assert manifest.verify(nights[1].folder) == []
    told = {one["path"]: one for one in manifest.read(nights[1].folder)["resources"]}
    lines = told["proposals/odoo/purchase.order.csv"]
    assert lines["rows"] == len(rows_of(nights[1].folder / lines["path"])) > 0
    assert [field["name"] for field in lines["schema"]["fields"]][:2] == ["id", "partner_id/id"]


def test_minimum_maximum_and_promises_are_there_for_any_other_system(nights: list[Night]) -> None:
    told = {one["path"]: one for one in manifest.read(nights[0].folder)["resources"]}
    for name, table in (("min_max", plan.MinMax), ("atp", plan.Atp)):
        file = told[f"proposals/{name}.csv"]
        assert file["rows"] == nights[0].read(table).height > 0  # on a first night every level is new
        assert [field["name"] for field in file["schema"]["fields"]] == table.column_names()
        assert all(field["description"] for field in file["schema"]["fields"])


def test_the_night_again_gives_the_same_bytes(nights: list[Night]) -> None:
    company = nights[1].folder.parent.parent
    assert replay(Place.at(company), nights[1].folder.name) == []


def test_two_nights_are_taken_in_and_no_need_is_ordered_twice(nights: list[Night]) -> None:
    keys = nights[0].read(core.ErpKey)
    odoo = odoo_for(keys)
    odoo.xmlids["base.main_company"] = "res.company"
    lines = pl.concat([night.lines for night in nights])
    names = {"item": {"leaf", "tea", "jam", "soap"}, "location": {"north", "south", "depot", "works"}}
    frepple = frepple_for(lines, keys, names | {"supplier": {"grower"}})
    for number, night in enumerate(nights):
        proposals = night.folder / "proposals"
        assert load_odoo(odoo, proposals) == []
        assert load_frepple(frepple, proposals) == []
        site = erpnext_for(lines, keys)  # documents of earlier nights are updated by their names: tests/publish
        site.docs["Item"] |= {item: {} for item in names["item"]}
        site.names["Item"] |= names["item"]
        site.names["Warehouse"] |= names["location"]
        assert load_erpnext(site, proposals) == []
        tonight = night.lines.filter(~pl.col("hold"), action="NEW")
        gone = {
            row["proposal_id"] for row in rows_of(proposals / "odoo" / "messages.csv") if row["action"] == "WITHDRAW"
        }
        drafts = {
            name.removeprefix("replenish."): qty
            for model, column in (
                ("purchase.order.line", "product_qty"),
                ("stock.move", "product_uom_qty"),
                ("mrp.production", "product_qty"),
            )
            for name, qty in odoo.needs(model, column).items()
        }
        kept = {name: qty for name, qty in drafts.items() if name not in gone}
        line_of = {row["proposal_id"]: row["line_id"] for row in rows_of(proposals / "odoo" / "lines.csv")}
        leaders = {one.removeprefix("replenish.") for one in line_of.values() if one}
        made = set(tonight.filter(kind="production")["proposal_id"])
        assert set(kept) == leaders | made, f"night {number + 1}"
        assert sum(kept.values()) == pytest.approx(tonight["qty"].sum())


def _published(night: Night, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, Path]:
    """The night's files for all ERPs, with a key for everything: proposals, keys, folder."""
    made = {"core.erp_key": keys_for(night.lines)}
    reads = (core.OpenSupply, core.PreviousProposal, core.PreviousException)
    lines, _, erp_lines = steps.address(
        night.lines,
        night.read(proposal.Exception),
        made["core.erp_key"],
        *(night.read(table) for table in reads),
        dialects=ERP_SYSTEMS,
        has_work_orders=True,
        warehouse_suffix="",
        run_id="2026-11-08-aaaaaaaa",
        as_of=AS_OF,
        currency="EUR",
    )
    tables = (plan.Target, plan.Projection, core.Bucket)
    made["plan.safety_phase"] = steps.phase_safety(*(night.read(table) for table in tables), dialects=ERP_SYSTEMS)
    made |= {"plan.proposal": lines, "plan.erp_line": erp_lines}

    def read(table: type[Table]) -> pl.DataFrame:
        return made[table.full_name()] if table.full_name() in made else night.read(table)

    write_dialects(folder, read, settings(erpnext_target="purchase_order"))
    return lines, made["core.erp_key"], folder / "proposals"


def _is_taken_in(night: Night, folder: Path) -> None:
    lines, keys, proposals = _published(night, folder)
    nodes = night.read(core.Node)
    assert load_odoo(odoo_for(keys), proposals) == []
    site = erpnext_for(lines, keys)
    site.docs["Item"] |= {item: {} for item in nodes["item_id"]}
    site.names["Item"] |= set(nodes["item_id"])
    site.names["Warehouse"] |= set(nodes["location_id"])
    assert load_erpnext(site, proposals) == []
    suppliers = set(night.read(core.Arc)["source_id"])
    masters = {"item": set(nodes["item_id"]), "location": set(nodes["location_id"]), "supplier": suppliers}
    masters["item"] |= set(night.read(core.Position)["item_id"])
    masters["location"] |= set(night.read(core.Position)["location_id"])
    frepple = frepple_for(lines, keys, masters)
    assert load_frepple(frepple, proposals) == []
    for system in ERP_SYSTEMS:
        accounted(proposals, system, lines)
    buckets = pl.read_csv(proposals / "frepple" / "calendarbucket.csv")
    assert set(buckets["calendar"]) == set(pl.read_csv(proposals / "frepple" / "calendar.csv")["name"])


def test_the_retailer_is_taken_in(retail: Finished, tmp_path: Path) -> None:
    _is_taken_in(Night(retail.folder), tmp_path)


@pytest.mark.slow
def test_the_factory_is_taken_in(tmp_path: Path) -> None:
    folder = tmp_path / "factory"
    write_example("factory", folder)
    night = Night(run_folder(folder).folder)
    assert night.lines.filter(kind="production").height > 0
    _is_taken_in(night, tmp_path / "files")
