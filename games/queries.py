"""What the pages and the API of games show."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from games.engines.registry import names
from games.models import Game, GameSession, GameSessionQuerySet
from goodplay.lib.money import ZERO, to_cents

Status = GameSession.Status

MOST_OPEN = 50
MOST_FOUND = 100


def catalogue(*, active_only: bool = True, category: str = "", sort_by: str = "created_at") -> QuerySet[Game]:
    """Return the games; with `active_only`, those that are switched on and whose engine is here."""
    games = Game.objects.all()
    if active_only:
        games = games.filter(is_active=True, engine_name__in=names())
    if category:
        games = games.filter(category=category)
    return games.order_by(*{"created_at": ("-created_at", "-pk"), "name": ("name", "pk")}[sort_by])


def games_matching(text: str, *, active_only: bool = True) -> list[Game]:
    """Return the first games whose name, description or category has the text, by name."""
    found = Q(name__icontains=text) | Q(description__icontains=text) | Q(category__icontains=text)
    return list(catalogue(active_only=active_only, sort_by="name").filter(found)[:MOST_FOUND])


def categories() -> list[dict[str, Any]]:
    rows = catalogue().order_by("category").values("category").annotate(count=Count("pk"))
    return [{"name": row["category"], "count": row["count"]} for row in rows]


def game(game_id: UUID | None) -> Game | None:
    return Game.objects.filter(pk=game_id).first() if game_id else None


def sessions_of(user_id: UUID, *, status: str = "") -> GameSessionQuerySet:
    """Return the player's sessions with their games, the newest start first."""
    sessions = GameSession.objects.of_player(user_id).select_related("game")
    if status:
        sessions = sessions.filter(status=status)
    return sessions.order_by("-started_at", "-pk")


def open_sessions_of(user_id: UUID) -> tuple[list[GameSession], list[GameSession]]:
    """Return what the player has running and paused, last touched first, at most fifty of each."""
    rows = sessions_of(user_id).open().order_by("-updated_at", "-pk")[: 2 * MOST_OPEN]
    running = [session for session in rows if session.status == Status.ACTIVE]
    paused = [session for session in rows if session.status == Status.PAUSED]
    return running[:MOST_OPEN], paused[:MOST_OPEN]


def session_statistics(user_id: UUID) -> dict[str, Any]:
    """Sum up the player's sessions, in all and by status; the rate is a percentage rounded to hundredths."""
    rows = list(
        GameSession.objects.of_player(user_id)
        .order_by("status")
        .values("status")
        .annotate(
            count=Count("pk"),
            total_score=Coalesce(Sum("score"), 0),
            total_credits=Coalesce(Sum("credits_earned"), ZERO),
        )
    )
    total = sum(row["count"] for row in rows)
    completed = sum(row["count"] for row in rows if row["status"] == Status.COMPLETED)
    return {
        "total_sessions": total,
        "completed_sessions": completed,
        "completion_rate": to_cents(Decimal(100 * completed) / max(total, 1)),
        "total_score": sum(row["total_score"] for row in rows),
        "total_credits_earned": sum((row["total_credits"] for row in rows), ZERO),
        "stats_by_status": {row["status"]: {"_id": row["status"], **row} for row in rows},
    }
