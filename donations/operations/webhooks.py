"""The inbox of the providers' notifications: believed by their signature, stored once, answered at once, acted upon later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import PaymentIntent, PaymentProvider, WebhookEvent
from donations.operations.payment_exchange import bring_in_line
from donations.operations.payment_providers import PaymentProviderUnavailable, adapter
from donations.payments.contract import (
    Notification,
    PaymentState,
    ProviderError,
    ProviderUnavailable,
    WebhookRefused,
)
from donations.payments.registry import PROVIDERS
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import new_id, parse_id
from goodplay.lib.retention import operations as retention
from goodplay.lib.time import clock_from

logger = structlog.get_logger("goodplay.payments")

FIRST_RETRY_AFTER = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
GRACE = timedelta(seconds=15)  # leave fresh notifications to the fast path
AT_A_TIME = 200


class WebhookProviderNotSupported(DomainError):
    code = "WEBHOOK_PROVIDER_NOT_SUPPORTED"
    message = _("No provider of this type sends notifications here.")
    status = 400


class WebhookDataRequired(DomainError):
    code = "WEBHOOK_DATA_REQUIRED"
    message = _("A notification has a body.")
    status = 400


class WebhookSignatureInvalid(DomainError):
    code = "WEBHOOK_SIGNATURE_INVALID"
    message = _("This notification is not to be believed: forged, too old, or of the other mode.")
    status = 400


def accept(*, provider_type: str, body: bytes, headers: Mapping[str, str], now: datetime) -> UUID | None:
    """Store a notification that is to be believed; return its key, or None when it was stored before.

    Raises WebhookProviderNotSupported, WebhookDataRequired, WebhookSignatureInvalid (nothing is stored) and
    PaymentProviderUnavailable (deliver it again).
    """
    if provider_type not in PROVIDERS:
        raise WebhookProviderNotSupported
    if not body:
        raise WebhookDataRequired
    provider, notification = _believed(provider_type, body, headers, now)
    event = WebhookEvent(
        id=new_id(),
        provider=provider,
        event_id=notification.event_id[:255],
        event_type=notification.event_type[:100],
        provider_payment_id=notification.provider_payment_id[:255],
        body=body.decode(errors="replace"),
        received_at=now,
        next_attempt_at=now,
    )
    # One statement, with or without a twin: no transaction to open, no error to recover from.
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    return event.pk


def process(*, event_id: UUID, now: datetime) -> bool:
    """Act upon a notification that is due: ask for its payment at the provider and book what it says.

    The attempt is counted before, so that a twin leaves it alone and a crash leaves it due again.
    """
    event = _take(event_id, now)
    if event is None:
        return False
    try:
        outcome = _act(event, now)
    except (ProviderError, DomainError) as error:
        reason = f"{type(error).__name__}: {getattr(error, 'code', '')} {error}"
        WebhookEvent.objects.filter(pk=event.pk).update(last_error=reason[:500])
        logger.warning("notification not processed", event_id=str(event.pk), reason=reason)
        return False
    done = {"processed_at": now, "next_attempt_at": None, "outcome": outcome, "last_error": ""}
    WebhookEvent.objects.filter(pk=event.pk).update(**done)
    return True


def process_due(*, now: datetime) -> int:
    """Process what a crash or a failure left, oldest first, and return how many that were."""
    due = WebhookEvent.objects.waiting().filter(next_attempt_at__lte=now, received_at__lte=now - GRACE)
    keys = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:AT_A_TIME])
    clock = clock_from(now)
    return sum(process(event_id=key, now=clock()) for key in keys)


def retry(*, event: WebhookEvent, staff: User, now: datetime) -> bool:
    """Process a notification again, also one that was processed or given up; say whether that worked."""
    with transaction.atomic(durable=True):
        WebhookEvent.objects.filter(pk=event.pk).update(
            processed_at=None, outcome="", attempts=0, next_attempt_at=now
        )
        trail.record(actor=staff, action="webhook_retried", target=event, now=now)
    return process(event_id=event.pk, now=now)


def clear_old(*, now: datetime) -> int:
    """Drop processed notifications when their period is over: what followed from them is in the books."""
    return retention.purge(kind="webhooks", now=now, job="donations.tasks.clear_old_webhooks")


def _believed(
    provider_type: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> tuple[PaymentProvider, Notification]:
    """Find the account of this type whose secret signed the body."""
    refusal: WebhookRefused | None = None
    for provider in PaymentProvider.objects.filter(provider_type=provider_type).order_by(
        "-is_active", "-priority"
    ):
        try:
            return provider, adapter(provider).verify_webhook(body=body, headers=headers, now=now)
        except WebhookRefused as error:
            refusal = error
        except ProviderUnavailable as error:
            raise PaymentProviderUnavailable from error
    if refusal is None:
        raise WebhookProviderNotSupported
    logger.warning("notification refused", provider=provider_type, reason=str(refusal))
    raise WebhookSignatureInvalid


@transaction.atomic(durable=True)
def _take(event_id: UUID, now: datetime) -> WebhookEvent | None:
    event = WebhookEvent.objects.waiting().filter(pk=event_id, next_attempt_at__lte=now).first()
    if event is None:
        return None
    mine = WebhookEvent.objects.filter(pk=event.pk, next_attempt_at=event.next_attempt_at, processed_at=None)
    taken = claim(mine, attempts=event.attempts + 1, next_attempt_at=_next_attempt(event, now))
    return WebhookEvent.objects.select_related("provider").get(pk=event.pk) if taken else None


def _next_attempt(event: WebhookEvent, now: datetime) -> datetime | None:
    """Double the wait from attempt to attempt; after three days it is parked."""
    following = now + min(FIRST_RETRY_AFTER * 2 ** min(event.attempts, 16), LONGEST_WAIT)
    return following if following <= event.received_at + GIVEN_UP_AFTER else None


def _act(event: WebhookEvent, now: datetime) -> str:
    if not event.provider_payment_id:
        return "about no payment"
    state = adapter(event.provider).retrieve(event.provider_payment_id)
    intent = _intent_of(event.provider, state)
    if intent is None:
        return "about no payment of ours"
    return bring_in_line(intent=intent, state=state, source="webhook", now=now).status


def _intent_of(provider: PaymentProvider, state: PaymentState) -> PaymentIntent | None:
    """Find the payment by the provider's key, or by ours when its making was cut off before that was stored."""
    rows = PaymentIntent.objects.select_related("provider", "saved_method").filter(provider=provider)
    known = rows.filter(provider_payment_id=state.provider_payment_id).first()
    return known or rows.filter(pk=parse_id(state.reference)).first()
