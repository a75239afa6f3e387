"""Payouts of money that is contested: it waits, and what is lost after it was paid stays with the organisation."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from donations.models import (
    LedgerAccount,
    Payout,
)
from donations.operations import giving, payment_exchange, payouts
from donations.queries.payouts import claims
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW, make_donation
from tests.factories.payouts import (
    colleague,
    exported,
    payable_onlus,
    prepare,
    settled,
)
from tests.payments.benches import SandboxStand, sandbox_bench
from tests.payments.intents import Desk, account_at

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
Status = Payout.Status
LATER = NOW + timedelta(days=20)


@pytest.fixture
def desk():
    """A provider where players pay in and contest it."""
    bench = sandbox_bench(SandboxStand())
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        return Desk(bench, account_at(bench))


def pays_in(desk, donor):
    """Let the donor pay in 100 EUR a minute before now."""
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        return desk.pay(donor, "100.00")


def give(donor, onlus, amount):
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=NOW)


def contest(desk, intent):
    """Let the payer contest the payment, and GoodPlay hear of it."""
    case = desk.bench.server.open_dispute(intent.provider_payment_id)
    payment_exchange.ask(intent=intent, source="webhook", now=NOW)
    return case


def win(desk, intent, case):
    desk.bench.server.win_dispute(case)
    payment_exchange.ask(intent=intent, source="webhook", now=NOW)


def test_gifts_of_disputed_money_wait_and_those_of_credits_do_not(desk):
    onlus, donor = payable_onlus("11.00"), UserFactory()
    make_donation(donor, onlus, "5.00")
    intent = pays_in(desk, donor)
    give(donor, onlus, "30.00")
    case = contest(desk, intent)

    assert prepare(LATER).payouts.get().amount == Decimal("16.00")
    assert prepare(LATER) is None

    win(desk, intent, case)
    assert prepare(LATER).payouts.get().amount == Decimal("30.00")


def test_a_dispute_after_the_draft_blocks_its_release(desk):
    onlus, donor = payable_onlus(), UserFactory()
    intent = pays_in(desk, donor)
    give(donor, onlus, "30.00")
    run = prepare(LATER)
    contest(desk, intent)

    with pytest.raises(payouts.PayoutNotPayable):
        payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=LATER)
    assert run.payouts.get().status == Status.DRAFT


def test_a_lost_dispute_leaves_what_was_paid_out_with_the_organisation(desk):
    """The loss is the payer's debt: nothing is claimed from who was paid in good faith."""
    onlus, donor = payable_onlus(), UserFactory()
    intent = pays_in(desk, donor)
    give(donor, onlus, "90.00")
    settled(exported(prepare(LATER)))
    case = contest(desk, intent)

    desk.bench.server.lose_dispute(case, Decimal("100.00"))
    payment_exchange.ask(intent=intent, source="webhook", now=NOW)

    assert claims(onlus.pk) == []
    assert Payout.objects.get().status == Status.SETTLED
