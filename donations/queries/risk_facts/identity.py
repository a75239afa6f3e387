"""How well the player is known, and how far this movement goes beyond what that allows. Three queries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from donations.queries.identity import standing
from donations.rules.facts import Movement
from goodplay.lib.money import ZERO

NAMES = frozenset(
    {
        "identity_level",
        "identity_limit_left",
        "identity_limit_excess",
        "put_in_today",
        "put_in_this_month",
    }
)


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    if player_id is None:
        return {}
    known = standing(player_id, now, besides=movement.subject_id)
    return {
        "identity_level": int(known.level),
        "identity_limit_left": known.left,
        "identity_limit_excess": max(movement.amount - known.left, ZERO),
        "put_in_today": known.used_today + movement.amount,
        "put_in_this_month": known.used_this_month + movement.amount,
    }
