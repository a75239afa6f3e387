"""The registry of organisations: the steps that decide who can be given to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.caches import forget_directory
from accounts.models import DirectoryTotals, Onlus, OnlusMembership, User
from accounts.operations import logos
from accounts.operations.standing import YEAR
from accounts.signals import onlus_verified
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict


class OnlusNotVerifiable(Conflict):
    code = "ORGANIZATION_NOT_VERIFIABLE"
    message = _("Only an organisation under review can be verified, and only with a verified bank account.")


@transaction.atomic
def verify_onlus(*, onlus: Onlus, now: datetime) -> Onlus:
    """Open an organisation to donations: verified, active, in the public directory."""
    waiting = Onlus.objects.filter(
        pk=onlus.pk,
        status=Onlus.Status.UNDER_REVIEW,
        verified_at=None,
        bank_account_verified_at__isnull=False,
    )
    if not claim(
        waiting,
        status=Onlus.Status.ACTIVE,
        verified_at=now,
        last_examined_at=now,
        next_review_at=now + YEAR,
    ):
        raise OnlusNotVerifiable
    onlus.refresh_from_db()
    logos.follow(onlus=onlus, now=now)
    forget_directory()
    onlus_verified.announce(onlus=onlus)
    return onlus


def note_bank_account(*, onlus: Onlus, now: datetime) -> None:
    """Note that the organisation has a bank account a second person verified; the first time counts."""
    Onlus.objects.filter(pk=onlus.pk, bank_account_verified_at=None).update(bank_account_verified_at=now)


def add_member(*, onlus: Onlus, user: User, role: OnlusMembership.Role, now: datetime) -> OnlusMembership:
    membership, _created = OnlusMembership.objects.update_or_create(
        onlus=onlus, user=user, defaults={"role": role}, create_defaults={"role": role, "created_at": now}
    )
    return membership


def note_rating(*, onlus: Onlus, mean: Decimal | None, count: int) -> Onlus:
    """Keep what donors think of it. The caller holds the organisation."""
    onlus.donor_rating, onlus.rating_count = mean, count
    onlus.save(update_fields=["donor_rating", "rating_count"])
    forget_directory()
    return onlus


def note_reports_due(*, due: Mapping[UUID, datetime | None]) -> int:
    """Keep when each of these owes its next report; a new day takes back what was warned of. Return how many changed."""
    changed = sum(
        Onlus.objects.filter(pk=key)
        .exclude(report_due_at=moment)
        .update(report_due_at=moment, report_warning="")
        for key, moment in due.items()
    )
    if changed:
        forget_directory()
    return changed


@dataclass(frozen=True, slots=True)
class Received:
    """What an organisation was given in all, after what went back."""

    onlus_id: UUID
    amount: Decimal
    donors: int
    last_at: datetime | None


@transaction.atomic
def note_received(*, sums: Iterable[Received], donors: int, now: datetime) -> int:
    """Keep what organisations received, and how many people gave to any of them; return how many rows changed."""
    changed = 0
    for each in sums:
        told = {
            "total_donations_received": each.amount,
            "total_donors": each.donors,
            "last_donation_at": each.last_at,
        }
        changed += Onlus.objects.filter(pk=each.onlus_id).exclude(**told).update(**told)
    DirectoryTotals.objects.update_or_create(name="directory", defaults={"donors": donors, "summed_at": now})
    forget_directory()
    return changed
