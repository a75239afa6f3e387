"""What social does when facts are announced."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from donations.signals import donation_complete, donation_refunded
from games.signals import game_session_complete
from goodplay.lib.events.handlers import reacts_to
from social import operations


@reacts_to(game_session_complete, in_order=True, replayable=True)
def count_session(
    *,
    session_id: UUID,
    user_id: UUID,
    game_id: UUID,
    status: str,
    is_verified: bool,
    play_duration_ms: int,
    ended_at: datetime,
    now: datetime,
) -> None:
    if status != "completed" or not is_verified:
        return  # abandoned and unverifiable play is announced too, and earns no points
    operations.count_session(
        session_id=session_id,
        user_id=user_id,
        game_id=game_id,
        played_for=timedelta(milliseconds=play_duration_ms),
        ended_at=ended_at,
        now=now,
    )


@reacts_to(donation_complete, in_order=True, replayable=True)
def count_donation(
    *,
    donation_id: UUID,
    user_id: UUID,
    onlus_id: UUID,
    amount: Decimal,
    completed_at: datetime,
    now: datetime,
) -> None:
    operations.count_donation(
        donation_id=donation_id,
        user_id=user_id,
        onlus_id=onlus_id,
        amount=amount,
        given_at=completed_at,
        now=now,
    )


@reacts_to(donation_refunded, in_order=True, replayable=True)
def count_refund(
    *,
    donation_id: UUID,
    user_id: UUID,
    onlus_id: UUID,
    remaining_amount: Decimal,
    donated_at: datetime,
    refunded_at: datetime,
    now: datetime,
) -> None:
    operations.count_refund(
        donation_id=donation_id,
        user_id=user_id,
        onlus_id=onlus_id,
        remaining_amount=remaining_amount,
        given_at=donated_at,
        refunded_at=refunded_at,
        now=now,
    )
