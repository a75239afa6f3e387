"""What GoodPlay asks of a payment provider, in its own words. Adapters know providers, everybody else knows this.

Amounts are EUR. Every call that changes something takes an idempotency key, so that a call whose answer was lost can be
made again. `PaymentState` is the whole truth about a payment at the provider, refunds and disputes included: whoever
learns of a change asks for the state and brings GoodPlay's books in line with it, however often and in whatever order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from goodplay.lib.money import ZERO

WEBHOOK_TOLERANCE = timedelta(minutes=5)
"""How far the signed time of a notification may be from now, either way."""


class Status(StrEnum):
    """Where a payment stands. The refunded states are GoodPlay's own: they follow from the refunds."""

    PENDING = "pending"
    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ProviderError(Exception):
    """The provider did not do what was asked."""


class ProviderUnavailable(ProviderError):
    """No answer, half an answer, 429 or 5xx: it may or may not have happened. Ask again with the same key."""


class ProviderRefused(ProviderError):
    """The provider said no, and no money moved. `code` is the provider's own (card_declined, …).

    A payment that exists at the provider all the same (made at once, off session, and declined) is named.
    """

    def __init__(self, code: str, message: str = "", *, provider_payment_id: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.provider_payment_id = provider_payment_id


class WebhookRefused(Exception):
    """A notification that is not to be believed: forged, stale, malformed, or of the wrong mode."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One configured provider account."""

    credentials: Mapping[str, str]
    webhook_secret: str
    api_endpoint: str = ""
    """Another address than the provider's own, for tests against a local server."""
    is_test_mode: bool = True
    timeout: float = 10.0
    """Seconds to wait for an answer."""
    fee_percentage: Decimal = Decimal("2.9")
    """What the account agreed to pay for a payment. Real providers know it themselves; the sandbox charges by it."""
    fee_fixed: Decimal = Decimal("0.30")


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment to be made. `reference` is the intent's key: it is stored at the provider and comes back."""

    reference: UUID
    payer: UUID
    amount: Decimal
    description: str
    method: str = "card"
    """card or paypal."""
    saved_method: str = ""
    """A provider token kept from an earlier payment; empty to let the payer choose one."""
    customer: str = ""
    """The provider's key of the payer, where saved methods belong to one."""
    save_method: bool = False
    is_off_session: bool = False
    """The payer is not there (recurring donation): nothing may ask for an action."""
    return_url: str = ""
    cancel_url: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """The means that paid, as far as it may be known and shown."""

    kind: str
    brand: str = ""
    last4: str = ""
    expires_on: str = ""
    """Month and year of a card: 2029-05."""
    token: str = ""
    """Set when the payer agreed to keep it."""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class RefundState:
    provider_refund_id: str
    amount: Decimal
    status: RefundStatus
    created_at: datetime | None = None
    reference: str = ""
    """GoodPlay's own key of the refund, empty when it was made at the provider."""


@dataclass(frozen=True, slots=True)
class DisputeState:
    provider_dispute_id: str
    amount: Decimal
    status: DisputeStatus
    fee: Decimal = ZERO
    """What the provider keeps for the dispute, in EUR."""
    lost_amount: Decimal = ZERO
    """What finally stays with the payer; less than `amount` when it was lost in part."""
    reason: str = ""
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentState:
    """A payment as the provider has it now."""

    provider_payment_id: str
    status: Status
    amount: Decimal
    captured: Decimal = ZERO
    currency: str = "EUR"
    reference: str = ""
    fee: Decimal | None = None
    """What the provider keeps of a captured payment; None while it has not said."""
    client_secret: str = ""
    next_action_url: str = ""
    """Where the payer goes to pay or to authenticate."""
    method: Method | None = None
    error_code: str = ""
    error_message: str = ""
    is_test: bool = True
    refunds: tuple[RefundState, ...] = ()
    disputes: tuple[DisputeState, ...] = ()


@dataclass(frozen=True, slots=True)
class Notification:
    """A webhook whose signature, age and mode were checked. What happened is asked for, not taken from it."""

    event_id: str
    event_type: str
    provider_payment_id: str
    """Empty when the event is about no payment."""
    created_at: datetime | None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """One line of the provider's own account of our money."""

    entry_id: str
    kind: str
    """payment, refund, dispute, fee, payout or other."""
    provider_payment_id: str
    gross: Decimal
    fee: Decimal
    net: Decimal
    created_at: datetime
    reference: str = ""
    """The intent's key, where the provider tells it instead of, or besides, the payment's."""
    source_id: str = ""
    """The provider's key of the refund, dispute or payout this line is of, where it tells."""


class Provider(Protocol):
    """Raises ProviderRefused and ProviderUnavailable, nothing else."""

    def __init__(self, settings: Settings) -> None: ...

    def create(self, payment: NewPayment, *, idempotency_key: str) -> PaymentState: ...

    def confirm(self, provider_payment_id: str, *, method: str, idempotency_key: str) -> PaymentState:
        """Pay with `method` (a provider token; empty when one was chosen), or capture what the payer approved.

        A payment that was paid before, or that waits for its payer, is answered as it stands.
        """
        ...

    def cancel(self, provider_payment_id: str, *, idempotency_key: str) -> PaymentState: ...

    def refund(
        self, provider_payment_id: str, *, amount: Decimal, reference: UUID, idempotency_key: str
    ) -> RefundState: ...

    def retrieve(self, provider_payment_id: str) -> PaymentState: ...

    def forget_method(self, *, token: str, customer: str) -> None: ...

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Check signature, age and mode of a notification's raw bytes.

        Raises WebhookRefused. ProviderUnavailable when the provider had to be asked and did not answer: let it
        deliver again.
        """
        ...

    def balance_report(self, *, since: datetime, until: datetime) -> Iterable[BalanceEntry]: ...

    def check_health(self) -> None:
        """Raise when the provider does not answer or refuses the credentials."""
        ...
