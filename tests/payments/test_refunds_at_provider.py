"""Refunds made at the provider, and money nobody asked for."""

from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from donations.models import (
    LedgerAccount,
    PaymentIntent,
    PaymentRefund,
)
from donations.operations import (
    giving,
    ledger,
    payment_debts,
    payment_intents,
    payment_refunds,
)
from donations.operations.payment_settlement import fail, synchronise
from donations.queries.payments import debt_of
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, deliver, look, refund, spendable

Kind = LedgerAccount.Kind
Status = PaymentIntent.Status
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


def give(player, amount):
    return giving.donate(donor=player, onlus_id=OnlusFactory().pk, amount=EUR(amount), now=timezone.now())


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
