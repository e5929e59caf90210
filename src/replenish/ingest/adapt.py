"""A known system's export becomes rows and a mapping like any other: a preset applied to a file's headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from replenish.ingest.claim import Claim
from replenish.ingest.headings import find_heading
from replenish.ingest.parse.number import numbers_of
from replenish.ingest.presets import PRESETS, Preset
from replenish.ingest.rows import ROW, FileRows, as_text
from replenish.source_settings import Source

_ITEM, _QTY = "line sku", "line quantity"
_CODE = r"^\s*\[([^\]]+)\]"
_OFFSET = r"(?:Z|UTC|[+-][0-9]{2}:?(?:[0-9]{2})?)\s*$"


def adapted(rows: FileRows, claim: Claim) -> tuple[FileRows, Claim]:
    """The same rows as the preset of the claim reads them, and a claim without a preset; others stay as they are.

    Where a row becomes several, or several columns become rows, they are counted anew.
    """
    preset = PRESETS.get(claim.source.preset)
    if preset is None:
        return rows, claim
    own = set(claim.source.columns) | set(claim.source.constants)
    frame, preset = _unfolded(rows, preset)
    columns = [name for name in frame.columns if name != ROW]
    found = {
        name: heading
        for name, known in (*preset.extra.items(), *preset.columns.items())
        if name not in own and (heading := next(filter(None, (find_heading(columns, one) for one in known)), None))
    }
    found |= {name: found_as for name, one in claim.source.columns.items() if (found_as := find_heading(columns, one))}
    frame, made = _completed(frame, preset, found)
    source = _mapping(claim.source, preset, found | made)
    broken = rows.broken
    if not frame[ROW].equals(rows.frame[ROW]):
        broken = broken.with_columns(
            pl.int_range(frame.height + 2, frame.height + 2 + pl.len(), dtype=pl.Int32).alias("row")
        )
    return replace(rows, frame=frame, broken=broken, headings=()), replace(claim, source=source)


def _unfolded(rows: FileRows, preset: Preset) -> tuple[pl.DataFrame, Preset]:
    """One row an order line and one row a location, whatever the file makes of them."""
    frame = rows.frame
    packed = [name for name in frame.columns if preset.packed and re.fullmatch(preset.packed, name, re.IGNORECASE)]
    if packed:
        return _unpacked(frame, packed), _with_lines(preset)
    is_wide = preset.wide and not any(find_heading(frame.columns, one) for one in preset.columns["location_id"])
    known = {name.casefold() for name in preset.wide}
    places = [name for name in frame.columns if name != ROW and name.casefold() not in known]
    if is_wide and places and not any(find_heading(places, one) for one in preset.columns["on_hand_qty"]):
        kept = [name for name in frame.columns if name not in places]
        text = frame.with_columns(as_text(frame[name]) for name in places)
        quantity, place = preset.columns["on_hand_qty"][0], preset.columns["location_id"][0]
        long = text.unpivot(places, index=kept, variable_name=place, value_name=quantity)
        order = pl.col(place).replace_strict(places, list(range(len(places))), return_dtype=pl.Int32)
        return _renumbered(long.sort(ROW, order, maintain_order=True)), preset
    return frame, preset


def _unpacked(frame: pl.DataFrame, packed: list[str]) -> pl.DataFrame:
    """Order lines written as `name:Tea|sku:T1|quantity:2`, several in a cell parted by `;`, in several columns."""
    cells = pl.concat_list(as_text(frame[name]).fill_null("") for name in packed)
    lines = frame.with_columns(cells.list.join(";").str.split(";").alias("line")).explode("line")
    is_line = pl.col("line").str.strip_chars() != ""
    # an order without lines stays as one row, to be rejected
    lines = lines.filter(is_line | (~is_line.any().over(ROW) & (pl.int_range(pl.len()).over(ROW) == 0)))
    told = [
        pl.col("line").str.extract(rf"(?:^|\|)\s*{key}:([^|]*)").str.strip_chars().alias(name)
        for key, name in (("sku", _ITEM), ("(?:quantity|qty)", _QTY))
    ]
    return _renumbered(lines.with_columns(told).drop("line"))


def _with_lines(preset: Preset) -> Preset:
    return replace(preset, columns={**preset.columns, "item_id": (_ITEM,), "qty": (_QTY,), "unit_price": ()})


def _renumbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.Int32).alias(ROW))


def _completed(frame: pl.DataFrame, preset: Preset, found: Mapping[str, str]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Blank cells below an order's first line filled, codes cut out of names, differences and line numbers made."""
    made: dict[str, str] = {}
    order = found.get("receipt", found.get("order_id"))
    if preset.fill and order:
        frame = _filled(frame, order, [found[name] for name in preset.fill if name in found])
    for name in preset.coded:
        if name in found:
            text = as_text(frame[found[name]])
            frame = frame.with_columns(text.str.extract(_CODE).fill_null(text).alias(found[name]))
    frame = frame.with_columns(_in_utc(frame[found[name]]) for name in preset.utc if name in found)
    for name, (whole, part) in preset.less.items():
        if whole in found and part in found:
            made[name] = f"{found[whole]} less {found[part]}"
            rest = (_numbers(frame[found[whole]]) - _numbers(frame[found[part]]).fill_null(0.0)).clip(0.0)
            frame = frame.with_columns(rest.alias(made[name]))
    if preset.counts and order and "line_id" not in found:
        made["line_id"] = "line of the order"
        frame = frame.with_columns((pl.int_range(pl.len()).over(order) + 1).alias(made["line_id"]))
    return frame, made


