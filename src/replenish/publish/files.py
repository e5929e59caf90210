"""Which table each proposal file carries, with which columns left to the parquet files."""

from __future__ import annotations

from replenish.tables import plan, proposal
from replenish.tables.table import Table

PROPOSALS = "proposals"
MOMENT = "%Y-%m-%d %H:%M:%S"  # how CSV files write a day with its hour
CSV_FILES: dict[str, type[Table]] = {
    PROPOSALS: proposal.Proposal,
    "exceptions": proposal.Exception,
    "delta": plan.Delta,
    "pegging": plan.Peg,
    "full_pegging": plan.FullPeg,
    "projection": plan.Projection,
    "policy": plan.Target,
    "min_max": plan.MinMax,
    "atp": plan.Atp,
    "by_supplier": proposal.SupplierOrder,
    "count_list": proposal.CountList,
    "master_data_changes": plan.Drift,
    "cut_line": plan.CutLine,
    "limits": plan.Limit,
    "rebalance": plan.Rebalance,
    "vmi": plan.Vmi,
    "schedule": plan.Job,
    "plant_figures": plan.PlantFigure,
    "changes": plan.Change,
}
# files that a company without such lines does not get
ONLY_IF_ANY = ("vmi", "schedule", "plant_figures", "full_pegging")
ONLY_WHERE = {"min_max": "is_exported"}  # files that carry the rows marked so; the parquet table has all
ORDERED_BY: dict[str, tuple[str, ...]] = {
    "changes": ("item_id", "location_id", "cause"),
    PROPOSALS: ("kind", "source_id", "item_id", "location_id", "receipt_date", "proposal_id"),
    "exceptions": ("rank", "exception_id"),
    "by_supplier": ("kind", "source_id", "location_id", "order_date"),
    "count_list": ("rank",),
    "vmi": ("source_id", "location_id", "item_id"),
    "schedule": ("work_center_id", "machine", "start_at", "end_at", "job_id", "operation_seq"),
}
