"""A payout as staff walk it at a browser, with the second person at another."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories.payouts import colleague, make_account


@pytest.fixture
def couple(onlus):
    """Two of the finance staff, and an organisation that can be paid."""
    make_account(onlus, now=timezone.now() - timedelta(days=30))
    return colleague("Anna"), colleague("Bruno")


def press(page, name, **fields):
    page.get_by_role("link", name=f"{name}…").or_(page.get_by_role("button", name=name, exact=True)).click()
    for label, text in fields.items():
        page.get_by_label(label.capitalize()).fill(text)
    return page


def confirm(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_two_people_pay_an_organisation(couple, visit):
    anna, bruno = couple
    visitor, second = visit(), visit()
    page = visitor.enter_back_office(anna)
    page.goto(f"{visitor.home}/admin/donations/payoutrun/")
    press(page, "Prepare payouts")
    confirm(page, "Prepare payouts")
    expect(page.get_by_role("cell", name="Il Sentiero Verde")).to_be_visible()
    visitor.photograph("admin-payout-run-draft")
    press(page, "Ask for the release", reason="Month end")
    confirm(page, "Ask for the release")

    desk = second.enter_back_office(bruno)
    desk.goto(f"{second.home}/admin/approvals/approvalrequest/")
    desk.get_by_role("link", name="Pay out €84.00").click()
    press(desk, "Approve")
    second.photograph("admin-payout-approval")
    confirm(desk, "Approve")

    page.reload()
    press(page, "Order at the bank")
    confirm(page, "Order at the bank")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the file").click()
    press(page, "Ask the sandbox bank")
    confirm(page, "Ask the sandbox bank")

    expect(page.get_by_role("cell", name="Paid", exact=True)).to_be_visible()
    visitor.photograph("admin-payout-run-paid")
    assert b"pain.001.001.09" in waiting.value.path().read_bytes()
    assert visitor.complaints == second.complaints == []
