"""Each way the books can lie, made behind the operations' back, is named by verify_books."""

from decimal import Decimal

import pytest

from donations.models import Donation, LedgerAccount, ReceiptCounter, SessionCredit, Transfer
from donations.operations import closing, ledger
from donations.queries.books import contradictions
from games.models import GameSession
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, give_credits, make_donation
from tests.factories.games import finished_session

pytestmark = [pytest.mark.django_db, pytest.mark.unbalanced]
Kind = LedgerAccount.Kind


def found():
    return {contradiction.invariant for contradiction in contradictions()}


def write(**columns):
    """Insert a transfer as somebody with the database's rights could."""
    defaults = {"id": new_id(), "transaction_id": new_id(), "cause_id": new_id(), "created_at": NOW}
    return Transfer.objects.create(**{**defaults, **columns})


def credits_of(player):
    return LedgerAccount.objects.get(player=player, kind=Kind.PLAYER_CREDITS)


def test_money_that_was_never_transferred():
    give_credits(player := UserFactory(), "5.00")
    LedgerAccount.objects.filter(player=player).update(balance=Decimal("6.00"))

    assert found() == {"I1"}


def test_money_held_for_nothing():
    give_credits(player := UserFactory(), "5.00")
    LedgerAccount.objects.filter(player=player).update(held=Decimal("1.00"))

    assert found() == {"I2"}


def test_more_paid_out_than_received():
    payable = ledger.onlus_account(onlus_id=OnlusFactory().pk, now=NOW)
    bank = ledger.system_account(Kind.BANK)
    write(debit_account=payable, credit_account=bank, amount=Decimal("1.00"), kind=Transfer.Kind.PAYOUT)

    assert found() == {"I3", "I12"}


def test_a_transfer_slipped_in_under_a_snapshot_and_a_seal():
    give_credits(UserFactory(), "5.00")
    closing.take_snapshots(now=NOW.replace(day=NOW.day + 2))
    closing.seal_days(now=NOW.replace(day=NOW.day + 2))
    write(
        debit_account=ledger.system_account(Kind.BANK),
        credit_account=ledger.system_account(Kind.REWARD_POOL),
        amount=Decimal("9.00"),
        kind=Transfer.Kind.FUNDING,
    )

    assert found() == {"I4", "I10"}


def test_a_donation_carried_by_somebody_elses_money():
    donation = make_donation(UserFactory(), OnlusFactory(), "2.00")
    Donation.objects.filter(pk=donation.pk).update(donor=UserFactory())

    assert found() == {"I7"}


def test_a_donation_of_more_than_was_moved():
    donation = make_donation(UserFactory(), OnlusFactory(), "2.00")
    Donation.objects.filter(pk=donation.pk).update(amount=Decimal("3.00"), earned_amount=Decimal("3.00"))

    assert found() == {"I7"}


@pytest.mark.parametrize("refund_first", [True, False])
def test_a_refund_nobody_told_and_one_that_never_was(refund_first):
    donation = make_donation(UserFactory(), OnlusFactory(), "2.00")
    if refund_first:
        leg = Transfer.objects.get(transaction_id=donation.pk)
        ledger.reverse(transfer=leg, reason="asked back", now=NOW)
    else:
        Donation.objects.filter(pk=donation.pk).update(
            status=Donation.Status.REFUNDED, refunded_amount=donation.amount
        )

    assert found() == {"I7"}


def test_play_paid_to_somebody_else():
    session = finished_session(UserFactory(), minutes=10)
    GameSession.objects.filter(pk=session.pk).update(user=UserFactory())

    assert found() == {"I8"}


def test_credits_shown_but_never_paid():
    session = finished_session(UserFactory(), minutes=0.1)
    assert not SessionCredit.objects.exists()
    GameSession.objects.filter(pk=session.pk).update(credits_earned=Decimal("99.00"))

    assert found() == {"I8"}


def test_a_receipt_number_given_to_nobody():
    ReceiptCounter.objects.create(year=2026, last_number=7)

    assert found() == {"I9"}


def test_a_reversal_of_what_never_moved():
    give_credits(player := UserFactory(), "5.00")
    cause = ledger.Cause(new_id(), new_id(), Transfer.Kind.ADJUSTMENT, player.pk)
    adjustment = ledger.system_account(Kind.ADJUSTMENT)
    amount = Decimal("1.00")
    pending = ledger.hold(debit=credits_of(player), credit=adjustment, amount=amount, cause=cause, now=NOW)
    ledger.void(pending=pending, now=NOW)
    write(
        debit_account=adjustment,
        credit_account=credits_of(player),
        amount=amount,
        kind=Transfer.Kind.ADJUSTMENT,
        reverses=pending,
        transaction_id=pending.transaction_id,
    )

    assert {"I1", "I6"} == found()
