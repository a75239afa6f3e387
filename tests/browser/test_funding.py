"""Asking for funding and following it, and the dry run of the staff, in a browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.tabs import turn_to
from tests.browser.test_pages import WHOLE, faults_of
from tests.factories.allocation import make_giver, make_pool, make_request, run


@pytest.fixture
def funded(member, onlus):
    """A request that two players and a pool carried, and money for the next one."""
    now = timezone.now()
    make_giver("45.50", now=now)
    make_giver("20.00", now=now)
    make_pool("500.00", now=now)
    made = make_request("180.00", onlus=onlus, now=now, title="Trees for the school of Povo")
    run(now=now)
    make_giver("12.34", now=now)
    return made


def ask(page):
    page.get_by_role("link", name="Ask for funding").click()
    page.get_by_label("Project").fill("Benches along the path")
    page.get_by_label("What it is about").fill(
        "Six benches of larch along the path to the school, built with the pupils who will sit on them."
    )
    page.get_by_label("Amount in euros").fill("90.00")
    page.get_by_label("Urgency").select_option("5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width", "height"), [("desktop", 1280, 860), ("phone", 390, 844)])
def test_a_member_asks_and_reads_why(funded, member, visit, size, width, height, scheme):
    visitor = visit(width=width, height=height, color_scheme=scheme)
    page = visitor.enter_portal(member)

    def look(name):
        visitor.photograph(f"portal-funding{name}-{size}-{scheme}")
        assert faults_of(visitor, page, width) == WHOLE

    turn_to(page, "Funding")
    expect(page.get_by_text("given €180.00")).to_be_visible()
    look("")
    page.get_by_role("link", name="Trees for the school of Povo").click()
    expect(page.get_by_text("2 players")).to_be_visible()
    expect(page.get_by_role("cell", name="Funding gap")).to_be_visible()
    look("-request")
    page.get_by_role("link", name="Back to the requests").click()
    ask(page)
    look("-new")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("scored with the next run")).to_be_visible()
    page.get_by_role("button", name="Withdraw the request").click()
    expect(page.locator(".chip").get_by_text("Withdrawn")).to_be_visible()


def test_staff_look_at_the_dry_run(funded, member, staff, visit):
    page = visit().enter_portal(member)
    turn_to(page, "Funding")
    ask(page)
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("button", name="Withdraw the request")).to_be_visible()

    visitor = visit()
    page = visitor.enter_back_office(staff)
    visitor.open("/admin/donations/allocationrequest/")
    page.get_by_role("button", name="Dry run of everything that waits").click()
    expect(page.get_by_text("Adds what donors lack")).to_be_visible()
    visitor.photograph("admin-allocation-dry-run")
    visitor.open(f"/admin/donations/allocationrequest/{funded.pk}/change/")
    expect(page.get_by_role("cell", name="Funding gap")).to_be_visible()
    visitor.photograph("admin-allocation-request")
    visitor.open("/admin/donations/fundingpool/")
    expect(page.locator("meter")).to_be_visible()
    visitor.photograph("admin-funding-pools")

    assert visitor.complaints == []
