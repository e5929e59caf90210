"""What the plant of the made-up company does: hours, a schedule, late orders, figures, promises, hostile names too."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.tables import core, plan
from tests.reporting.rows import AS_OF, HOSTILE_NAMES, MIDNIGHT, filled

CENTERS = ("LATHE", HOSTILE_NAMES[0], HOSTILE_NAMES[4])
JOBS, BUCKETS, WEEKS = 24, 60, 13


def plant_tables(key: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every plant table that the mart reads, by full name."""
    items = [key["item_id"][place % key.height] for place in range(JOBS)]
    return {
        "core.work_center": filled(
            core.WorkCenter,
            work_center_id=list(CENTERS),
            location_id=[key["location_id"][0]] * 3,
            machine_count=[2, 1, 1],
            efficiency_rate=[0.9, 1.0, 0.8],
        ),
        "plan.load": _load(key["location_id"][0]),
        "plan.relaxation": filled(
            plan.Relaxation,
            kind=["overtime", "due", "capacity"],
            work_center_id=["LATHE", items[0], CENTERS[1]],
            bucket_index=[0, 1, 2],
            location_id=[key["location_id"][0]] * 3,
            hours=[4.0, 2.0, 1.5],
            cost=[100.0, 20.0, 300.0],
            value=[900.0, 0.0, 310.0],
        ),
        **_schedule(items),
        "plan.plant_figure": _figures(),
        "plan.atp": _atp(key),
        "plan.drift": _drift(items[0], key["location_id"][0]),
    }


def _load(location_id: str) -> pl.DataFrame:
    rows = [(center, bucket) for center in CENTERS for bucket in range(BUCKETS)]
    needed = [8.0 + 12.0 * (bucket % 3 == 0) * (center == "LATHE") for center, bucket in rows]
    return filled(
        plan.Load,
        work_center_id=[center for center, _ in rows],
        bucket_index=[bucket for _, bucket in rows],
        location_id=[location_id] * len(rows),
        capacity_hours=[16.0] * len(rows),
        overtime_limit_hours=[4.0] * len(rows),
        planned_hours=needed,
        levelled_hours=[min(one, 17.0) for one in needed],
        overtime_hours=[max(min(one, 17.0) - 16.0, 0.0) for one in needed],
        overload_hours=[max(one - 16.0, 0.0) for one in needed],
        hour_value=[12.5 * (center == "LATHE") for center, _ in rows],
    )


def _schedule(items: list[str]) -> dict[str, pl.DataFrame]:
    """An order a half day on the lathe's two machines, then on one of the others; every fifth is late."""
    start = [MIDNIGHT + timedelta(days=1, hours=6 + 12 * (place // 2)) for place in range(JOBS)]
    late = [2.5 if place % 5 == 0 else 0.0 for place in range(JOBS)]
    names = [f"order {place}" for place in range(JOBS)]
    orders = filled(
        plan.JobOrder,
        job_id=names,
        kind=["open_order" if place % 3 else "proposal" for place in range(JOBS)],
        item_id=items,
        qty=[12.0 + place for place in range(JOBS)],
        source_id=["shop 1"] * JOBS,
        due_date=[one.date() + timedelta(days=1) for one in start],
        weight=[3.0] * JOBS,
        start_at=start,
        finish_at=[one + timedelta(hours=20) for one in start],
        tardy_days=late,
        short_item_id=[items[1] if place == 0 else None for place in range(JOBS)],
        material_date=[start[0].date() if place == 0 else None for place in range(JOBS)],
        bottleneck_id=[CENTERS[1] if place == 5 else None for place in range(JOBS)],
    )
    first = filled(
        plan.Job,
        job_id=names,
        operation_seq=[10] * JOBS,
        work_center_id=["LATHE"] * JOBS,
        machine=[place % 2 + 1 for place in range(JOBS)],
        setup_hours=[1.5] * JOBS,
        run_hours=[8.0] * JOBS,
        start_at=start,
        end_at=[one + timedelta(hours=9.5) for one in start],
        is_frozen=[place < 2 for place in range(JOBS)],
    )
    second = first.with_columns(
        pl.Series("work_center_id", [CENTERS[1 + place % 2] for place in range(JOBS)]),
        pl.col("start_at") + timedelta(hours=10),
        pl.col("end_at") + timedelta(hours=8),
        pl.lit(20, pl.Int32).alias("operation_seq"),
        pl.lit(1, pl.Int32).alias("machine"),
        pl.lit(0.0).alias("setup_hours"),
    )
    return {"plan.job_order": orders, "plan.job": pl.concat([first, second])}


def _figures() -> pl.DataFrame:
    first = AS_OF - timedelta(days=7 * WEEKS - 1)
    weeks = [("week", first + timedelta(days=7 * week)) for week in range(WEEKS)]
    rows = [(center, *span) for center in CENTERS[:2] for span in [("total", first), *weeks]]
    height = len(rows)
    return filled(
        plan.PlantFigure,
        work_center_id=[one[0] for one in rows],
        span=[one[1] for one in rows],
        week_start=[one[2] for one in rows],
        run_hours=[70.0] * height,
        good_qty=[950.0] * height,
        oee_rate=[0.7421875 if one[0] == "LATHE" else None for one in rows],
        performance_rate=[1.1 if one[0] == "LATHE" else None for one in rows],
        is_ideal_low=[one[0] == "LATHE" for one in rows],
        adherence_share=[0.5] * height,
    )


def _atp(key: pl.DataFrame) -> pl.DataFrame:
    rows = [(place, bucket) for place in range(min(key.height, 150)) for bucket in range(12)]
    return filled(
        plan.Atp,
        item_id=[key["item_id"][place] for place, _ in rows],
        location_id=[key["location_id"][place] for place, _ in rows],
        bucket_index=[bucket for _, bucket in rows],
        bucket_start=[AS_OF + timedelta(days=1 + bucket) for _, bucket in rows],
        order_qty=[4.0 * (place == 3 and bucket == 0) for place, bucket in rows],
        cumulative_atp_qty=[10.0 + bucket for _, bucket in rows],
        sure_qty=[7.0 + bucket for _, bucket in rows],
        promise_probability=[0.95] * len(rows),
    )


def _drift(item_id: str, location_id: str) -> pl.DataFrame:
    return filled(
        plan.Drift,
        item_id=[item_id, ""],
        location_id=[location_id] * 2,
        parameter=["yield_rate", "efficiency_rate"],
        source_id=["LATHE", CENTERS[1]],
        kind=["make"] * 2,
        old_rate=[0.98, 0.9],
        new_rate=[0.921, 0.8],
        low_rate=[0.911, 0.75],
        high_rate=[0.931, 0.85],
        observation_count=[11, 20],
        effect_value=[1234.0, None],
        effect_basis=["units"] * 2,
    )
