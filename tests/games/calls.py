"""Calling the operations on a session, and reading its trail."""

from games import operations
from tests.factories.games import NOW, play


def call(operation, session, *, now=NOW, **arguments):
    found = operation(player=session.user, session_id=session.pk, now=now, **arguments)
    session.refresh_from_db()
    return found


def pause(session, now=NOW):
    return call(operations.pause_session, session, now=now)


def resume(session, now=NOW):
    return call(operations.resume_session, session, now=now)


def end(session, reason="completed", now=NOW):
    return call(operations.end_session, session, reason=reason, now=now)


def trail(session):
    return [
        (event.kind, event.cause, event.happened_at) for event in session.events.order_by("happened_at", "pk")
    ]


CALLS = {
    "move": lambda session: play(session, 50),
    "pause": pause,
    "resume": resume,
    "complete": end,
    "abandon": lambda session: end(session, "abandoned"),
}
