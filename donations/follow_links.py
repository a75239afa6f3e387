"""The link with which a donor, or whom they hand it to, follows one donation. It opens nothing else and tells no name."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

_signer = Signer(salt="donations.follow", sep=":")


def follow_address(donation_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/follow/{donation_id}/?key={_signer.signature(str(donation_id))}"


def opens(donation_id: UUID, key: str) -> bool:
    """Say whether the key is the one of this donation."""
    try:
        return bool(_signer.unsign(f"{donation_id}:{key}") == str(donation_id))
    except BadSignature:
        return False
