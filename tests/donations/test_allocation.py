"""Runs of allocation: every euro goes where it was planned, once, whatever happens in between."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import Onlus
from donations.models import (
    AllocationLine,
    AllocationRequest,
    AllocationResult,
    Donation,
    FundingPool,
    LedgerAccount,
    PoolGrant,
    Review,
    Transfer,
    Wallet,
)
from donations.operations import allocation, closing, reviews
from donations.queries.balances import balance_of, total_balance
from donations.queries.books import contradictions
from donations.queries.payouts import standing
from donations.tasks import allocate_due, allocate_emergencies
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory, StaffFactory
from tests.factories.allocation import given_lines, make_giver, make_pool, make_request, run
from tests.factories.donations import NOW, Kind, balance, give_credits
from tests.factories.risk import hold_from
from tests.threads import at_once

Status = AllocationRequest.Status
LATER = NOW + timedelta(days=1)


def outcome(request):
    request.refresh_from_db()
    result = request.result
    assert request.status == result.status
    return result.status, result.given_amount


def planned(request, *, now=NOW):
    """Schedule a request as a run does, and stop before anything is carried out."""
    [decision] = [each for each in allocation.dry_run(now=now) if each.request == request]
    row = allocation.AllocationRun.objects.create(trigger="daily", started_at=now)
    return allocation._schedule(decision, row, now)


# Carrying out ----------------------------------------------------------------------------------------------------


def test_donors_give_in_proportion_and_the_pool_adds_the_rest(db):
    alice, bruno = make_giver("30.00"), make_giver("10.00")
    pool = make_pool("500.00")
    request = make_request("100.00")

    done = run()

    assert outcome(request) == ("completed", Decimal("100.00"))
    assert given_lines(request) == [
        (alice, Decimal("30.00")),
        (bruno, Decimal("10.00")),
        (pool, Decimal("60.00")),
    ]
    assert [balance(each) for each in (alice, bruno)] == [0, 0]
    pool.refresh_from_db()
    assert (pool.reserved, pool.spent, pool.available) == (0, Decimal("60.00"), Decimal("440.00"))
    payable = LedgerAccount.objects.get(onlus=request.onlus)
    assert balance_of(payable) == Decimal("100.00")
    assert total_balance(Kind.SPONSOR) == Decimal("440.00")
    assert (done.scheduled_count, done.given_amount, done.finished_at) == (1, Decimal("100.00"), NOW)


def test_donors_who_have_enough_pay_in_proportion_and_no_pool_is_asked(db):
    alice, bruno = make_giver("200.00"), make_giver("100.00")
    pool = make_pool("500.00")
    request = make_request("100.00")

    run()

    assert outcome(request) == ("completed", Decimal("100.00"))
    assert given_lines(request) == [(alice, Decimal("66.67")), (bruno, Decimal("33.33"))]
    pool.refresh_from_db()
    assert (pool.reserved, pool.spent) == (0, 0)


def test_a_long_run_over_midnight_leaves_nothing_out_of_the_day_that_was_closed(db):
    """Each look at the clock takes six minutes, and the night's job comes by as soon as it may."""
    make_giver("30.00"), make_giver("10.00")
    make_pool("500.00")
    first, second = make_request("50.00"), make_request("20.00")
    moments = [datetime(2026, 3, 4, 22, 50, tzinfo=UTC)]  # 23:50 in Rome

    def clock():
        moments.append(moments[-1] + timedelta(minutes=6))
        closing.take_snapshots(now=moments[-1])
        return moments[-1]

    allocation.run(trigger="daily", clock=clock)

    assert [outcome(each)[0] for each in (first, second)] == ["completed"] * 2
    assert moments[-1] > datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    assert sum(balance_of(LedgerAccount.objects.get(onlus=each.onlus)) for each in (first, second)) == 70


