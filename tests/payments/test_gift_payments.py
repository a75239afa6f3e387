"""Donations paid with own money at the moment of giving: whole or next to the wallet."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from donations.models import Donation, LedgerAccount, PaymentIntent
from donations.queries.balances import balance_of
from donations.tasks import repair_stuck_intents
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import Kind, balance, give_credits
from tests.payments.benches import paypal_bench, stripe_bench
from tests.payments.intents import Desk, account_at, deliver

pytestmark = pytest.mark.django_db

GIVE = "/api/donations/create"


@pytest.fixture
def stripe(stripe_server):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def paypal(paypal_server):
    bench = paypal_bench(paypal_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(api):
    user = UserFactory()
    api.force_authenticate(user)
    return user


def give(api, onlus, amount="50.00", key="", **body):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return api.post(
        GIVE, {"amount": amount, "onlus_id": str(onlus.pk), "payment_method": "card", **body}, **headers
    )


def confirm(api, desk, answer):
    payment = answer.json()["data"]["payment"]
    desk.approve(PaymentIntent.objects.get(pk=payment["intent_id"]))
    return api.post(f"/api/payments/{payment['intent_id']}/confirm", {"payment_method_id": desk.bench.good})


def payable(onlus):
    account = onlus.ledger_accounts.first()
    return balance_of(account) if account else 0


def held(player):
    return sum(account.held for account in LedgerAccount.objects.of_player(player.pk))


def test_a_card_gives_what_is_left_after_the_fees(api, alice, stripe):
    onlus = OnlusFactory()

    waiting = give(api, onlus)

    data = waiting.json()["data"]
    assert (waiting.status_code, data["donation"]["status"]) == (201, "pending")
    assert (data["donation_amount"], data["payment"]["amount"]) == (48.25, 50.0)
    assert payable(onlus) == 0

    assert confirm(api, stripe, waiting).status_code == 200
    donation = Donation.objects.get()
    assert (donation.status, donation.paid_amount, payable(onlus)) == (
        "completed",
        Decimal("48.25"),
        Decimal("48.25"),
    )
    assert balance(alice, Kind.PLAYER_CASH) == 0


def test_covered_fees_let_all_of_the_amount_arrive(api, alice, stripe):
    onlus = OnlusFactory()

    answer = give(api, onlus, cover_fees=True)
    confirm(api, stripe, answer)

    assert answer.json()["data"]["payment"]["amount"] == 51.8
    assert payable(onlus) == Decimal("50.00")


def test_the_wallet_gives_a_part_and_paypal_the_rest(api, alice, paypal):
    onlus = OnlusFactory()
    give_credits(alice, "12.00")

    answer = give(api, onlus, payment_method="paypal", from_wallet="10.00", cover_fees=True)
    assert (held(alice), answer.json()["data"]["remaining_balance"]) == (Decimal("10.00"), 2.0)
    confirm(api, paypal, answer)

    donation = Donation.objects.get()
    assert (donation.earned_amount, donation.paid_amount, payable(onlus)) == (
        Decimal("10.00"),
        Decimal("40.00"),
        Decimal("50.00"),
    )
    assert (held(alice), balance(alice)) == (0, Decimal("2.00"))


def test_a_gift_taken_back_before_it_is_paid_frees_the_wallet_and_ends_the_payment(
    api, alice, stripe, django_capture_on_commit_callbacks
):
    give_credits(alice, "10.00")
    begun = give(api, OnlusFactory(), from_wallet="10.00")
    answer = begun.json()["data"]

    with django_capture_on_commit_callbacks(execute=True):
        cancelled = api.post(f"/api/donations/{answer['donation_id']}/cancel", {})

    assert cancelled.json()["data"]["status"] == "cancelled"
    assert (held(alice), balance(alice)) == (0, Decimal("10.00"))
    assert confirm(api, stripe, begun).json()["message"] == "PAYMENT_INTENT_CANNOT_BE_CONFIRMED"
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        repair_stuck_intents()
    assert PaymentIntent.objects.get().status == "cancelled"


def test_money_that_comes_after_the_gift_was_taken_back_stays_in_the_wallet(api, alice, stripe):
    onlus = OnlusFactory()
    answer = give(api, onlus).json()["data"]
    intent = PaymentIntent.objects.get(pk=answer["payment"]["intent_id"])
    stripe.bench.provider.confirm(
        intent.provider_payment_id, method=stripe.bench.good, idempotency_key="unseen"
    )
    api.post(f"/api/donations/{answer['donation_id']}/cancel", {})

    deliver(api, stripe, stripe.webhook(stripe.bench.paid_event, intent))
    api.get(f"/api/payments/{intent.pk}/status")

    intent.refresh_from_db()
    assert (intent.status, Donation.objects.get().status, payable(onlus)) == ("succeeded", "cancelled", 0)
    assert balance(alice, Kind.PLAYER_CASH) == Decimal("48.25")


def test_one_key_makes_one_waiting_gift(api, alice, stripe):
    onlus = OnlusFactory()

    answers = [give(api, onlus, key="once") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert (Donation.objects.count(), PaymentIntent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({"payment_method": "cash"}, "INVALID_PAYMENT_METHOD"),
        ({"payment_method": "wallet", "from_wallet": "1.00"}, "INVALID_PAYMENT_METHOD"),
        ({"from_wallet": "50.00"}, "WALLET_SHARE_TOO_LARGE"),
        ({"from_wallet": "1.00"}, "INSUFFICIENT_CREDITS"),
        ({"amount": "0.50"}, "PAYMENT_AMOUNT_TOO_SMALL"),
        ({"saved_method_id": "0192a3b4-0000-7000-8000-676f6f64706c"}, "SAVED_PAYMENT_METHOD_NOT_FOUND"),
    ],
)
def test_payments_that_make_no_sense_begin_nothing(api, alice, stripe, body, constant):
    answer = give(api, OnlusFactory(), **body)

    assert answer.json()["message"] == constant
    assert (Donation.objects.count(), PaymentIntent.objects.count()) == (0, 0)


def test_a_pool_is_not_paid_by_card(api, alice, stripe):
    body = {"amount": 5, "pool_id": str(OnlusFactory().pk), "payment_method": "card"}

    assert api.post(GIVE, body).json()["message"] == "INVALID_PAYMENT_METHOD"
