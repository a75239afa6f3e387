"""Staff at work, each with a second step and a browser of their own: what one begins, another ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from donations.operations.compliance import cases, checks
from tests.browser.authenticator import set_up
from tests.factories.accounts import UserFactory
from tests.factories.payouts import colleague, make_account
from tests.reconciling.house import bank_day, charge, fund, incoming, reconcile_march

LISTS = "/admin/donations/"
PDF = {
    "name": "letter.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
}


@pytest.fixture(autouse=True)
def kept_safe(settings, tmp_path):
    settings.STAFF_TOTP_REQUIRED = True
    settings.PRIVATE_FILES_ROOT = tmp_path


@pytest.fixture
def couple(real_transactions):
    return colleague("Anna"), colleague("Bruno")


def at_work(visit, somebody, **options):
    """Return somebody's browser, signed in with both steps."""
    visitor = visit(width=1360, **options)
    set_up(visitor.enter_back_office(somebody))
    visitor.page.get_by_role("link", name="I have them").click()
    return visitor


def press(page, name, **fields):
    """Press a button; where a page asks first, fill in what it asks and press again."""
    asks = page.get_by_role("link", name=f"{name}…", exact=True)
    page.locator(".buttons-bar").first.wait_for()
    if asks.count():
        asks.click()
        for label, value in fields.items():
            fill(page.get_by_label(label.replace("_", " ").capitalize()), value)
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("networkidle")


def fill(field, value):
    if isinstance(value, dict):
        field.set_input_files(value)
    elif field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(label=value)
    else:
        field.fill(value)


def both_ways(visitor, name):
    """Leave a picture of the page by day and by night, and let nothing of it stand beside the window."""
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.photograph(f"{name}-{scheme}")
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# A case -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(real_transactions):
    """A case about a check that found something."""
    now = timezone.now() - timedelta(hours=3)
    player = UserFactory(display_name="Ottavio", first_name="Ottavio", last_name="Brandolin")
    check = checks.open_check(
        user=player,
        check_type="aml",
        risk_level="high",
        risk_score=Decimal("72"),
        risk_factors=["many_small_top_ups", "new_account"],
        results={"top_ups": {"count": 14, "amount": "139.30"}, "days": 2, "cards": ["4242", "1881"]},
        reason="Fourteen top-ups in two days",
        now=now,
    )
    evidence = ["Fourteen top-ups of less than ten euros in two days."]
    return cases.open_case(
        kind="aml",
        subject_user=player,
        title="Many small top-ups",
        risk_level="high",
        checks=[check],
        evidence=evidence,
        now=now,
    )


def test_a_case_is_worked_by_one_person_and_closed_by_another(case, couple, visit):
    anna, bruno = couple
    visitor, second = at_work(visit, anna), at_work(visit, bruno)
    page = visitor.open(f"{LISTS}case/")
    page.get_by_role("link", name=case.case_id).click()

    press(page, "Take it")
    press(page, "Add a note", note="Called: the cards are his and his wife's.")
    press(page, "Add evidence", file=PDF, what_it_shows="The bank's letter")
    expect(page.get_by_role("cell", name="The bank's letter")).to_be_visible()
    both_ways(visitor, "work-case")
    press(page, "Propose to close", outcome="No action", reason="Household money, shown by the bank.")
    press(page, "Close", reason="Closing my own proposal.")
    expect(page.get_by_text("A second person closes the case")).to_be_visible()

    desk = second.open(f"{LISTS}case/")
    both_ways(second, "work-cases")
    desk.get_by_role("link", name=case.case_id).click()
    press(desk, "Close", reason="I read the letter too.")

    expect(desk.locator(".field-status .readonly")).to_have_text("Closed")
    expect(desk.get_by_role("cell", name="I read the letter too.")).to_be_visible()
    expect(desk.get_by_role("link", name="Take it")).to_have_count(0)
    both_ways(second, "work-case-closed")
    assert second.complaints == []


# A payout run -----------------------------------------------------------------------------------------------------


@pytest.fixture
def payable(onlus, couple):
    make_account(onlus, now=timezone.now() - timedelta(days=30))
    return couple


def test_a_payout_run_is_asked_for_by_one_person_and_released_by_another(payable, visit):
    anna, bruno = payable
    visitor, second = at_work(visit, anna), at_work(visit, bruno)
    page = visitor.open(f"{LISTS}payoutrun/")
    press(page, "Prepare payouts")
    press(page, "Ask for the release", reason="Month end")
    both_ways(visitor, "work-payout-run")
    visitor.open("/admin/approvals/approvalrequest/")
    page.get_by_role("link", name="Pay out €84.00").click()
    expect(page.get_by_role("link", name="Approve…")).to_have_count(0)

    desk = second.open("/admin/approvals/approvalrequest/")
    both_ways(second, "work-approvals")
    desk.get_by_role("link", name="Pay out €84.00").click()
    both_ways(second, "work-approval")
    press(desk, "Approve")

    visitor.open(f"{LISTS}payoutrun/")
    page.locator("#result_list tbody th a").click()
    expect(page.get_by_role("link", name="Order at the bank…")).to_be_visible()
    assert visitor.complaints == second.complaints == []


# A break ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fee_nobody_booked(couple):
    """A month of which the bank tells of a fee the books do not have."""
    fund()
    bank_day(incoming=[incoming()], charges=[charge("2.50")])
    reconcile_march(now=timezone.now())
    return couple


def test_a_break_is_taken_by_one_person_and_put_right_with_another(fee_nobody_booked, visit):
    anna, bruno = fee_nobody_booked
    visitor, second = at_work(visit, anna), at_work(visit, bruno)
    page = visitor.open(f"{LISTS}discrepancy/")
    page.locator("summary").filter(has_text="State").click()
    both_ways(visitor, "work-breaks")
    page.get_by_role("link", name="Open, nobody's").click()
    page.locator("#result_list tbody th a").click()
    press(page, "Take")
    press(page, "Resolve", resolution="Adjustment entry", notes="The price of the account")
    expect(page.locator(".field-status .readonly")).to_have_text("Waits for a second person")
    both_ways(visitor, "work-break")

    desk = second.open("/admin/approvals/approvalrequest/")
    desk.locator("#result_list tbody th a").click()
    press(desk, "Approve")

    page.reload()
    expect(page.locator(".field-status .readonly")).to_have_text("Resolved")
    expect(page.locator(".field-resolved_by .readonly")).to_contain_text("Bruno")
    assert visitor.complaints == second.complaints == []


# A list taken away ------------------------------------------------------------------------------------------------


def test_the_queue_of_cases_is_taken_away_as_a_workbook(case, couple, visit, tmp_path):
    anna, _bruno = couple
    visitor = at_work(visit, anna, accept_downloads=True)
    page = visitor.open(f"{LISTS}case/?status__exact=open")
    page.get_by_role("link", name="Export", exact=True).click()
    both_ways(visitor, "work-export")

    page.get_by_label("Excel (XLSX)").check()
    page.get_by_label("Reason").fill("For the meeting of the committee.")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export").click()

    kept = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(kept)
    head, *rows = load_workbook(kept).active.iter_rows(values_only=True)
    told = dict(zip(head, rows[0], strict=True))
    assert len(rows) == 1
    assert (told["Case"], told["Title"], told["Risk"]) == (case.case_id, "Many small top-ups", "High")
