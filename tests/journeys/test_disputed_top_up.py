"""A payer who takes the money back after giving it away: frozen, lost, owed, paid by the next top-up, free again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import time_machine
from django.core import mail

from donations.models import Donation, PaymentDispute, Payout
from donations.payments.sandbox.models import SandboxDispute, SandboxPayment
from donations.queries.payments import debt_of
from donations.tasks import prepare_payouts
from tests.factories.accounts import OnlusFactory
from tests.factories.payouts import colleague, make_account
from tests.journeys.people import Clerk, Person
from tests.payments.intents import balance

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAYMENTS = "/admin/sandbox/sandboxpayment/"
DISPUTES = "/admin/sandbox/sandboxdispute/"


def test_a_disputed_top_up(served):
    with time_machine.travel(START) as clock:
        onlus = OnlusFactory(name="Boschi di Domani")
        make_account(onlus, now=START - timedelta(days=30))
        alice, franca = Person().join("alice@example.org", "Alice"), Clerk(colleague("Franca"))
        assert top_up(alice, "50.00") == 48.25
        give(alice, onlus, "48.25")
        clock.move_to(START + timedelta(days=20))
        prepare_payouts()
        assert Payout.objects.get().amount == Decimal("48.25")
        alice.sign_in()

        franca.choose(PAYMENTS, "open_dispute", SandboxPayment.objects.get())
        wallet = alice.call("get", "/api/wallet")
        assert wallet["is_frozen"]
        assert give_refused(alice, onlus) == "WALLET_FROZEN"

        franca.choose(DISPUTES, "lose", SandboxDispute.objects.get())
        dispute = PaymentDispute.objects.get()
        assert dispute.status == PaymentDispute.Status.LOST
        owed = debt_of(dispute.intent.player_id)
        assert owed == Decimal("50.00")
        assert Donation.objects.get().status == Donation.Status.COMPLETED  # it is with the bank already
        assert give_refused(alice, onlus) == "WALLET_FROZEN"

        left = top_up(alice, "80.00")
        assert debt_of(dispute.intent.player_id) == 0
        assert Decimal(str(left)) > 0
        assert not alice.call("get", "/api/wallet")["is_frozen"]
        give(alice, onlus, "1.00")
        assert [sent.subject for sent in mail.outbox].count("A payment of yours is disputed") == 2
        # Only the bank's price of the dispute stays with us.
        assert balance("chargeback_loss") == -SandboxDispute.objects.get().fee


def top_up(alice, amount):
    """Pay into the wallet with a test card and return what is in it then."""
    body = {"amount": amount, "payment_method": "card"}
    intent = alice.call("post", "/api/payments/intent", body, status=201)["intent_id"]
    paid = alice.call("post", f"/api/payments/{intent}/confirm", {"payment_method_id": "test_succeeds"})
    assert paid["payment_intent"]["status"] == "succeeded"
    return alice.call("get", "/api/wallet")["current_balance"]


def give(alice, onlus, amount):
    gift = {"amount": amount, "onlus_id": str(onlus.pk)}
    made = alice.call("post", "/api/donations/create", gift, status=201)
    assert made["donation"]["status"] == "completed"


def give_refused(alice, onlus):
    gift = {"amount": "1.00", "onlus_id": str(onlus.pk)}
    return alice.refused("post", "/api/donations/create", gift, status=409)
