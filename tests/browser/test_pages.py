"""Every page, on a desk and on a phone, by day and by night: nothing broken, nothing cut off, nobody called."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from donations.follow_links import follow_address
from donations.models import Donation
from tests.browser.tabs import turn_to

# In the order in which somebody goes through them, signed in once.
PAGES = {
    "nobody": [
        "landing",
        "transparency",
        "organisations",
        "organisation",
        "reports",
        "follow",
        "sign-in",
        "api-docs",
    ],
    "member": ["portal-overview", "portal-donations", "portal-payouts", "portal-payout"],
    "staff": ["admin-dashboard"],
}
PUBLIC = {
    "landing": "/",
    "transparency": "/transparency/",
    "organisations": "/organisations/",
    "reports": "/reports/",
    "sign-in": "/portal/sign-in/",
    "api-docs": "/api/docs/",
}
WINDOWS = [("desktop", 1280, 860), ("phone", 390, 844)]
WHOLE = {"cut off": False, "images missing": 0, "complaints": [], "strangers called": []}


@pytest.fixture
def way(paid):
    """Where the donor of a gift follows it."""
    return follow_address(Donation.objects.completed().first().pk).removeprefix(settings.PUBLIC_URL)


def enter(visitor, who, people):
    if who == "member":
        visitor.enter_portal(people[who])
    if who == "staff":
        visitor.enter_back_office(people[who])


def turn_page(visitor, name, way):
    """Go on from the page before."""
    page = visitor.page
    if name in PUBLIC:
        visitor.open(PUBLIC[name])
    if name == "organisation":
        visitor.open("/organisations/")
        page.locator(".sheets a").first.click()
    if name == "follow":
        visitor.open(way)
    if name == "api-docs":
        # The schema is made when it is first asked for, which takes seconds on a busy machine.
        expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    if name == "portal-donations":
        turn_to(page, "Money")
    if name == "portal-payouts":
        turn_to(page, "Money", "Payouts")
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
def test_pages_are_whole(member, paid, staff, way, size, width, height, scheme, visit):
    wrong = {}

    for who, names in PAGES.items():
        visitor = visit(width=width, height=height, color_scheme=scheme)
        enter(visitor, who, {"member": member, "staff": staff})
        for name in names:
            page = turn_page(visitor, name, way)
            page.wait_for_load_state("networkidle")
            visitor.photograph(f"{name}-{size}-{scheme}")
            if (faults := faults_of(visitor, page, width)) != WHOLE:
                wrong[name] = str(faults)

    assert wrong == {}


def test_a_route_of_the_api_opens_offline(visit):
    visitor = visit()
    page = visitor.open("/api/docs/")

    page.locator(".opblock-summary-control").first.click()

    expect(page.get_by_text("Try it out").first).to_be_visible()
    assert visitor.strangers == []
