"""Top-ups the rules want seen: held, then let pass or given back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from donations.models import PaymentIntent
from donations.operations import reviews, top_up_holds
from donations.operations.payment_refunds import ask_back, carry_out
from donations.operations.payment_steps import lock
from donations.operations.risk.judging import Judgement
from donations.queries.payments import refundable_amount
from goodplay.lib.money import ZERO


def hold_for_review(intent: PaymentIntent, judgement: Judgement, now: datetime) -> None:
    """Keep a top-up in the wallet, but out of reach, until somebody decided."""
    intent.review_hold = top_up_holds.review_hold(intent, intent.net_amount, now)
    reviews.open_review(judgement=judgement, now=now)


def release(intent_id: UUID, now: datetime) -> None:
    """Let a top-up under review be spent."""
    intent = lock(intent_id)
    top_up_holds.lift(intent, now)
    intent.save(update_fields=["review_hold"])


def reject(intent_id: UUID, now: datetime) -> None:
    """Give a top-up under review back to its payer; the provider is asked after the commit."""
    intent = lock(intent_id)
    top_up_holds.lift(intent, now)
    intent.save(update_fields=["review_hold"])
    if refundable_amount(intent) == ZERO:
        return
    refund = ask_back(intent, None, reason="REJECTED_BY_REVIEW", now=now)
    # The decision stands: what the provider refuses or loses shows as the refund's own state, and a job asks again.
    transaction.on_commit(lambda: carry_out(refund=refund, now=now), robust=True)


reviews.decides(reviews.Subject.TOP_UP, release=release, reject=reject)
