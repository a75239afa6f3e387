"""A month's end: what was given in it reaches two organisations' accounts, and comes back from one of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import time_machine
import xmlschema
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from donations.bank.credit_transfers import read_pain001
from donations.bank.sandbox import Return
from donations.models import OnlusBankAccount, Payout, PayoutRun
from donations.tasks import prepare_payouts
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import day_start
from tests.bank.orders import BANK
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory
from tests.factories.donations import give_credits
from tests.factories.payouts import IBANS, colleague
from tests.journeys.people import Clerk, Person
from tests.shared import shared_data

ACCOUNTS = "/admin/donations/onlusbankaccount/"
RUNS = "/admin/donations/payoutrun/"
APPROVALS = "/admin/approvals/approvalrequest/"
MIDMONTH = datetime(2026, 3, 4, 12, tzinfo=UTC)
MONTH_END = datetime(2026, 4, 1, 6, tzinfo=UTC)


def test_a_month_ends(client):
    with time_machine.travel(MIDMONTH, tick=False) as clock:
        anna, bruno = Clerk(colleague("Anna")), Clerk(colleague("Bruno"))
        woods, sea = (
            open_account(anna, bruno, "Boschi", IBANS[1]),
            open_account(anna, bruno, "Mare", IBANS[2]),
        )
        alice = Person().join("alice@example.org", "Alice")
        give_credits(alice_user(), "30.00")
        from_wallet(alice, woods, "18.40")
        by_card(alice, woods, "25.00")
        by_card(alice, sea, "40.00")
        assert prepared() == {"Boschi": Decimal("18.40")}  # earned credits clear at once, cards wait
        cancel_all(anna)

        clock.move_to(MONTH_END)
        assert prepared() == {"Boschi": Decimal("42.37"), "Mare": Decimal("38.54")}
        run = PayoutRun.objects.get(status=PayoutRun.Status.DRAFT)
        release(anna, bruno, run)
        content = order_at_the_bank(anna, run)
        clock.move_to(day_start(PayoutRun.objects.get(pk=run.pk).execute_on) + timedelta(hours=9))
        settle(anna, run)
        give_back(anna, run, content, sea)
        look_from_the_portal(client, woods, sea)
    # Last, because it skips where the schema is missing.
    xmlschema.XMLSchema(shared_data("bank/pain.001.001.09.xsd")).validate(BytesIO(content))


def alice_user():
    return User.objects.get(email="alice@example.org")


def open_account(anna, bruno, name, iban):
    """Enter an account as one, verify it as another: then the organisation can receive."""
    onlus = OnlusFactory(name=name, bank_account_verified_at=None)
    anna.press(ACCOUNTS, "enter", onlus=onlus.pk, iban=iban, holder=name, town="Trento", country="it")
    account = OnlusBankAccount.objects.get(onlus=onlus)
    bruno.press(f"{ACCOUNTS}{account.pk}/", "verify", iban=iban, payee_check="match")
    return onlus


def from_wallet(alice, onlus, amount):
    gift = {"amount": amount, "onlus_id": str(onlus.pk)}
    alice.call("post", "/api/donations/create", gift, status=201)


def by_card(alice, onlus, amount):
    gift = {"amount": amount, "onlus_id": str(onlus.pk), "payment_method": "card"}
    made = alice.call("post", "/api/donations/create", gift, status=201)
    path = f"/api/payments/{made['payment']['intent_id']}/confirm"
    assert alice.call("post", path, {"payment_method_id": "test_succeeds"})["payment_intent"]["donation_id"]


def prepared():
    """Let the monthly job run, and read its draft."""
    prepare_payouts()
    drafts = Payout.objects.filter(status=Payout.Status.DRAFT)
    return dict(drafts.values_list("onlus__name", "amount"))


def cancel_all(anna):
    run = PayoutRun.objects.get()
    anna.press(f"{RUNS}{run.pk}/", "cancel", reason="Too early")
    assert not Payout.objects.exclude(status=Payout.Status.CANCELLED).exists()


def release(anna, bruno, run):
    anna.press(f"{RUNS}{run.pk}/", "request_release", reason="Month's end")
    asked = ApprovalRequest.objects.get(kind="payout_run")
    own = anna.client.post(f"{APPROVALS}{asked.pk}/do/approve/", {})
    assert own.status_code == 403
    assert not Payout.objects.filter(status=Payout.Status.APPROVED).exists()
    bruno.press(f"{APPROVALS}{asked.pk}/", "approve")
    assert Payout.objects.filter(status=Payout.Status.APPROVED).count() == 2


def order_at_the_bank(anna, run):
    anna.press(f"{RUNS}{run.pk}/", "export")
    content = anna.press(f"{RUNS}{run.pk}/", "download").content
    order = read_pain001(content)
    assert (len(order.lines), order.total) == (2, Decimal("80.91"))
    return content


def settle(anna, run):
    told = anna.press(f"{RUNS}{run.pk}/", "ask_sandbox", answer="pays").text
    assert "accepted: 2" in told
    assert "paid: 2" in told
    subjects = [sent.subject for sent in mail.outbox]
    assert subjects.count("Your payout has been made") == 0  # nobody has a seat yet


def give_back(anna, run, content, onlus):
    """A day later the statement has the money of one back: its account was closed."""
    payout = Payout.objects.get(run=run, onlus=onlus)
    [line] = [line for line in read_pain001(content).lines if line.end_to_end_id == payout.end_to_end_id]
    day = PayoutRun.objects.get(pk=run.pk).execute_on + timedelta(days=1)
    returned = BANK.statement(
        day,
        now=day_start(day) + timedelta(hours=20),
        opening=Decimal("500.00"),
        number=2,
        returned=[Return(line, "AC04")],
    )
    file = SimpleUploadedFile("camt.xml", returned, "application/xml")
    assert "came back: 1" in anna.press(f"{RUNS}{run.pk}/", "upload", file=file).text
    assert OnlusBankAccount.objects.get(onlus=onlus).flag_reason == "AC04"
    prepare_payouts()
    assert not Payout.objects.filter(onlus=onlus, status=Payout.Status.DRAFT).exists()


def look_from_the_portal(client, woods, sea):
    states = dict(Payout.objects.exclude(status="cancelled").values_list("onlus__name", "status"))
    assert states == {"Boschi": Payout.Status.SETTLED, "Mare": Payout.Status.RETURNED}
    for onlus, amount, said in ((woods, "42.37", "Paid"), (sea, "38.54", "Came back")):
        member = MembershipFactory(onlus=onlus).user
        client.logout()
        client.post("/portal/sign-in/", {"email": member.email, "password": PASSWORD})
        page = client.get(f"/portal/{onlus.pk}/payouts/").text
        assert amount in page
        assert said in page
        payout = Payout.objects.exclude(status="cancelled").get(onlus=onlus)
        statement = client.get(f"/portal/{onlus.pk}/payouts/{payout.pk}.pdf")
        assert statement.getvalue().startswith(b"%PDF-")
        other = woods if onlus == sea else sea
        assert client.get(f"/portal/{other.pk}/payouts/").status_code == 404
