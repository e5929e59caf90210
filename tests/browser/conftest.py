"""Pages in a real browser: Debian's Chromium, no network, nothing installed by the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request, Route

from replenish.reporting import write_report
from replenish.share import share_path
from tests.reporting.company import mart_tables, plan_tables

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium; without one, skip, or fail where a browser is required."""
    if CHROMIUM is None:
        told = "no chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("REPLENISH_REQUIRE_BROWSER") == "1":
            pytest.fail(told + ", and REPLENISH_REQUIRE_BROWSER=1 asks for one")
        pytest.skip(told)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(QUIET)}


class Watched:
    """A page together with everything it should not do."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.trouble: list[str] = []
        page.on("console", self._told)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("dialog", self._asked)
        page.on("requestfailed", self._failed)
        page.set_default_timeout(15_000)
        page.route("**/*", self._routed)

    def open(self, address: str) -> Page:
        """Open a page of the report and wait until its data are there."""
        self.page.goto(f"{self.folder.as_uri()}/{address}")
        return self.wait()

    def wait(self) -> Page:
        """Wait until the data of the page are there, of an item its last chart too."""
        self.page.wait_for_load_state()
        self.page.wait_for_selector("body[data-ready]", state="attached")
        if self.page.locator("#node").count():
            self.page.wait_for_selector("#node[data-shown]")
        return self.page

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.trouble.append(f"console {message.type}: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Request) -> None:
        self.trouble.append(f"failed: {request.url}")

    def _routed(self, route: Route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.trouble.append(f"network: {route.request.url}")
            route.abort()


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report over 60 nodes, hostile names among them."""
    folder = tmp_path_factory.mktemp("small")
    write_report(folder, mart_tables(plan_tables(60)), pages=share_path("reports"), company="Corner & <Co>")
    return folder


@pytest.fixture
def small(page: Page, small_folder: Path) -> Iterator[Watched]:
    """The small report in a browser; whatever went wrong in it fails the test."""
    watched = Watched(page, small_folder)
    yield watched
    assert watched.trouble == []
