"""Payments in the back office: what staff see, what they may do, and what stays hidden."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from donations.models import PaymentIntent, PaymentProvider, PaymentRefund, WebhookEvent
from donations.operations import payment_repair
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import Desk, account_at, cash, deliver
from tests.payments.local_server import Fault

INTENTS = "/admin/donations/paymentintent/"
PROVIDERS = "/admin/donations/paymentprovider/"


@pytest.fixture
def stripe(stripe_server, db):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(db):
    return UserFactory()


@pytest.fixture
def finance(client):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name="finance"))
    client.force_login(staff)
    return staff


def do(client, thing, what, **data):
    app = type(thing)._meta
    return client.post(f"/admin/donations/{app.model_name}/{thing.pk}/do/{what}/", data, follow=True)


def test_staff_refund_a_part_with_a_reason(client, finance, alice, stripe):
    intent = stripe.pay(alice)

    do(client, intent, "refund", amount="10.00", reason="Paid twice")

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == ("partially_refunded", Decimal("38.60"))
    entry = AuditEntry.objects.get(action="payment_refunded")
    assert (entry.actor, entry.reason, entry.after["amount"]) == (finance, "Paid twice", "10.00")


def test_the_pages_show_history_and_no_secret(client, finance, alice, stripe):
    intent = stripe.pay(alice, save_method=True)
    do(client, intent, "refund", amount="10.00", reason="Paid twice")
    intent.refresh_from_db()

    page = client.get(f"{INTENTS}{intent.pk}/change/").content.decode()
    provider = client.get(f"{PROVIDERS}{stripe.provider.pk}/change/").content.decode()

    assert "Paid twice" in page
    assert intent.client_secret not in page
    settings = stripe.bench.settings
    for secret in (settings.credentials["secret_key"], settings.webhook_secret):
        assert secret not in provider


@pytest.mark.parametrize("what", ["refund", "ask", "write_off"])
def test_looking_is_not_doing(client, alice, stripe, what):
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    client.force_login(analyst)
    intent = stripe.pay(alice)

    answer = do(client, intent, what, reason="Because I can")

    assert answer.status_code == 403
    assert cash(alice) == Decimal("48.25")


def test_asking_the_provider_finds_what_was_missed(client, finance, alice, stripe):
    intent = stripe.pay_unseen(alice)

    do(client, intent, "ask")

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == ("succeeded", Decimal("48.25"))


def test_a_provider_that_is_away_is_told_as_a_message(client, finance, alice, stripe):
    intent = stripe.pay_unseen(alice)

    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        answer = do(client, intent, "ask")

    assert "Payments do not work at the moment" in answer.content.decode()


def test_secrets_are_written_and_kept_when_left_empty(client, finance, stripe):
    page = client.get(f"{PROVIDERS}{stripe.provider.pk}/change/")
    form = {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }

    client.post(f"{PROVIDERS}{stripe.provider.pk}/change/", form | {"priority": 9, "is_active": "on"})
    kept = PaymentProvider.objects.get(pk=stripe.provider.pk)
    client.post(f"{PROVIDERS}{stripe.provider.pk}/change/", form | {"new_webhook_secret": "whsec_new"})
    changed = PaymentProvider.objects.get(pk=stripe.provider.pk)

    assert (kept.priority, kept.webhook_secret) == (9, stripe.bench.settings.webhook_secret)
    assert changed.webhook_secret == "whsec_new"
    assert changed.credentials == kept.credentials == dict(stripe.bench.settings.credentials)
    assert changed.health_status == "unknown"
    assert "whsec_new" not in str(list(AuditEntry.objects.values_list("before", "after")))


def test_check_now_tells_how_the_account_is(client, finance, stripe):
    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        answer = do(client, stripe.provider, "check_now")

    assert "Degraded" in answer.content.decode()


def test_many_refunds_need_a_second_person(client, finance, alice, stripe):
    intents = [stripe.pay(alice), stripe.pay(alice)]
    body = {
        "provider": stripe.provider.pk,
        "payments": "\n".join(str(each.pk) for each in intents),
        "reason": "The event was called off",
    }

    client.post(f"{INTENTS}do/refund_several/", body)
    request = ApprovalRequest.objects.get()
    before = PaymentRefund.objects.count()
    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=request, decided_by=finance, now=timezone.now())
    approvals.approve(request=request, decided_by=StaffFactory(), now=timezone.now())
    payment_repair.finish_refunds(now=timezone.now() + timedelta(minutes=5))

    assert before == 0
    assert set(PaymentIntent.objects.values_list("status", flat=True)) == {"refunded"}
    assert cash(alice) == Decimal("0.00")


def test_a_notification_is_processed_again(client, finance, api, alice, stripe):
    intent = stripe.pay_unseen(alice)
    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))

    do(client, WebhookEvent.objects.get(), "process_again")

    assert cash(alice) == Decimal("48.25")
    assert AuditEntry.objects.filter(action="webhook_retried", actor=finance).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_for_one_and_for_three(
    client, finance, alice, stripe, count, django_assert_max_num_queries
):
    for _ in range(count):
        stripe.pay(alice)

    with django_assert_max_num_queries(9):
        assert client.get(INTENTS).status_code == 200