def test_allocated_donations_are_donations_like_all_others(db):
    alice = make_giver()
    give_credits(alice, "4.00")
    give_credits(alice, "6.00", kind=Kind.PLAYER_CASH)
    request = make_request("7.00")

    run()

    donation = Donation.objects.get()
    assert (donation.donor, donation.onlus, donation.status, donation.origin) == (
        alice,
        request.onlus,
        "completed",
        "allocation",
    )
    assert (donation.earned_amount, donation.paid_amount) == (Decimal("4.00"), Decimal("3.00"))
    assert donation.clears_at == NOW + timedelta(days=14)
    assert Event.objects.filter(name="donation_complete").count() == 1
    assert Event.objects.get(name="allocation_executed").payload["given"] == "7.00"


def test_too_little_is_a_part_and_later_runs_add_to_it(db):
    make_giver("30.00")
    request = make_request("100.00")

    run()
    assert outcome(request) == ("partial", Decimal("30.00"))
    assert request.result.target_amount == Decimal("100.00")
    run(now=LATER)  # nobody has anything: no retry is used up
    assert (request.result.retry_count, AllocationLine.objects.count()) == (0, 1)
    make_giver("75.00", now=LATER)
    run(now=LATER)

    assert outcome(request) == ("completed", Decimal("100.00"))
    assert request.result.target_amount == Decimal("100.00")
    assert AllocationResult.objects.get().retry_count == 1


def test_a_cent_short_counts_as_complete(db):
    make_giver("99.99")
    request = make_request("100.00")

    run()

    assert outcome(request) == ("completed", Decimal("99.99"))


def test_a_request_is_tried_again_three_times(db):
    request = make_request("100.00")
    for number in range(6):
        make_giver("1.00", now=NOW + timedelta(days=number))
        run(now=NOW + timedelta(days=number))

    assert outcome(request) == ("partial", Decimal("4.00"))
    assert AllocationResult.objects.get().retry_count == 3


def test_without_money_requests_wait(db):
    request = make_request("100.00")

    done = run()

    request.refresh_from_db()
    assert (request.status, request.score) == ("pending", Decimal("67.00"))
    assert [(each["verdict"], each["code"]) for each in done.decisions] == [
        ("wait", "NO_SUITABLE_FUNDING_POOLS")
    ]


def test_a_low_score_is_rejected_with_the_score_in_the_reason(db):
    alice = make_giver("100.00")
    request = make_request("100.00", urgency_level=1)

    run()

    request.refresh_from_db()
    assert (request.status, request.rejection_reason) == (
        "rejected",
        "ALLOCATION_SCORE_BELOW_THRESHOLD 51.00",
    )
    assert request.factors["urgency"]["points"] == "4.00"
    assert request.formula_version == 1
    assert balance(alice) == Decimal("100.00")


def test_a_passed_deadline_is_rejected(db):
    make_giver("100.00")
    request = make_request("100.00", deadline=NOW)

    run()

    request.refresh_from_db()
    assert (request.status, request.rejection_reason) == ("rejected", "ALLOCATION_DEADLINE_PASSED")


def test_an_organisation_out_of_order_gets_nothing(db):
    alice = make_giver("100.00")
    request = make_request("100.00", onlus=OnlusFactory(compliance_status="non_compliant"))

    run()

    request.refresh_from_db()
    assert (request.status, balance(alice)) == ("pending", Decimal("100.00"))


# What changes between plan and gift ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"allocation_consent": False}, "CONSENT_WITHDRAWN"),
        ({"auto_donation_enabled": False}, "CONSENT_WITHDRAWN"),
        ({"auto_donation_threshold": Decimal("30.00")}, "NOTHING_ABOVE_THRESHOLD"),
    ],
)
def test_who_changes_their_mind_gives_nothing_and_the_pool_vouches(db, columns, code):
    alice, bruno = make_giver("30.00"), make_giver("10.00")
    pool = make_pool("100.00")
    request = make_request("100.00")
    key = planned(request)
    Wallet.objects.filter(player=alice).update(**columns)

    allocation.carry_out(result_id=key, clock=lambda: NOW)

    assert outcome(request) == ("completed", Decimal("100.00"))
    assert given_lines(request) == [(bruno, Decimal("10.00")), (pool, Decimal("90.00"))]
    assert AllocationLine.objects.get(donor=alice).code == code
    assert balance(alice) == Decimal("30.00")


