"""A real Chromium against a real server. The pictures of every page are left in var/screenshots."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, Page, sync_playwright

from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.payouts import exported, make_account, prepare, settled

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PICTURES = Path(settings.BASE_DIR) / "var/screenshots"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="needs Chromium: apt install chromium"))


class Visitor:
    """Somebody at a browser: remembers what the page complained about and whom it called."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)

    def _note(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.strangers.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path)
        return self.page

    def enter_portal(self, user) -> Page:
        self.open("/portal/sign-in/")
        self.page.get_by_label("E-mail address").fill(user.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        return self._follow(self.page.get_by_role("button", name="Sign in"))

    def enter_back_office(self, user) -> Page:
        self.open("/admin/")
        self.page.fill("#id_username", user.email)
        self.page.fill("#id_password", PASSWORD)
        return self._follow(self.page.locator("input[type=submit]"))

    def _follow(self, button: Locator) -> Page:
        """Press, and wait until the page it leads to is whole, scripts included."""
        with self.page.expect_navigation():
            button.click()
        self.page.wait_for_load_state("networkidle")
        return self.page

    def photograph(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture
def visit(real_transactions, live_server) -> Iterator[Callable[..., Visitor]]:
    """Open a new browser window: `visit(width=390, color_scheme="dark")`.

    Ask for it last. Playwright keeps an event loop in this thread, beside which Django gives no access to the database:
    what a test needs must be there before, and the database is cleaned after the browser is gone.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))

        def open_window(*, width: int = 1280, height: int = 860, **options: Any) -> Visitor:
            size = {"width": width, "height": height}
            window = chromium.new_context(viewport=size, **{"locale": "en-GB", **options})
            return Visitor(window.new_page(), live_server.url)

        yield open_window
        chromium.close()


@pytest.fixture
def onlus(real_transactions):
    """An organisation with a past of a few months."""
    onlus = OnlusFactory(name="Il Sentiero Verde", city="Trento")
    now, donors = timezone.now(), [UserFactory(display_name=name) for name in ("Luca", "Irene", "Bianca")]
    for number in range(12):
        make_donation(
            donors[number % 3],
            onlus,
            f"{number + 1}.50",
            now=now - timedelta(days=number * 9, minutes=1),
            message="For the trees!" if number % 4 == 0 else "",
            is_anonymous=number % 3 == 2,
        )
    return onlus


@pytest.fixture
def paid(onlus):
    """One payout the organisation got, and one that is on its way."""
    now = timezone.now()
    make_account(onlus, now=now - timedelta(days=30))
    payout = settled(exported(prepare(now), now=now), now=now).payouts.get()
    make_donation(UserFactory(display_name="Nadia"), onlus, "25.00", now=now)
    exported(prepare(now), now=now)
    return payout


@pytest.fixture
def member(onlus):
    return MembershipFactory(onlus=onlus, user=UserFactory(display_name="Chiara Moretti")).user


@pytest.fixture
def staff(real_transactions):
    return StaffFactory(display_name="Giulia Ferri")
