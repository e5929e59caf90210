"""A night's tables around a few proposals, its keys for every ERP, and the ERPs that take the files in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from replenish import steps
from replenish.publish.dialects import write_dialects
from replenish.publish_settings import ERP_SYSTEMS, PublishSettings
from replenish.tables import core, plan, proposal
from replenish.tables.table import Table
from tests.publish.erpnext_rules import DOCTYPES, INSERT, UPDATE, Erpnext
from tests.publish.frepple_rules import Frepple
from tests.publish.odoo_rules import Odoo
from tests.steps.propose_frames import frame

AS_OF, RUN = date(2026, 11, 8), "2026-11-08-aaaaaaaa"
MODELS = {
    "item": "product.product",
    "location": "stock.location",
    "supplier": "res.partner",
    "uom": "uom.uom",
    "picking_type": "stock.picking.type",
    "bom": "mrp.bom",
    "company": "res.company",
    "route": "stock.route",
}
Row = dict[str, Any]


def settings(**changes: Any) -> PublishSettings:
    """All dialects, with what each of them needs."""
    return PublishSettings(**({"dialects": ERP_SYSTEMS, "erpnext_company": "Acme"} | changes))


def line(number: int = 1, **changes: Any) -> Row:
    """A purchase of 10 of X for Y, to be ordered tomorrow."""
    plain = {
        "proposal_id": f"P-{number:012x}",
        "run_id": RUN,
        "action": "NEW",
        "kind": "purchase",
        "item_id": "X",
        "location_id": "Y",
        "source_id": "S",
        "qty": 10.0,
        "uom": "EA",
        "order_date": date(2026, 11, 9),
        "need_date": date(2026, 11, 20),
        "receipt_date": date(2026, 11, 19),
        "unit_cost": 2.0,
        "currency": "EUR",
        "explanation": "Order 10 of X.",
        "first_need_date": date(2026, 11, 20),
    }
    row = plain | changes
    return row | ({} if row["unit_cost"] is None else {"value": row["qty"] * row["unit_cost"]})


def keys_for(lines: pl.DataFrame, *more: Row) -> pl.DataFrame:
    """Keys for everything the lines speak of: in Odoo of all, in frePPLe of operations, in ERPNext of bills."""
    rows: dict[tuple[str, str, str], str] = {}
    for one in lines.iter_rows(named=True):
        kind, item, place, source = (one[name] for name in ("kind", "item_id", "location_id", "source_id"))
        node, at = f"{item}@{place}", source if kind == "transfer" else place
        ours = [("item", item), ("location", place), ("uom", one["uom"]), ("picking_type", f"{kind}@{at}")]
        ours += [("supplier" if kind == "purchase" else "location", source)]
        ours += [("bom", node)] if kind == "production" else []
        rows |= {("odoo", what, ours_id): external(what, ours_id) for what, ours_id in ours}
        if kind == "production":
            rows |= {("erpnext", "bom", node): f"BOM-{node}", ("frepple", "operation", node): f"make {node}"}
    made = [{"system": s, "kind": k, "our_id": o, "erp_id": e} for (s, k, o), e in rows.items()]
    return frame(core.ErpKey, [*made, *more])


def external(kind: str, our_id: str) -> str:
    """An External ID for any text."""
    return f"own.{kind}_{sha256(our_id.encode()).hexdigest()[:16]}"


class Night:
    """Tables that the dialects read, after the step that looks up the keys."""

    def __init__(
        self,
        lines: Sequence[Row],
        publish: PublishSettings,
        keys: pl.DataFrame | None = None,
        **tables: Sequence[Row],
    ) -> None:
        rows = frame(proposal.Proposal, lines)
        self.settings = publish
        self.keys = keys_for(rows) if keys is None else keys
        self.made: dict[str, pl.DataFrame] = {"core.erp_key": self.keys}
        for table in (core.OpenSupply, core.PreviousProposal, plan.MinMax, core.Arc, core.Item, core.Position):
            self.made[table.full_name()] = frame(table, tables.get(table.__name__, []))
        reads = ("core.erp_key", "core.open_supply", "core.previous_proposal")
        found = steps.address(
            rows,
            frame(proposal.Exception, []),
            *(self.made[name] for name in reads),
            frame(core.PreviousException, []),
            dialects=publish.dialects,
            has_work_orders=publish.erpnext_target == "purchase_order",
            warehouse_suffix=f" - {publish.erpnext_abbreviation}" if publish.erpnext_abbreviation else "",
            run_id=RUN,
            as_of=AS_OF,
            currency="EUR",
        )
        self.proposals, self.exceptions, erp_lines = found
        self.made |= {"plan.proposal": self.proposals, "plan.erp_line": erp_lines}

    def read(self, table: type[Table]) -> pl.DataFrame:
        """A table of the night; those nobody wrote are empty."""
        return self.made.get(table.full_name(), table.create_empty())

    def write(self, folder: Path) -> Path:
        """The folder with a folder of every dialect."""
        write_dialects(folder, self.read, self.settings)
        return folder / "proposals"


def rows_of(file: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, none where there is no file."""
    if not file.exists():
        return []
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))


