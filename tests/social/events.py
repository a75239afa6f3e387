"""Facts as other apps announce them, their delivery to social alone, and the numbers that follow."""

from datetime import datetime

from goodplay.lib.events.delivery import run_handler
from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from goodplay.lib.time import ROME
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.social import game_id, onlus_id

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)  # a Wednesday
HANDLER_OF = {
    "game_session_complete": "social.count_session",
    "donation_complete": "social.count_donation",
    "donation_refunded": "social.count_refund",
}


def session_ended(user, *, minutes=10, at=NOON, game="chess", **changes):
    payload = {
        "session_id": str(new_id()),
        "user_id": str(user.pk),
        "game_id": str(game_id(game)),
        "category": "logic",
        "status": "completed",
        "score": 120,
        "normalized_score": "0.80",
        "play_duration_ms": minutes * 60_000,
        "session_type": "single",
        "is_verified": True,
        "ended_at": at.isoformat(),
        **changes,
    }
    return _event("game_session_complete", payload, at)


def donation_made(user, euros="10.00", *, at=NOON, onlus="parks", **changes):
    payload = {
        "donation_id": str(new_id()),
        "user_id": str(user.pk),
        "onlus_id": str(onlus_id(onlus)),
        "amount": euros,
        "earned_amount": euros,
        "paid_amount": "0.00",
        "currency": "EUR",
        "origin": "wallet",
        "is_anonymous": False,
        "completed_at": at.isoformat(),
        **changes,
    }
    return _event("donation_complete", payload, at)


def donation_given_back(gift, euros, *, left, at, **changes):
    """Announce that so many euros of a donation made went back, and what is left of it."""
    payload = {
        "refund_id": str(new_id()),
        "donation_id": gift.payload["donation_id"],
        "user_id": gift.payload["user_id"],
        "onlus_id": gift.payload["onlus_id"],
        "amount": euros,
        "earned_amount": euros,
        "paid_amount": "0.00",
        "remaining_amount": left,
        "is_whole": left == "0.00",
        "donated_at": gift.payload["completed_at"],
        "refunded_at": at.isoformat(),
        "reason": "",
        **changes,
    }
    return _event("donation_refunded", payload, at)


def _event(name, payload, at):
    return Event.objects.create(name=name, payload=payload, aggregate=payload["user_id"], recorded_at=at)


def deliver(event):
    """Hand the event to social alone: other apps' handlers want the sessions and donations themselves."""
    assert run_handler(HANDLERS[HANDLER_OF[event.name]], event)


def numbers():
    """Everything the projections say, without the keys and clock readings of the rows themselves."""
    return {
        "sessions": list(CountedSession.objects.order_by("pk").values()),
        "donations": list(CountedDonation.objects.order_by("pk").values()),
        "scores": list(
            ImpactScore.objects.order_by("user_id").values(
                "user_id",
                "score",
                "gaming_component",
                "social_component",
                "donation_component",
                "gaming_details",
                "social_details",
                "donation_details",
                "takes_part",
                "due_on",
            )
        ),
        "standings": list(
            Standing.objects.order_by("user_id", "period", "starts_on").values(
                "user_id", "period", "starts_on", "score", "baseline", "reached_at", "is_listed"
            )
        ),
        "today": list(
            ImpactScoreHistory.objects.filter(day=NOON.date()).order_by("user_id").values("user_id", "score")
        ),
    }
