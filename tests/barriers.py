"""What keeps people out of a page, by axe-core and the rules of WCAG 2.2 A and AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def barriers(page: Page, *but: str) -> list[tuple[str, str, str]]:
    """The rules that a page breaks, `but` some: each with the first piece of HTML that does, and why."""
    options = {"runOnly": _RULES, "rules": {rule: {"enabled": False} for rule in but}}
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"], rule["nodes"][0]["failureSummary"]) for rule in found]
