"""What the people of an ONLUS are mailed about its money: payouts that did not arrive, funding, grave issues."""

from datetime import timedelta

import pytest
from django.core import mail

from donations.models import AllocationRequest
from donations.operations import allocation_requests, assessments
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.allocation import make_giver, make_pool, make_request, run
from tests.factories.donations import NOW
from tests.factories.payouts import (
    answer,
    exported,
    payable_onlus,
    prepare,
    returned_line,
    settled,
    statement,
    take,
)

pytestmark = pytest.mark.django_db


def seated(onlus):
    """An Italian owner, an editor, and a viewer who wants no mail about payouts and compliance."""
    MembershipFactory(onlus=onlus, user=UserFactory(email="owner@verde.example", preferred_language="it"))
    MembershipFactory(onlus=onlus, user=UserFactory(email="editor@verde.example"), role="editor")
    MembershipFactory(
        onlus=onlus,
        user=UserFactory(email="viewer@verde.example"),
        role="viewer",
        wants_payout_mails=False,
        wants_compliance_mails=False,
    )
    MembershipFactory(user=UserFactory(email="stranger@other.example"))
    return onlus


@pytest.fixture
def happening(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def english():
    """Return what the editor got, after looking which other people of organisations did."""
    to = {sent.to[0]: sent for sent in mail.outbox if not sent.to[0].endswith("@example.org")}
    assert sorted(to) == ["editor@verde.example", "owner@verde.example"]
    return to["editor@verde.example"]


def test_a_payout_the_bank_refuses_is_told(happening):
    onlus = seated(payable_onlus("12.50"))
    ordered = exported(prepare())

    with happening():
        take(answer(ordered, refuse={ordered.payouts.get().end_to_end_id: "AC04"}))

    told = english()
    assert told.subject == "Your payout did not arrive"
    assert "The bank did not bring €12.50 to the account" in told.body
    assert f"/portal/{onlus.pk}/payouts/" in told.body


def test_a_payout_that_comes_back_is_told(happening):
    seated(payable_onlus("12.50"))
    ordered = exported(prepare())
    settled(ordered)
    mail.outbox.clear()

    with happening():
        take(statement(ordered, number=2, paid=[], returned=[returned_line(ordered)]))

    assert english().subject == "Your payout did not arrive"


def test_funding_is_told_when_it_is_approved_and_when_it_is_given(happening):
    onlus = seated(OnlusFactory())
    request = make_request("100.00", onlus=onlus)

    with happening():
        allocation_requests.approve(request=request, approved_by=StaffFactory(), now=NOW)
    assert english().subject == "Your request for funding is approved"
    assert "“Trees for the school” is approved for €100.00" in english().body

    make_giver("30.00")
    mail.outbox.clear()
    with happening():
        run()
    assert "“Trees for the school” was given €30.00 of €100.00." in english().body

    mail.outbox.clear()
    with happening():
        run(now=NOW + timedelta(days=1))  # nobody has more to give: nothing is told again
    assert mail.outbox == []


@pytest.mark.parametrize("by_staff", [True, False])
def test_a_rejection_is_told_with_its_reason(happening, by_staff):
    onlus = seated(OnlusFactory())
    request = make_request("100.00", onlus=onlus, urgency_level=1, deadline=NOW + timedelta(days=300))
    make_pool("500.00")

    with happening():
        if by_staff:
            allocation_requests.reject(
                request=request, rejected_by=StaffFactory(), reason="Too dear.", now=NOW
            )
        else:
            run()

    request.refresh_from_db()
    assert request.status == AllocationRequest.Status.REJECTED
    reason = "Too dear." if by_staff else f"The score is below 60. ({request.score})"
    assert f"“Trees for the school” was rejected. {reason}" in english().body


def test_a_critical_issue_is_told_to_those_who_want_to_know(happening):
    onlus, staff = seated(OnlusFactory()), StaffFactory()
    facts = {"issue_type": "board", "category": "governance", "actor": staff, "now": NOW}

    with happening():
        assessments.open_issue(onlus=onlus, description="One member is missing.", severity="high", **facts)
    assert mail.outbox == []

    with happening():
        assessments.open_issue(
            onlus=onlus, description="The board has 1% of its members.", severity="critical", **facts
        )
    assert "The board has 1% of its members." in english().body
