"""What the organisation was paid before. One query."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Subquery

from donations.models import Payout
from donations.rules.facts import Movement
from goodplay.lib.money import ZERO

NAMES = frozenset({"payouts_before", "largest_payout_before"})


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    own = Payout.objects.filter(pk=movement.subject_id).values("onlus_id")[:1]
    before = Payout.objects.filter(onlus_id=Subquery(own), status=Payout.Status.SETTLED)
    said = before.exclude(pk=movement.subject_id).aggregate(count=Count("pk"), largest=Max("amount"))
    return {"payouts_before": said["count"], "largest_payout_before": said["largest"] or ZERO}