def test_a_wallet_that_shrank_gives_less(db):
    alice = make_giver("30.00")
    request = make_request("100.00")
    key = planned(request)
    Wallet.objects.filter(player=alice).update(auto_donation_threshold=Decimal("22.50"))

    allocation.carry_out(result_id=key, clock=lambda: NOW)

    assert outcome(request) == ("partial", Decimal("7.50"))
    assert balance(alice) == Decimal("22.50")


def test_an_organisation_suspended_in_between_gets_nothing_and_the_pool_is_free_again(db):
    alice, pool = make_giver("30.00"), make_pool("100.00")
    request = make_request("100.00")
    key = planned(request)
    pool.refresh_from_db()
    assert pool.reserved == Decimal("100.00")
    Onlus.objects.update(status="suspended")

    allocation.carry_out(result_id=key, clock=lambda: NOW)

    assert outcome(request) == ("failed", 0)
    pool.refresh_from_db()
    assert (pool.reserved, pool.spent, balance(alice)) == (0, 0, Decimal("30.00"))
    assert set(AllocationLine.objects.values_list("code", flat=True)) == {
        "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"
    }
    assert Event.objects.filter(name="allocation_failed").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(db):
    alice, bruno = make_giver("30.00"), make_giver("10.00")
    make_pool("100.00")
    request = make_request("100.00")
    key = planned(request)
    first = AllocationLine.objects.filter(donor=alice).get()
    allocation._carry_out_line(first.pk, NOW)  # and the worker is killed

    run(now=LATER)
    allocation.carry_out(result_id=key, clock=lambda: LATER)

    assert outcome(request) == ("completed", Decimal("100.00"))
    assert [amount for _who, amount in given_lines(request)] == [30, 10, 60]
    assert (balance(alice), balance(bruno), PoolGrant.objects.count()) == (0, 0, 1)


def test_a_pool_emptied_in_between_leaves_the_request_for_the_next_run(db):
    pool = make_pool("100.00")
    request = make_request("100.00")
    [decision] = allocation.dry_run(now=NOW)
    FundingPool.objects.update(status="paused")
    row = allocation.AllocationRun.objects.create(trigger="daily", started_at=NOW)

    settled = allocation._settle(decision, row, lambda: NOW)

    request.refresh_from_db()
    pool.refresh_from_db()
    assert (settled["verdict"], settled["code"]) == ("wait", "FUNDING_RESERVATION_FAILED")
    assert (request.status, pool.reserved, AllocationLine.objects.count()) == ("pending", 0, 0)


def test_a_request_withdrawn_in_between_gets_nothing(db):
    make_giver("100.00")
    request = make_request("100.00")
    [decision] = allocation.dry_run(now=NOW)
    AllocationRequest.objects.update(status="cancelled", decided_at=NOW)
    row = allocation.AllocationRun.objects.create(trigger="daily", started_at=NOW)

    settled = allocation._settle(decision, row, lambda: NOW)

    assert settled["code"] == "ALLOCATION_REQUEST_CHANGED"
    assert not hasattr(AllocationRequest.objects.get(pk=request.pk), "result")


# The check point -------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(db):
    hold_from("donation", "20.00")


def test_a_gift_that_waits_for_a_review_counts_and_is_taken_off_when_it_is_refused(
    strict, django_capture_on_commit_callbacks
):
    alice, pool = make_giver("30.00"), make_pool("100.00")
    request = make_request("100.00")
    run()
    assert outcome(request) == ("completed", Decimal("100.00"))
    assert Donation.objects.get().status == "pending"

    with django_capture_on_commit_callbacks(execute=True):
        reviews.reject(review=Review.objects.get(), decided_by=StaffFactory(), reason="Not now.", now=NOW)

    assert outcome(request) == ("partial", Decimal("70.00"))
    assert balance(alice) == Decimal("30.00")
    line = AllocationLine.objects.get(donor=alice)
    assert (line.status, line.given_amount) == ("not_given", 0)
    pool.refresh_from_db()
    assert pool.spent == Decimal("70.00")


