"""Somebody holds a receipt and wants to know whether it is genuine; somebody at an ONLUS reports a year."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from donations.operations import printing, receipts
from tests.browser.tabs import turn_to
from tests.browser.test_pages import WHOLE, WINDOWS, faults_of
from tests.factories.accounts import UserFactory
from tests.factories.receipts import give_own_money, tell_tax_data


@pytest.fixture
def receipt(onlus):
    now, donor = timezone.now(), UserFactory(first_name="Ottavia", last_name="Verdi")
    tell_tax_data(donor, now=now)
    donation = give_own_money(donor, onlus, "25.00", earned="4.50", now=now)
    return receipts.bring_in_line(donation_id=donation.pk, now=now)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width", "height"), WINDOWS)
def test_a_code_typed_from_paper_finds_its_receipt(receipt, size, width, height, scheme, visit):
    visitor = visit(width=width, height=height, color_scheme=scheme)
    page = visitor.open("/receipts/check/")
    visitor.photograph(f"check-form-{size}-{scheme}")

    page.get_by_label("Check code").fill(printing.spaced(receipt.code).lower())
    page.get_by_role("button", name="Check").click()

    expect(page.get_by_role("heading", name="This receipt is genuine")).to_be_visible()
    expect(page.get_by_text(receipt.reference)).to_be_visible()
    visitor.photograph(f"check-receipt-{size}-{scheme}")
    assert faults_of(visitor, page, width) == WHOLE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width", "height"), WINDOWS)
def test_the_year_to_report_fits_every_window(receipt, member, size, width, height, scheme, visit):
    visitor = visit(width=width, height=height, color_scheme=scheme)
    page = visitor.enter_portal(member)

    turn_to(page, "Money", "Tax communication")
    page.get_by_role("link", name=str(receipt.tax_year)).click()

    expect(page.get_by_role("heading", name=f"To report for {receipt.tax_year}")).to_be_visible()
    visitor.photograph(f"tax-communication-{size}-{scheme}")
    assert faults_of(visitor, page, width) == WHOLE
