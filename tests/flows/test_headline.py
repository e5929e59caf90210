"""The headline as an artifact: what it says, and that nobody needs it."""

from __future__ import annotations

import importlib
import logging
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest

from replenish.ingest import LoadResult
from replenish.night.headline import as_markdown
from replenish.night.run import Finished
from tests.flows.conftest import FLOWS

FIGURES: dict[str, Any] = {
    "new_orders": 1234,
    "new_order_value": 5678.9,
    "currency": "EUR",
    "messages": 3,
    "on_hold": 2,
    "exceptions": 4,
    "value_at_stake": 99.5,
    "stopped": None,
}


def finished(file: str = "sales.csv", **figures: Any) -> Finished:
    """A night that came to its end."""
    loads = (LoadResult("sales", file, "loaded", 5, 4, 1, warnings=("one | column <b>ignored</b>",)),)
    return Finished("2026-03-29-a", date(2026, 3, 29), Path("runs/2026-03-29-a"), True, loads, FIGURES | figures)


def test_it_tells_orders_money_holds_and_where_the_report_is() -> None:
    """One table of figures, one of loads; a night that is stopped says so first."""
    text = as_markdown(finished())
    assert "| new orders | 1,234 worth 5,678.90 EUR |" in text
    assert "| lines on hold | 2 |" in text
    assert f"| report | {Path('runs/2026-03-29-a/report/index.html')} |" in text
    assert "Nothing is to be ordered" not in text
    assert "**Nothing is to be ordered yet: KILL_SWITCH: too much**" in as_markdown(
        finished(stopped="KILL_SWITCH: too much")
    )
    assert "worth" not in as_markdown(finished(new_order_value=None))


def test_names_of_files_draw_no_markup() -> None:
    """A file called like a table, an image or a script is only a name."""
    text = as_markdown(finished("a|b`![x](http://evil.example)<script>\n# h.csv"))
    (row,) = [line for line in text.splitlines() if "evil" in line]
    assert "<script>" not in text
    assert "![x]" not in row
    assert "\n# h" not in text
    assert row.count(" | ") == 2
    assert "one \\| column &lt;b&gt;ignored" in text


@pytest.mark.prefect
def test_a_dead_server_is_a_line_in_the_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The night is published by then."""
    monkeypatch.syspath_prepend(FLOWS)
    headline = importlib.import_module("headline")

    def dead(*_: object, **__: object) -> NoReturn:
        raise ConnectionError("the server is gone")

    monkeypatch.setattr(headline, "create_markdown_artifact", dead)
    with caplog.at_level(logging.WARNING, logger="replenish"):
        headline.show(finished())
    assert "no artifact on the dashboard: ConnectionError" in caplog.text
