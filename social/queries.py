"""Reads: the facts a score is made from, scores with their ranks, and boards."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Avg, Case, Count, Max, Min, Q, Sum, When
from django.db.models.functions import Floor
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib.errors import DomainError, NotFound
from social import privacy, scoring
from social.boards import BEGINNING, Board, Figures, Ladder, LeaderboardType, Period, Span
from social.models import (
    CountedDonation,
    CountedSession,
    ImpactScore,
    ImpactScoreHistory,
    Standing,
    better_rows,
)

LARGE_BOARD = 10_000  # from this many players on, a board's figures are kept between two runs of the job
FIGURES_KEPT_FOR = 15 * 60  # seconds: three runs


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


class InvalidLeaderboardType(DomainError):
    code = "INVALID_LEADERBOARD_TYPE"
    message = _("There is no such leaderboard. The list of leaderboards names those there are.")


class InvalidPeriod(DomainError):
    code = "INVALID_PERIOD"
    message = _("Choose one of the periods daily, weekly, monthly and all_time.")


# Facts -----------------------------------------------------------------------------------------------------------


def facts_of(user_id: UUID, *, since: date, until: date) -> scoring.Facts:
    """Collect what the scores of these days are made of. Friends, challenges and prizes do not exist yet."""
    return scoring.Facts(
        plays=_plays(user_id, since - scoring.PLAY_WINDOW, until), gifts=_gifts(user_id, until)
    )


def _plays(user_id: UUID, since: date, until: date) -> list[scoring.Play]:
    rows = CountedSession.objects.filter(user_id=user_id, played_on__range=(since, until)).order_by()
    by_day = rows.values_list("played_on", "game_id")
    summed = by_day.annotate(total=Sum("played_for"), last=Max("ended_at"))
    return [scoring.Play(*row) for row in summed]


def _gifts(user_id: UUID, until: date) -> list[scoring.Gift]:
    # Who was given everything back has given nothing: not on that day, not to that ONLUS.
    rows = CountedDonation.objects.filter(user_id=user_id, given_on__lte=until, amount__gt=0).order_by()
    by_day = rows.values_list("given_on", "onlus_id")
    summed = by_day.annotate(total=Sum("amount"), last=Max("given_at"))
    return [scoring.Gift(*row) for row in summed]


def takes_part(user_id: UUID) -> bool:
    """Say whether the player may appear on public boards."""
    settings = _settings_of_active(user_id)
    return bool(settings) and privacy.takes_part(settings[0])


# Scores ----------------------------------------------------------------------------------------------------------

_SCORE_COLUMNS = (
    "id",
    "user_id",
    "score",
    "gaming_component",
    "social_component",
    "donation_component",
    "gaming_details",
    "social_details",
    "donation_details",
    "formula_version",
    "calculated_at",
    "created_at",
)


def privacy_of(user_id: UUID) -> privacy.Privacy:
    """Return an active player's privacy settings. Raises UserNotFound."""
    settings = _settings_of_active(user_id)
    if not settings:
        raise UserNotFound
    return settings[0]


def _settings_of_active(user_id: UUID) -> list[privacy.Privacy]:
    """Return the player's privacy settings (null without any) as the one item; nothing for closed accounts."""
    return list(
        User.objects.filter(pk=user_id, is_active=True).values_list("preferences__privacy", flat=True)
    )


def stored_score(user_id: UUID) -> dict[str, Any] | None:
    """Return the score as last worked out; None while nothing the player did has been counted."""
    return ImpactScore.objects.filter(user_id=user_id).values(*_SCORE_COLUMNS).first()


def score_history(user_id: UUID, *, days: int, today: date) -> list[dict[str, Any]]:
    """List the closing scores of the last so many days, oldest first; days without a calculation are missing."""
    rows = ImpactScoreHistory.objects.filter(user_id=user_id, day__gt=today - timedelta(days=days))
    columns = ("day", "score", "rank", "gaming_component", "social_component", "donation_component")
    return list(rows.order_by("day").values(*columns))


def ranks_of(user_id: UUID, today: date) -> dict[str, int]:
    """Map all times and this week to the player's rank on that global board; boards the player is not on are missing."""
    boards = {period: global_board(period, today) for period in (Period.ALL_TIME, Period.WEEKLY)}
    kept = cache.get_many([board.key for board in boards.values()])
    ladders: dict[str, Ladder] = {
        period: kept[board.key].ladder for period, board in boards.items() if board.key in kept
    }
    mine = Standing.objects.filter(_any_of(boards.values()), user_id=user_id, is_listed=True)
    on_steps = When(period__in=[*ladders], then=better_rows(within_step=True))
    places = mine.annotate(better=Case(on_steps, default=better_rows(within_step=False)))
    return {
        period: ladders.get(period, Ladder()).above(score) + better + 1
        for period, score, better in places.values_list("period", "score", "better")
    }


