"""Play and giving as social sees them: through the announced facts, so scores and boards follow."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from goodplay.lib.ids import new_id
from social import operations

_NAMES = UUID("6f3f0f0e-7d0f-5c8a-9d60-6a4f4b1f2a77")


def game_id(name="chess"):
    return uuid5(_NAMES, f"game {name}")


def onlus_id(name="parks"):
    return uuid5(_NAMES, f"onlus {name}")


def play(user, *, minutes=10, at, game="chess", now=None, **ids):
    """Count a verified session of so many minutes that ended at the moment."""
    return operations.count_session(
        session_id=ids.get("session_id") or new_id(),
        user_id=user.pk,
        game_id=game_id(game),
        played_for=timedelta(minutes=minutes),
        ended_at=at,
        now=now or at,
    )


def give(user, euros="10.00", *, at, onlus="parks", now=None, **ids):
    """Count a donation completed at the moment."""
    return operations.count_donation(
        donation_id=ids.get("donation_id") or new_id(),
        user_id=user.pk,
        onlus_id=onlus_id(onlus),
        amount=Decimal(euros),
        given_at=at,
        now=now or at,
    )
