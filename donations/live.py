"""Telling a player's open pages that their wallet changed. Nice to have: the same figures are in GET /api/wallet."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from donations.queries.wallet import wallet_summary
from donations.signals import (
    credits_earned,
    credits_waiting,
    donation_cancelled,
    donation_complete,
    donation_refunded,
    payment_refunded,
    payment_succeeded,
    review_decided,
    review_opened,
)
from goodplay.lib import realtime
from goodplay.lib.api.renderers import to_json
from goodplay.lib.events.handlers import reacts_to

SHOWN = ("current_balance", "held_balance", "waiting_credits")


@reacts_to(
    credits_earned,
    credits_waiting,
    donation_complete,
    donation_refunded,
    donation_cancelled,
    payment_succeeded,
    payment_refunded,
    review_opened,
    review_decided,
)
def show_wallet(*, user_id: UUID, now: datetime) -> None:
    """Send the balances as they are now; several changes in a row may send the last state more than once."""
    if user_id is None:
        return  # under review is also what belongs to no player
    wallet = wallet_summary(user_id, now)
    figures: dict[str, Any] = json.loads(to_json({name: wallet[name] for name in SHOWN}))
    realtime.emit("wallet_changed", figures, user_id=user_id)
