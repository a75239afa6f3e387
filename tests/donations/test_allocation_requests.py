"""What staff decide about requests: with a score, a reason, or a second person, and never about their own."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Onlus
from donations.operations import allocation
from donations.operations.allocation_requests import (
    ApprovedTooMuch,
    EmergencyAlreadyOpen,
    OnlusBankNotVerified,
    OwnOrganisation,
    RequestDecided,
    ScoreBelowThreshold,
    approve,
    look_again,
    reject,
    request_force,
)
from donations.tasks import look_at_waiting_requests
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory
from tests.factories.allocation import given_lines, make_giver, make_pool, make_request, run
from tests.factories.donations import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return StaffFactory(display_name="Anna")


def state(request):
    request.refresh_from_db()
    return request.status, request.approved_amount, request.is_forced


def test_approved_for_less_and_then_given_exactly_that(anna):
    make_giver("500.00")
    request = make_request("100.00")

    approve(request=request, approved_by=anna, amount=Decimal("60.00"), notes="A part.", now=NOW)

    assert state(request) == ("approved", Decimal("60.00"), False)
    assert (request.score, request.decided_by, request.approval_notes) == (67, anna, "A part.")
    entry = AuditEntry.objects.get(action="allocation_approve")
    assert (entry.actor, entry.after["amount"]) == (anna, "60.00")
    assert Event.objects.get(name="allocation_approved").payload["amount"] == "60.00"
    run()
    assert request.result.target_amount == Decimal("60.00")
    assert [amount for _who, amount in given_lines(request)] == [Decimal("60.00")]


def test_a_low_score_is_not_approved(anna):
    request = make_request(urgency_level=1)

    with pytest.raises(ScoreBelowThreshold) as refusal:
        approve(request=request, approved_by=anna, now=NOW)

    assert refusal.value.data == {"score": Decimal("51.00")}
    assert state(request) == ("pending", None, False)


@pytest.mark.parametrize("amount", ["0.00", "100.01"])
def test_no_more_is_approved_than_was_asked_for(anna, amount):
    request = make_request("100.00")

    with pytest.raises(ApprovedTooMuch):
        approve(request=request, approved_by=anna, amount=Decimal(amount), now=NOW)

    assert state(request) == ("pending", None, False)


def test_an_organisation_out_of_order_is_not_approved(anna):
    request = make_request(onlus=OnlusFactory(bank_account_verified_at=None))

    for step in (
        lambda: approve(request=request, approved_by=anna, now=NOW),
        lambda: request_force(request=request, requested_by=anna, reason="Please.", now=NOW),
    ):
        with pytest.raises(OnlusBankNotVerified):
            step()

    assert state(request) == ("pending", None, False)
    assert not ApprovalRequest.objects.exists()


def test_a_rejection_keeps_its_reason_and_is_final(anna):
    request = make_request()

    reject(request=request, rejected_by=anna, reason="Not a project.", now=NOW)

    assert state(request) == ("rejected", None, False)
    assert request.rejection_reason == "Not a project."
    for step in (
        lambda: approve(request=request, approved_by=anna, now=NOW),
        lambda: reject(request=request, rejected_by=anna, reason="Again.", now=NOW),
    ):
        with pytest.raises(RequestDecided):
            step()


def test_nobody_decides_about_their_own_organisation(anna):
    request = make_request()
    MembershipFactory(user=anna, onlus=request.onlus, role="viewer")

    for step in (
        lambda: approve(request=request, approved_by=anna, now=NOW),
        lambda: reject(request=request, rejected_by=anna, reason="Mine.", now=NOW),
        lambda: request_force(request=request, requested_by=anna, reason="Mine.", now=NOW),
    ):
        with pytest.raises(OwnOrganisation):
            step()
    assert state(request) == ("pending", None, False)


def test_two_people_force_what_the_formula_rejected(anna):
    make_giver("40.00")
    request = make_request("40.00", urgency_level=1)
    run()
    assert state(request)[0] == "rejected"

    asked = request_force(request=request, requested_by=anna, reason="A promise.", now=NOW)
    assert "40.00" in asked.summary
    with pytest.raises(FourEyesRequired):
        approvals.approve(request=asked, decided_by=anna, now=NOW)
    assert state(request)[0] == "rejected"
    approvals.approve(request=asked, decided_by=StaffFactory(), now=NOW)

    assert state(request) == ("approved", None, True)
    assert (request.rejection_reason, request.approval_notes) == ("", "A promise.")
    run()
    assert (request.result.method, request.result.given_amount) == ("forced", Decimal("40.00"))


def test_a_forced_emergency_does_not_open_a_second(anna):
    request = make_request(priority=5)
    reject(request=request, rejected_by=anna, reason="Not one.", now=NOW)
    make_request(onlus=request.onlus, priority=5)
    asked = request_force(request=request, requested_by=anna, reason="It is.", now=NOW)

    with pytest.raises(EmergencyAlreadyOpen):
        approvals.approve(request=asked, decided_by=StaffFactory(), now=NOW)

    assert state(request)[0] == "rejected"


def test_only_what_is_approved_is_allocated_at_once(anna):
    make_pool("100.00")
    request, other = make_request("50.00"), make_request("50.00")
    with pytest.raises(allocation.NotApproved):
        allocation.allocate_now(request=request, started_by=anna, clock=lambda: NOW)
    approve(request=request, approved_by=anna, now=NOW)

    done = allocation.allocate_now(request=request, started_by=anna, clock=lambda: NOW)

    assert (done.trigger, done.started_by, done.given_amount) == ("staff", anna, Decimal("50.00"))
    assert (state(request)[0], state(other)[0]) == ("completed", "pending")


def test_what_waits_is_scored_again_and_what_was_decided_stays(anna):
    asked, approved, rejected = make_request("10.00"), make_request("20.00"), make_request("30.00")
    approve(request=approved, approved_by=anna, now=NOW)
    reject(request=rejected, rejected_by=anna, reason="Too dear.", now=NOW)
    later = NOW + timedelta(days=1)
    Onlus.objects.update(compliance_score=Decimal(100))

    with time_machine.travel(later, tick=False):
        assert look_at_waiting_requests() == "2 scored"

    for row, score, scored_at in ((asked, 73, later), (approved, 73, later), (rejected, None, None)):
        row.refresh_from_db()
        assert (row.score, row.scored_at) == (score, scored_at)
    assert asked.factors["performance"]["score"] == "100.00"
    assert (asked.status, approved.status, rejected.status) == ("pending", "approved", "rejected")


@pytest.mark.parametrize("count", [1, 3])
def test_looking_again_asks_the_same_for_more_and_writes_each_once(count, django_assert_num_queries):
    for _number in range(count):
        make_request("10.00")

    with django_assert_num_queries(5 + count):
        assert look_again(now=NOW) == count
