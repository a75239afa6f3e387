"""How often the player tried to pay lately and failed: cards that are tried out. One query."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from donations.models import PaymentIntent
from donations.queries import compliance_settings
from donations.rules.facts import Movement

NAMES = frozenset({"failed_payments_in_window"})


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    hours = int(compliance_settings.current().number("risk_thresholds.velocity_check_hours"))
    tried = PaymentIntent.objects.filter(player_id=player_id, status=PaymentIntent.Status.FAILED)
    recent = tried.filter(created_at__gt=now - timedelta(hours=hours), created_at__lte=now)
    return {"failed_payments_in_window": recent.exclude(pk=movement.subject_id).count()}
