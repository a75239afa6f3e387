"""Facts about money."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from donations.models import Donation, SessionCredit


def _credit_facts(credit: "SessionCredit") -> dict[str, Any]:
    return {
        "user_id": str(credit.player_id),
        "transaction_id": str(credit.transfer_id),
        "session_id": str(credit.session_id),
        "amount": str(credit.amount),
        "source_type": credit.source_type,
    }


def _donation_facts(donation: "Donation") -> dict[str, Any]:
    assert donation.completed_at is not None  # noqa: S101  (announced for completed donations only)
    return {
        "donation_id": str(donation.pk),
        "user_id": str(donation.donor_id),
        "onlus_id": str(donation.onlus_id),
        "amount": str(donation.amount),
        "earned_amount": str(donation.earned_amount),
        "paid_amount": str(donation.paid_amount),
        "currency": "EUR",
        "origin": donation.origin,
        "is_anonymous": donation.is_anonymous,
        "completed_at": donation.completed_at.isoformat(),
    }


credits_earned = DomainSignal("credits_earned", facts=_credit_facts, aggregate="user_id")
"""Arguments: credit."""

donation_complete = DomainSignal("donation_complete", facts=_donation_facts, aggregate="user_id")
"""Arguments: donation."""
