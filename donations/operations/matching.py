"""Sponsors who add to donations, up to a cap."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from donations.models import Donation, DonationMatch, LedgerAccount, MatchingOffer, Transfer
from donations.operations import ledger
from donations.queries.campaigns import matching_offers
from goodplay.lib.money import ZERO, to_cents

MATCHED_ORIGINS = (
    Donation.Origin.USER_INITIATED,
    Donation.Origin.AUTO,
    Donation.Origin.EXTERNAL_PAYMENT,
)


def save_matched(*, donation: Donation, payable: LedgerAccount, now: datetime) -> None:
    """Store a donation that was just completed, with what the first fitting sponsor adds to it.

    Runs in the donation's transaction and locks the offer's row last, so gifts at one moment never exceed its cap.
    """
    is_matched = donation.origin in MATCHED_ORIGINS
    offers = matching_offers([donation.onlus_id], donation.campaign_id, now) if is_matched else []
    for offer_id in offers:
        offer = MatchingOffer.objects.select_for_update().get(pk=offer_id)
        share = _share(offer, donation.amount)
        if offer.is_active and share > ZERO:
            donation.matched_amount = share
            donation.save()
            return _add(offer, donation, payable, now)
    return donation.save()


def lock_offers(*, onlus_ids: Collection[UUID], now: datetime) -> None:
    """Lock every offer that may match a gift to one of several ONLUS, before the first of them is given to.

    One gift after another would lock them in the order of the gifts, and two people would wait in a circle. Lock the
    donor's accounts before.
    """
    for offer_id in matching_offers(onlus_ids, None, now):
        MatchingOffer.objects.select_for_update().get(pk=offer_id)


def take_back(*, donation: Donation, refunded_total: Decimal, now: datetime) -> Decimal:
    """Return the part of a match that goes with what was refunded so far, and how much of it went back just now.

    The same share of the match as of the donation stays given, to the cent; a whole refund takes all of it back.
    """
    found = DonationMatch.objects.filter(donation=donation).first()
    if found is None:
        return ZERO
    due = to_cents(found.amount * refunded_total / donation.amount) - found.refunded_amount
    if due <= ZERO:
        return ZERO
    transfer = Transfer.objects.get(kind=Transfer.Kind.MATCH, cause_id=donation.pk, reverses=None)
    ledger.reverse(transfer=transfer, amount=due, reason=str(donation.pk), now=now)
    found.refunded_amount += due
    found.save(update_fields=["refunded_amount"])
    donation.matched_amount -= due
    donation.save(update_fields=["matched_amount"])
    _raise(found.offer_id, -due)
    return due


def _share(offer: MatchingOffer, given: Decimal) -> Decimal:
    wanted = to_cents(given * offer.ratio)
    if offer.cap_per_donation is not None:
        wanted = min(wanted, offer.cap_per_donation)
    return min(wanted, offer.cap - offer.matched_amount)


def _add(offer: MatchingOffer, donation: Donation, payable: LedgerAccount, now: datetime) -> None:
    amount = donation.matched_amount
    cause = ledger.Cause(
        transaction_id=donation.pk, cause_id=donation.pk, kind=Transfer.Kind.MATCH, reason=offer.name[:200]
    )
    sponsor = ledger.system_account(LedgerAccount.Kind.SPONSOR)
    ledger.move(debit=sponsor, credit=payable, amount=amount, cause=cause, now=now)
    _raise(offer.pk, amount)
    DonationMatch.objects.create(donation=donation, offer=offer, amount=amount, created_at=now)


def _raise(offer_id: UUID, amount: Decimal) -> None:
    """Count in Python under the row's lock: SQLite adds decimals in floating point."""
    offer = MatchingOffer.objects.select_for_update().get(pk=offer_id)
    offer.matched_amount += amount
    offer.save(update_fields=["matched_amount"])
