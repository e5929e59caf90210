"""Write docs/data_dictionary.md and docs/settings.md from the table classes and the settings model: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import dataframely as dy
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from replenish.settings import Settings
from replenish.tables import backtest, core, inputs, meta, plan, proposal, reject
from replenish.tables.table import Table

HERE = Path(__file__).parent
LAYERS: dict[str, tuple[str, tuple[type[Table], ...]]] = {
    "Inputs (raw)": ("What a company may hand in; only `raw.sales` and `raw.stock` are required.", inputs.INPUT_TABLES),
    "Rejects (raw)": ("Rows that broke the contract.", (reject.Reject,)),
    "Core": (
        "The business as of tonight, made by `sql/core/<table>.sql`; `previous_*` are brought from the run before.",
        core.CORE_TABLES,
    ),
    "Plan": ("What the steps decide.", plan.PLAN_TABLES),
    "Proposal (plan)": (
        f"What a run publishes to be acted on: contract version {proposal.CONTRACT_VERSION}.",
        proposal.PROPOSAL_TABLES,
    ),
    "Backtest": ("What `replenish backtest` writes into its own folder.", backtest.BACKTEST_TABLES),
    "Bookkeeping (meta)": ("The night, its loads, and the history of runs.", meta.META_TABLES),
}


def data_dictionary() -> str:
    """The page of every table and column."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `src/replenish/tables/` by `make docs`. **Bold** columns are the key.",
    ]
    for title, (about, tables) in LAYERS.items():
        lines += ["", f"## {title}", "", about]
        for table in tables:
            lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """The page of every setting."""
    lines = [
        "# Settings",
        "",
        "Generated from `src/replenish/settings.py` by `make docs`; every setting of replenish.toml.",
    ]
    lines += ["An environment variable such as `REPLENISH_ORDER__PATHS=200` beats the file.", ""]
    lines += ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    lines += [_row(name, _default(field), _allowed(field), field.description) for name, field in settings()]
    return "\n".join(lines) + "\n"


def settings(model: type[BaseModel] = Settings, above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted name, sections opened."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        named = f"{above}{name}" + (".*" if get_origin(field.annotation) is dict and section else "")
        if section:
            yield from settings(section, f"{named}.")
        else:
            yield named, field


def _section(annotation: Any) -> type[BaseModel] | None:
    held = get_args(annotation)[1] if get_origin(annotation) is dict else annotation
    return held if isinstance(held, type) and issubclass(held, BaseModel) else None


def _table(table: type[Table]) -> list[str]:
    head = [f"### `{table.full_name()}`", "", (table.__doc__ or "").strip(), ""]
    rows = [_column(name, column) for name, column in table.columns().items()]
    return [*head, "| column | type | unit | may be empty | meaning |", "|---|---|---|---|---|", *rows]


def _column(name: str, column: dy.Column) -> str:
    about = column.metadata or {}
    words = f" ({', '.join(about['words'])})" if about["words"] else ""
    shown = f"**{name}**" if column.primary_key else name
    return _row(shown, str(column.dtype), about["unit"], "yes" if column.nullable else "", about["meaning"] + words)


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else f"`{field.default!r}`"


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{word!r}`" for word in get_args(field.annotation))
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "multiple_of": "multiple of"}
    return ", ".join(
        f"{sign} {getattr(limit, key)}"
        for limit in field.metadata
        for key, sign in signs.items()
        if hasattr(limit, key)
    )


def _row(*cells: str | None) -> str:
    return "| " + " | ".join((cell or "").replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


PAGES = {"data_dictionary.md": data_dictionary, "settings.md": settings_page}

if __name__ == "__main__":
    for page, text in PAGES.items():
        (HERE / page).write_text(text(), encoding="utf-8")
