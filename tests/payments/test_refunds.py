"""Giving payments back: in parts and whole, asked for here and made at the provider, with and without the money being there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from donations.models import (
    LedgerAccount,
    PaymentIntent,
    PaymentRefund,
)
from donations.operations import (
    giving,
    ledger,
    payment_refunds,
    payment_repair,
)
from donations.queries.payment_fees import Tariff, fees_of, gross_for, wallet_share
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, refund, spendable
from tests.payments.local_server import AFTER, BEFORE, Fault
from tests.threads import at_once, crowd

Kind = LedgerAccount.Kind
Status = PaymentIntent.Status
LOST = [fault for fault in AFTER if fault is not Fault.SLOW]
EUR = Decimal


@pytest.fixture(params=EVERY)
def desk(request, db):
    fixture, make = EVERY[request.param]
    bench = make(request.getfixturevalue(fixture))
    return Desk(bench, account_at(bench))


@pytest.fixture
def stripe(stripe_server, db):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(api, db):
    player = UserFactory()
    api.force_authenticate(player)
    return player


def give(player, amount):
    return giving.donate(donor=player, onlus_id=OnlusFactory().pk, amount=EUR(amount), now=timezone.now())


# Asked for here -----------------------------------------------------------------------------------------------------


def test_a_payment_goes_back_whole(api, alice, desk):
    intent = desk.pay(alice)

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (200, "PAYMENT_REFUNDED")
    assert (answer.json()["data"]["amount"], answer.json()["data"]["wallet_amount"]) == (50.0, 48.25)
    intent.refresh_from_db()
    assert (intent.status, intent.refunded_amount) == (Status.REFUNDED, EUR("50.00"))
    assert cash(alice) == EUR("0.00")
    assert balance(Kind.PROVIDER_CLEARING) == intent.actual_fee
    assert balance(Kind.PROVIDER_FEES) == -intent.actual_fee


def test_parts_go_back_until_nothing_is_left(api, alice, desk):
    intent = desk.pay(alice)

    parts = [refund(api, intent, amount) for amount in ("10.00", "0.01", "20.00", "19.99")]
    more = refund(api, intent, "0.01")

    assert [each.status_code for each in parts] == [200] * 4
    assert (more.status_code, more.json()["message"]) == (409, "PAYMENT_NOT_REFUNDABLE")
    intent.refresh_from_db()
    assert (intent.status, intent.refundable_amount) == (Status.REFUNDED, EUR("0.00"))
    shares = [each.wallet_amount for each in PaymentRefund.objects.order_by("pk")]
    assert shares == [EUR("9.65"), EUR("0.01"), EUR("19.30"), EUR("19.29")]
    assert cash(alice) == EUR("0.00")
    assert [each.to_status for each in intent.status_changes.order_by("pk")][-2:] == [
        "partially_refunded",
        "refunded",
    ]


@pytest.mark.parametrize(
    ("amount", "status", "constant"),
    [
        ("50.01", 422, "REFUND_AMOUNT_TOO_LARGE"),
        ("0", 422, "AMOUNT_MUST_BE_POSITIVE"),
        ("-1", 422, "AMOUNT_MUST_BE_POSITIVE"),
        ("x", 422, "INVALID_AMOUNT"),
    ],
)
def test_absurd_refunds_are_refused(api, alice, stripe, amount, status, constant):
    intent = stripe.pay(alice)

    answer = refund(api, intent, amount)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not PaymentRefund.objects.exists()
    assert cash(alice) == EUR("48.25")


def test_what_was_never_paid_is_not_given_back(api, alice, stripe):
    intent = stripe.begin(alice)

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (409, "PAYMENT_NOT_REFUNDABLE")


def test_spent_money_is_not_given_back(api, alice, stripe):
    intent = stripe.pay(alice)
    give(alice, "40.00")

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (422, "INSUFFICIENT_CREDITS")
    assert not PaymentRefund.objects.exists()
    assert stripe.bench.server.of("refund") == []
    assert cash(alice) == EUR("8.25")


def test_a_frozen_wallet_gives_nothing_back(api, alice, stripe):
    intent = stripe.pay(alice)
    ledger.freeze_wallet(player_id=alice.pk, now=timezone.now())

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (409, "WALLET_FROZEN")
    assert stripe.bench.server.of("refund") == []


def test_the_money_is_out_of_reach_while_the_provider_is_asked(api, alice, stripe):
    intent = stripe.pay(alice)
    with stripe.bench.server.failing(Fault.SERVER_ERROR, path="/refunds"):
        waits = refund(api, intent)

    assert (waits.status_code, waits.json()["message"]) == (202, "PAYMENT_REFUND_PENDING")
    assert (cash(alice), spendable(alice)) == (EUR("48.25"), EUR("0.00"))
    assert refund(api, intent).json()["message"] == "REFUND_IN_PROGRESS"
    payment_repair.finish_refunds(now=timezone.now() + timedelta(minutes=5))
    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.REFUNDED, EUR("0.00"))


@pytest.mark.parametrize("fault", [*BEFORE, *LOST])
def test_a_refund_without_an_answer_is_made_once(api, alice, stripe, fault):
    intent = stripe.pay(alice)
    with stripe.bench.server.failing(fault, path="/refunds"):
        refund(api, intent, "10.00")

    for minutes in (5, 10, 15):
        payment_repair.finish_refunds(now=timezone.now() + timedelta(minutes=minutes))

    assert len(stripe.bench.server.of("refund")) == PaymentRefund.objects.count() == 1
    intent.refresh_from_db()
    assert (intent.status, intent.refunded_amount) == (Status.PARTIALLY_REFUNDED, EUR("10.00"))
    assert cash(alice) == EUR("38.60")


def test_a_refused_refund_frees_what_it_held(api, alice, stripe):
    intent = stripe.pay(alice)
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (422, "PAYMENT_PROVIDER_ERROR")
    assert spendable(alice) == EUR("48.25")
    assert PaymentRefund.objects.get().status == PaymentRefund.Status.FAILED


def test_the_same_key_gives_back_once(api, alice, stripe):
    intent = stripe.pay(alice)

    first = refund(api, intent, "10.00", **{"Idempotency-Key": "k"})
    again = refund(api, intent, "10.00", **{"Idempotency-Key": "k"})
    other = refund(api, intent, "11.00", **{"Idempotency-Key": "k"})

    assert again.json() == first.json()
    assert other.json()["message"] == "IDEMPOTENCY_KEY_REUSED"
    assert cash(alice) == EUR("38.60")


@pytest.mark.race
@pytest.mark.parametrize("key", ["same", ""])
def test_a_hundred_refunds_at_once_are_one(real_transactions, stripe_server, key):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    alice = UserFactory()
    intent = stripe.pay(alice)

    results = at_once(
        crowd(100, 10),
        lambda number: payment_refunds.refund_own(
            player=alice, intent_id=intent.pk, now=timezone.now(), request_key=key
        ),
    )

    made = {each.pk for each in results if isinstance(each, PaymentRefund)}
    assert len(made) == len(stripe.bench.server.of("refund")) == PaymentRefund.objects.count() == 1
    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.REFUNDED, EUR("0.00"))


# Sums ---------------------------------------------------------------------------------------------------------------

TARIFFS = st.builds(
    Tariff,
    percentage=st.decimals(0, 10, places=2),
    fixed=st.decimals(0, 3, places=2),
    platform_percentage=st.decimals(0, 5, places=2),
)
CENTS = st.integers(1, 5_000_000).map(lambda cents: Decimal(cents) / 100)


@given(net=CENTS, tariff=TARIFFS)
def test_covered_fees_leave_the_gift_to_the_cent(net, tariff):
    amount = gross_for(net, tariff)

    assert fees_of(amount, tariff).net == net
    assert amount >= net


@given(
    amount=st.integers(2, 5_000_000),
    share=st.fractions(0, 1),
    cuts=st.lists(st.integers(1, 5_000_000), max_size=8),
)
def test_shares_of_refunds_add_up_to_the_wallets_part(amount, share, cuts):
    net = max(1, int(amount * share))
    stops = [*sorted({cut for cut in cuts if cut < amount}), amount]
    taken = [
        wallet_share(Decimal(stop) / 100, amount=Decimal(amount) / 100, net=Decimal(net) / 100)
        for stop in stops
    ]

    assert taken == sorted(taken)
    assert taken[-1] == Decimal(net) / 100
    assert all(part <= Decimal(stop) / 100 for part, stop in zip(taken, stops, strict=True))
