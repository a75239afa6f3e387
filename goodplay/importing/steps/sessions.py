"""Play sessions, as a history."""

from datetime import datetime, timedelta
from uuid import UUID

from games.operations.taking_over import OldSession, take_over_session
from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.values import Reader, Refused, plain

LONGEST = 86_400_000  # milliseconds; the old wallet refused more as well
OPEN = ("active", "paused")
STATUSES = (*OPEN, "completed", "abandoned")


def bring(reader: Reader, key: str, context: Context) -> str:
    session = old_session(
        reader,
        user_id=context.needed("users", reader.document.get("user_id"), "UNKNOWN_USER"),
        game_id=context.needed("games", reader.document.get("game_id"), "UNKNOWN_GAME"),
    )
    return str(take_over_session(key=UUID(key), session=session, now=context.now).pk)


def old_session(reader: Reader, *, user_id: str, game_id: str) -> OldSession:
    status = reader.needed_choice("status", STATUSES)
    if status in OPEN:
        reader.note("status", "ENDED")
    started_at, ended_at = _span(reader)
    is_completed = status == "completed"
    config = reader.mapping("session_config")
    config.pop("device_info", None)
    return OldSession(
        user_id=UUID(user_id),
        game_id=UUID(game_id),
        is_completed=is_completed,
        score=_score(reader) if is_completed else None,
        played_for=timedelta(milliseconds=_played(reader)),
        moves_count=_moves(reader),
        started_at=started_at,
        ended_at=ended_at,
        session_config=config,
        statistics=_statistics(reader),
        achievements=reader.texts("achievements_unlocked", 120),
        sync_version=reader.whole("sync_version", least=0, most=2_000_000_000, default=0),
    )


def _span(reader: Reader) -> tuple[datetime, datetime]:
    started_at = reader.moment("started_at") or reader.moment("created_at")
    if started_at is None:
        raise Refused("MISSING", "started_at")
    ended_at = reader.moment("ended_at") or reader.moment("updated_at") or started_at
    return started_at, max(started_at, ended_at)


def _played(reader: Reader) -> int:
    name = "play_duration" if "play_duration" in reader.document else "play_duration_ms"
    return reader.whole(name, least=0, most=LONGEST, default=0)


def _score(reader: Reader) -> int | None:
    if reader.document.get("score") is None:
        return None
    return reader.whole("score", least=-2_000_000_000, most=2_000_000_000, default=0)


def _moves(reader: Reader) -> int:
    moves = reader.document.get("moves")
    return len(moves) if isinstance(moves, list) else 0


def _statistics(reader: Reader) -> dict[str, object]:
    """Keep what the old installation said it earned as a word of the past: here nothing was paid for it."""
    kept: dict[str, object] = reader.mapping("statistics")
    said = plain(reader.document.get("credits_earned"))
    return kept | {"credits_before": said} if isinstance(said, int | float) and said else kept


SESSIONS = Step("game_sessions", bring, points_to=(("user_id", "users"), ("game_id", "games")))
