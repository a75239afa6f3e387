"""Stripe's objects in GoodPlay's words: nothing is asked here, only read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import stripe

from donations.payments.contract import (
    BalanceEntry,
    DisputeState,
    DisputeStatus,
    Method,
    PaymentState,
    ProviderRefused,
    RefundState,
    RefundStatus,
    Status,
)
from goodplay.lib.money import ZERO, from_cents

STATUSES = {
    "requires_payment_method": Status.PENDING,
    "requires_confirmation": Status.PENDING,
    "requires_action": Status.REQUIRES_ACTION,
    "processing": Status.PROCESSING,
    "requires_capture": Status.PROCESSING,
    "succeeded": Status.SUCCEEDED,
    "canceled": Status.CANCELLED,
}
_REFUND_STATUSES = {"succeeded": RefundStatus.SUCCEEDED, "failed": RefundStatus.FAILED}
_REFUND_STATUSES |= {"canceled": RefundStatus.FAILED}
_KINDS = {"charge": "payment", "refund": "refund", "refund_failure": "refund", "fee": "fee"}
_KINDS |= {
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "payout": "payout",
    "payout_reversal": "payout",
}


def payment_state(
    intent: stripe.PaymentIntent,
    *,
    refunds: Iterable[stripe.Refund] | None = None,
    disputes: Iterable[stripe.Dispute] = (),
) -> PaymentState:
    """Read an intent whose charge is expanded. Refunds come with it unless there are too many for one answer."""
    charge = charge_of(intent)
    error = intent.last_payment_error
    known = refunds if refunds is not None else (charge.refunds.data if charge and charge.refunds else ())
    metadata = intent.metadata.to_dict()
    return PaymentState(
        provider_payment_id=intent.id,
        status=STATUSES[intent.status],
        amount=_euros(intent.amount, intent.currency),
        captured=_euros(intent.amount_received, intent.currency),
        currency=intent.currency.upper(),
        reference=metadata.get("reference", ""),
        fee=_fee(charge),
        client_secret=intent.client_secret or "",
        next_action_url=_next_action_url(intent),
        method=_method(intent, charge),
        error_code=(error.code or error.type) if error else "",
        error_message=(error.message or "") if error else "",
        is_test=not intent.livemode,
        refunds=tuple(refund_state(refund) for refund in known),
        disputes=tuple(_dispute_state(dispute) for dispute in disputes if not _is_inquiry(dispute)),
    )


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge | None:
    return intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None


def refund_state(refund: stripe.Refund) -> RefundState:
    return RefundState(
        provider_refund_id=refund.id,
        amount=_euros(refund.amount, refund.currency),
        status=_REFUND_STATUSES.get(refund.status or "", RefundStatus.PENDING),
        created_at=_time(refund.created),
        reference=(refund.metadata.to_dict() if refund.metadata else {}).get("reference", ""),
    )


def balance_entry(line: stripe.BalanceTransaction) -> BalanceEntry:
    """Read a line of the balance whose source (charge, refund, dispute, …) is expanded."""
    return BalanceEntry(
        entry_id=line.id,
        kind=_KINDS.get(line.reporting_category, "other"),
        provider_payment_id=id_of(getattr(line.source, "payment_intent", None)),
        gross=_euros(line.amount, line.currency),
        fee=_euros(line.fee, line.currency),
        net=_euros(line.net, line.currency),
        created_at=_time(line.created),
        source_id=id_of(line.source),
    )


def id_of(expandable: object) -> str:
    """A reference comes as a key or as the whole object."""
    return expandable if isinstance(expandable, str) else getattr(expandable, "id", "")


def _dispute_state(dispute: stripe.Dispute) -> DisputeState:
    moves = dispute.balance_transactions
    returned = sum((_euros(move.amount, move.currency) for move in moves if move.amount > 0), ZERO)
    taken = -sum((_euros(move.amount, move.currency) for move in moves), ZERO)
    amount = _euros(dispute.amount, dispute.currency)
    status, lost = DisputeStatus.OPEN, ZERO
    if dispute.status == "lost":
        status, lost = DisputeStatus.LOST, taken if moves else amount
    elif dispute.status in ("won", "prevented"):
        # Won in part: less came back than was taken. What was won may come back a little after the verdict.
        lost = taken if returned else ZERO
        status = DisputeStatus.LOST if lost > 0 else DisputeStatus.WON
    return DisputeState(
        provider_dispute_id=dispute.id,
        amount=amount,
        status=status,
        fee=sum((_euros(move.fee, move.currency) for move in moves), ZERO),
        lost_amount=lost,
        reason=dispute.reason,
        opened_at=_time(dispute.created),
    )


def _is_inquiry(dispute: stripe.Dispute) -> bool:
    """A question of the payer's bank takes no money. It is a dispute when, and if, it becomes one."""
    return dispute.status.startswith("warning_")


def _method(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> Method | None:
    if charge is None or charge.payment_method_details is None:
        return None
    details, kept = charge.payment_method_details, intent.setup_future_usage is not None
    card = getattr(details, "card", None)
    return Method(
        kind=details.type,
        brand=(card.brand or "") if card else "",
        last4=(card.last4 or "") if card else "",
        expires_on=f"{card.exp_year}-{card.exp_month:02}" if card else "",
        token=id_of(intent.payment_method) if kept else "",
        customer=id_of(intent.customer),
    )


def _fee(charge: stripe.Charge | None) -> Decimal | None:
    line = charge.balance_transaction if charge else None
    return _euros(line.fee, line.currency) if isinstance(line, stripe.BalanceTransaction) else None


def _next_action_url(intent: stripe.PaymentIntent) -> str:
    redirect = getattr(intent.next_action, "redirect_to_url", None)
    return (redirect.url or "") if redirect else ""


def _euros(cents: int, currency: str) -> Decimal:
    if currency != "eur":
        raise ProviderRefused("currency_not_supported", f"Stripe answered in {currency.upper()}.")
    return from_cents(cents)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