# Jobs ------------------------------------------------------------------------------------------------------------


def test_the_daily_job_allocates(db):
    make_giver("10.00")
    make_request("10.00")

    assert allocate_due() == "1 requests, 10.00 EUR, 0 rejected"


def test_emergencies_go_ahead_without_threshold_and_alone(db):
    make_giver("100.00")
    pool = make_pool("50.00", kind="emergency")
    plain = make_request("10.00")
    emergency = make_request("120.00", priority=5, urgency_level=1)

    assert allocate_emergencies() == "1 emergencies, 120.00 EUR, 0 resumed, 0 overdue"

    assert outcome(emergency) == ("completed", Decimal("120.00"))
    assert emergency.result.method == "emergency"
    assert given_lines(emergency)[1] == (pool, Decimal("20.00"))
    plain.refresh_from_db()
    assert plain.status == "pending"
    assert allocate_emergencies() == "no emergency, 0 resumed, 0 overdue"


def test_an_emergency_that_waits_for_two_hours_is_reported_once(db):
    request = make_request("10.00", priority=5)
    just_before = NOW + timedelta(hours=2) - timedelta(seconds=1)

    assert allocation.alert_overdue(now=just_before) == 0
    assert allocation.alert_overdue(now=NOW + timedelta(hours=2)) == 1
    assert allocation.alert_overdue(now=NOW + timedelta(hours=3)) == 0

    [event] = Event.objects.filter(name="allocation_overdue")
    assert event.payload["request_id"] == str(request.pk)


# Twins, payouts and books ----------------------------------------------------------------------------------------


@pytest.mark.race
def test_runs_at_the_same_moment_give_once(real_transactions):
    alice, pool = make_giver("30.00"), make_pool("100.00")
    request = make_request("100.00")

    results = at_once(4, lambda number: run())

    assert not [each for each in results if isinstance(each, Exception)]
    assert outcome(request) == ("completed", Decimal("100.00"))
    assert balance(alice) == 0
    pool.refresh_from_db()
    assert (pool.reserved, pool.spent) == (0, Decimal("70.00"))
    assert Transfer.objects.filter(kind="grant").count() == 1


@pytest.mark.race
def test_two_workers_on_one_allocation_share_the_lines(real_transactions):
    for _number in range(5):
        make_giver("3.33")
    make_pool("100.00")
    request = make_request("50.00")
    key = planned(request)

    results = at_once(3, lambda number: allocation.carry_out(result_id=key, clock=lambda: NOW))

    assert not [each for each in results if isinstance(each, Exception)]
    assert outcome(request) == ("completed", Decimal("50.00"))
    assert Donation.objects.count() == 5
    assert PoolGrant.objects.get().amount == Decimal("33.35")


def test_grants_are_due_at_once(db):
    make_giver("30.00")
    make_pool("100.00")
    request = make_request("100.00")

    run()

    assert standing(request.onlus_id, NOW).due == Decimal("100.00")


@pytest.mark.unbalanced
@pytest.mark.parametrize(
    ("model", "changes", "words"),
    [
        (AllocationLine, {"given_amount": Decimal("1.00")}, "nothing carries it"),
        (AllocationResult, {"given_amount": Decimal("1.00")}, "its lines 100.00"),
        (FundingPool, {"spent": Decimal("1.00")}, "1.00 spent"),
        (FundingPool, {"reserved": Decimal("1.00")}, "1.00 reserved"),
        (FundingPool, {"total": Decimal("1000.01")}, "funded 1000.00"),
        (AllocationRequest, {"status": "failed"}, "ended otherwise"),
    ],
)
def test_the_books_find_what_does_not_fit(db, model, changes, words):
    make_giver("30.00")
    make_pool("1000.00")
    make_request("100.00")
    run()
    assert contradictions() == []

    model.objects.update(**changes)

    assert any(each.invariant == "I15" and words in each.detail for each in contradictions())
