"""Giving payments back: in parts and whole, asked for here and made at the provider, with and without the money being there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from donations.models import (
    Donation,
    LedgerAccount,
    PaymentIntent,
    PaymentRefund,
    ReviewThreshold,
)
from donations.operations import (
    giving,
    ledger,
    payment_confirming,
    payment_debts,
    payment_exchange,
    payment_intents,
    payment_refunds,
    payment_repair,
    pending_gifts,
    reviews,
)
from donations.operations.payment_settlement import fail, synchronise
from donations.queries.payment_fees import Tariff, fees_of, gross_for, wallet_share
from donations.queries.payments import debt_of
from donations.queries.reviews import forget_thresholds
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, deliver, spendable
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


@pytest.fixture
def staff(db):
    return UserFactory(is_staff=True)


def refund(api, intent, amount=None, **headers):
    body = {} if amount is None else {"amount": amount}
    return api.post(f"/api/payments/{intent.pk}/refund", body, headers=headers)


def give(player, amount):
    return giving.donate(donor=player, onlus_id=OnlusFactory().pk, amount=EUR(amount), now=timezone.now())


def look(intent):
    """Ask the provider, as the job does."""
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


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


# Gifts --------------------------------------------------------------------------------------------------------------


def gift(desk, donor, amount="20.00", **options):
    intent = payment_intents.start_gift_payment(
        donor=donor,
        onlus_id=OnlusFactory().pk,
        amount=EUR(amount),
        now=timezone.now(),
        method=desk.method,
        **options,
    )
    if not intent.is_open:
        return intent
    desk.approve(intent)
    return payment_confirming.confirm(
        player=donor, intent_id=intent.pk, method=desk.bench.good, now=timezone.now()
    )


def test_a_gift_reaches_its_organisation(alice, desk):
    intent = gift(desk, alice, "20.00")

    donation = Donation.objects.get()
    assert (donation.status, donation.amount, donation.paid_amount) == (
        "completed",
        EUR("19.12"),
        EUR("19.12"),
    )
    assert intent.donation_id == donation.pk
    assert cash(alice) == EUR("0.00")


@pytest.mark.parametrize("amount", ["1.00", "9.99", "20.00", "33.33", "100.00", "9999.99"])
def test_with_the_fees_covered_the_gift_is_whole(alice, stripe, amount):
    intent = gift(stripe, alice, amount, cover_fees=True)

    assert Donation.objects.get().amount == EUR(amount)
    assert intent.amount - intent.total_fees == EUR(amount)


def test_a_gift_may_be_paid_partly_from_the_wallet(alice, stripe):
    stripe.pay(alice, "50.00")

    gift(stripe, alice, "40.00", from_wallet=EUR("30.00"), cover_fees=True)

    donation = Donation.objects.get()
    assert (donation.amount, donation.status) == (EUR("40.00"), "completed")
    assert cash(alice) == EUR("18.25")


def test_a_failed_payment_leaves_no_donation_and_frees_the_wallets_part(api, alice, stripe):
    stripe.pay(alice, "50.00")
    intent = payment_intents.start_gift_payment(
        donor=alice,
        onlus_id=OnlusFactory().pk,
        amount=EUR("40.00"),
        from_wallet=EUR("30.00"),
        now=timezone.now(),
    )
    held = spendable(alice)

    api.post(f"/api/payments/{intent.pk}/cancel")

    assert (held, spendable(alice)) == (EUR("18.25"), EUR("48.25"))
    assert Donation.objects.get().status == "cancelled"


def test_a_gift_cancelled_meanwhile_leaves_its_money_in_the_wallet(alice, stripe):
    intent = payment_intents.start_gift_payment(
        donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("20.00"), now=timezone.now()
    )
    stripe.bench.provider.confirm(intent.provider_payment_id, method="pm_card_visa", idempotency_key="unseen")
    pending_gifts.abandon(
        donation=intent.donation, status="cancelled", code="CANCELLED_BY_DONOR", now=timezone.now()
    )

    look(intent)

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, EUR("19.12"))
    assert Donation.objects.get().status == "cancelled"


def test_a_cancelled_gift_is_not_charged_any_more(alice, stripe, django_capture_on_commit_callbacks):
    intent = payment_intents.start_gift_payment(
        donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("20.00"), now=timezone.now()
    )
    with django_capture_on_commit_callbacks(execute=True):
        pending_gifts.abandon(
            donation=intent.donation, status="cancelled", code="CANCELLED_BY_DONOR", now=timezone.now()
        )

    with pytest.raises(payment_confirming.PaymentNotConfirmable):
        payment_confirming.confirm(
            player=alice, intent_id=intent.pk, method="pm_card_visa", now=timezone.now()
        )
    payment_repair.repair_stuck(now=timezone.now() + timedelta(minutes=5))
    intent.refresh_from_db()
    assert intent.status == Status.CANCELLED
    assert stripe.bench.server.of("payment_intent")[0]["status"] == "canceled"


def test_a_saved_card_gives_without_its_owner(alice, stripe):
    stripe.pay(alice, save_method=True)
    saved = alice.saved_payment_methods.get()

    intent = gift(stripe, alice, "10.00", cover_fees=True, saved_method_id=saved.pk, is_off_session=True)

    assert (intent.status, Donation.objects.get().amount) == (Status.SUCCEEDED, EUR("10.00"))


def test_a_player_cancels_the_gift_before_its_payment_goes_back(api, alice, stripe):
    intent = gift(stripe, alice)

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (409, "PAYMENT_PAID_A_DONATION")
    assert stripe.bench.server.of("refund") == []


def test_staff_give_a_paid_gift_back_with_its_donation(alice, staff, desk):
    intent = gift(desk, alice)

    payment_refunds.refund_by_staff(
        intent_id=intent.pk, staff=staff, reason="Asked by phone", now=timezone.now()
    )

    intent.refresh_from_db()
    donation = Donation.objects.get()
    assert (intent.status, donation.status, donation.refunds.get().cause) == (
        Status.REFUNDED,
        "refunded",
        "payment",
    )
    assert cash(alice) == EUR("0.00")


def test_a_gift_refunded_in_part_at_the_provider_shrinks(alice, desk):
    intent = gift(desk, alice)
    desk.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))

    look(intent)
    look(intent)

    donation = Donation.objects.get()
    assert (donation.refunded_amount, donation.status) == (EUR("9.56"), "completed")
    intent.refresh_from_db()
    assert (intent.status, intent.refunded_amount) == (Status.PARTIALLY_REFUNDED, EUR("10.00"))


# Made at the provider -----------------------------------------------------------------------------------------------


def test_a_refund_made_at_the_provider_is_taken_from_the_wallet_once(api, alice, desk):
    intent = desk.pay(alice)
    desk.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))

    for _ in range(3):
        deliver(api, desk, desk.webhook(desk.bench.refund_event, intent))
    look(intent)

    made = PaymentRefund.objects.get()
    assert (made.is_ours, made.amount, made.shortfall) == (False, EUR("10.00"), EUR("0.00"))
    assert cash(alice) == EUR("38.60")


def test_what_was_spent_already_becomes_a_debt_and_freezes_the_wallet(alice, stripe):
    intent = stripe.pay(alice)
    give(alice, "40.00")
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))

    look(intent)

    made = PaymentRefund.objects.get()
    assert (made.wallet_amount, made.shortfall) == (EUR("48.25"), EUR("40.00"))
    assert (cash(alice), debt_of(alice.pk)) == (EUR("0.00"), EUR("40.00"))
    assert balance(Kind.CHARGEBACK_LOSS) == EUR("-40.00")
    with pytest.raises(ledger.WalletFrozen):
        payment_intents.start_gift_payment(
            donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("5.00"), now=timezone.now()
        )


def indebted(stripe, player):
    intent = stripe.pay(player)
    give(player, "40.00")
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))
    look(intent)
    return intent


def test_the_next_money_pays_the_debt_and_frees_the_wallet(alice, stripe, django_capture_on_commit_callbacks):
    indebted(stripe, alice)

    with django_capture_on_commit_callbacks(execute=True):
        stripe.pay(alice, "20.00")
    part = debt_of(alice.pk)
    with django_capture_on_commit_callbacks(execute=True):
        stripe.pay(alice, "50.00")

    assert (part, debt_of(alice.pk)) == (EUR("20.88"), EUR("0.00"))
    assert cash(alice) == EUR("27.37")
    assert balance(Kind.CHARGEBACK_LOSS) == EUR("0.00")
    give(alice, "27.37")


def test_a_debt_may_be_written_off(alice, staff, stripe):
    indebted(stripe, alice)

    forgiven = payment_debts.write_off(player=alice, staff=staff, reason="Goodwill", now=timezone.now())

    assert (forgiven, debt_of(alice.pk)) == (EUR("40.00"), EUR("0.00"))
    assert balance(Kind.CHARGEBACK_LOSS) == EUR("-40.00")
    assert AuditEntry.objects.get(action="payment_debt_written_off").reason == "Goodwill"
    assert not LedgerAccount.objects.of_player(alice.pk).filter(is_frozen=True).exists()


def test_a_refund_that_fails_after_all_puts_everything_back(api, alice, stripe):
    intent = stripe.pay(alice)
    refund(api, intent, "10.00")
    made = PaymentRefund.objects.get()
    stripe.bench.server.settle_refund(made.provider_refund_id, "failed")

    look(intent)
    look(intent)

    made.refresh_from_db()
    intent.refresh_from_db()
    assert (made.status, intent.status, intent.refunded_amount) == (
        "failed",
        Status.SUCCEEDED,
        EUR("0.00"),
    )
    assert cash(alice) == EUR("48.25")


def test_a_failed_refund_gives_back_a_debt_that_was_paid(alice, stripe, django_capture_on_commit_callbacks):
    intent = indebted(stripe, alice)
    with django_capture_on_commit_callbacks(execute=True):
        stripe.pay(alice, "50.00")
    stripe.bench.server.settle_refund(PaymentRefund.objects.get().provider_refund_id, "failed")

    look(intent)

    # 48.25 less the gift, and the second top-up whole.
    assert cash(alice) == EUR("8.25") + EUR("48.25")
    assert (debt_of(alice.pk), balance(Kind.CHARGEBACK_LOSS)) == (EUR("0.00"), EUR("0.00"))


def test_a_pending_refund_holds_and_settles_later(api, alice, stripe):
    stripe.bench.server.refund_status = "pending"
    intent = stripe.pay(alice)
    waits = refund(api, intent, "10.00")
    before = spendable(alice)
    stripe.bench.server.settle_refund(PaymentRefund.objects.get().provider_refund_id, "succeeded")

    look(intent)

    assert waits.status_code == 202
    assert (before, cash(alice)) == (EUR("38.60"), EUR("38.60"))
    intent.refresh_from_db()
    assert intent.status == Status.PARTIALLY_REFUNDED


def test_the_payer_is_told_once(api, alice, stripe, django_capture_on_commit_callbacks):
    intent = stripe.pay(alice)
    with django_capture_on_commit_callbacks(execute=True):
        refund(api, intent)
        look(intent)

    assert [message.to for message in mail.outbox] == [[alice.email]]


# Money nobody asked for ---------------------------------------------------------------------------------------------


def test_another_amount_is_never_credited_but_kept_aside(alice, staff, stripe):
    intent = stripe.pay_unseen(alice, "50.00")
    PaymentIntent.objects.filter(pk=intent.pk).update(amount="40.00", net_amount="38.25")

    for _ in range(2):
        look(intent)
    intent.refresh_from_db()

    assert (intent.status, intent.error_code, intent.stray_amount) == (
        Status.FAILED,
        "AMOUNT_MISMATCH",
        EUR("50.00"),
    )
    assert (cash(alice), balance(Kind.SUSPENSE)) == (EUR("0.00"), EUR("50.00"))
    payment_refunds.refund_by_staff(
        intent_id=intent.pk, staff=staff, reason="Wrong amount", now=timezone.now()
    )
    look(intent)
    intent.refresh_from_db()
    assert (intent.status, balance(Kind.SUSPENSE)) == (Status.FAILED, EUR("0.00"))


def test_money_that_comes_after_closing_is_kept_aside(alice, stripe):
    intent = stripe.begin(alice)
    state = stripe.bench.provider.confirm(
        intent.provider_payment_id, method="pm_card_visa", idempotency_key="unseen"
    )
    fail(intent_id=intent.pk, code="PROVIDER_UNREACHABLE", message="", source="job", now=timezone.now())

    for _ in range(2):
        synchronise(intent_id=intent.pk, state=state, source="webhook", now=timezone.now())

    intent.refresh_from_db()
    assert (intent.status, intent.stray_amount) == (Status.FAILED, EUR("50.00"))
    assert (cash(alice), balance(Kind.SUSPENSE)) == (EUR("0.00"), EUR("50.00"))
    assert intent.status_changes.filter(is_applied=False).count() == 1


# Reviews ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def checked(db):
    ReviewThreshold.objects.update_or_create(
        subject="top_up", defaults={"amount": "40.00", "is_active": True}
    )
    forget_thresholds()
    yield
    forget_thresholds()


def test_a_large_top_up_waits_in_the_wallet(alice, staff, stripe, checked):
    stripe.pay(alice)
    before = (cash(alice), spendable(alice))

    reviews.release(review=reviews.Review.objects.get(), decided_by=staff, reason="Known", now=timezone.now())

    assert before == (EUR("48.25"), EUR("0.00"))
    assert spendable(alice) == EUR("48.25")


def test_a_rejected_top_up_goes_back_to_its_payer(
    alice, staff, stripe, checked, django_capture_on_commit_callbacks
):
    intent = stripe.pay(alice)

    with django_capture_on_commit_callbacks(execute=True):
        reviews.reject(
            review=reviews.Review.objects.get(), decided_by=staff, reason="Stolen card", now=timezone.now()
        )

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.REFUNDED, EUR("0.00"))


def test_a_part_refunded_at_the_provider_leaves_the_rest_under_review(alice, staff, stripe, checked):
    intent = stripe.pay(alice)
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))

    look(intent)
    between = (cash(alice), spendable(alice))
    reviews.release(review=reviews.Review.objects.get(), decided_by=staff, reason="Known", now=timezone.now())

    assert between == (EUR("38.60"), EUR("0.00"))
    assert spendable(alice) == EUR("38.60")


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
