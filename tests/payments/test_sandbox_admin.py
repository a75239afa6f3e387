"""The sandbox from the provider's side."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.payments.contract import DisputeStatus, RefundStatus, Status
from donations.payments.sandbox.models import SandboxDispute, SandboxEvent, SandboxPayment, SandboxRefund
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.payments.sandboxes import paid, row_of, sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def act(client, action, *rows):
    address = reverse(f"admin:sandbox_{rows[0]._meta.model_name}_changelist")
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(address, chosen, follow=True)


def now_at(state):
    return sandbox().retrieve(state.provider_payment_id)


def last_event():
    return SandboxEvent.objects.order_by("pk").last().kind


def test_staff_open_a_dispute_and_decide_it(client, boss):
    state = paid()

    act(client, "open_dispute", row_of(state))
    assert [each.status for each in now_at(state).disputes] == [DisputeStatus.OPEN]
    assert last_event() == "dispute.opened"
    act(client, "win", SandboxDispute.objects.get())

    assert [each.status for each in now_at(state).disputes] == [DisputeStatus.WON]
    assert last_event() == "dispute.closed"
    trail = list(AuditEntry.objects.order_by("sequence").values_list("actor", "action", "target_type"))
    assert trail == [
        (boss.pk, "sandbox_dispute", "sandbox.sandboxpayment"),
        (boss.pk, "sandbox_decide", "sandbox.sandboxdispute"),
    ]


@pytest.mark.parametrize(("action", "lost"), [("lose", "25.01"), ("lose_half", "12.51")])
def test_staff_decide_for_the_payer(client, boss, action, lost):
    state = paid("disputed", amount="25.01")

    act(client, action, SandboxDispute.objects.get())

    [dispute] = now_at(state).disputes
    assert (dispute.status, dispute.lost_amount) == (DisputeStatus.LOST, Decimal(lost))


def test_staff_refund_at_the_provider(client, boss):
    state = paid()

    act(client, "refund_rest", row_of(state))

    [refund] = now_at(state).refunds
    assert (refund.amount, refund.reference, refund.status) == (Decimal("50.00"), "", RefundStatus.SUCCEEDED)
    assert last_event() == "refund.updated"


def test_staff_decide_what_is_slow(client, boss):
    slow, refunded = paid("slow"), paid("failing_refund")
    act(client, "refund_rest", row_of(refunded))

    act(client, "complete", row_of(slow))
    act(client, "complete", SandboxRefund.objects.get())

    assert now_at(slow).status == Status.SUCCEEDED
    assert [refund.status for refund in now_at(refunded).refunds] == [RefundStatus.FAILED]


def test_staff_send_a_notification_again(client, boss):
    paid()
    SandboxEvent.objects.update(next_attempt_at=None)

    act(client, "send_again", SandboxEvent.objects.get())

    assert SandboxEvent.objects.get().next_attempt_at


def test_a_refusal_is_said_and_stops_nothing_else(client, boss):
    refused, fine = paid("slow"), paid()

    page = act(client, "refund_rest", row_of(refused), row_of(fine))

    assert "The payment is not in a state in which this can be done." in page.text
    assert "1 done." in page.text
    assert [row_of(each).refunds.count() for each in (refused, fine)] == [0, 1]
    assert AuditEntry.objects.count() == 1


def test_pages_show_no_token(client, boss):
    row = row_of(paid(save_method=True))

    for model, one in (("sandboxpayment", row), ("sandboxmethod", row.method)):
        page = client.get(reverse(f"admin:sandbox_{model}_change", args=[one.pk]))
        assert page.status_code == 200
        assert one.token not in page.text


@pytest.mark.parametrize(("role", "may"), [("finance", True), ("admin", False), ("moderator", None)])
def test_roles_decide_who_acts(client, role, may):
    member = UserFactory(is_staff=True)
    member.groups.add(Group.objects.get(name=role))
    client.force_login(member)
    row = row_of(paid())

    page = act(client, "refund_rest", row)

    assert page.status_code == (403 if may is None else 200)
    assert row.refunds.count() == (1 if may else 0)


def test_a_closed_sandbox_offers_no_action(client, boss, settings):
    row = row_of(paid())
    settings.SANDBOX_PAYMENTS = False

    act(client, "open_dispute", row)

    assert not SandboxDispute.objects.exists()
    assert SandboxPayment.objects.count() == 1
