"""A new organisation from its application to its first payout, and what its first donor sees of it meanwhile."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Onlus, OnlusApplication, User
from accounts.tasks import carry_announcements
from donations.models import OnlusBankAccount, PayoutRun
from donations.tasks import prepare_payouts
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import day_start
from impact.models import ImpactMetric, ImpactUpdate, StoryProposal
from tests.factories.accounts import PASSWORD
from tests.factories.applications import FACTS, make_reviewer
from tests.factories.donations import give_credits
from tests.factories.payouts import IBANS, colleague
from tests.factories.private_files import PDF
from tests.impact.wire import Page, calling, serving
from tests.journeys.people import Clerk, Person

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MONTH_END = datetime(2026, 4, 1, 6, tzinfo=UTC)
APPLICATIONS = "/api/onlus/applications"
QUEUE = "/admin/accounts/onlusapplication/"
PAPERS = "/admin/accounts/onlusdocument/"
CHECKS = "/admin/accounts/verificationcheck/"
ACCOUNTS = "/admin/donations/onlusbankaccount/"
RUNS = "/admin/donations/payoutrun/"
APPROVALS = "/admin/approvals/approvalrequest/"
NAME, IBAN = FACTS["organization_name"], IBANS[0]
STORY = {
    "title_it": "Il primo pianoforte",
    "title": "The first piano",
    "preview_content_it": "È arrivato un pianoforte.",
    "preview_content": "A piano has come.",
    "content_it": "Suona ogni pomeriggio.",
    "content": "It is played every afternoon.",
    "category": "education",
    "tags": "music",
}
OPENS = {
    "story_type": "onlus_update",
    "unlock_condition_type": "donation_count",
    "unlock_condition_value": "1",
    "priority": "3",
}
METRIC = {
    "metric_name": "Lessons given",
    "metric_type": "beneficiaries",
    "metric_unit": "people",
    "current_value": "120",
    "shows": "The register of lessons.",
    "taken_on": "2026-03-01",
    "place": "Trento",
}
NEWS = {"title": "Two hundred lessons", "content": "Thanks to you.", "update_type": "project_completed"}


@pytest.fixture(autouse=True)
def kept_safe(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT, settings.MEDIA_ROOT = str(tmp_path / "private"), str(tmp_path / "media")


def test_an_organisation_comes_in_and_its_donor_sees_what_it_does():
    with time_machine.travel(MONDAY, tick=True) as clock:
        anna, bruno = Clerk(colleague("Anna")), Clerk(colleague("Bruno"))
        lucia = Person().join("lucia@radici.example", "Lucia")
        onlus = taken_in(lucia, Clerk(make_reviewer()))
        desk = Desk(lucia, onlus)
        open_the_account(desk, anna, bruno)
        publish(desk, anna)

        alice = Person().join("alice@example.org", "Alice")
        give_credits(User.objects.get(email="alice@example.org"), "50.00")
        with serving() as port, calling(port) as connection:
            page = Page(connection, {"token": alice.token})
            donation = give(alice, onlus, "42.00")
            hears_of_the_gift(page)
            desk.send("updates/new/", NEWS)
            desk.send(f"updates/{ImpactUpdate.objects.of_onlus(onlus.pk).get().pk}/publish/")
            carry_announcements()
            hears_of_the_news(page)
        sees_it_all(alice, onlus, donation)
        assert "42.00" in desk.read("")
        assert "Alice" in desk.read("donations/")

        clock.move_to(MONTH_END)
        run = pay_out(anna, bruno, clock)
        reads_the_statement(desk, run)
        follows_the_euro(alice.sign_in(), donation)


class Desk:
    """Somebody of the organisation, at the portal; signs in anew for each visit, as days lie between them."""

    def __init__(self, person, onlus):
        self.credentials, self.onlus = person.credentials, onlus

    def _enter(self):
        client = Client()
        assert client.post("/portal/sign-in/", self.credentials).status_code == 302
        return client

    def read(self, path):
        answer = self._enter().get(f"/portal/{self.onlus.pk}/{path}")
        assert answer.status_code == 200
        return answer.text if "text" in answer.headers["Content-Type"] else answer.getvalue()

    def send(self, path, data=None):
        answer = self._enter().post(f"/portal/{self.onlus.pk}/{path}", data or {})
        assert answer.status_code == 302, answer.text


# The way in -------------------------------------------------------------------------------------------------------


def taken_in(lucia, carla):
    """Apply over REST, and be looked at in the back office, paper by paper and check by check."""
    body = {**FACTS, "incorporation_date": "2015-05-04"}
    begun = lucia.call("post", APPLICATIONS, body, status=201)
    key = begun["application_id"]
    assert lucia.refused("post", f"{APPLICATIONS}/{key}/submit", status=422) == "APPLICATION_INCOMPLETE"
    for kind in begun["required_documents"]:
        hand_in(lucia, key, kind)
    lucia.call("post", f"{APPLICATIONS}/{key}/submit")

    carla.press(f"{QUEUE}{key}/", "take")
    application = OnlusApplication.objects.get(pk=key)
    for paper in application.documents.current():
        carla.press(f"{PAPERS}{paper.pk}/", "approve")
    for check in [each for each in application.verification_checks.all() if not each.is_over]:
        found = {"passed": "yes", "risk_level": "low", "score": "90", "result_summary": "In order."}
        carla.press(f"{CHECKS}{check.pk}/", "answer", **found)
    carla.press(f"{QUEUE}{key}/", "pass_verification")
    carla.press(f"{QUEUE}{key}/", "approve", reason="All in order")

    assert lucia.call("get", f"{APPLICATIONS}/{key}")["status"] == "approved"
    onlus = Onlus.objects.get(name=NAME)
    assert not onlus.accepts_donations
    return onlus


def hand_in(lucia, key, kind):
    answer = lucia.client.post(
        f"{APPLICATIONS}/{key}/documents",
        {"document_type": kind, "file": SimpleUploadedFile("paper.pdf", PDF)},
        format="multipart",
        HTTP_AUTHORIZATION=f"Bearer {lucia.token}",
    )
    assert answer.status_code == 201, answer.content


def open_the_account(desk, anna, bruno):
    """The owner enters it; with the second of two people who verify it the organisation can be given to."""
    desk.send(
        "bank-account/",
        {"iban": IBAN, "holder": NAME, "town": "Trento", "country": "IT", "password": PASSWORD},
    )
    account = OnlusBankAccount.objects.get(onlus=desk.onlus)
    for clerk in (anna, bruno):
        assert "Not verified" in desk.read("")
        clerk.press(f"{ACCOUNTS}{account.pk}/", "verify", iban=IBAN, payee_check="match")
    desk.onlus.refresh_from_db()
    if desk.onlus.verified_at is None:
        anna.choose("/admin/accounts/onlus/", "verify", desk.onlus)
        desk.onlus.refresh_from_db()
    assert desk.onlus.accepts_donations


# What it tells ----------------------------------------------------------------------------------------------------


def publish(desk, anna):
    desk.send("stories/new/", STORY)
    proposal = StoryProposal.objects.get(onlus=desk.onlus)
    anna.press(f"/admin/impact/storyproposal/{proposal.pk}/", "accept", **STORY, **OPENS)
    assert "Accepted" in desk.read("stories/")
    desk.send("metrics/new/", {**METRIC, "file": SimpleUploadedFile("register.pdf", PDF)})
    metric = ImpactMetric.objects.of_onlus(desk.onlus.pk).get(metric_name=METRIC["metric_name"])
    anna.press(
        f"/admin/impact/impactmetric/{metric.pk}/", "verify", seen_value="120.00", reason="Read the register"
    )
    assert "Verified" in desk.read("metrics/")


# What the donor sees ----------------------------------------------------------------------------------------------


def give(alice, onlus, amount):
    gift = {"amount": amount, "onlus_id": str(onlus.pk)}
    return alice.call("post", "/api/donations/create", gift, status=201)["donation_id"]


def hears_of_the_gift(page):
    besides = ("notification", "leaderboard_changed")
    heard = [page.event(besides=besides) for _ in range(3)]
    stories = {data["story"]["title"] for name, data in heard if name == "story_unlocked"}
    assert "The first piano" in stories
    assert "wallet_changed" in {name for name, _data in heard}


def hears_of_the_news(page):
    while True:
        name, data = page.event()
        if name == "notification" and data["notification"]["kind"] == "impact_update":
            assert data["notification"]["title"] == f"News of {NAME}: Two hundred lessons"
            return


def sees_it_all(alice, onlus, donation):
    figures = alice.call("get", f"/api/impact/onlus/{onlus.pk}/metrics")
    counted = {row["metric_name"]: row["current_value"] for row in figures["metrics"]}
    assert counted["Lessons given"] == 120.0
    assert [news["title"] for news in figures["recent_updates"]] == ["Two hundred lessons"]
    stories = alice.call("get", "/api/impact/stories/available")["available_stories"]
    assert "The first piano" in {story["title"] for story in stories if story["is_unlocked"]}
    told = {row["kind"] for row in alice.call("get", "/api/notifications")["notifications"]}
    assert {"receipt_issued", "story_unlocked", "impact_update"} <= told
    assert alice.call("get", f"/api/impact/donation/{donation}")["donation_id"] == donation


# The money --------------------------------------------------------------------------------------------------------


def pay_out(anna, bruno, clock):
    prepare_payouts()
    run = PayoutRun.objects.get()
    anna.press(f"{RUNS}{run.pk}/", "request_release", reason="Month's end")
    bruno.press(f"{APPROVALS}{ApprovalRequest.objects.get(kind='payout_run').pk}/", "approve")
    anna.press(f"{RUNS}{run.pk}/", "export")
    run.refresh_from_db()
    clock.move_to(day_start(run.execute_on) + timedelta(hours=9))
    assert "paid: 1" in anna.press(f"{RUNS}{run.pk}/", "ask_sandbox", answer="pays").text
    return run


def reads_the_statement(desk, run):
    payout = run.payouts.get()
    assert (payout.amount, payout.onlus, payout.status) == (Decimal("42.00"), desk.onlus, "settled")
    page = desk.read("payouts/")
    assert "42.00" in page
    assert "Paid" in page
    assert desk.read(f"payouts/{payout.pk}.pdf").startswith(b"%PDF-")
    assert "Alice" in desk.read(f"payouts/{payout.pk}.csv")


def follows_the_euro(alice, donation):
    assert alice.call("get", f"/api/impact/donation/{donation}")["donation_id"] == donation
    assert alice.call("get", f"/api/donations/{donation}/receipt/download").content.startswith(b"%PDF-")
