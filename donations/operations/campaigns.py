"""Campaigns, and the money sponsors promise to match with."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.models import MatchingOffer, Sponsor
from donations.queries.campaigns import forget_offers, money_for_matching
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO


class MatchingNotFunded(DomainError):
    code = "MATCHING_NOT_FUNDED"
    message = _("The sponsor's money for matching does not cover this cap: record its funding first.")


class CapBelowMatched(DomainError):
    code = "MATCHING_CAP_BELOW_MATCHED"
    message = _("The cap cannot be less than what was matched already.")


@transaction.atomic
def promise_match(*, offer: MatchingOffer) -> MatchingOffer:
    """Store an offer, new or changed, once the sponsor's funding covers it together with its other offers.

    Locks the sponsor, so two offers at once are not both covered by the same money. Raises MatchingNotFunded,
    CapBelowMatched.
    """
    Sponsor.objects.select_for_update().get(pk=offer.sponsor_id)
    current = MatchingOffer.objects.select_for_update().filter(pk=offer.pk).first()
    offer.matched_amount = current.matched_amount if current else ZERO
    if offer.cap < offer.matched_amount:
        raise CapBelowMatched
    if _promised(offer) > money_for_matching(offer.sponsor_id, besides=offer.pk):
        raise MatchingNotFunded
    offer.save()
    transaction.on_commit(forget_offers)
    return offer


def _promised(offer: MatchingOffer) -> Decimal:
    """Return what the offer may still cost in all: one that is switched off only what it gave."""
    return offer.cap if offer.is_active else offer.matched_amount
