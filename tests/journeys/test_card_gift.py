"""A gift by card with 3-D Secure, from the donor's click over the bank's question to the receipt, and all the way back."""

import re
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from donations.models import Donation, PaymentIntent, Receipt, Transfer, WebhookEvent
from donations.payments.sandbox.cards import CARDS
from donations.payments.sandbox.models import SandboxEvent
from donations.payments.sandbox.operations.delivery import deliver_due, send_again
from goodplay.lib.events.models import Delivery
from impact.models import StoryUnlock
from social.models import ImpactScore
from tests.factories.accounts import OnlusFactory
from tests.journeys.people import Person
from tests.payments.intents import balance

pytestmark = [pytest.mark.slow]


def test_a_gift_by_card_and_all_the_way_back(served):
    onlus = OnlusFactory(name="Boschi di Domani", runts_section="odv", runts_number="100231")
    alice = Person().join("alice@example.org", "Alice")

    made = begin(alice, onlus)
    pay_on_the_hosted_page(made["payment"]["next_action_url"])
    check_what_followed(alice, made)
    hear_it_all_again(made)
    check_what_followed(alice, made)

    intent = made["payment"]["intent_id"]
    path = f"/api/payments/{intent}/refund"
    assert alice.refused("post", path, {}, status=409) == "PAYMENT_PAID_A_DONATION"
    alice.call("post", f"/api/donations/{made['donation_id']}/cancel", {"reason": "Changed my mind"})
    back = alice.call("post", path, {"reason": "Changed my mind"})
    assert (back["status"], back["amount"]) == ("succeeded", 26.06)
    check_that_all_fell(alice, made)
    assert not Delivery.objects.exclude(status=Delivery.Status.DONE).exists()


def begin(alice, onlus):
    """Ask for a gift of 25 EUR with the fees on top: it waits for its payment."""
    gift = {"amount": "25.00", "onlus_id": str(onlus.pk), "payment_method": "card", "cover_fees": True}
    made = alice.call("post", "/api/donations/create", gift, status=201, HTTP_IDEMPOTENCY_KEY="gift")
    assert made["donation"]["status"] == "pending"
    payment = made["payment"]
    assert (payment["amount"], payment["net_amount"], payment["status"]) == (26.06, 25.0, "pending")
    assert not Receipt.objects.exists()
    return made


def pay_on_the_hosted_page(address):
    """Type the card that asks its holder, say yes to the bank, and come back to GoodPlay's own page."""
    payer = Client()
    card = {"number": CARDS["asks"].number, "expires": "12 / 39", "code": "123"}
    asked = payer.post(address, card, follow=True)
    step, _status = asked.redirect_chain[-1]
    assert step.endswith("/authenticate/")
    assert Donation.objects.get().status == Donation.Status.PENDING
    result = payer.post(step, {"answer": "yes"}, follow=True)
    back = re.search(r'href="(http[^"]+)"', result.text).group(1)
    assert "Thank you" in payer.get(back).text


def check_what_followed(alice, made):
    donation = Donation.objects.get()
    assert (donation.status, donation.paid_amount) == (Donation.Status.COMPLETED, Decimal("25.00"))
    intent = PaymentIntent.objects.get()
    assert (intent.status, intent.method_brand) == (PaymentIntent.Status.SUCCEEDED, "visa")
    assert Transfer.objects.filter(kind=Transfer.Kind.TOP_UP).count() == 1
    assert WebhookEvent.objects.filter(outcome="succeeded").exists()
    [receipt] = [sent for sent in mail.outbox if sent.subject.startswith("Your receipt")]
    assert receipt.to == ["alice@example.org"]
    facts = alice.call("get", f"/api/donations/{made['donation_id']}/receipt")["receipt"]
    assert (facts["receipt_type"], facts["amount"]) == ("gift", 25.0)
    assert alice.call("get", "/api/wallet")["current_balance"] == 0.0
    assert total_donated(alice, donation) == 25.0
    assert ImpactScore.objects.get().score > 0
    assert StoryUnlock.objects.exists()


def hear_it_all_again(made):
    """Let the provider send everything once more: nothing may happen twice."""
    for event in SandboxEvent.objects.all():
        send_again(event=event, now=timezone.now())
    assert deliver_due(now=timezone.now()) == SandboxEvent.objects.count() > 0


def total_donated(alice, donation):
    summary = alice.call("get", f"/api/impact/user/{donation.donor_id}")
    return summary["statistics"]["total_donated"]


def check_that_all_fell(alice, made):
    donation = Donation.objects.get()
    assert (donation.status, donation.refunded_amount) == (Donation.Status.REFUNDED, Decimal("25.00"))
    assert PaymentIntent.objects.get().status == PaymentIntent.Status.REFUNDED
    # The payer got all back; what the provider keeps of a refunded payment is ours to bear.
    assert balance("provider_clearing") == PaymentIntent.objects.get().actual_fee
    kinds = list(Receipt.objects.order_by("issued_at", "number").values_list("kind", flat=True))
    assert kinds == [Receipt.Kind.GIFT, Receipt.Kind.VOID]
    assert Receipt.objects.live().count() == 0
    assert alice.call("get", "/api/wallet")["current_balance"] == 0.0
    assert total_donated(alice, donation) == 0.0
    board = alice.call("get", "/api/social/leaderboards/global_impact")
    assert all(entry["score"] == 0 for entry in board["entries"])
    subjects = [sent.subject for sent in mail.outbox]
    assert subjects.count("Your payment was given back") == 1
