"""Breaks that heal while a second person has not decided yet: their entry is not booked."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from donations.models import Discrepancy, MatchLine, Transfer
from donations.operations.reconciliation import resolving, runs
from goodplay.lib.approvals.models import ApprovalRequest
from tests.accounts.test_roles import member_of
from tests.factories.payouts import colleague
from tests.payments.intents import balance
from tests.reconciling.house import APRIL_2, EUR, bank_day, charge, fund, incoming, reconcile_march

pytestmark = pytest.mark.django_db
WISH = {"resolution_type": "manual_adjustment", "notes": "The sponsor says so"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(APRIL_2 + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def anna(api):
    api.force_authenticate(member_of("finance"))
    return api


def asked_for(api):
    """Ask for the entry of the only break."""
    row = Discrepancy.objects.get()
    answer = api.post(f"/api/admin/reconciliation/{row.pk}/resolve", WISH, format="json")
    assert answer.json()["data"]["status"] == "awaiting_approval"
    return row


def decide(name, reason=""):
    client = Client()
    client.force_login(colleague("Bruno"))
    pending = ApprovalRequest.objects.get(state="pending")
    place = f"/admin/approvals/approvalrequest/{pending.pk}/do/{name}/"
    return client.post(place, {"reason": reason}, follow=True).text


def is_refused():
    """Approve: nothing is booked, nothing is decided, no line changes its partner."""
    before = balance("bank"), sorted(MatchLine.objects.values_list("key", "match"))
    page = decide("approve")
    assert "The break is not what it was" in page
    assert (balance("bank"), sorted(MatchLine.objects.values_list("key", "match"))) == before
    assert not Transfer.objects.filter(kind=Transfer.Kind.ADJUSTMENT).exists()
    assert ApprovalRequest.objects.get().state == "pending"


def test_what_was_missing_and_came_meanwhile_is_not_taken_out(anna):
    fund()
    reconcile_march()
    row = asked_for(anna)
    bank_day(incoming=[incoming()], now=APRIL_2)
    reconcile_march()

    is_refused()

    decide("reject", "It came after all")
    reconcile_march()
    row.refresh_from_db()
    assert (row.status, balance("bank")) == ("cleared", EUR("-500.00"))


def test_what_a_run_of_other_days_cleared_is_not_taken_out(anna):
    fund()
    reconcile_march()
    row = asked_for(anna)
    bank_day(date(2026, 3, 9), incoming=[incoming()], now=APRIL_2)
    runs.start(type=runs.Type.DAILY, start_date=date(2026, 3, 9), end_date=date(2026, 3, 9), now=APRIL_2)
    row.refresh_from_db()
    assert row.status == "cleared"

    is_refused()


def test_what_was_extra_and_was_booked_meanwhile_is_not_booked_twice(anna):
    bank_day(incoming=[incoming()])
    reconcile_march()
    asked_for(anna)
    fund()
    reconcile_march()

    is_refused()


def test_a_charge_that_was_booked_meanwhile_is_not_booked_twice(anna):
    """The line of the statement stands alone as well, whatever the class of the break."""
    fund()
    bank_day(incoming=[incoming(), incoming("2.50", text="FATT-2026-002")])
    bank_day(number=2, opening="1502.50", charges=[charge("2.50")])
    reconcile_march()
    row = Discrepancy.objects.get(break_class="fee")
    resolving.resolve(discrepancy=row, **WISH, actor=colleague("Anna"), now=APRIL_2)
    match = MatchLine.objects.filter(side="theirs").first().match
    line = row.theirs[0]
    MatchLine.objects.create(
        match=match, account="bank", side="theirs", key=line["key"], amount=EUR("-2.50"), moved_at=APRIL_2
    )

    is_refused()


def test_a_break_that_came_back_waits_for_the_request_it_had(anna):
    fund()
    reconcile_march()
    row = asked_for(anna)
    Discrepancy.objects.filter(pk=row.pk).update(status="cleared", resolved_at=APRIL_2)
    reconcile_march()
    row.refresh_from_db()
    assert row.status == "open"

    is_refused()
    again = anna.post(f"/api/admin/reconciliation/{row.pk}/resolve", WISH, format="json")
    assert (again.status_code, again.json()["message"]) == (409, "DISCREPANCY_AWAITS_APPROVAL")
    decide("reject", "Look at it anew")

    asked_for(anna)
    decide("approve")
    row.refresh_from_db()
    assert (row.status, balance("bank")) == ("resolved", EUR("0.00"))
