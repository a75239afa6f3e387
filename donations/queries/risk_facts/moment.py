"""The movement itself. No query."""

from datetime import datetime
from typing import Any
from uuid import UUID

from donations.rules.facts import Movement
from goodplay.lib.time import ROME

NAMES = frozenset({"amount", "hour"})


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    return {"amount": movement.amount, "hour": now.astimezone(ROME).hour}
