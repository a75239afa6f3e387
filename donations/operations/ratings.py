"""What donors think of an ONLUS: one to five stars each, and their mean on the organisation."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from accounts.operations.onlus import note_rating
from donations.models import Donation, OnlusRating
from donations.operations.allocation_requests import OwnOrganisation
from goodplay.lib.errors import DomainError


class RatingNeedsGift(DomainError):
    code = "RATING_NEEDS_DONATION"
    message = _("Only who gave to an organisation can rate it.")


@transaction.atomic
def rate(*, donor_id: UUID, onlus_id: UUID, stars: int, now: datetime) -> Onlus:
    """Give an organisation stars, or others than before. Raises RatingNeedsGift, and OwnOrganisation for its people."""
    onlus = _locked(onlus_id)
    if onlus.memberships.filter(user=donor_id).exists():
        raise OwnOrganisation
    if not _gave(donor_id, onlus_id):
        raise RatingNeedsGift
    OnlusRating.objects.update_or_create(
        onlus=onlus, donor_id=donor_id, defaults={"stars": stars, "rated_at": now}
    )
    return _with_mean(onlus)


@transaction.atomic
def take_back(*, donor_id: UUID, onlus_id: UUID) -> Onlus:
    """Forget somebody's stars. Without any nothing happens."""
    onlus = _locked(onlus_id)
    OnlusRating.objects.filter(onlus=onlus, donor=donor_id).delete()
    return _with_mean(onlus)


@transaction.atomic
def drop_unfounded(*, donor_id: UUID, onlus_id: UUID) -> None:
    """Forget the stars of somebody who got back all they ever gave to the organisation."""
    rated = OnlusRating.objects.filter(onlus=onlus_id, donor=donor_id).exists()
    if rated and not _gave(donor_id, onlus_id):
        take_back(donor_id=donor_id, onlus_id=onlus_id)


def _gave(donor_id: UUID, onlus_id: UUID) -> bool:
    return Donation.objects.of_donor(donor_id).completed().filter(onlus=onlus_id).exists()


def _with_mean(onlus: Onlus) -> Onlus:
    sums = OnlusRating.objects.filter(onlus=onlus).aggregate(stars=Sum("stars"), count=Count("pk"))
    mean = Decimal(sums["stars"]) / sums["count"] if sums["count"] else None
    rounded = mean.quantize(Decimal("0.01"), ROUND_HALF_UP) if mean is not None else None
    return note_rating(onlus=onlus, mean=rounded, count=sums["count"])


def _locked(onlus_id: UUID) -> Onlus:
    """Hold the organisation, so that two who rate it at once are both in the mean."""
    return Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=onlus_id)
