"""A member of staff sets up the second step, comes back with a code, and takes a list away as a file."""

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from goodplay.lib.exports.tables import BYTE_ORDER_MARK
from tests.browser.authenticator import set_up

REASON = "For the accountant."


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_TOTP_REQUIRED = True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_staff_set_up_the_second_step_and_come_back_with_a_code(staff, visit, scheme):
    visitor = visit(color_scheme=scheme)
    page = visitor.enter_back_office(staff)
    expect(page.get_by_role("heading", name="Set up the second step")).to_be_visible()
    visitor.photograph(f"staff-set-up-{scheme}")

    app = set_up(page)
    expect(page.locator(".codes li")).to_have_count(10)
    visitor.photograph(f"staff-recovery-codes-{scheme}")
    recovery = page.locator(".codes li code").first.inner_text()
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_role("heading", name="Finance")).to_be_visible()

    again = visit(color_scheme=scheme)
    page = again.enter_back_office(staff)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    again.photograph(f"staff-second-step-{scheme}")
    page.locator("#id_code").fill(app.code())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Finance")).to_be_visible()
    page.get_by_role("link", name="Your sign-in").click()
    expect(page.get_by_role("row").filter(has_text="This one")).to_have_count(1)
    again.photograph(f"staff-own-account-{scheme}")

    lost = visit(color_scheme=scheme)
    page = lost.enter_back_office(staff)
    page.locator("#id_code").fill(recovery)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Finance")).to_be_visible()
    assert visitor.complaints == again.complaints == lost.complaints == []
    assert visitor.strangers == again.strangers == []


def test_a_wrong_code_is_told_and_keeps_the_door_closed(staff, visit):
    visitor = visit()
    page = visitor.enter_back_office(staff)
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    visitor.open("/admin/accounts/user/")
    expect(page.get_by_role("heading", name="Set up the second step")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_filtered_list_is_taken_away_as_it_is_shown(onlus, staff, visit, tmp_path, scheme):
    visitor = visit(color_scheme=scheme, accept_downloads=True)
    page = visitor.enter_back_office(staff)
    set_up(page)
    visitor.open("/admin/donations/donation/?o=4&status__exact=completed")
    shown = page.locator("#result_list tbody tr").count()

    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.get_by_text("Completed")).to_be_visible()
    visitor.photograph(f"export-{scheme}")
    page.get_by_label("Reason").fill(REASON)
    with page.expect_download() as csv_file:
        page.get_by_role("button", name="Export").click()
    page.get_by_label("Excel (XLSX)").check()
    with page.expect_download() as workbook:
        page.get_by_role("button", name="Export").click()

    lines = csv_file.value.path().read_text(encoding="utf-8").removeprefix(BYTE_ORDER_MARK).splitlines()
    kept = tmp_path / workbook.value.suggested_filename
    workbook.value.save_as(kept)
    sheet = load_workbook(kept).active
    assert (len(lines) - 1, sheet.max_row - 1, shown) == (12, 12, 12)
    assert lines[0].split(",") == [cell.value for cell in sheet[1]]
    visitor.open("/admin/exports/exportjob/")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    visitor.photograph(f"exports-{scheme}")
