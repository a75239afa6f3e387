"""Payments for tests, driven through a provider's stand-in as a player drives them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from donations.models import LedgerAccount, PaymentIntent, PaymentProvider, Transfer
from donations.models.ledger import system_account_id
from donations.operations import payment_confirming, payment_exchange, payment_intents, payment_providers
from donations.queries.balances import balance_of
from donations.queries.wallet import wallet_summary
from tests.payments.benches import BENCHES, EMBEDDED, Bench

Kind = LedgerAccount.Kind
EVERY = BENCHES | EMBEDDED


def account_at(bench: Bench, **columns: Any) -> PaymentProvider:
    """Configure the stand-in's account, and find it healthy."""
    settings = bench.settings
    provider = payment_providers.configure(
        name=f"{bench.name}-{uuid4().hex[:8]}",
        provider_type=bench.name,
        credentials=settings.credentials,
        webhook_secret=settings.webhook_secret,
        api_endpoint=settings.api_endpoint,
        is_test_mode=settings.is_test_mode,
        priority=5,
        **columns,
    )
    return payment_providers.check_health(provider=provider, now=timezone.now())


@dataclass
class Desk:
    """A player in front of a provider."""

    bench: Bench
    provider: PaymentProvider

    @property
    def method(self) -> str:
        return "paypal" if self.bench.name == "paypal" else "card"

    def begin(self, player: Any, amount: str = "50.00", **options: Any) -> PaymentIntent:
        return payment_intents.start_top_up(
            player=player, amount=Decimal(amount), now=timezone.now(), method=self.method, **options
        )

    def approve(self, intent: PaymentIntent) -> None:
        self.bench.approve(intent.provider_payment_id)

    def pay(self, player: Any, amount: str = "50.00", **options: Any) -> PaymentIntent:
        intent = self.begin(player, amount, **options)
        self.approve(intent)
        return payment_confirming.confirm(
            player=player, intent_id=intent.pk, method=self.bench.good, now=timezone.now()
        )

    def pay_unseen(self, player: Any, amount: str = "50.00", **options: Any) -> PaymentIntent:
        """Pay at the provider without GoodPlay hearing of it."""
        return self._confirm_there(self.begin(player, amount, **options))

    def give_unseen(self, donor: Any, onlus: Any, amount: str = "50.00") -> PaymentIntent:
        """Pay a gift at the provider without GoodPlay hearing of it."""
        intent = payment_intents.start_gift_payment(
            donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=timezone.now(), method=self.method
        )
        return self._confirm_there(intent)

    def _confirm_there(self, intent: PaymentIntent) -> PaymentIntent:
        self.approve(intent)
        self.bench.provider.confirm(
            intent.provider_payment_id, method=self.bench.good, idempotency_key=uuid4().hex
        )
        return intent

    def webhook(self, event: str, intent: PaymentIntent, **changes: Any) -> tuple[bytes, dict[str, str]]:
        return self.bench.server.webhook(event, intent.provider_payment_id, at=timezone.now(), **changes)


def deliver(api: Any, desk: Desk, sent: tuple[bytes, dict[str, str]], **headers: str) -> Any:
    """Post a notification as the provider does."""
    body, signed = sent
    return api.post(
        "/api/payments/webhook",
        data=body,
        content_type="application/json",
        headers={"X-Provider-Type": desk.bench.name, **signed, **headers},
    )


def balance(kind: str) -> Decimal:
    return balance_of(LedgerAccount(pk=system_account_id(kind), kind=kind))


def cash(player: Any) -> Decimal:
    account = LedgerAccount.objects.filter(player=player, kind=Kind.PLAYER_CASH).first()
    return account.balance if account else Decimal("0.00")


def spendable(player: Any) -> Decimal:
    return wallet_summary(player.pk, timezone.now())["current_balance"]


def top_ups(intent: PaymentIntent) -> int:
    return Transfer.objects.filter(kind=Transfer.Kind.TOP_UP, cause_id=intent.pk).count()


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


def look(intent: PaymentIntent) -> PaymentIntent:
    """Ask the provider, as the job does."""
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


def refund(api: Any, intent: PaymentIntent, amount: str | None = None, **headers: str) -> Any:
    """Ask for a refund as a player or staff does."""
    body = {} if amount is None else {"amount": amount}
    return api.post(f"/api/payments/{intent.pk}/refund", body, headers=headers)
