"""Jobs about payments."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from donations.operations import payment_providers, payment_repair, webhooks
from goodplay.lib.jobs.tasks import job


@shared_task(name="donations.tasks.process_webhook")
def process_webhook(*, event_id: str) -> None:
    webhooks.process(event_id=UUID(event_id), now=timezone.now())


@job(every=timedelta(minutes=1))
def process_due_webhooks() -> int:
    """Process the notifications a crash or a failure left behind."""
    return webhooks.process_due(now=timezone.now())


@job(every=timedelta(minutes=5))
def repair_stuck_intents() -> str:
    """Ask the providers for payments, refunds and fees that are not known to the end."""
    now = timezone.now()
    payments, refunds = payment_repair.repair_stuck(now=now), payment_repair.finish_refunds(now=now)
    return f"{payments} payments, {refunds} refunds, {payment_repair.learn_fees(now=now)} fees asked for"


@job(every=timedelta(minutes=5))
def expire_intents() -> int:
    """End payments nobody made within the hour."""
    return payment_repair.expire_due(now=timezone.now())


@job(every=timedelta(minutes=10))
def check_payment_providers() -> str:
    """Ask every payment provider whether it is well; only healthy ones get new payments."""
    found = payment_providers.check_all(now=timezone.now())
    return ", ".join(f"{name}: {health}" for name, health in found.items()) or "none is active"


@job(every=timedelta(days=1))
def clear_old_webhooks() -> int:
    """Drop processed notifications when their period is over."""
    return webhooks.clear_old(now=timezone.now())
