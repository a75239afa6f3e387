"""Which donations are on their way to their ONLUS, or arrived there."""

from uuid import UUID

from donations.models import PayoutLine


def is_in_payout(donation_id: UUID) -> bool:
    """Say whether a payout that was not given up carries this donation. Decide on it with the donation's row locked."""
    return PayoutLine.objects.live().filter(donation_id=donation_id).exists()
