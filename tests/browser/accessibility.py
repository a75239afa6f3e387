"""What axe finds wrong with the page that is open: rules of WCAG 2, levels A and AA."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QUICKLY = {"resultTypes": ["violations"], "iframes": False, "preload": False}
EVERYTHING = {"runOnly": {"type": "tag", "values": LEVELS}, **QUICKLY}
# By night the same page differs in its colours only.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, **QUICKLY}


def violations(page: Page) -> list[str]:
    """Look at the page by day and by night."""
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE_SCRIPT)
    by_day = _told(page, EVERYTHING, "day")
    page.emulate_media(color_scheme="dark")
    return by_day + _told(page, COLOURS, "night")


def _told(page: Page, options: dict[str, Any], time: str) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{time}: {rule['id']}: {node['html'][:200]} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found
        for node in rule["nodes"]
    ]
