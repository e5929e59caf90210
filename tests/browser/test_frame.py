"""What every page shares: going anywhere, keys, addresses that keep what is seen, SQL, paper and contrast."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_report import PAGES, amounts, column
from tests.reporting.rows import HOSTILE_NAMES

pytestmark = pytest.mark.browser


def address(page: Page) -> dict[str, list[str]]:
    """What the address keeps, as the page itself sees it."""
    return parse_qs(page.evaluate("window.location.hash.slice(1)"))


def go_to(page: Page, text: str) -> Page:
    """Type into the field on top, by keyboard alone."""
    page.keyboard.press("/")
    page.keyboard.type(text)
    expect(page.get_by_role("listbox", name="Found")).to_be_visible()
    return page


def test_an_item_is_found_from_any_page_by_keyboard(small: Watched) -> None:
    for name in ("index.html", "sql.html", "proposals.html"):
        page = go_to(small.open(name), "i00042")
        field = page.get_by_role("combobox", name="Go to")
        expect(field).to_have_attribute("aria-expanded", "true")
        chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
        assert chosen.get_attribute("aria-selected") == "true"
        expect(page.locator("#go-to-told")).to_have_text("1 found")
        page.keyboard.press("Enter")
        page.wait_for_url("**/item.html#*")
        small.wait()
        assert page.locator("#name").inner_text() == "Item 00042"


def test_categories_places_pages_and_lines_are_found_too(small: Watched) -> None:
    page = small.open("index.html")
    for text, option, where in (
        ("food/dr", "food/dry category", {"category": ["food/dry"], "location": ["all"]}),
        ("shop 1", "shop 1 location", {"category": ["all"], "location": ["shop 1"]}),
        ("I0001", "“I0001” in exceptions lines", {"search": ["I0001"]}),
    ):
        go_to(page, text).get_by_role("option", name=option, exact=True).click()
        page.wait_for_function("(before) => !window.location.href.includes(before)", arg="index.html")
        small.wait()
        assert address(page) == where
        page.goto(f"{small.folder.as_uri()}/index.html")
    go_to(page, "health")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/data_health.html")


def test_hostile_names_in_the_list_of_what_is_found_stay_text(small: Watched) -> None:
    page = small.open("index.html")
    for name in HOSTILE_NAMES[:3]:
        page.locator("#go-to").fill(name.strip()[:40])
        expect(page.locator("#go-to-list li").first).to_contain_text(name.strip()[:20])
    assert page.locator("#go-to-list img, #go-to-list script").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator("#go-to-list")).to_be_hidden()


def test_keys_turn_pages_walk_rows_and_open_them(small: Watched) -> None:
    page = small.open("index.html")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/proposals.html")
    small.wait()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    second = column(page, 3)[1].split("\n")[0]
    assert second in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/item.html#*")
    small.wait()
    assert page.locator("#name").inner_text() == second


def test_help_lists_the_keys_and_can_switch_them_off(small: Watched) -> None:
    page = small.open("index.html")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("Data health")
    dialog.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "go-to"
    small.open("forecast.html")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Single keys are on").check()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "go-to"


def test_letters_typed_into_a_field_are_no_keys(small: Watched) -> None:
    page = small.open("proposals.html")
    page.get_by_label("Search", exact=True).fill("")
    page.keyboard.type("gp?/sjk")
    assert page.get_by_label("Search", exact=True).input_value() == "gp?/sjk"
    assert page.url.split("#")[0].endswith("proposals.html")


def test_the_address_keeps_order_page_and_length_of_a_listing(small: Watched) -> None:
    page = small.open("proposals.html")
    page.get_by_role("columnheader", name="Value").get_by_role("button").click()
    page.get_by_label("Rows a page").select_option("25")
    page.get_by_role("button", name="Next").click()
    assert address(page) == {"sort": ["value desc"], "rows": ["25"], "page": ["2"]}
    seen, link = amounts(page, 7), page.url
    assert page.locator(".listing-info").inner_text() == "26 to 50 of 60"
    page.goto("about:blank")
    page.goto(link)
    small.wait()
    assert amounts(page, 7) == seen
    expect(page.get_by_role("columnheader", name="Value")).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Search", exact=True).fill("00042")
    assert "page" not in address(page), "another search begins with its first page"
    page.evaluate("() => { window.location.hash = 'sort=nonsense&page=900&rows=-1'; }")
    expect(page.locator(".listing-info")).to_have_text("51 to 60 of 60")


def test_a_proposal_is_found_by_its_id(small: Watched) -> None:
    page = small.open("proposals.html")
    known = page.evaluate("replenish.load('proposals').then((columns) => columns.proposal_id[7])")
    page.get_by_label("Search", exact=True).fill(known)
    expect(page.locator("#listing tbody tr")).to_have_count(1)


def test_the_address_of_an_item_keeps_search_and_time_shown(small: Watched) -> None:
    page = small.open("item.html")
    page.get_by_label("Find among 60").fill("0004")
    page.get_by_role("button", name="Year", exact=True).click()
    page.locator("#nodes a", has_text="Item 00042").click()
    page.wait_for_function("document.getElementById('name').textContent === 'Item 00042'")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    small.wait()
    assert page.get_by_label("Find among 60").input_value() == "0004"
    assert page.get_by_role("button", name="Year", exact=True).get_attribute("aria-pressed") == "true"
    assert address(page)["item"] == ["I00042"]


def test_one_key_shows_the_sql_behind_every_figure_and_a_click_its_way(small: Watched) -> None:
    page = small.open("index.html")
    behind = page.locator("details.behind")
    assert behind.count() >= 5
    assert not behind.locator("div").first.is_visible()
    page.keyboard.press("s")
    for one in behind.all():
        expect(one.locator("div").first).to_be_visible()
    assert "from mart.proposal" in behind.nth(1).locator("pre").inner_text()
    behind.nth(1).get_by_role("link", name="mart.proposal").click()
    page.wait_for_url("**/sql.html#mart.proposal")
    assert page.evaluate("document.querySelector(':target').textContent") == "mart.proposal"
    small.page.go_back()


def test_paper_has_the_rows_and_none_of_the_handles(small: Watched, tmp_path: Path) -> None:
    page = small.open("proposals.html")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#listing tbody tr").count() == 60
    page.emulate_media(media="print")
    for handle in ("nav", ".go-to", "#filters", "details.behind", "#keys-open", ".listing-foot button"):
        assert not page.locator(handle).first.is_visible(), handle
    assert page.locator(".listing-info").is_visible(), "how many rows there are stands on the paper"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#listing tbody tr").count() == 50
    for name in PAGES:
        assert len(small.open(name).pdf(path=tmp_path / f"{name}.pdf")) > 5_000, name


def test_charts_are_painted_for_paper_while_it_is_printed(small: Watched) -> None:
    small.page.emulate_media(color_scheme="dark")
    page = small.open("item.html")
    chart = "document.getElementById('stock-chart')._fullLayout"
    before = page.evaluate(f"[{chart}.font.color, {chart}.width]")
    is_so = f"([colour, width]) => {chart}.font.color === colour && {chart}.width === width"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(is_so, arg=["#000", 680])
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(is_so, arg=before)
    assert before[0] == "#e5eaf0"


def test_forced_colours_and_less_motion_are_respected(browser: Browser, small_folder: Path) -> None:
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    page = context.new_page()
    page.goto((small_folder / "index.html").as_uri())
    current = page.locator("nav a[aria-current]").evaluate("(one) => getComputedStyle(one).outlineStyle")
    assert current == "solid", "the page one is on can be told without colours"
    bar = page.locator("svg.chart rect").first.evaluate("(one) => getComputedStyle(one).forcedColorAdjust")
    assert bar == "none", "bars keep the colours that tell them apart"
    assert page.evaluate("getComputedStyle(document.body).animationName") == "none"
    context.close()


def test_every_page_is_readable_without_scripts(browser: Browser, small_folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in PAGES:
        page.goto((small_folder / name).as_uri())
        assert page.locator("h1").is_visible(), name
        assert not page.locator("#go-to").is_visible(), "what needs a script is not offered"
        assert page.locator("nav a").count() == len(PAGES) - 1
    context.close()
