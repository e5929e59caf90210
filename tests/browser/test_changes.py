"""The page of changes in a browser: causes, filters, and a link to one line."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.reporting.changes import CHANGED

pytestmark = pytest.mark.browser


def column(page: Page, number: int) -> list[str]:
    """Texts of a column of the long table, as shown."""
    return page.locator(f"#listing tbody tr td:nth-child({number})").all_inner_texts()


def test_causes_and_lists_lead_to_their_orders(small: Watched) -> None:
    page = small.open("changes.html")
    assert len(column(page, 1)) == CHANGED
    expect(page.get_by_role("img", name="Money in orders that changed")).to_be_visible()
    page.locator(".chips").get_by_role("link", name="vanished").click()
    expect(page.locator(".listing-info")).to_contain_text(f"of {CHANGED // 4}")
    assert set(column(page, 2)) == {"vanished"}
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".listing-info")).to_contain_text(f"of {CHANGED}")
    page.locator("#causes ~ .scroll").get_by_role("link", name="Stock", exact=True).click()
    expect(page.locator(".listing-info")).to_contain_text("out of")
    assert set(column(page, 8)) == {"Stock"}, "by the name that the table of causes gives it"


def test_a_line_has_an_address_of_its_own(small: Watched) -> None:
    page = small.open("changes.html#search=P3")
    assert column(page, 2) == ["vanished"]
    page.locator("#listing tbody tr td:nth-child(3) a").click()
    small.wait()
    expect(page.locator("#findings")).to_contain_text("Since last night")
    page.go_back()
    page.wait_for_selector("body[data-ready]", state="attached")
    assert column(page, 2) == ["vanished"]


def test_names_and_orders_stay_text(small: Watched) -> None:
    page = small.open("changes.html")
    assert page.locator("main img, main script, main i").count() == 0
    expect(page.locator("#messages ~ .scroll")).to_contain_text("<i>4711</i>")
