"""Facts about play."""

from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

from goodplay.lib.events.signals import DomainSignal
from goodplay.lib.time import milliseconds

if TYPE_CHECKING:
    from games.models import GameSession


def _session_facts(session: "GameSession") -> dict[str, Any]:
    assert session.ended_at is not None  # noqa: S101  (announced for ended sessions only)
    return {
        "session_id": str(session.pk),
        "user_id": str(session.user_id),
        "game_id": str(session.game_id),
        "category": session.game.category,
        "status": session.status,
        "score": session.score,
        "normalized_score": str(session.normalized_score) if session.normalized_score is not None else None,
        "play_duration_ms": milliseconds(session.played_for),
        "session_type": session.session_type,
        "achievements_unlocked": session.achievements_unlocked,
        "is_verified": session.is_verified,
        "ended_at": session.ended_at.isoformat(),
    }


game_session_complete = DomainSignal("game_session_complete", facts=_session_facts, aggregate="user_id")
"""Arguments: session, ended (completed or abandoned) and locked, not yet saved: a receiver in the transaction may set
`session.credits_earned`."""

session_end_shown = Signal()
"""A question, not a fact: the end of a session is committed, and its player is told. Arguments: session, now. What a receiver
returns is added to the answer, under the keys the answer declares; one that fails adds nothing."""