# Boards ----------------------------------------------------------------------------------------------------------


def global_board(period: Period, today: date) -> Board:
    return Board(LeaderboardType.GLOBAL_IMPACT, Span.around(period, today))


def board_named(leaderboard_type: str, period: str, today: date) -> Board:
    """Find the running board by its names in the API. Raises InvalidLeaderboardType, InvalidPeriod."""
    if leaderboard_type not in LeaderboardType.values:
        raise InvalidLeaderboardType
    if period not in Period.values:
        raise InvalidPeriod
    return Board(LeaderboardType(leaderboard_type), Span.around(Period(period), today))


def figures_of(board: Board) -> Figures:
    """Add a board up, or take what the job kept of a large one a few minutes ago."""
    kept: Figures | None = cache.get(board.key)
    return kept or _add_up(board)


def _add_up(board: Board) -> Figures:
    sums = Standing.objects.on(board).aggregate(
        participants=Count("*"),
        least=Min("score"),
        most=Max("score"),
        mean=Avg("score"),
        last_updated=Max("reached_at"),
    )
    return Figures(**sums)


def keep_figures(board: Board) -> bool:
    """Add a large board up, with its ladder, for the reads of the next minutes; say whether it is large."""
    figures = _add_up(board)
    if figures.participants < LARGE_BOARD:
        cache.delete(board.key)
        return False
    by_point = Standing.objects.on(board).order_by().values_list(Floor("score")).annotate(players=Count("*"))
    steps = sorted(((int(points), players) for points, players in by_point), reverse=True)
    cache.set(board.key, replace(figures, ladder=Ladder(tuple(steps))), FIGURES_KEPT_FOR)
    return True


def position_on(board: Board, user_id: UUID, ladder: Ladder) -> dict[str, Any] | None:
    """Return the player's own rank and score; None when not on this board."""
    mine = Standing.objects.on(board).filter(user_id=user_id)
    counted = mine.annotate(better=better_rows(within_step=bool(ladder.steps)))
    found = counted.values_list("score", "better").first()
    if found is None:
        return None
    score, better = found
    return {"rank": ladder.above(score) + better + 1, "score": score}


class Places:
    """A board as a list that reads only the page asked for.

    Whoever left or opted out since the boards were last brought in line is skipped; the ranks of the others stay.
    """

    def __init__(self, board: Board, figures: Figures) -> None:
        self.board, self.figures = board, figures

    def __len__(self) -> int:
        return self.figures.participants

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        skipped, below = self.figures.ladder.skip(part.start)
        on_board = Standing.objects.on(self.board)
        rest = on_board if below is None else on_board.filter(score__lt=below)
        # The inner read stays in the index, so only the page's own rows are looked up and joined.
        page = rest.best_first().values("user_id")[part.start - skipped : part.stop - skipped]
        rows = on_board.filter(user_id__in=page).best_first().values(*_ENTRY_COLUMNS)
        placed = [{**row, "rank": rank} for rank, row in enumerate(rows, part.start + 1)]
        return [row for row in placed if _may_be_shown(row)]


_ENTRY_COLUMNS = (
    "user_id",
    "period",
    "score",
    "baseline",
    "reached_at",
    "user__display_name",
    "user__created_at",
    "user__is_active",
    "user__preferences__privacy",
    "user__impact_score__gaming_component",
    "user__impact_score__social_component",
    "user__impact_score__donation_component",
)


def _may_be_shown(row: dict[str, Any]) -> bool:
    return row["user__is_active"] and privacy.takes_part(row["user__preferences__privacy"])


def _any_of(boards: Iterable[Board]) -> Q:
    wanted = Q()
    for board in boards:
        span = board.span
        wanted |= Q(leaderboard_type=board.leaderboard_type, period=span.period, starts_on=span.first)
    return wanted


# Upkeep ----------------------------------------------------------------------------------------------------------


def listings_out_of_line() -> Iterator[UUID]:
    """Yield the players whose place on the boards contradicts their account or privacy settings."""
    rows = ImpactScore.objects.order_by("pk").values_list(
        "user_id", "takes_part", "user__is_active", "user__preferences__privacy"
    )
    for user_id, listed, is_active, settings in rows.iterator(chunk_size=1000):
        if listed != (is_active and privacy.takes_part(settings)):
            yield user_id


def unranked_history(day: date) -> dict[UUID, UUID]:
    """Map the players on the board of all times whose history row of the day has no rank to that row's key."""
    board = Standing.objects.on(global_board(Period.ALL_TIME, day))
    rows = ImpactScoreHistory.objects.filter(day=day, rank=None, user_id__in=board.values("user_id"))
    return dict(rows.order_by().values_list("user_id", "pk"))


def players_best_first() -> Iterator[UUID]:
    board = Standing.objects.on(global_board(Period.ALL_TIME, BEGINNING))
    return board.best_first().values_list("user_id", flat=True).iterator(chunk_size=2000)
