"""Payouts: released by a second person, or cancelled."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Onlus
from donations.models import (
    LedgerAccount,
    OnlusBankAccount,
    Payout,
    PayoutRun,
    Review,
)
from donations.operations import payout_orders, payouts, reviews
from donations.operations.payout_steps import PayoutStepNotAllowed
from donations.queries.balances import total_balance
from donations.queries.payouts import due_by_onlus
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.donations import NOW
from tests.factories.payouts import (
    IBANS,
    colleague,
    exported,
    held,
    payable,
    payable_onlus,
    prepare,
    released,
)
from tests.factories.risk import hold_from

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
Status = Payout.Status
LATER = NOW + timedelta(days=20)


# Releasing ------------------------------------------------------------------------------------------------------


def test_a_run_is_released_by_a_second_person():
    payable_onlus("12.00")
    run = prepare()
    asked = payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=NOW)

    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=asked, decided_by=colleague("Anna"), now=NOW)
    assert Payout.objects.get().status == Status.DRAFT
    approvals.approve(request=asked, decided_by=colleague("Bruno"), now=NOW)

    run.refresh_from_db()
    payout = Payout.objects.get()
    assert (run.status, payout.status) == (PayoutRun.Status.APPROVED, Status.APPROVED)
    assert [change.actor for change in payout.changes.order_by("pk")] == [None, colleague("Bruno")]


def test_the_request_names_every_payout():
    payable_onlus("12.00", name="Il Sentiero Verde", iban=IBANS[0])
    run = prepare()

    asked = payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=NOW)

    assert asked.summary == "Pay out €12.00 to 1 organisation."
    assert asked.facts == {
        "payouts": 1,
        "total_amount": "12.00",
        "to": ["Il Sentiero Verde: 12.00 EUR, IT83 … 2345"],
    }


def test_a_run_that_changed_is_not_released():
    payable_onlus("12.00"), payable_onlus("15.00", iban=IBANS[2])
    run = prepare()
    asked = payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=NOW)
    payouts.cancel_payout(
        payout=run.payouts.get(amount="15.00"), actor=colleague("Carla"), reason="Wrong one", now=NOW
    )

    with pytest.raises(payouts.RunChanged):
        approvals.approve(request=asked, decided_by=colleague("Bruno"), now=NOW)

    assert run.payouts.get(amount="12.00").status == Status.DRAFT
    assert ApprovalRequest.objects.get().state == ApprovalRequest.State.PENDING


def test_a_large_payout_waits_for_its_review():
    hold_from("payout", "100.00")
    payable_onlus("100.00")
    run = prepare()
    review = Review.objects.get()
    assert (review.subject, review.amount) == (Review.Subject.PAYOUT, Decimal("100.00"))

    with pytest.raises(payouts.PayoutUnderReview):
        payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=NOW)
    assert not ApprovalRequest.objects.exists()
    reviews.release(review=review, decided_by=colleague("Carla"), reason="Looked at", now=NOW)

    assert released(run).status == PayoutRun.Status.APPROVED


def test_a_payout_the_check_point_refuses_is_cancelled():
    hold_from("payout", "100.00")
    onlus = payable_onlus("100.00")
    run = prepare()

    reviews.reject(review=Review.objects.get(), decided_by=colleague("Carla"), reason="Odd", now=NOW)

    run.refresh_from_db()
    assert (run.status, held(onlus)) == (PayoutRun.Status.CANCELLED, 0)
    assert due_by_onlus(NOW) == {onlus.pk: Decimal("100.00")}


def test_what_stopped_being_payable_blocks_release_and_order_by_name():
    bad, good = payable_onlus("12.00", name="Nuova Luce"), payable_onlus("15.00", iban=IBANS[2])
    run = prepare()
    OnlusBankAccount.objects.filter(onlus=bad).update(flagged_at=NOW, flag_reason="AC04")

    with pytest.raises(payouts.PayoutNotPayable) as refused:
        payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=NOW)
    assert refused.value.data == {"organisations": ["Nuova Luce"]}
    payouts.cancel_payout(
        payout=run.payouts.get(onlus=bad), actor=colleague("Anna"), reason="New account", now=NOW
    )
    released(run)
    Onlus.objects.filter(pk=good.pk).update(status=Onlus.Status.SUSPENDED)

    with pytest.raises(payouts.PayoutNotPayable):
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)
    assert total_balance(Kind.PAYOUT_IN_TRANSIT) == 0


# Cancelling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_released", [False, True])
def test_a_cancelled_run_frees_everything(is_released):
    onlus = payable_onlus("12.00")
    run = prepare()
    run = released(run) if is_released else run

    payouts.cancel_run(run=run, actor=colleague("Anna"), reason="Too early", now=NOW)

    run.refresh_from_db()
    assert (run.status, run.payout_count, held(onlus)) == (PayoutRun.Status.CANCELLED, 0, 0)
    assert payable(onlus) == Decimal("12.00")
    assert prepare().payouts.get().amount == Decimal("12.00")
    assert AuditEntry.objects.filter(action="payout_cancel", reason="Too early").count() == 1


def test_what_the_bank_has_cannot_be_cancelled():
    onlus = payable_onlus("12.00")
    run = exported(prepare())

    with pytest.raises(payouts.RunNotCancellable):
        payouts.cancel_run(run=run, actor=colleague("Anna"), reason="Too late", now=NOW)
    with pytest.raises(PayoutStepNotAllowed):
        payouts.cancel_payout(payout=run.payouts.get(), actor=colleague("Anna"), reason="Too late", now=NOW)

    assert (run.payouts.get().status, payable(onlus)) == (Status.EXPORTED, 0)


def test_cancelling_closes_the_review_as_well():
    hold_from("payout", "100.00")
    payable_onlus("100.00")

    payouts.cancel_run(run=prepare(), actor=colleague("Anna"), reason="Too early", now=NOW)

    assert Review.objects.get().status == Review.Status.REJECTED
