"""Finding payments and refunds that a crash, a lost answer or a lost notification left behind, and asking for them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db.models import F, Q, QuerySet

from donations.models import PaymentIntent, PaymentRefund
from donations.operations.payment_exchange import EXPIRED, ask, give_up
from donations.operations.payment_providers import PaymentProviderUnavailable
from donations.operations.payment_refunds import carry_out
from donations.operations.payment_settlement import fail
from goodplay.lib.errors import DomainError
from goodplay.lib.time import clock_from

Row = TypeVar("Row", PaymentIntent, PaymentRefund)

logger = structlog.get_logger("goodplay.payments")

STUCK_AFTER = timedelta(minutes=5)
ASKED_AGAIN_AFTER = timedelta(minutes=4)
FOLLOWED_FOR = timedelta(days=3)  # how long a paid one is asked for until its fee is known
FOLLOWED_EVERY = timedelta(hours=1)
KEYS_LAST = timedelta(hours=20)  # providers forget idempotency keys after a day
AT_A_TIME = 200


def repair_stuck(*, now: datetime) -> int:
    """Ask the provider for open payments that are older than minutes, and for those it was never heard of."""
    return _each(_stuck(now), _repair, now)


def expire_due(*, now: datetime) -> int:
    """End payments nobody made within the hour. One that got through first stays paid."""
    waiting = (PaymentIntent.Status.PENDING, PaymentIntent.Status.REQUIRES_ACTION)
    due = _rows().filter(status__in=waiting, expires_at__lte=now).order_by("created_at", "pk")
    return _each(due[:AT_A_TIME], _expire, now)


def learn_fees(*, now: datetime) -> int:
    """Ask for paid payments whose actual fee the provider had not told yet."""
    unknown = _rows().filter(confirmed_at__gte=now - FOLLOWED_FOR, actual_fee=None)
    due = unknown.filter(Q(checked_at=None) | Q(checked_at__lte=now - FOLLOWED_EVERY)).order_by(
        "confirmed_at"
    )
    return _each(due[:AT_A_TIME], _ask, now)


def finish_refunds(*, now: datetime) -> int:
    """Ask again for refunds without an outcome. What the provider knows of them is looked at first."""
    due = PaymentRefund.objects.pending().filter(created_at__lte=now - ASKED_AGAIN_AFTER)
    due = due.filter(Q(checked_at=None) | Q(checked_at__lte=now - ASKED_AGAIN_AFTER))
    refunds = due.select_related("intent__provider").order_by(F("checked_at").asc(nulls_first=True), "pk")
    return _each(refunds[:AT_A_TIME], _finish, now)


def _stuck(now: datetime) -> "QuerySet[PaymentIntent]":
    """The longest unasked first. One that is to be ended does not wait."""
    asked = Q(checked_at=None) | Q(checked_at__lte=now - ASKED_AGAIN_AFTER)
    old = Q(created_at__lte=now - STUCK_AFTER) | Q(cancel_requested_at__isnull=False)
    due = _rows().filter(asked & old, status__in=PaymentIntent.OPEN)
    return due.order_by(F("checked_at").asc(nulls_first=True), "pk")[:AT_A_TIME]


def _repair(intent: PaymentIntent, now: datetime) -> None:
    # Noted first, so that one whose provider is away does not keep the others waiting.
    PaymentIntent.objects.filter(pk=intent.pk).update(checked_at=now)
    if _is_lost(intent, now):
        _write_off(intent, now)
    elif intent.cancel_requested_at is not None:
        give_up(intent=intent, reason=intent.cancel_reason, source="job", now=now)
    else:
        _ask(intent, now)


def _ask(intent: PaymentIntent, now: datetime) -> None:
    ask(intent=intent, source="job", now=now)


def _expire(intent: PaymentIntent, now: datetime) -> None:
    if not _is_lost(intent, now):
        give_up(intent=intent, reason=EXPIRED, source="job", now=now)


def _is_lost(intent: PaymentIntent, now: datetime) -> bool:
    """Say whether its key may be forgotten: asked to make it again, the provider could make a second one."""
    return not intent.provider_payment_id and now >= intent.created_at + KEYS_LAST


def _write_off(intent: PaymentIntent, now: datetime) -> None:
    """Close a payment the provider never answered for. Should it have been paid after all, its money is kept aside."""
    message = "The provider did not answer for a day."
    fail(intent_id=intent.pk, code="PROVIDER_UNREACHABLE", message=message, source="job", now=now)


def _finish(refund: PaymentRefund, now: datetime) -> None:
    PaymentRefund.objects.filter(pk=refund.pk).update(checked_at=now)
    ask(intent=refund.intent, source="job", now=now)
    refund.refresh_from_db()
    if refund.status == PaymentRefund.Status.PENDING and not refund.provider_refund_id and refund.is_ours:
        carry_out(refund=refund, now=now)


def _rows() -> "QuerySet[PaymentIntent]":
    return PaymentIntent.objects.select_related("provider", "saved_method")


def _each(rows: Iterable[Row], act: Callable[[Row, datetime], object], now: datetime) -> int:
    """Do it for each. One that is refused is left for the next run, and so are all of a provider that is away.

    A slow provider makes it long, and the ledger closes a day ten minutes after its end: each is dated by itself.
    """
    clock = clock_from(now)
    done, away = 0, set()
    for row in rows:
        provider_id = (row.intent if isinstance(row, PaymentRefund) else row).provider_id
        if provider_id in away:
            continue
        try:
            act(row, clock())
            done += 1
        except DomainError as error:
            logger.warning("payment left for the next run", row=str(row.pk), reason=error.code)
            if isinstance(error, PaymentProviderUnavailable):
                away.add(provider_id)
    return done
