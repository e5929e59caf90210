"""A report over 30,000 items at locations, opened from disk in headless Chromium: seconds and weight of every page."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from measure import row, scratch
from playwright.sync_api import Browser, Page, sync_playwright

from replenish.reporting import write_report
from replenish.share import share_path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the made-up company of the tests
from tests.reporting.company import mart_tables, plan_tables

NODES = 30_000
TRIES = 5
MEMORY_GB = 8.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = (
    "index.html",
    "proposals.html",
    "exceptions.html",
    "item.html",
    f"item.html#item=I{NODES // 2:05d}&location=shop+1",
    "forecast.html",
    "inventory.html",
    "production.html",
    "changes.html",
    "backtest.html",
    "promises.html",
    "adoption.html",
    "data_health.html",
    "sql.html",
)


def written(folder: Path) -> float:
    """Write the report, planned by week; seconds of the writing alone."""
    tables = mart_tables(plan_tables(NODES, bucket_days=7), memory_limit_gb=MEMORY_GB)
    start = time.perf_counter()
    write_report(folder, tables, pages=share_path("reports"), company="Thirty thousand")
    return time.perf_counter() - start


def opened(page: Page, address: str) -> None:
    """From the start of the navigation until what is seen first is drawn, data and chart included."""
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")


def found(page: Page) -> None:
    """From the first letter of a search on top of the page until its answers are listed."""
    page.keyboard.press("/")
    page.keyboard.type("29999")
    page.wait_for_selector("#go-to-list li")


def median(browser: Browser, work: Callable[[Page], None], before: Callable[[Page], None] | None = None) -> float:
    """Seconds of some work in a fresh browser context, the median of five."""
    seconds = []
    for _ in range(TRIES):
        context = browser.new_context()
        page = context.new_page()
        if before:
            before(page)
        start = time.perf_counter()
        work(page)
        seconds.append(time.perf_counter() - start)
        context.close()
    return statistics.median(seconds)


def weight(browser: Browser, address: str) -> tuple[float, float]:
    """MB of the page and of all files that it read, and CPU seconds of the thread that drew it."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    read: set[str] = set()
    page.on("request", lambda request: read.add(request.url))
    opened(page, address)
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    files = {Path(unquote(urlsplit(one).path)) for one in read if one.startswith("file:")}
    return sum(file.stat().st_size for file in files) / 1e6, told["ThreadTime"]


def measured(browser: Browser, folder: Path) -> None:
    """A row for the blank page, for every page and for the search."""
    blank = median(browser, lambda page: page.goto("about:blank") and None)
    row("- a blank page, for comparison", f"{blank:.2f} s")
    for name in PAGES:
        address = f"{folder.as_uri()}/{name}"
        seconds = median(browser, lambda page, address=address: opened(page, address))
        row(f"- `{name.partition('#')[0]}`{' by a link' if '#' in name else ''}", _told(seconds, browser, address))
    seconds = median(browser, found, lambda page: opened(page, f"{folder.as_uri()}/index.html"))
    row("- first search among all of them", f"{seconds:.2f} s")


def _told(seconds: float, browser: Browser, address: str) -> str:
    read, cpu = weight(browser, address)
    return f"{seconds:.2f} s ({cpu:.2f} s CPU), {read:.1f} MB read"


if __name__ == "__main__":
    with scratch() as place, sync_playwright() as driver:
        spent = written(place / "report")
        size = sum(file.stat().st_size for file in (place / "report").rglob("*") if file.is_file()) / 1e6
        row(f"report over {NODES:,} items at locations, written", f"{spent:.1f} s, {size:.1f} MB on disk")
        with driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS)) as chromium:
            measured(chromium, place / "report")
