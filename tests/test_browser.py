"""Pages in a browser: accessible by WCAG 2.2 A and AA, quiet, usable by keyboard and on the smallest screens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from catalogue.identity import key
from tests.barriers import barriers

pytestmark = pytest.mark.browser

SOLUTION, CITY, COMPANY = key("https://code.example/city/decide"), key("city"), key("company")
PAGES = {
    "home": "/",
    "list": "/solutions",
    "narrowed list": "/solutions?q=ticket&licence=MIT&country=FRA",
    "empty list": "/solutions?q=zzzz&country=ATL",
    "solution": f"/solution/{SOLUTION}",
    "initiative": f"/initiative/{key('programme')}",
    "administration": f"/administration/{CITY}",
    "owner": f"/owner/{COMPANY}",
    "distribution": f"/distribution/{key('1')}",
    "licence": "/licence/EUPL-1.2",
    "topics": "/topics",
    "sources": "/sources",
    "source": "/source/files",
    "record": "/source/files/record/decide/publiccode.yml",
    "about": "/about",
    "SPARQL": "/sparql",
    "gone": f"/solution/{key('gone')}",
    "error": "/nothing",
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(browser: Browser, address: str, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = barriers(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_request_leaves_the_host(page: Page, address: str, path: str) -> None:
    requests, messages = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address + path)
    assert [url for url in requests if not url.startswith((address, "data:"))] == []
    assert [text for text in messages if "404" not in text and "410" not in text] == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, path: str, width: int) -> None:
    """320 pixels are also 1280 at 400 % zoom."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address + path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    scrolled = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert scrolled <= width


def test_the_first_tab_leads_past_the_navigation(page: Page, address: str) -> None:
    page.goto(f"{address}/solutions")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"


def test_everything_in_focus_is_seen(page: Page, address: str) -> None:
    page.goto(f"{address}/solutions")
    for _ in range(30):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return [style.outlineStyle, parseFloat(style.outlineWidth)] })()"
        )
        assert box[0] == "solid"
        assert box[1] >= 2


def test_a_search_needs_no_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Search solutions").fill("tickt")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="30 results").wait_for()
    page.get_by_role("link", name="EUPL-1.2 10").click()
    page.get_by_role("heading", name="10 results").wait_for()
    page.get_by_role("link", name="Remove Licence: EUPL-1.2").click()
    page.get_by_role("heading", name="30 results").wait_for()
    page.go_back()
    page.get_by_role("heading", name="10 results").wait_for()
    context.close()


def test_a_finger_can_hit_what_is_to_be_hit(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}/solutions")
    heights = page.eval_on_selector_all("header nav a, aside details a, button", "all => all.map(e => e.offsetHeight)")
    context.close()
    assert min(height for height in heights if height) >= 44
