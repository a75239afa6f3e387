"""What the database and the API say afterwards."""

from collections.abc import Iterable

from tests.faults.server import Player, Server


def waiting_for_a_lock(server: Server) -> int:
    return server.database.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
        server.database.name,
    )


def all_delivered(server: Server, handlers: list[str]) -> bool:
    """Say whether every handler has dealt with every gift."""
    return server.database.value(
        "SELECT bool_and(handlers.done) FROM (SELECT count(*) FILTER (WHERE d.status = 'done' AND d.handler = ANY(%s))"
        " = %s AS done FROM events_event e LEFT JOIN events_delivery d ON d.event_id = e.id"
        " WHERE e.name = 'donation_complete' GROUP BY e.id) AS handlers",
        handlers,
        len(handlers),
    )


def receipts_of(server: Server, donation_id: str) -> int:
    return server.database.value("SELECT count(*) FROM donations_receipt WHERE donation_id = %s", donation_id)


def unlocks_of(server: Server, player: Player, stories: dict[str, str]) -> list[str]:
    """Return the titles of the stories that are open to the player, once per row there is."""
    rows = server.database.rows("SELECT story_id::text FROM impact_storyunlock WHERE user_id = %s", player.id)
    return _titles((story for (story,) in rows), stories)


def unlocked_stories_shown_to(player: Player, stories: dict[str, str]) -> list[str]:
    shown = player.get("/api/impact/stories/available").data["available_stories"]
    return _titles((story["id"] for story in shown if story["is_unlocked"]), stories)


def _titles(ids: Iterable[str], stories: dict[str, str]) -> list[str]:
    return sorted(title for each in ids for title, story_id in stories.items() if story_id == each)
