"""Proofs that end, drafts nobody hands in, opinions of a provider: what is due."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from donations.identity.contract import Opinion, Person, ProviderFailed
from donations.identity.registry import provider
from donations.models import IdentityVerification
from donations.operations.identity.applying import withdraw
from donations.queries.identity import expiring
from donations.signals import identity_expired, identity_expiring
from goodplay.lib.db import claim

TOLD_BEFORE = timedelta(days=30)
Status = IdentityVerification.Status

logger = structlog.get_logger("goodplay.identity")


def expire_due(*, now: datetime) -> int:
    """End proofs whose time is over, each once. The level falls the moment it is over; this only writes it down."""
    rows = IdentityVerification.objects.filter(status=Status.APPROVED, expires_at__lte=now)
    return sum(_expire(key) for key in list(rows.values_list("pk", flat=True)))


@transaction.atomic
def _expire(key: UUID) -> bool:
    if not claim(IdentityVerification.objects.filter(pk=key, status=Status.APPROVED), status=Status.EXPIRED):
        return False
    identity_expired.announce(verification=IdentityVerification.objects.get(pk=key))
    return True


def remind_due(*, now: datetime) -> int:
    """Tell players whose proof ends soon, each once."""
    keys = list(expiring(now, now + TOLD_BEFORE).values_list("pk", flat=True))
    return sum(_remind(key, now) for key in keys)


@transaction.atomic
def _remind(key: UUID, now: datetime) -> bool:
    if not claim(IdentityVerification.objects.filter(pk=key, reminded_at=None), reminded_at=now):
        return False
    identity_expiring.announce(verification=IdentityVerification.objects.get(pk=key))
    return True


def forget_drafts(*, now: datetime) -> int:
    """Withdraw drafts nobody handed in, and erase their documents."""
    long_ago = now - timedelta(days=settings.IDENTITY_DRAFT_DAYS)
    rows = IdentityVerification.objects.filter(status=Status.DRAFT, created_at__lte=long_ago)
    found = list(rows.values_list("user_id", "pk"))
    for user_id, key in found:
        withdraw(user_id=user_id, verification_id=key, now=now)
    return len(found)


def ask_provider(*, now: datetime) -> int:
    """Begin checks at the provider for what waits, and fetch its opinions; people read them, and decide."""
    rows = IdentityVerification.objects.filter(status=Status.SUBMITTED, provider_opinion="")
    told = 0
    for row in rows.exclude(provider="manual").order_by("submitted_at"):
        try:
            told += _ask(row)
        except ProviderFailed:
            logger.exception("asked again by the next run", verification=str(row.pk))
    return told


def _ask(row: IdentityVerification) -> bool:
    asked = provider(row.provider)
    waiting = IdentityVerification.objects.filter(pk=row.pk, status=Status.SUBMITTED)
    if not row.provider_reference:
        person = Person(str(row.pk), row.given_names, row.family_names, row.born_on, row.nationality)
        started = asked.start(person)
        waiting.update(provider_reference=started.reference)
        row.provider_reference = started.reference
    result = asked.result(row.provider_reference)
    if result.opinion == Opinion.PENDING:
        return False
    waiting.update(provider_opinion=f"{result.opinion} {result.detail}".strip()[:300])
    return True
