"""Campaigns and matching offers that run now."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import (
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Round

from donations.models import Campaign, Donation, Funding, GivingPool, GivingPoolMember, MatchingOffer
from donations.queries.sums import KEPT, euros_of
from goodplay.lib import fields
from goodplay.lib.money import ZERO

OFFERS_KEY, OFFERS_CACHED_FOR = "matching-offers", 60  # seconds
CAMPAIGN_COLUMNS = (
    "id",
    "title",
    "description",
    "onlus_id",
    "onlus_name",
    "goal",
    "raised",
    "matched",
    "donors",
    "starts_at",
    "ends_at",
)


def running_campaigns(now: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), is_active=True, starts_at__lte=now)


def matching_offers(onlus_ids: Collection[UUID], campaign_id: UUID | None, now: datetime) -> list[UUID]:
    """Name the offers that may match gifts: the most particular first, then the most generous, then the oldest.

    No query while the offers are cached; what an offer still has is read under its lock. Everybody locks them in this
    order.
    """
    offers: list[MatchingOffer] = cache.get_or_set(OFFERS_KEY, _active_offers, OFFERS_CACHED_FOR) or []
    fitting = [
        offer
        for offer in offers
        if _is_running(offer, now)
        and (offer.onlus_id is None or offer.onlus_id in onlus_ids)
        and offer.campaign_id in (None, campaign_id)
    ]
    return [offer.pk for offer in sorted(fitting, key=_preference)]


def money_for_matching(sponsor_id: UUID, *, besides: UUID) -> Decimal:
    """Return what a sponsor funded for matching and has not promised in other offers, in EUR."""
    funded = Funding.objects.filter(sponsor_id=sponsor_id, purpose=Funding.Purpose.MATCHING)
    others = MatchingOffer.objects.filter(sponsor_id=sponsor_id).exclude(pk=besides)
    promised = others.aggregate(
        caps=Sum("cap", filter=Q(is_active=True)), given=Sum("matched_amount", filter=Q(is_active=False))
    )
    return (
        euros_of(funded.aggregate(total=Sum("amount"))["total"])
        - euros_of(promised["caps"])
        - euros_of(promised["given"])
    )


def with_totals(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Add to each campaign what was given and matched for it, and by how many, without a query of its own."""
    kept = Donation.objects.on_record().filter(campaign=OuterRef("pk")).order_by().values("campaign")

    def total(column: Any) -> Any:
        rows = kept.annotate(total=Round(Sum(column), precision=2)).values("total")
        return Coalesce(Subquery(rows, output_field=fields.euros()), Value(ZERO), output_field=fields.euros())

    donors = kept.filter(status=Donation.Status.COMPLETED).annotate(donors=Count("donor", distinct=True))
    return campaigns.annotate(
        raised=total(KEPT),
        matched=total("matched_amount"),
        donors=Coalesce(Subquery(donors.values("donors"), output_field=IntegerField()), 0),
    )


def campaigns_shown(now: datetime) -> QuerySet[Campaign, dict[str, Any]]:
    """List running campaigns, the latest first."""
    shown = with_totals(running_campaigns(now)).annotate(onlus_name=F("onlus__name"))
    return shown.order_by("-starts_at", "-id").values(*CAMPAIGN_COLUMNS)


def pools_shown() -> QuerySet[GivingPool]:
    members = GivingPoolMember.objects.select_related("onlus").order_by("-weight", "onlus__name")
    active = GivingPool.objects.filter(is_active=True).prefetch_related(Prefetch("members", members))
    return active.order_by("name", "id")


def forget_offers() -> None:
    cache.delete(OFFERS_KEY)


def _active_offers() -> list[MatchingOffer]:
    return list(MatchingOffer.objects.filter(is_active=True))


def _is_running(offer: MatchingOffer, now: datetime) -> bool:
    return offer.starts_at <= now and (offer.ends_at is None or offer.ends_at > now)


def _preference(offer: MatchingOffer) -> tuple[bool, bool, Decimal, UUID]:
    return (offer.campaign_id is None, offer.onlus_id is None, -offer.ratio, offer.pk)