def _in_utc(column: pl.Series) -> pl.Series:
    """Times without an offset marked as UTC; days stay days."""
    if column.dtype == pl.String:
        is_bare = column.str.contains(r"[0-9]:[0-9]") & ~column.str.contains(_OFFSET)
        return (column + " +00:00").zip_with(is_bare.fill_null(False), column).alias(column.name)
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is None:
        return column.dt.replace_time_zone("UTC")
    return column


def _filled(frame: pl.DataFrame, order: str, names: list[str]) -> pl.DataFrame:
    """What stands on an order's first line holds for the lines below it: blank, or with the order's name again."""
    blank = {name: pl.when(as_text(frame[name]).str.strip_chars() != "").then(pl.col(name)) for name in {order, *names}}
    frame = frame.with_columns(value.alias(name) for name, value in blank.items())
    begins = pl.col(order).is_not_null() & (pl.col(order) != pl.col(order).forward_fill().shift()).fill_null(True)
    frame = frame.with_columns(begins.cast(pl.Int32).cum_sum().alias("#order"))
    return frame.with_columns(pl.col(name).forward_fill().over("#order") for name in {order, *names}).drop("#order")


def _numbers(column: pl.Series) -> pl.Series:
    return numbers_of(column) if column.dtype == pl.String else column.cast(pl.Float64, strict=False)


def _mapping(source: Source, preset: Preset, found: Mapping[str, str]) -> Source:
    """The preset as a mapping of this file; what the company's own mapping says comes first."""
    quoted = {name: '"' + heading.replace('"', '""') + '"' for name, heading in found.items()}
    aside = {}
    for reason, condition in preset.set_aside.items():
        parts = [part for part in condition.split(" or ") if set(re.findall(r"{(\w+)}", part)) <= quoted.keys()]
        if parts:
            aside[reason] = " or ".join(parts).format_map(quoted)
    columns = {name: heading for name, heading in found.items() if name in preset.columns or name in preset.less}
    columns |= {"line_id": found["line_id"]} if "line_id" in found else {}
    constants = {name: value for name, value in preset.constants.items() if name not in {*columns, *source.columns}}
    values = {name: dict(told) for name, told in preset.values.items()}
    return source.model_copy(
        update={
            "columns": {name: one for name, one in columns.items() if name not in source.constants} | source.columns,
            "constants": constants | source.constants,
            "values": {name: values.get(name, {}) | source.values.get(name, {}) for name in {*values, *source.values}},
            "set_aside": aside | source.set_aside,
        }
    )
