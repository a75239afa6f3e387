"""Whether a country the settings name has a part in it. No query while they name none, else one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from donations.models import IdentityVerification, Payout
from donations.queries import compliance_settings
from donations.rules.facts import PAYOUT, Movement

NAMES = frozenset({"is_suspicious_country"})
KNOWN = (IdentityVerification.Status.APPROVED, IdentityVerification.Status.EXPIRED)


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    named = compliance_settings.current().words("aml_rules.suspicious_countries")
    return {"is_suspicious_country": bool(named) and _has_part(player_id, movement, named)}


def _has_part(player_id: UUID | None, movement: Movement, named: list[str]) -> bool:
    if movement.subject == PAYOUT:
        return Payout.objects.filter(pk=movement.subject_id, account__country__in=named).exists()
    if player_id is None:
        return False
    proven = IdentityVerification.objects.filter(user_id=player_id, status__in=KNOWN)
    return proven.filter(nationality__in=named).exists()
