"""The report opened from disk: quiet, accessible, offline, and every part of it works."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched
from tests.reporting.rows import HOSTILE_NAMES

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "proposals.html",
    "exceptions.html",
    "item.html",
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


def column(page: Page, number: int) -> list[str]:
    """Texts of a column of the long table, as shown."""
    return page.locator(f"#listing tbody tr td:nth-child({number})").all_inner_texts()


def amounts(page: Page, number: int) -> list[float]:
    """The same as numbers; a dash counts as nothing at all."""
    return [float(text.split()[0].replace(",", "").replace("–", "-inf")) for text in column(page, number)]


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_accessibility_violation_by_day_or_night(small: Watched, name: str) -> None:
    page = small.open(name)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"preload": False})  # preloading would fetch styles, which the pages forbid
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def test_menu_leads_to_every_page_and_back(small: Watched) -> None:
    page = small.open("index.html")
    for name in (*PAGES[1:-1], PAGES[0]):
        page.locator(f'nav a[href="{name}"]').click()
        small.wait()
        assert page.url.split("#")[0].endswith(name)
        assert page.locator("nav a[aria-current=page]").get_attribute("href") == name


def test_proposals_sort_by_a_column(small: Watched) -> None:
    page = small.open("proposals.html")
    assert amounts(page, 1) == sorted(amounts(page, 1)), "most valuable first"
    heading = page.get_by_role("columnheader", name="Value")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert amounts(page, 7) == sorted(amounts(page, 7), reverse=True)
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert amounts(page, 7) == sorted(amounts(page, 7))


def test_proposals_filter_and_the_address_remembers(small: Watched) -> None:
    page = small.open("proposals.html")
    page.get_by_label("Do", exact=True).select_option(label="Bring forward")
    assert {text.removesuffix(" hold") for text in column(page, 2)} == {"Bring forward"}
    page.get_by_label("Source").select_option(label="supplier 4")
    assert set(column(page, 5)) == {"supplier 4"}
    address = page.url
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".listing-info")).to_contain_text("of 60")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")
    assert {text.removesuffix(" hold") for text in column(page, 2)} == {"Bring forward"}
    assert set(column(page, 5)) == {"supplier 4"}


def test_proposals_on_hold_say_why(small: Watched) -> None:
    page = small.open("proposals.html#hold=true")
    assert all("hold" in text for text in column(page, 2))
    assert all("On hold: GHOST_STOCK" in text for text in page.locator("#listing td.why").all_inner_texts())


def test_hostile_names_can_be_searched_and_stay_text(small: Watched) -> None:
    page = small.open("proposals.html")
    for name in HOSTILE_NAMES:
        page.get_by_label("Search").fill(name.strip())
        page.wait_for_function("document.querySelectorAll('#listing tbody tr').length === 1")
        assert column(page, 3)[0].startswith(name.strip())
    assert page.locator("main img, main script").count() == 0


def test_hostile_items_have_their_page(small: Watched) -> None:
    page = small.open("item.html")
    for name in HOSTILE_NAMES:
        page.evaluate("delete document.getElementById('node').dataset.shown")
        page.evaluate(
            "(hash) => { window.location.hash = hash; }", urlencode({"item": name[:299], "location": "shop 1"})
        )
        page.wait_for_selector("#node[data-shown]")
        assert (page.locator("#name").text_content() or "").strip() == name.strip()
        assert name[:299].strip() in (page.locator("#sentence").text_content() or "")
    assert page.locator("main img, main script").count() == 0


def test_exceptions_link_to_their_item(small: Watched) -> None:
    page = small.open("exceptions.html#code=SHORTAGE")
    assert set(column(page, 2)) == {"Shortage"}
    item = column(page, 3)[0]
    page.locator("#listing tbody tr td:nth-child(3) a").first.click()
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator("#name").inner_text() == item


def test_item_view_draws_history_forecast_and_stock(small: Watched) -> None:
    page = small.open("item.html#" + urlencode({"item": "I00010", "location": "shop 1"}))
    drawn = {
        place: page.evaluate(f"document.getElementById('{place}').data.map((trace) => trace.name)")
        for place in ("demand-chart", "stock-chart")
    }
    assert set(drawn["demand-chart"]) >= {"sold", "would have sold", "8 of 10 cases", "expected here"}
    assert set(drawn["stock-chart"]) >= {"in the books", "projected", "order up to", "reorder point", "safety stock"}
    assert page.locator("#worth-chart .point").count() == 8
    assert page.locator("#demand-chart .bars path").count() > 100
    assert "Reorder point" in page.locator("#facts").inner_text()
    assert "seasonal sma + tsb mix" in page.locator("#facts").inner_text()
    assert "I00010" in page.locator("#sentence").inner_text()


def test_data_health_says_what_is_in_use_and_whether_levels_hold(small: Watched) -> None:
    page = small.open("data_health.html")
    scores = page.locator("section", has=page.locator("#scores"))
    assert scores.locator("tbody tr").count() == 5
    assert scores.locator("tbody tr .badge").all_inner_texts() == ["in use"]
    assert "6.0 % ± 2.0 %" in scores.locator("tbody tr").first.inner_text()
    levels = page.locator("section", has=page.locator("#calibration"))
    assert levels.locator("tbody tr").count() == 8, "the largest groups alone"
    assert levels.locator("tbody td").first.inner_text() == "all"
    assert "94.4 %" in levels.locator("tbody tr").first.inner_text()
    assert "4 more" in levels.inner_text()


def test_any_level_of_the_forecast_can_be_read(small: Watched) -> None:
    page = small.open("forecast.html")
    whole = amounts(page, 8)
    assert whole == sorted(whole, reverse=True), "largest first"
    page.get_by_label("Category", exact=True).select_option(label="food")
    page.get_by_label("Location", exact=True).select_option(label="all together")
    assert column(page, 1) == ["food"]
    food = amounts(page, 8)[0]
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#listing tbody tr").nth(1)).to_be_visible()
    page.get_by_label("Location", exact=True).select_option(label="all together")
    parts = dict(zip(column(page, 1), amounts(page, 8), strict=True))
    assert food == pytest.approx(parts["food/fresh"] + parts["food/dry"], rel=0.01)
    assert max(parts, key=lambda name: parts[name]) == "all together"


def test_a_cell_of_the_matrix_shows_its_rows(small: Watched) -> None:
    page = small.open("inventory.html")
    cell = page.locator("table.matrix td").first
    count = int(cell.inner_text().split(" items")[0].split()[-1])
    cell.get_by_role("link").click()
    expect(page.locator("#listing tbody tr")).to_have_count(count)
    assert set(column(page, 3)) == {"AX"}
    assert page.get_by_label("Variation").input_value() == "X"
    box = page.locator("#rows").bounding_box()
    assert box is not None
    assert box["y"] < 400, "the rows are in sight"
    page.goto(f"{page.url.split('#')[0]}#surplus=DEAD_STOCK")
    expect(page.get_by_label("Variation")).to_have_value("")
    assert all(text.startswith("Dead stock") for text in column(page, 12))


def test_the_schedule_is_drawn_and_read_as_a_table_by_keyboard(small: Watched) -> None:
    page = small.open("production.html")
    chart = page.locator("svg.gantt")
    assert "48 operations on 4 machines" in (chart.get_attribute("aria-label") or "")
    assert chart.locator("rect.late").count() == 10
    hatched = chart.locator("rect.setup").first.evaluate("(one) => getComputedStyle(one).fill")
    assert "#setup" in hatched, "the pattern is found under the pages' own rules"
    rows = page.locator("details tbody tr")
    assert not rows.first.is_visible()
    page.locator("details:not(.behind) summary").focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_be_visible()
    assert rows.count() == 48
    box, label = chart.locator("rect.late").first.bounding_box(), chart.locator(".row").first.bounding_box()
    assert box is not None
    assert label is not None
    assert box["x"] > label["x"] + label["width"], "names of machines stay beside the bars"


def test_the_plant_prints(browser: Browser, small_folder: Path, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((small_folder / "production.html").as_uri())
    assert page.locator("svg.chart").count() == 4
    assert len(page.pdf(path=tmp_path / "production.pdf")) > 10_000
    context.close()


def test_item_view_marks_stock_outs(small: Watched) -> None:
    page = small.open("item.html")
    shaded, estimated = 0, 0
    for link in page.locator("#nodes a").all()[:6]:
        page.evaluate("delete document.getElementById('node').dataset.shown")
        link.click()
        page.wait_for_selector("#node[data-shown]")
        chart = "document.getElementById('demand-chart')"
        shaded += page.evaluate(f"{chart}.layout.shapes.filter((shape) => shape.type === 'rect').length")
        estimated += page.evaluate(f"{chart}.data[1].y.filter((value) => value !== null).length")
    assert shaded > 0, "shaded where the shelf was empty"
    assert estimated >= shaded, "an estimate for every bucket without stock"


def test_item_list_is_searched_word_by_word(small: Watched) -> None:
    page = small.open("item.html")
    page.get_by_label("Find among 60").fill("00042 shop")
    assert page.locator("#found").inner_text() == "1 found"
    page.locator("#nodes a").click()
    page.wait_for_function("document.getElementById('name').textContent === 'Item 00042'")
    page.go_back()
    page.wait_for_function("document.getElementById('name').textContent !== 'Item 00042'")


def test_an_item_that_is_not_there_is_said_to_be_missing(small: Watched) -> None:
    page = small.open("item.html#" + urlencode({"item": "<b>none</b>", "location": "x"}))
    assert page.locator("#name").inner_text() == "There is no such item in this report"


def test_charts_follow_the_time_chosen(small: Watched) -> None:
    page = small.open("item.html")
    shown = "document.getElementById('stock-chart').layout.xaxis.range[0]"
    half = page.evaluate(shown)
    page.get_by_role("button", name="Year", exact=True).click()
    page.wait_for_function(f"{shown} < '{half}'")
    assert page.get_by_role("button", name="Year", exact=True).get_attribute("aria-pressed") == "true"


def test_overview_is_readable_without_scripts_and_prints(browser: Browser, small_folder: Path, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((small_folder / "index.html").as_uri())
    assert max(one.locator("tbody tr").count() for one in page.locator("section table").all()) == 50
    assert page.locator(".tile").count() == 9
    assert len(page.pdf(path=tmp_path / "overview.pdf")) > 10_000
    context.close()


def test_first_stop_of_the_keyboard_is_the_way_past_the_menu(small: Watched) -> None:
    page = small.open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_narrow_screens_do_not_scroll_sideways(small: Watched) -> None:
    small.page.set_viewport_size({"width": 390, "height": 800})
    for name in PAGES:
        page = small.open(name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_no_table_is_wider_than_the_sheet(small: Watched) -> None:
    """A4 with a centimetre of margin is 740 dots wide; each page as the printer asks for it, long tables drawn out."""
    small.page.set_viewport_size({"width": 740, "height": 1000})
    small.page.emulate_media(media="print")
    for name in PAGES:
        page = small.open(name)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 740, name