def text_of(file: Path) -> str:
    """A file as an import receives it, line ends untouched."""
    return file.read_bytes().decode("utf-8")


def odoo_for(keys: pl.DataFrame, version: int = 18) -> Odoo:
    """An Odoo that has what the keys name; orders of ours are there too."""
    known = {
        row["erp_id"]: MODELS[row["kind"]] for row in keys.filter(system="odoo").to_dicts() if row["kind"] in MODELS
    }
    return Odoo(version, known)


def load_odoo(odoo: Odoo, proposals: Path) -> list[str]:
    """Import every file of the folder that is named after a model; what was wrong."""
    files = sorted((proposals / "odoo").glob("*.csv"))
    return [wrong for file in files if file.stem in odoo.models for wrong in odoo.load(file.stem, text_of(file))]


def erpnext_for(lines: pl.DataFrame, keys: pl.DataFrame, company: str = "Acme") -> Erpnext:
    """An ERPNext that has what the lines and keys name."""
    named = {
        kind: set(keys.filter(system="erpnext", kind=kind)["erp_id"]) for kind in ("item", "location", "bom", "uom")
    }
    places = set(lines["location_id"]) | set(lines["source_id"])
    names = {
        "Item": set(lines["item_id"]) | named["item"],
        "Warehouse": places | named["location"],
        "Supplier": set(lines["source_id"]),
        "UOM": set(lines["uom"]) | named["uom"],
        "BOM": named["bom"],
        "Company": {company},
        "Currency": {"EUR"},
    }
    return Erpnext(names)


def load_erpnext(site: Erpnext, proposals: Path) -> list[str]:
    """Import every file of the folder that is named after a DocType; what was wrong."""
    wrong: list[str] = []
    for file in sorted((proposals / "erpnext").glob("*.csv")):
        doctype = DOCTYPES.get(file.stem.removesuffix("_update"))
        mode = UPDATE if file.stem.endswith("_update") or file.stem == "item" else INSERT
        wrong += site.load(doctype, text_of(file), mode) if doctype else []
    return wrong


def frepple_for(lines: pl.DataFrame, keys: pl.DataFrame, more: Mapping[str, set[str]] | None = None) -> Frepple:
    """A frePPLe that has what the lines and keys name."""
    places = set(lines["location_id"]) | set(lines["source_id"])
    names = {
        "item": set(lines["item_id"]),
        "location": places,
        "supplier": places,
        "operation": set(keys.filter(system="frepple", kind="operation")["erp_id"]),
        "customer": {"All customers"},
    }
    return Frepple({name: found | (more or {}).get(name, set()) for name, found in names.items()})


ORDER = ("purchaseorder", "distributionorder", "manufacturingorder", "calendar", "calendarbucket", "buffer", "demand",
         "itemsupplier", "forecastplan")  # fmt: skip


def load_frepple(frepple: Frepple, proposals: Path) -> list[str]:
    """Import every file, those first that others refer to; what was wrong."""
    files = [proposals / "frepple" / f"{name}.csv" for name in ORDER]
    return [wrong for file in files if file.exists() for wrong in frepple.load(file.stem, text_of(file))]


def accounted(proposals: Path, system: str, lines: pl.DataFrame) -> None:
    """Every line that asks for something is in one file of the system, or told as not exported with a reason."""
    place = proposals / system
    went = [(row["proposal_id"], row["file"]) for row in rows_of(place / "lines.csv")]
    out = [row["proposal_id"] for row in rows_of(place / "not_exported.csv")]
    asking = lines.filter(pl.col("action") != "ON_SCHEDULE")
    assert sorted([one for one, _ in went] + out) == sorted(asking["proposal_id"])
    assert sorted(out) == sorted(asking.filter("hold")["proposal_id"])
    assert all(row["reason"] for row in rows_of(place / "not_exported.csv"))
    assert {file for _, file in went} <= {file.name for file in place.iterdir()}
