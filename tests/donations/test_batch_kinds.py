"""Batches that give back and batches that pay out, and what the books say of all of them."""

from decimal import Decimal

import pytest

from donations.models import BatchLine, BatchOperation, Donation, DonationRefund, PayoutRun
from donations.operations import batch_processing, payouts, refunds
from donations.operations.batch_lines import LineDraft
from donations.queries.books import contradictions
from goodplay.lib.approvals.operations import approve
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import figures, make_batch, refused, started, work
from tests.factories.donations import NOW, balance, make_donation, take_back
from tests.factories.payouts import IBANS, payable_onlus

pytestmark = pytest.mark.django_db
Kind = BatchOperation.Type


# Refunds ---------------------------------------------------------------------------------------------------------


def back(*donations, amount=None):
    return [
        LineDraft(
            number=n,
            donation_id=donation.pk,
            amount=Decimal(amount) if amount else None,
            message="Sent twice",
        )
        for n, donation in enumerate(donations, start=1)
    ]


def test_refunds_give_back_what_is_left_and_say_who_asked():
    donor, onlus = UserFactory(), OnlusFactory()
    whole, part = make_donation(donor, onlus, "5.00"), make_donation(donor, onlus, "4.00")
    take_back(part, "1.00")
    batch = started(make_batch(back(whole, part), kind=Kind.REFUNDS))
    assert batch.total_amount == Decimal("8.00")

    work(batch)

    assert figures(batch) == ("completed", 2, 2, 0, 0)
    made = DonationRefund.objects.filter(requested_by=batch.created_by).order_by("pk")
    assert [(each.donation, each.amount, each.cause, each.reason) for each in made] == [
        (whole, Decimal("5.00"), "staff", "Sent twice"),
        (part, Decimal("3.00"), "staff", "Sent twice"),
    ]
    assert [line.refund_id for line in batch.lines.order_by("processing_order")] == [each.pk for each in made]
    assert balance(donor) == Decimal("9.00")


def test_refunds_refuse_what_cannot_be_given_back():
    donor, onlus = UserFactory(), OnlusFactory()
    twice, gone = make_donation(donor, onlus, "5.00"), make_donation(donor, onlus, "4.00")
    take_back(gone)
    lines = [
        *back(twice, twice, gone),
        LineDraft(number=4, donation_id=new_id()),
    ]

    assert refused(lines, kind=Kind.REFUNDS) == [
        (1, "REFUND_AMOUNT_TOO_LARGE"),
        (2, "REFUND_AMOUNT_TOO_LARGE"),
        (3, "DONATION_NOT_REFUNDABLE"),
        (4, "BATCH_DONATIONS_NOT_FOUND"),
    ]


def test_a_donation_given_back_meanwhile_is_not_given_back_again():
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "5.00")
    batch = started(make_batch(back(donation), kind=Kind.REFUNDS))
    take_back(donation, "1.00")

    work(batch)

    assert (figures(batch)[0], batch.lines.get().error_code) == ("failed", refunds.RefundTooLarge.code)
    assert balance(donor) == Decimal("1.00")


# Payouts ---------------------------------------------------------------------------------------------------------


def payout_lines(*organisations):
    return [LineDraft(number=n, onlus_id=onlus.pk) for n, onlus in enumerate(organisations, start=1)]


def test_payouts_are_drafted_in_one_run_with_what_is_due():
    first = payable_onlus("30.00", "12.00", iban=IBANS[0])
    second, poor = payable_onlus("20.00", iban=IBANS[1]), payable_onlus("1.00", iban=IBANS[2])
    batch = started(make_batch(payout_lines(first, second, poor), kind=Kind.PAYOUTS))

    work(batch)

    assert figures(batch) == ("partial", 3, 2, 1, 0)
    run = PayoutRun.objects.get()
    assert (batch.payout_run, run.payout_count, run.total_amount, run.status) == (
        run,
        2,
        Decimal("62.00"),
        "draft",
    )
    lines = batch.lines.select_related("payout").order_by("processing_order")
    assert [(line.payout.amount if line.payout else None, line.error_code) for line in lines] == [
        (Decimal("42.00"), ""),
        (Decimal("20.00"), ""),
        (None, "NOTHING_TO_PAY_OUT"),
    ]


def test_payouts_go_on_in_a_run_of_their_own_once_the_first_was_released():
    first, second = payable_onlus("30.00", iban=IBANS[0]), payable_onlus("20.00", iban=IBANS[1])
    batch = started(make_batch(payout_lines(first, second), kind=Kind.PAYOUTS))
    batch_processing.process_next(batch=batch, now=NOW)
    released_run = PayoutRun.objects.get()
    asked = payouts.request_release(
        run=released_run, requested_by=batch.created_by, reason="The month's end.", now=NOW
    )
    approve(request=asked, decided_by=StaffFactory(), now=NOW)

    work(batch)

    released_run.refresh_from_db()
    assert (released_run.status, released_run.payout_count) == ("approved", 1)
    assert (figures(batch)[0], batch.payout_run.payout_count) == ("completed", 1)
    assert batch.payout_run != released_run


def test_payouts_refuse_who_cannot_be_paid_and_who_is_named_twice():
    payable, without = payable_onlus("30.00"), OnlusFactory()
    lines = [*payout_lines(payable, payable, without), LineDraft(number=4, onlus_id=new_id())]

    assert refused(lines, kind=Kind.PAYOUTS) == [
        (1, "ORGANIZATION_NAMED_TWICE"),
        (2, "ORGANIZATION_NAMED_TWICE"),
        (3, "ORGANIZATION_NOT_PAYABLE"),
        (4, "ONLUS_NOT_FOUND"),
    ]


# The books -------------------------------------------------------------------------------------------------------


@pytest.mark.unbalanced
def test_the_books_see_a_line_that_does_not_say_what_was_given():
    batch = work(started(make_batch()))
    BatchLine.objects.filter(batch=batch, processing_order=1).update(processed_amount=Decimal("0.99"))

    assert [each.invariant for each in contradictions()] == ["I14"]


@pytest.mark.unbalanced
def test_the_books_see_a_batch_that_counts_wrong():
    batch = work(started(make_batch()))
    BatchOperation.objects.filter(pk=batch.pk).update(successful_items=2, skipped_items=1)

    assert [each.subject for each in contradictions()] == [f"batch {batch.pk}"]


@pytest.mark.unbalanced
def test_the_books_see_a_donation_of_a_batch_that_no_line_tells_of():
    donation = make_donation(UserFactory(), OnlusFactory(), origin=Donation.Origin.BATCH)

    assert [each.subject for each in contradictions()] == [f"donation {donation.pk}"]
