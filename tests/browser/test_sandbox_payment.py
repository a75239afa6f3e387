"""Paying in the sandbox, with a real browser: by keyboard, without JavaScript, on a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_pages import WHOLE, WINDOWS, faults_of
from tests.payments.sandboxes import created, row_of


@pytest.fixture
def path(real_transactions):
    """The address of a payment that waits to be made."""
    row = row_of(
        created(return_url="https://play.goodplay.example/paid", description="Gift to Il Sentiero Verde")
    )
    return reverse("sandbox:pay", args=[row.pk, row.token])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width", "height"), WINDOWS)
def test_the_payment_pages_are_whole(path, size, width, height, scheme, visit):
    visitor = visit(
        width=width, height=height, color_scheme=scheme, locale="it-IT" if size == "phone" else "en-GB"
    )
    found = {}

    def look(name):
        page.wait_for_load_state("networkidle")
        visitor.photograph(f"sandbox-{name}-{size}-{scheme}")
        found[name] = faults_of(visitor, page, width)

    page = visitor.open(path + "?card=asks")
    look("pay")
    page.locator("form button.tile").click()
    look("authenticate")
    page.locator("button[value=yes]").click()
    look("result")

    assert found == dict.fromkeys(("pay", "authenticate", "result"), WHOLE)


def test_a_payment_is_made_by_keyboard_and_without_javascript(path, visit):
    page = visit(java_script_enabled=False).open(path)

    page.get_by_label("Test card number").focus()
    for typed in ("4000000000009995", "12/39", "123"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is not enough money on the card.")
    page.get_by_role("link", name="Pays, and is a Mastercard.").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Test card number")).to_have_value("5555 5555 5555 4444")
    page.get_by_label("Security code").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_role("link", name="Go on")).to_have_attribute(
        "href", "https://play.goodplay.example/paid"
    )
