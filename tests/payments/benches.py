"""One way to drive every provider: what a payer, the provider's staff and the payer's bank do, by the same names."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from donations.payments.contract import NewPayment, PaymentState, Provider, Settings
from donations.payments.registry import provider_class
from donations.payments.sandbox import signatures
from donations.payments.sandbox.models import SandboxDispute, SandboxEvent
from donations.payments.sandbox.operations.disputes import decide_dispute, open_dispute
from donations.payments.sandbox.operations.refunds import refund
from tests.payments.paypal_server import PaypalServer
from tests.payments.stripe_server import StripeServer

SANDBOX_SECRET = "whsec_of_the_suite"


def key() -> str:
    return str(uuid4())


def new_payment(amount: str = "19.99", **changes: Any) -> NewPayment:
    return NewPayment(
        **{
            "reference": uuid4(),
            "payer": uuid4(),
            "amount": Decimal(amount),
            "description": "Wallet top-up",
            "return_url": "https://goodplay.example/back",
            "cancel_url": "https://goodplay.example/no",
        }
        | changes
    )


@dataclass
class Bench:
    """A provider, its stand-in, and how to move both."""

    name: str
    server: Any
    good: str
    """The method a payer pays with who is not asked for anything."""
    fee: Decimal
    """Of a payment of 19.99."""
    dispute_fee: Decimal
    decline_code: str
    paid_event: str
    refund_event: str
    dispute_event: str
    other_event: str
    """About no payment."""
    approve: Callable[[str], None]
    decline: Callable[[PaymentState], str]
    """Make the next confirmation fail, and return the method to confirm with."""

    @property
    def settings(self) -> Settings:
        settings: Settings = self.server.settings()
        return settings

    @property
    def provider(self) -> Provider:
        return self.with_settings()

    def with_settings(self, **changes: Any) -> Provider:
        return provider_class(self.name)(replace(self.settings, **changes))

    def create(self, amount: str = "19.99", **changes: Any) -> PaymentState:
        return self.provider.create(new_payment(amount, **changes), idempotency_key=key())

    def confirm(self, state: PaymentState, **changes: Any) -> PaymentState:
        """Do what the payer does, and pay."""
        self.approve(state.provider_payment_id)
        return self.provider.confirm(
            state.provider_payment_id, **{"method": self.good, "idempotency_key": key()} | changes
        )

    def pay(self, amount: str = "19.99", **changes: Any) -> PaymentState:
        return self.confirm(self.create(amount, **changes))

    def refund(self, state: PaymentState, amount: str, **changes: Any) -> Any:
        options = {"amount": Decimal(amount), "reference": uuid4(), "idempotency_key": key()}
        return self.provider.refund(state.provider_payment_id, **options | changes)

    def now(self, state: PaymentState) -> PaymentState:
        return self.provider.retrieve(state.provider_payment_id)

    def webhook(self, event: str, state: PaymentState | None, *, at: datetime, **changes: Any) -> Any:
        payment_id = state.provider_payment_id if state else ""
        return self.server.webhook(event, payment_id, at=at, **changes)


def stripe_bench(server: StripeServer) -> Bench:
    return Bench(
        name="stripe",
        server=server,
        good="pm_card_visa",
        fee=Decimal("0.55"),
        dispute_fee=Decimal("20.00"),
        decline_code="card_declined",
        paid_event="payment_intent.succeeded",
        refund_event="charge.refunded",
        dispute_event="charge.dispute.created",
        other_event="payout.paid",
        approve=lambda payment_id: None,
        decline=lambda state: "pm_card_visa_chargeDeclined",
    )


def paypal_bench(server: PaypalServer) -> Bench:
    def decline(state: PaymentState) -> str:
        server.approve(state.provider_payment_id)
        server.declines = True
        return ""

    return Bench(
        name="paypal",
        server=server,
        good="",
        fee=Decimal("1.03"),
        dispute_fee=Decimal("14.00"),
        decline_code="INSTRUMENT_DECLINED",
        paid_event="PAYMENT.CAPTURE.COMPLETED",
        refund_event="PAYMENT.CAPTURE.REFUNDED",
        dispute_event="CUSTOMER.DISPUTE.CREATED",
        other_event="PAYMENT.PAYOUTSBATCH.SUCCESS",
        approve=server.approve,
        decline=decline,
    )


class SandboxStand:
    """What is done at a provider, done at the embedded one. It has no line that could break."""

    def settings(self) -> Settings:
        return Settings(credentials={}, webhook_secret=SANDBOX_SECRET)

    def refund_at_provider(self, payment_id: str, amount: Decimal) -> None:
        refund(payment_id=UUID(payment_id), amount=amount, reference="", now=timezone.now())

    def open_dispute(self, payment_id: str) -> str:
        return str(open_dispute(payment_id=UUID(payment_id), now=timezone.now()).pk)

    def change_dispute(self, dispute_id: str, amount: Decimal) -> None:
        SandboxDispute.objects.filter(pk=dispute_id).update(amount=amount)

    def win_dispute(self, dispute_id: str) -> None:
        self.lose_dispute(dispute_id, Decimal("0.00"))

    def lose_dispute(self, dispute_id: str, amount: Decimal = Decimal("20.00")) -> None:
        decide_dispute(dispute_id=UUID(dispute_id), lost_amount=amount, now=timezone.now())

    def webhook(
        self,
        event_type: str,
        payment_id: str,
        *,
        at: datetime,
        livemode: bool = False,
        secret: str = SANDBOX_SECRET,
        change: Callable[[Any], Any] = lambda event: event,
    ) -> tuple[bytes, dict[str, str]]:
        """Take what the sandbox wrote, as if it had been written, and signed, at `at`."""
        written = json.loads(SandboxEvent.objects.get(payment=payment_id, kind=event_type).body)
        event = change(written | {"created": int(at.timestamp()), "is_test": not livemode})
        body = json.dumps(event).encode()
        return body, {signatures.HEADER: signatures.sign(body, secret=secret, now=at)}


def sandbox_bench(stand: SandboxStand) -> Bench:
    return Bench(
        name="sandbox",
        server=stand,
        good="test_succeeds",
        fee=Decimal("0.88"),
        dispute_fee=Decimal("15.00"),
        decline_code="card_declined",
        paid_event=SandboxEvent.Kind.PAYMENT_SUCCEEDED,
        refund_event=SandboxEvent.Kind.REFUND_UPDATED,
        dispute_event=SandboxEvent.Kind.DISPUTE_OPENED,
        other_event="",
        approve=lambda payment_id: None,
        decline=lambda state: "test_declined",
    )


BENCHES: dict[str, tuple[str, Callable[[Any], Bench]]] = {
    "stripe": ("stripe_server", stripe_bench),
    "paypal": ("paypal_server", paypal_bench),
}
"""By provider: the fixture of its stand-in, and the bench that drives it."""
EMBEDDED: dict[str, tuple[str, Callable[[Any], Bench]]] = {"sandbox": ("sandbox_stand", sandbox_bench)}
