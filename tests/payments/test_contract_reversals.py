"""Refunds and disputes, the same at every provider."""

from decimal import Decimal
from uuid import uuid4

import pytest

from donations.payments.contract import (
    DisputeStatus,
    ProviderRefused,
    RefundStatus,
    Status,
)
from tests.payments.benches import BENCHES, EMBEDDED


@pytest.fixture(params=[*BENCHES, *(pytest.param(name, marks=pytest.mark.django_db) for name in EMBEDDED)])
def bench(request):
    return bench_of(request)


@pytest.fixture(params=BENCHES)
def remote(request):
    return bench_of(request)


def bench_of(request):
    fixture, make = (BENCHES | EMBEDDED)[request.param]
    return make(request.getfixturevalue(fixture))


def refusal(call, *args, **options):
    with pytest.raises(ProviderRefused) as error:
        call(*args, **options)
    return error.value


# Refunds ----------------------------------------------------------------------------------------------------------


def test_a_payment_is_refunded_in_part_and_then_whole(bench):
    paid, reference = bench.pay("20.00"), uuid4()

    first = bench.refund(paid, "7.01", reference=reference)
    second = bench.refund(paid, "12.99")

    assert (first.amount, first.status, first.reference) == (
        Decimal("7.01"),
        RefundStatus.SUCCEEDED,
        str(reference),
    )
    after = bench.now(paid)
    assert sorted(after.refunds, key=lambda refund: refund.amount) == [first, second]
    assert (after.status, after.captured) == (Status.SUCCEEDED, Decimal("20.00"))


def test_no_more_is_refunded_than_was_paid(bench):
    paid = bench.pay("20.00")
    bench.refund(paid, "15.00")

    refusal(bench.refund, paid, "5.01")

    assert [refund.amount for refund in bench.now(paid).refunds] == [Decimal("15.00")]


def test_an_unpaid_payment_has_nothing_to_refund(bench):
    made = bench.create()

    refusal(bench.refund, made, "1.00")

    assert bench.now(made) == made


def test_refunds_made_at_the_provider_are_seen_and_have_no_reference(bench):
    paid = bench.pay("20.00")

    bench.server.refund_at_provider(paid.provider_payment_id, Decimal("3.00"))

    (refund,) = bench.now(paid).refunds
    assert (refund.amount, refund.status, refund.reference) == (Decimal("3.00"), RefundStatus.SUCCEEDED, "")


def test_more_refunds_than_fit_into_one_answer_are_all_seen(bench):
    paid = bench.pay("20.00")
    for _ in range(13):
        bench.refund(paid, "1.00")

    assert sum(refund.amount for refund in bench.now(paid).refunds) == Decimal("13.00")
    assert len({refund.provider_refund_id for refund in bench.now(paid).refunds}) == 13


def test_a_refund_may_wait_and_fail(remote):
    paid = remote.pay("20.00")
    remote.server.refund_status = {"stripe": "pending", "paypal": "PENDING"}[remote.name]
    refund = remote.refund(paid, "20.00")
    assert refund.status is RefundStatus.PENDING

    remote.server.settle_refund(
        refund.provider_refund_id, {"stripe": "failed", "paypal": "FAILED"}[remote.name]
    )

    assert [one.status for one in remote.now(paid).refunds] == [RefundStatus.FAILED]
    assert remote.refund(paid, "20.00").amount == Decimal("20.00")


# Disputes ---------------------------------------------------------------------------------------------------------


def test_a_dispute_is_open_until_it_is_won(bench):
    paid = bench.pay("20.00")
    dispute_id = bench.server.open_dispute(paid.provider_payment_id)

    (dispute,) = bench.now(paid).disputes

    assert (dispute.provider_dispute_id, dispute.status) == (dispute_id, DisputeStatus.OPEN)
    assert (dispute.amount, dispute.lost_amount) == (Decimal("20.00"), Decimal("0.00"))
    assert dispute.reason
    assert dispute.opened_at

    bench.server.win_dispute(dispute_id)

    (dispute,) = bench.now(paid).disputes
    assert (dispute.status, dispute.lost_amount) == (DisputeStatus.WON, Decimal("0.00"))


def test_a_lost_dispute_keeps_the_money_and_a_fee(bench):
    paid = bench.pay("20.00")
    dispute_id = bench.server.open_dispute(paid.provider_payment_id)

    bench.server.lose_dispute(dispute_id)

    (dispute,) = bench.now(paid).disputes
    assert (dispute.status, dispute.amount) == (DisputeStatus.LOST, Decimal("20.00"))
    assert (dispute.lost_amount, dispute.fee) == (Decimal("20.00"), bench.dispute_fee)


def test_a_dispute_lost_in_part_says_how_much(bench):
    paid = bench.pay("20.00")
    dispute_id = bench.server.open_dispute(paid.provider_payment_id)

    bench.server.lose_dispute(dispute_id, Decimal("8.01"))

    (dispute,) = bench.now(paid).disputes
    assert (dispute.status, dispute.amount) == (DisputeStatus.LOST, Decimal("20.00"))
    assert dispute.lost_amount == Decimal("8.01")


def test_two_disputes_of_one_payment_are_two(remote):
    paid = remote.pay("20.00")
    first = remote.server.open_dispute(paid.provider_payment_id, Decimal("5.00"))
    remote.server.win_dispute(first)
    second = remote.server.open_dispute(paid.provider_payment_id, Decimal("15.00"))

    disputes = {dispute.provider_dispute_id: dispute.status for dispute in remote.now(paid).disputes}

    assert disputes == {first: DisputeStatus.WON, second: DisputeStatus.OPEN}
