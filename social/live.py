"""Telling a player's open pages that their place may have moved. Nice to have: the boards say where."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from goodplay.lib import realtime
from goodplay.lib.api.renderers import to_json
from goodplay.lib.events.handlers import reacts_to
from social.signals import impact_score_changed


@reacts_to(impact_score_changed)
def show_standing(*, user_id: UUID, score: Decimal, previous_score: Decimal) -> None:
    figures: dict[str, Any] = json.loads(
        to_json({"board": "impact", "score": score, "previous_score": previous_score})
    )
    realtime.emit("leaderboard_changed", figures, user_id=user_id)
