"""The whole way of a payout through the back office, as two members of staff walk it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from donations.bank.credit_transfers import read_pain001
from donations.models import BankFile, OnlusBankAccount, Payout, PayoutFile, PayoutRun
from donations.operations import bank_accounts
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, make_donation
from tests.factories.payouts import (
    IBANS,
    answer,
    colleague,
    enter_account,
    exported,
    make_account,
    order_of,
    payable_onlus,
    prepare,
    released,
    statement,
)

pytestmark = pytest.mark.django_db
Status = Payout.Status
RUNS = "/admin/donations/payoutrun/"
ACCOUNTS = "/admin/donations/onlusbankaccount/"
FILES = "/admin/donations/bankfile/"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


def seat(name):
    client = Client()
    client.force_login(colleague(name))
    return client


@pytest.fixture
def anna():
    return seat("Anna")


@pytest.fixture
def bruno():
    return seat("Bruno")


def press(client, page, name, **data):
    return client.post(f"{page}do/{name}/", data, follow=True)


def at(run, *, kind="payoutrun"):
    return f"/admin/donations/{kind}/{run.pk}/"


def buttons(client, run):
    response = client.get(f"{at(run)}change/")
    return {each["button"].label for each in response.context["buttons"]}


def test_two_people_walk_the_whole_way(anna, bruno):
    onlus = OnlusFactory(name="Il Sentiero Verde", bank_account_verified_at=None)
    account = {"onlus": onlus.pk, "iban": IBANS[1], "holder": onlus.name, "town": "Trento", "country": "it"}
    press(anna, ACCOUNTS, "enter", **account)
    row = OnlusBankAccount.objects.get()
    said = {"iban": "DE89 3704 0044 0532 0130 00", "payee_check": "match"}
    assert "A second person decides" in press(anna, at(row, kind="onlusbankaccount"), "verify", **said).text
    press(bruno, at(row, kind="onlusbankaccount"), "verify", **said)
    onlus.refresh_from_db()
    assert onlus.accepts_donations
    make_donation(UserFactory(), onlus, "12.50")

    press(anna, RUNS, "prepare")
    run = PayoutRun.objects.get()
    assert run.created_by == colleague("Anna")
    press(anna, at(run), "request_release", reason="Month end")
    asked = ApprovalRequest.objects.get()
    press(
        bruno,
        at(asked, kind="payoutrun").replace("donations/payoutrun", "approvals/approvalrequest"),
        "approve",
    )
    press(anna, at(run), "export")
    downloaded = press(anna, at(run), "download")
    assert read_pain001(downloaded.content).total == Decimal("12.50")
    told = press(anna, at(run), "ask_sandbox", answer="pays").text

    assert "accepted: 1" in told
    assert "paid: 1" in told
    assert Payout.objects.get().status == Status.SETTLED
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {
        "bank_account_enter",
        "bank_account_verify",
        "payout_run_prepare",
        "approval_requested",
        "approval_approved",
        "payout_run_export",
        "payout_file_download",
        "bank_file_import",
    } <= actions


def test_nobody_releases_what_they_asked_for(anna):
    payable_onlus("12.00")
    run = prepare()
    press(anna, at(run), "request_release", reason="Month end")
    page = f"/admin/approvals/approvalrequest/{ApprovalRequest.objects.get().pk}/"

    assert anna.post(f"{page}do/approve/", {}).status_code == 403
    assert Payout.objects.get().status == Status.DRAFT


def test_each_state_offers_what_makes_sense(anna, settings):
    payable_onlus("12.00")
    run = prepare()
    assert buttons(anna, run) == {"Ask for the release", "Cancel the run"}
    assert buttons(anna, released(run)) == {"Order at the bank", "Cancel the run"}
    payable_onlus("13.00", iban=IBANS[2])
    other = exported(prepare())
    assert buttons(anna, other) == {
        "Download the file",
        "Upload what the bank answered",
        "Ask the sandbox bank",
    }
    settings.SANDBOX_BANK = False

    assert buttons(anna, other) == {"Download the file", "Upload what the bank answered"}
    assert press(anna, at(other), "ask_sandbox", answer="pays").status_code == 200
    assert Payout.objects.get(run=other).status == Status.EXPORTED


@pytest.mark.parametrize("name", ["request_release", "export", "download", "cancel", "ask_sandbox", "upload"])
def test_who_may_only_look_presses_nothing(name):
    payable_onlus("12.00")
    run = exported(prepare()) if name in ("download", "ask_sandbox", "upload") else prepare()
    analyst = StaffFactory(is_superuser=False)
    give(analyst, "view_payoutrun")
    client = Client()
    client.force_login(analyst)

    assert buttons(client, run) == set()
    assert client.post(f"{at(run)}do/{name}/", {"reason": "I want to", "answer": "pays"}).status_code == 403
    run.refresh_from_db()
    assert run.status in (PayoutRun.Status.DRAFT, PayoutRun.Status.EXPORTED)


def give(user, codename):
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    user.user_permissions.add(Permission.objects.get(codename=codename))


def test_files_of_the_bank_are_uploaded(anna):
    payable_onlus("12.00")
    run = exported(prepare())

    for content, told in ((answer(run), "accepted: 1"), (statement(run), "paid: 1")):
        file = SimpleUploadedFile("bank.xml", content, "application/xml")
        assert told in press(anna, FILES, "upload", file=file).text
    again = SimpleUploadedFile("again.xml", statement(run), "application/xml")

    assert "taken before" in press(anna, FILES, "upload", file=again).text
    assert Payout.objects.get().status == Status.SETTLED
    assert BankFile.objects.count() == 2


def test_a_file_that_is_none_says_what_is_wrong(anna):
    file = SimpleUploadedFile("holiday.jpg", b"\xff\xd8\xff", "image/jpeg")

    assert "The file is damaged or is no XML." in press(anna, FILES, "upload", file=file).text
    assert not BankFile.objects.exists()


def test_red_books_and_nothing_due_are_told(anna):
    assert "Nothing is due" in press(anna, RUNS, "prepare").text
    assert not PayoutRun.objects.exists()


def test_one_payout_is_taken_out_of_a_run(anna):
    payable_onlus("12.00"), payable_onlus("15.00", iban=IBANS[2])
    run = prepare()

    press(anna, at(run.payouts.get(amount="15.00"), kind="payout"), "cancel", reason="Asked to wait")

    run.refresh_from_db()
    assert (run.payout_count, run.total_amount) == (1, Decimal("12.00"))


@pytest.mark.parametrize(
    ("said", "status"),
    [("refuses", Status.REJECTED), ("gives_back", Status.RETURNED), ("pays", Status.SETTLED)],
)
def test_the_sandbox_bank_answers_as_it_is_told(anna, said, status):
    payable_onlus("12.00")
    run = exported(prepare())

    press(anna, at(run), "ask_sandbox", answer=said)

    assert Payout.objects.get().status == status
    assert [file.outcome["odd"] for file in BankFile.objects.all()] == [[]] * BankFile.objects.count()


def test_what_was_paid_may_come_back_later_and_is_not_paid_twice(anna):
    payable_onlus("12.00")
    run = exported(prepare())
    press(anna, at(run), "ask_sandbox", answer="pays")

    assert "nothing of this run" in press(anna, at(run), "ask_sandbox", answer="pays").text
    press(anna, at(run), "ask_sandbox", answer="gives_back")

    assert Payout.objects.get().status == Status.RETURNED


def test_no_screen_shows_an_account_number(anna):
    payable_onlus("12.00")
    run = exported(prepare())
    payout, account, file = Payout.objects.get(), OnlusBankAccount.objects.get(), PayoutFile.objects.get()
    press(anna, at(run), "upload", file=SimpleUploadedFile("bank.xml", statement(run)))
    pages = [
        RUNS,
        f"{at(run)}change/",
        "/admin/donations/payout/",
        f"{at(payout, kind='payout')}change/",
        f"/admin/donations/payoutline/?payout__id__exact={payout.pk}",
        ACCOUNTS,
        f"{at(account, kind='onlusbankaccount')}change/",
        "/admin/donations/payoutfile/",
        f"{at(file, kind='payoutfile')}change/",
        FILES,
        f"{at(BankFile.objects.get(), kind='bankfile')}change/",
    ]

    for page in pages:
        response = anna.get(page)
        assert response.status_code == 200, page
        assert IBANS[1] not in response.text, page
    assert IBANS[1] not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert IBANS[1].encode() in order_of(run)


@pytest.mark.parametrize(
    "wrong", [{"iban": "DE00 3704 0044 0532 0130 00"}, {"bic": "NOBANK"}, {"country": "Italy"}]
)
def test_a_wrong_account_is_not_entered(anna, wrong):
    onlus = OnlusFactory()
    account = {"onlus": onlus.pk, "iban": IBANS[1], "holder": "X", "town": "Trento", "country": "IT"}

    press(anna, ACCOUNTS, "enter", **account | wrong)

    assert not OnlusBankAccount.objects.exists()


def test_another_iban_or_a_name_that_does_not_match_verifies_nothing(anna, bruno):
    onlus = OnlusFactory()
    account = {"onlus": onlus.pk, "iban": IBANS[1], "holder": "X", "town": "Trento", "country": "IT"}
    press(anna, ACCOUNTS, "enter", **account)
    page = at(OnlusBankAccount.objects.get(), kind="onlusbankaccount")

    told = press(bruno, page, "verify", iban=IBANS[2], payee_check="match").text
    assert "This is not the IBAN that was entered." in told
    told = press(bruno, page, "verify", iban=IBANS[1], payee_check="no_match", payee_name="Other").text

    assert "is not verified" in told
    row = OnlusBankAccount.objects.get()
    assert (row.verified_at, row.payee_check, row.payee_name) == (None, "no_match", "Other")
    assert timezone.now() > NOW


def test_an_account_the_bank_flagged_gives_way_when_its_name_does_not_match(anna, bruno):
    onlus = OnlusFactory()
    flagged = make_account(onlus)
    waiting = enter_account(onlus, IBANS[2], now=NOW)
    bank_accounts.flag_account(account_id=flagged.pk, reason_code="AC04", now=NOW)

    told = press(
        bruno, at(flagged, kind="onlusbankaccount"), "verify", iban=IBANS[1], payee_check="no_match"
    ).text

    assert "is not verified" in told
    for row in (flagged, waiting):
        row.refresh_from_db()
    assert (flagged.verified_at, flagged.replaced_at) == (None, timezone.now())
    assert waiting.replaced_at is None
    assert list(OnlusBankAccount.objects.waiting(timezone.now())) == [waiting]
