"""The night in a few lines of Markdown, for a dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from replenish.night.run import Finished


def as_markdown(finished: Finished) -> str:
    """What was planned, what needs a person, what was loaded, and where the report is."""
    told = finished.headline
    value = "" if told["new_order_value"] is None else f" worth {told['new_order_value']:,.2f} {told['currency']}"
    figures = [
        ("new orders", f"{told['new_orders']:,}{value}"),
        ("messages on open orders", f"{told['messages']:,}"),
        ("lines on hold", f"{told['on_hold']:,}"),
        ("exceptions", f"{told['exceptions']:,}, {told['value_at_stake']:,.2f} at stake"),
        ("report", str(finished.report)),
        ("proposals", str(finished.proposals)),
    ]
    stopped = told.get("stopped")
    loads = [(load.table, load.text, "; ".join(load.warnings)) for load in finished.loads]
    return "\n".join(
        [
            f"# {finished.run_id}",
            "",
            *([f"**Nothing is to be ordered yet: {_cell(stopped)}**", ""] if stopped else []),
            *_table(("", ""), figures),
            *(["", "## Loaded", "", *_table(("table", "what", "warnings"), loads)] if loads else []),
        ]
    )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [_row(heads), _row(("---",) * len(heads)), *(_row(tuple(map(_cell, row))) for row in rows)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """The text without a sign that Markdown or HTML would take for its own."""
    return escape(" ".join(text.split())).replace("|", "\\|").replace("`", "\\`").replace("[", "\\[")
