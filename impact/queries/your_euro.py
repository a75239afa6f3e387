"""Where the euros of one donation are: what was kept of them, and in which payout they went on."""

from datetime import datetime
from typing import Any

from donations.models import Donation, PaymentIntent, Payout, PayoutLine
from goodplay.lib.money import ZERO


def your_euro(donation: Donation, now: datetime) -> dict[str, Any]:
    """Follow the donation's money. Two queries. Until the bank is told, no payout is named: it may still change."""
    intents = PaymentIntent.objects.filter(donation=donation).values_list("processing_fee", flat=True)
    line = PayoutLine.objects.live().filter(donation=donation).select_related("payout__run").first()
    payout = line.payout if line and line.payout.exported_at else None
    return {
        "amount": donation.amount,
        "earned_amount": donation.earned_amount,
        "paid_amount": donation.paid_amount,
        "matched_amount": donation.matched_amount,
        "refunded_amount": donation.refunded_amount,
        "platform_fee": ZERO,
        "payment_fee": intents.first() or ZERO,
        "net_to_onlus": donation.net_amount,
        "state": _state(donation, payout, now),
        "clears_at": donation.clears_at,
        "payout": _payout(payout) if payout else None,
    }


def _state(donation: Donation, payout: Payout | None, now: datetime) -> str:
    if donation.status != Donation.Status.COMPLETED:
        return "refunded" if donation.status == Donation.Status.REFUNDED else "not_carried_out"
    if payout is not None:
        return "transferred" if payout.settled_at else "ordered"
    assert donation.clears_at is not None  # noqa: S101  (a constraint: it clears once it is carried out)
    return "clearing" if donation.clears_at > now else "cleared"


def _payout(payout: Payout) -> dict[str, Any]:
    return {
        "payout_id": payout.pk,
        "reference": payout.end_to_end_id,
        "batch": payout.run.message_id,
        "amount": payout.amount,
        "ordered_at": payout.exported_at,
        "transferred_at": payout.settled_at,
    }
