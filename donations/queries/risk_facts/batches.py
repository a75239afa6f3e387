"""How alike the lines of a batch are. Three queries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from donations.models import BatchLine
from donations.rules.facts import Movement

NAMES = frozenset({"line_count", "identical_amounts", "largest_share_percent"})


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    lines = BatchLine.objects.filter(batch_id=movement.subject_id)
    count = lines.count()
    of_one_player = _most(movement.subject_id, "player")
    return {
        "line_count": count,
        "identical_amounts": _most(movement.subject_id, "amount"),
        "largest_share_percent": 100 * of_one_player // count if count else 0,
    }


def _most(batch_id: UUID, column: str) -> int:
    """Count the lines that share the most frequent value; lines without one share nothing."""
    lines = BatchLine.objects.filter(batch_id=batch_id, **{f"{column}__isnull": False}).order_by()
    counts = lines.values(column).annotate(count=Count("pk")).order_by("-count")
    return counts.values_list("count", flat=True).first() or 0
