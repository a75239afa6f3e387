"""Every page, on a desk and on a phone, by day and by night: nothing broken, nothing cut off, nobody called."""

import pytest
from playwright.sync_api import expect

PAGES = [
    "landing",
    "sign-in",
    "portal-overview",
    "portal-donations",
    "portal-payouts",
    "portal-payout",
    "admin-dashboard",
    "api-docs",
]
WINDOWS = [("desktop", 1280, 860), ("phone", 390, 844)]


def open_page(visitor, name, member, staff):
    if name == "landing":
        return visitor.open("/")
    if name == "sign-in":
        return visitor.open("/portal/sign-in/")
    if name == "api-docs":
        page = visitor.open("/api/docs/")
        expect(page.locator(".opblock").first).to_be_visible()
        return page
    if name == "admin-dashboard":
        return visitor.enter_back_office(staff)
    page = visitor.enter_portal(member)
    if name == "portal-donations":
        page.get_by_role("link", name="Donations received").click()
    if name.startswith("portal-payout"):
        page.get_by_role("link", name="Payouts").click()
    if name == "portal-payout":
        page.locator("tbody tr", has_text="€84.00").get_by_role("link").click()
    return page


def faults_of(visitor, page, width):
    """Say what is wrong with the page that is open now."""
    return {
        "cut off": page.evaluate("document.documentElement.scrollWidth") > width,
        "images missing": page.evaluate("[...document.images].filter(image => !image.naturalWidth).length"),
        "complaints": visitor.complaints,
        "strangers called": visitor.strangers,
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width", "height"), WINDOWS)
def test_pages_are_whole(member, paid, staff, size, width, height, scheme, visit):
    found = {}

    for name in PAGES:
        visitor = visit(width=width, height=height, color_scheme=scheme)
        page = open_page(visitor, name, member, staff)
        page.wait_for_load_state("networkidle")
        visitor.photograph(f"{name}-{size}-{scheme}")
        found[name] = faults_of(visitor, page, width)

    whole = {"cut off": False, "images missing": 0, "complaints": [], "strangers called": []}
    assert found == dict.fromkeys(PAGES, whole)


def test_a_route_of_the_api_opens_offline(visit):
    visitor = visit()
    page = visitor.open("/api/docs/")

    page.locator(".opblock-summary-control").first.click()

    expect(page.get_by_text("Try it out").first).to_be_visible()
    assert visitor.strangers == []
