"""The SQL behind every figure: each table of the line, what it reads, what reads it, and its rows. Not in the menu."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from replenish.reporting import Report
from replenish.reporting.lineage import readers

TITLE = "SQL behind the figures"
FILE = "sql.html"
ORDER = 99
TEMPLATE = "sql.html.j2"
SCRIPTS = ()
IS_LISTED = False  # every figure and the foot of every page lead here

LAYERS = {
    "mart": "What the pages show",
    "plan": "What the steps of the night decide, in Python",
    "core": "The business as of tonight",
    "meta": "The night itself",
    "staging": "Inputs, renamed and with their types",
    "raw": "Inputs as they came",
}


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    origins = report.origins
    layers = groupby(origins.values(), key=lambda origin: origin.layer)
    return {
        "layers": [(layer, LAYERS[layer], list(tables)) for layer, tables in layers],
        "readers": readers(origins),
    }
