"""Every page there is, for everybody to whom it looks different, in both languages, by day and by night.

None breaks a rule of WCAG 2 A or AA, and none is wider than its window. What a form says to an empty answer is seen too.
"""

import pytest

from tests.browser.accessibility import violations
from tests.browser.every_page import build, unvisited, visits
from tests.factories.accounts import PASSWORD

WIDTHS = (1280, 768, 360)
# Empties the fields of the page's form; says whether there is one that people fill in.
EMPTIED = """() => {
    const fields = "input:not([type=hidden]), textarea, select";
    const forms = [...document.querySelectorAll("main form[method=post]")];
    const form = window.emptied = forms.find(form => form.querySelector(fields));
    if (!form) return false;
    form.noValidate = true;
    for (const field of form.querySelectorAll(fields)) {
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else field.value = "";
    }
    return true;
}"""
SENT = "window.emptied.requestSubmit(window.emptied.querySelector('button:not([formaction])'))"


@pytest.fixture
def house(real_transactions, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT, settings.MEDIA_ROOT = str(tmp_path / "private"), str(tmp_path / "media")
    return build()


@pytest.fixture
def tour(house):
    """What there is to see: the pages, and the routes of which nobody sees one."""
    pages = visits(house)
    return pages, unvisited(house, pages)


class Inspector:
    """Goes through pages and writes down what is wrong with them."""

    def __init__(self, visit, locale, people):
        self.visit, self.locale, self.people = visit, locale, people
        self.visitors, self.found = {}, {}

    def open(self, who, address):
        """Open a page in somebody's browser, who signed in when they first came."""
        if who not in self.visitors:
            self.visitors[who] = self.visit(locale=self.locale)
            if self.people[who]:
                enter(self.visitors[who], self.people[who])
        return self.visitors[who].open(address)

    def look(self, page, *what):
        wrong = violations(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 860})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"wider than {width}")
        page.set_viewport_size({"width": WIDTHS[0], "height": 860})
        if wrong:
            self.found[what] = wrong

    @property
    def strangers(self):
        return [address for visitor in self.visitors.values() for address in visitor.strangers]


def enter(visitor, user, password=PASSWORD):
    page = visitor.open("/portal/sign-in/")
    page.locator("#id_email").fill(user.email)
    page.locator("#id_password").fill(password)
    with page.expect_navigation():
        page.locator("main form button").click()
    return page


def test_what_is_wrong_is_found(visit):
    page = visit().open("/no/such/page")
    page.evaluate("""document.querySelector("main").innerHTML =
        "<img src=''><p style='color: light-dark(#888, #fff); background: light-dark(#fff, #ddd)'>Grey</p>" """)

    found = violations(page)

    assert [line.split(": ")[:2] for line in found] == [
        ["day", "color-contrast"],
        ["day", "image-alt"],
        ["night", "color-contrast"],
    ]


@pytest.mark.parametrize("locale", ["it-IT", "en-GB"])
def test_every_page_is_for_everybody(house, tour, locale, visit):
    pages, missing = tour
    assert missing == set()
    inspector = Inspector(visit, locale, house.people)

    for each in pages:
        page = inspector.open(each.who, each.address)
        inspector.look(page, each.who, each.name)
        if locale == "it-IT" and page.evaluate(EMPTIED):
            with page.expect_navigation():
                page.evaluate(SENT)
            inspector.look(page, each.who, each.name, "sent empty")
    at_closed_doors(inspector, house)

    assert inspector.found == {}
    assert inspector.strangers == []


def at_closed_doors(inspector, house):
    """Pages that say no, and the steps on the way in."""
    own, new = house.given["onlus"]["onlus_id"], house.given["new"]["onlus_id"]
    for who, address in {
        "stranger": "/portal/",
        "viewer": f"/portal/{own}/profile/",
        "newcomer": f"/portal/{own}/",
        "owner": f"/portal/{own}/donations/?from=2000-01-01&to=2000-12-31",
        "nobody": "/no/such/page",
    }.items():
        inspector.look(inspector.open(who, address), who, address)
    for address in (
        f"/organisations/{new}/",
        "/organisations/?search=nothing+of+the+kind",
        "/receipts/check/AAAA-BBBB",
        "/portal/invitations/an-old-one/",
    ):
        inspector.look(inspector.open("nobody", address), "nobody", address)
    visitor = inspector.visitors["nobody"]
    inspector.look(enter(visitor, house.people["careful"], "wrong"), "nobody", "wrong password")
    inspector.look(enter(visitor, house.people["careful"]), "careful", "second step")
