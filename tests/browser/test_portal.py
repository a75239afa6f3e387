from playwright.sync_api import expect

from tests.browser.tabs import turn_to


def test_a_member_signs_in_and_finds_the_donations(member, visit):
    visitor = visit()

    page = visitor.enter_portal(member)
    expect(page.get_by_role("heading", name="Il Sentiero Verde")).to_be_visible()
    expect(page.get_by_text("Received in all")).to_be_visible()
    turn_to(page, "Money", "Donations received")

    expect(page.locator("table tbody tr")).to_have_count(12)
    expect(page.locator(".sum")).to_have_text("€84.00")
    assert "Bianca" not in page.content()
    assert visitor.complaints == []


def test_the_period_narrows_the_list(member, visit):
    page = visit().enter_portal(member)
    turn_to(page, "Money", "Donations received")

    page.get_by_label("From").fill("2000-01-01")
    page.get_by_label("To").fill("2000-12-31")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Nothing in this period")).to_be_visible()


def test_the_keyboard_is_enough(member, visit):
    page = visit().open("/portal/sign-in/")
    expect(page.get_by_label("E-mail address")).to_be_focused()

    page.keyboard.type(member.email)
    page.keyboard.press("Tab")
    page.keyboard.type("a long phrase of my own")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Il Sentiero Verde")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_the_keyboard_leads_from_what_is_wrong_to_its_field(member, visit):
    page = visit(java_script_enabled=False).enter_portal(member)
    turn_to(page, "Organisation", "Public profile")

    page.get_by_label("Mission").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_label("Mission")).to_be_focused()


def test_the_portal_works_without_javascript(member, visit):
    page = visit(java_script_enabled=False).enter_portal(member)

    page.get_by_role("link", name="All donations").click()
    page.get_by_role("link", name="This year").click()
    expect(page.get_by_role("link", name="This year")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Italiano").click()
    expect(page.get_by_role("heading", name="Donazioni ricevute")).to_be_visible()
    page.get_by_role("button", name="Esci").click()

    expect(page.get_by_role("button", name="Accedi")).to_be_visible()


def test_a_payout_leads_to_its_statement(member, paid, visit):
    page = visit(java_script_enabled=False).enter_portal(member)

    turn_to(page, "Money", "Payouts")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody tr", has_text="€84.00").get_by_role("link").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Statement as PDF").click()

    assert waiting.value.path().read_bytes().startswith(b"%PDF")


def test_the_export_is_downloaded(member, visit):
    page = visit().enter_portal(member)
    turn_to(page, "Money", "Donations received")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as CSV").click()

    lines = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert waiting.value.suggested_filename.startswith("il-sentiero-verde-")
    assert len(lines) == 13
