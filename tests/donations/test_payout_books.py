"""The books notice what is wrong with payouts."""

from decimal import Decimal

import pytest

from donations.models import LedgerAccount, Payout, PayoutLine, PayoutRun, PayoutStatusChange, Transfer
from donations.operations import ledger
from donations.queries.books import contradictions
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation
from tests.factories.payouts import exported, payable_onlus, prepare, settled

pytestmark = [pytest.mark.django_db, pytest.mark.unbalanced]
Kind = LedgerAccount.Kind


@pytest.fixture
def payout():
    payable_onlus("12.00")
    return exported(prepare()).payouts.get()


def told():
    return " ".join(map(str, contradictions()))


def test_good_payouts_leave_the_books_alone(payout):
    assert told() == ""
    settled(payout.run)
    assert told() == ""


def test_an_amount_its_lines_do_not_make(payout):
    Payout.objects.update(amount="11.00")

    assert f"payout {payout.pk}: is 11.00, its lines 12.00" in told()


def test_a_line_that_outlives_its_payout(payout):
    PayoutLine.objects.update(is_live=False)

    assert "is live, and its payout is not, or the other way" in told()


def test_a_line_for_another_organisation(payout):
    other = make_donation(UserFactory(), OnlusFactory(), "12.00")
    PayoutLine.objects.update(donation=other)

    assert "pays an ONLUS for a gift to another" in told()


@pytest.mark.parametrize("status", ["accepted", "settled"])
def test_a_state_its_transfers_do_not_have(payout, status):
    dates = {"accepted_at": NOW, "settled_at": NOW if status == "settled" else None}
    Payout.objects.update(status=status, **dates)

    found = told()

    assert "its history ends with exported" in found
    assert ("its transfers say otherwise" in found) == (status == "settled")
    assert ("payouts in transit: hold 12.00, 0.00 is under way" in found) == (status == "settled")


def test_a_payout_transfer_without_a_payout(payout):
    key = new_id()
    ledger.move(
        debit=ledger.onlus_account(onlus_id=payout.onlus_id, now=NOW),
        credit=ledger.system_account(Kind.BANK),
        amount=Decimal("1.00"),
        cause=ledger.Cause(transaction_id=key, cause_id=key, kind=Transfer.Kind.PAYOUT),
        now=NOW,
    )

    found = told()

    assert "belongs to no payout" in found
    assert "lacks 1.00: more is paid out than was received" in found


def test_a_run_that_says_something_else(payout):
    PayoutRun.objects.update(total_amount="13.00")

    found = told()

    assert "says 13.00, its payouts 12.00" in found
    assert "its file says something else" in found


def test_a_step_the_table_does_not_have(payout):
    PayoutStatusChange.objects.create(
        payout=payout, from_status="exported", to_status="draft", changed_at=NOW
    )

    assert "went from exported to draft" in told()


def test_a_gap_in_the_history(payout):
    PayoutStatusChange.objects.create(
        payout=payout, from_status="accepted", to_status="settled", changed_at=NOW
    )

    assert "has a gap in its history" in told()


def test_a_recovery_beyond_its_claim(payout):
    """Somebody recovers what nobody was refunded: the donation's organisation would be short."""
    from donations.models import DonationRefund  # noqa: PLC0415
    from donations.operations import refunds  # noqa: PLC0415

    settled(payout.run)
    donation = payout.lines.get().donation
    refund = refunds.refund_donation(
        donation_id=donation.pk, cause=DonationRefund.Cause.STAFF, amount=Decimal("2.00"), now=NOW
    )
    make_donation(UserFactory(), payout.onlus, "30.00")
    second = prepare().payouts.get()
    assert told() == ""

    second.lines.filter(refund=refund).update(amount="-5.00")

    assert f"refund {refund.pk}: 3.00 too much was recovered" in told()
