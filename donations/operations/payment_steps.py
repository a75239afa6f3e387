"""The one way a payment changes its status, with its history; and how payments are locked."""

from datetime import datetime
from uuid import UUID

from donations.models import LedgerAccount, PaymentIntent, PaymentStatusChange
from donations.operations import ledger

Status = PaymentIntent.Status

CHANGING = (
    "provider_payment_id",
    "status",
    "method_brand",
    "method_last4",
    "client_secret",
    "next_action_url",
    "confirmation_attempts",
    "last_error",
    "error_code",
    "actual_fee",
    "stray_amount",
    "refunded_amount",
    "refund_reason",
    "refunded_at",
    "review_hold",
    "confirmed_at",
    "processed_at",
    "checked_at",
    "updated_at",
)


class IllegalStep(Exception):
    """A status that cannot follow: a mistake of ours, never of a provider."""


def lock(intent_id: UUID) -> PaymentIntent:
    """Lock a payment until the transaction ends: first of all, before its donation and before wallets."""
    rows = PaymentIntent.objects.select_for_update(of=("self",)).select_related("provider")
    return rows.get(pk=intent_id)


def locked_cash(player_id: UUID, now: datetime) -> LedgerAccount:
    """Lock the player's wallet and return its account for own money. It is opened before it is locked."""
    ledger.open_wallet(player_id=player_id, now=now)
    ledger.lock_wallet(player_id=player_id)
    return ledger.player_account(player_id=player_id, kind=LedgerAccount.Kind.PLAYER_CASH, now=now)


def can_step(intent: PaymentIntent, status: Status) -> bool:
    return status in PaymentIntent.STEPS.get(intent.status, ())


def step(intent: PaymentIntent, status: Status, *, source: str, now: datetime) -> None:
    """Take a legal step and write it down. The caller holds the payment's lock, and saves it."""
    if not can_step(intent, status):
        raise IllegalStep(f"{intent.status} → {status}")
    _write(intent, status, source=source, now=now)
    was_open = intent.is_open
    intent.status = status
    if was_open and not intent.is_open:
        intent.processed_at = now
    if intent.is_paid and intent.confirmed_at is None:
        intent.confirmed_at = now


def store(intent: PaymentIntent, now: datetime) -> None:
    """Save what a provider's news may change."""
    intent.updated_at = now
    intent.save(update_fields=CHANGING)


def begin(intent: PaymentIntent, *, source: str, now: datetime) -> None:
    """Write down that the payment began."""
    PaymentStatusChange.objects.create(intent=intent, to_status=intent.status, source=source, changed_at=now)


def note_news(intent: PaymentIntent, news: str, *, source: str, now: datetime, code: str = "") -> bool:
    """Write down, once, what a provider says that a payment in this state cannot have; say whether it is new."""
    if intent.status_changes.filter(to_status=news, error_code=code, is_applied=False).exists():
        return False
    _write(intent, news, source=source, now=now, is_applied=False, code=code)
    return True


def _write(
    intent: PaymentIntent,
    status: str,
    *,
    source: str,
    now: datetime,
    is_applied: bool = True,
    code: str | None = None,
) -> None:
    PaymentStatusChange.objects.create(
        intent=intent,
        from_status=intent.status,
        to_status=status,
        is_applied=is_applied,
        source=source,
        error_code=intent.error_code if code is None else code,
        error_message=intent.last_error if code is None else "",
        changed_at=now,
    )
