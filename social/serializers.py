"""The shapes of scores and boards in the API. Rows are written by hand from `values()`: these are the hot reads.

The Serializer classes describe what the functions beside them return; a test holds the two together.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from goodplay.lib.api.serializers import InputSerializer
from social import scoring
from social.boards import Board, Figures, LeaderboardType, Period
from social.models import ImpactScoreHistory
from social.privacy import shows_breakdown

Row = Mapping[str, Any]

NAMES = tuple(scoring.WEIGHTS)
TOP_PERFORMER = 10
TREND_DAYS = 7
PRIVATE_DETAILS = frozenset({"total_donated"})  # euros are told to the donor only
CONCEALED: dict[str, Any] = {"score": None, "percentage": None, "details": {}}


# Impact score: shapes --------------------------------------------------------------------------------------------


class PointsField(serializers.DecimalField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=7, decimal_places=2, **options)


class ImpactScoreComponentSerializer(serializers.Serializer[Any]):
    score = PointsField(allow_null=True)
    percentage = serializers.DecimalField(
        max_digits=4, decimal_places=1, allow_null=True, help_text=_("Of the most this component can be.")
    )
    details = serializers.DictField(child=serializers.DecimalField(max_digits=14, decimal_places=2))


class ImpactScoreComponentsSerializer(serializers.Serializer[Any]):
    gaming = ImpactScoreComponentSerializer()
    social = ImpactScoreComponentSerializer()
    donation = ImpactScoreComponentSerializer()


class ImpactScoreRankingsSerializer(serializers.Serializer[Any]):
    vars().update({"global": serializers.IntegerField(allow_null=True)})
    weekly = serializers.IntegerField(allow_null=True)


class ImpactScoreTrendSerializer(serializers.Serializer[Any]):
    trend = serializers.ChoiceField(choices=("increasing", "decreasing", "stable", "insufficient_data"))
    change = PointsField(allow_null=True)
    change_percentage = serializers.DecimalField(
        max_digits=9, decimal_places=1, allow_null=True, help_text=_("Null when it started from zero.")
    )


class ImpactScoreSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True, help_text=_("Null until something the player did counts."))
    user_id = serializers.UUIDField()
    impact_score = PointsField()
    components = ImpactScoreComponentsSerializer()
    rankings = ImpactScoreRankingsSerializer()
    trend = ImpactScoreTrendSerializer()
    formula_version = serializers.IntegerField()
    last_calculated = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


class ImpactScoreHistoryRowSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    score = PointsField()
    rank = serializers.IntegerField(allow_null=True, help_text=_("When the day closed; null for today."))
    period = serializers.ChoiceField(choices=("daily",))
    gaming_component = PointsField()
    social_component = PointsField()
    donation_component = PointsField()


class ImpactScoreHistorySerializer(serializers.Serializer[Any]):
    current_score = PointsField()
    trend = ImpactScoreTrendSerializer()
    history = ImpactScoreHistoryRowSerializer(many=True)


class ScoreHistoryInput(InputSerializer):
    needs_data = False

    days = serializers.IntegerField(min_value=1, max_value=ImpactScoreHistory.KEPT_DAYS, default=30)


# Impact score: rows ----------------------------------------------------------------------------------------------


def score_row(
    user_id: UUID,
    stored: Row | None,
    *,
    ranks: Mapping[str, int],
    history: Sequence[Row],
    is_own: bool,
    with_breakdown: bool = True,
) -> dict[str, Any]:
    """Write a score. To others go no euros and, when the player shares no statistics, no breakdown either."""
    row = stored or _zero(user_id)
    hidden = frozenset() if is_own else PRIVATE_DETAILS
    if is_own or with_breakdown:
        components = {name: _component(row, name, hidden) for name in NAMES}
    else:
        components = dict.fromkeys(NAMES, CONCEALED)
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "impact_score": row["score"],
        "components": components,
        "rankings": {"global": ranks.get(Period.ALL_TIME), "weekly": ranks.get(Period.WEEKLY)},
        "trend": trend(history),
        "formula_version": row["formula_version"],
        "last_calculated": row["calculated_at"],
        "created_at": row["created_at"],
    }


def history_page(stored: Row | None, history: Sequence[Row]) -> dict[str, Any]:
    return {
        "current_score": stored["score"] if stored else scoring.NONE,
        "trend": trend(history),
        "history": [history_row(row) for row in history],
    }


def history_row(row: Row) -> dict[str, Any]:
    shown = ("score", "rank", "gaming_component", "social_component", "donation_component")
    return {"date": row["day"], "period": "daily", **{key: row[key] for key in shown}}


def trend(history: Sequence[Row]) -> dict[str, Any]:
    """Compare the oldest with the newest closing score."""
    if len(history) < 2:
        return {"trend": "insufficient_data", "change": None, "change_percentage": None}
    start, end = history[0]["score"], history[-1]["score"]
    change = end - start
    word = "increasing" if change > 0 else "decreasing" if change < 0 else "stable"
    return {"trend": word, "change": change, "change_percentage": percentage(change, start)}


def percentage(part: Decimal | int, whole: Decimal | int, places: str = "0.1") -> Decimal | None:
    """Return part of whole in per cent; None of nothing."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(places)) if whole else None


def _zero(user_id: UUID) -> dict[str, Any]:
    """The score of somebody who has done nothing that counts yet, by the same formula."""
    made = scoring.score(scoring.Facts(), date.max)
    row: dict[str, Any] = {"id": None, "user_id": user_id, "score": made.total, "calculated_at": None}
    for name, component in made.components().items():
        row |= {f"{name}_component": component.score, f"{name}_details": component.details}
    return {**row, "formula_version": scoring.FORMULA_VERSION, "created_at": None}


def _component(row: Row, name: str, hidden: frozenset[str]) -> dict[str, Any]:
    score, details = row[f"{name}_component"], row[f"{name}_details"]
    return {
        "score": score,
        "percentage": percentage(score, scoring.MOST[name]),
        "details": {key: Decimal(value) for key, value in details.items() if key not in hidden},
    }


# Boards: shapes --------------------------------------------------------------------------------------------------


class SocialLeaderboardMetadataSerializer(serializers.Serializer[Any]):
    total_participants = serializers.IntegerField()
    min_score = PointsField(allow_null=True)
    max_score = PointsField(allow_null=True)
    avg_score = PointsField(allow_null=True)
    score_range = PointsField(allow_null=True)
    update_frequency = serializers.ChoiceField(
        choices=("hourly",), help_text=_("At the latest; what players do counts within seconds.")
    )


class SocialLeaderboardPlayerSerializer(serializers.Serializer[Any]):
    avatar_url = serializers.CharField(allow_null=True, help_text=_("Null: there are no pictures yet."))
    level = serializers.IntegerField(allow_null=True, help_text=_("Null: there are no levels yet."))
    badge_count = serializers.IntegerField(allow_null=True, help_text=_("Null: there are no badges yet."))
    member_since = serializers.DateTimeField()


class SocialLeaderboardEntrySerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    score = PointsField()
    rank = serializers.IntegerField()
    display_name = serializers.CharField()
    user_profile = SocialLeaderboardPlayerSerializer()
    score_breakdown = serializers.DictField(
        child=PointsField(),
        help_text=_(
            "All times: the components. Other periods: start_score and current_score. Empty when the player shares "
            "no statistics."
        ),
    )
    last_updated = serializers.DateTimeField()


class SocialLeaderboardPositionSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    score = PointsField()
    percentile = serializers.DecimalField(max_digits=5, decimal_places=2)
    rank_display = serializers.CharField()
    is_top_performer = serializers.BooleanField()


class SocialLeaderboardPaginationSerializer(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    current_page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    total_items = serializers.IntegerField()
    total_count = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_prev = serializers.BooleanField()


class SocialLeaderboardSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    leaderboard_type = serializers.ChoiceField(choices=LeaderboardType.choices)
    period = serializers.ChoiceField(choices=Period.choices)
    period_start = serializers.DateField(allow_null=True, help_text=_("Rome calendar; null for all times."))
    period_end = serializers.DateField(allow_null=True, help_text=_("Its last day."))
    metadata = SocialLeaderboardMetadataSerializer()
    last_updated = serializers.DateTimeField(allow_null=True)
    entries = SocialLeaderboardEntrySerializer(many=True)
    pagination = SocialLeaderboardPaginationSerializer()
    user_position = SocialLeaderboardPositionSerializer(
        required=False, help_text=_("Missing when the caller is not ranked.")
    )


class SocialLeaderboardPeriodSerializer(serializers.Serializer[Any]):
    period = serializers.ChoiceField(choices=Period.choices)
    display_name = serializers.CharField()
    stats = SocialLeaderboardMetadataSerializer()


class SocialLeaderboardTypeSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=LeaderboardType.choices)
    display_name = serializers.CharField()
    periods = SocialLeaderboardPeriodSerializer(many=True)


class SocialLeaderboardsSerializer(serializers.Serializer[Any]):
    leaderboards = SocialLeaderboardTypeSerializer(many=True)
    total_types = serializers.IntegerField()


# Boards: rows ----------------------------------------------------------------------------------------------------


def board_row(
    board: Board,
    figures: Figures,
    entries: Sequence[dict[str, Any]],
    pagination: dict[str, Any],
    position: Row | None,
) -> dict[str, Any]:
    span = board.span
    row = {
        "id": board.key,
        "leaderboard_type": board.leaderboard_type,
        "period": span.period,
        "period_start": span.first if span.last else None,
        "period_end": span.last,
        "metadata": metadata(figures),
        "last_updated": figures.last_updated,
        "entries": entries,
        "pagination": pagination,
    }
    if position is not None:
        row["user_position"] = position_row(position, figures.participants)
    return row


def boards_page(boards: Mapping[tuple[LeaderboardType, Period], Figures]) -> dict[str, Any]:
    kinds = dict.fromkeys(kind for kind, _period in boards)
    listed = [
        {
            "type": kind,
            "display_name": kind.label,
            "periods": [
                {"period": period, "display_name": period.label, "stats": metadata(figures)}
                for (each, period), figures in boards.items()
                if each == kind
            ],
        }
        for kind in kinds
    ]
    return {"leaderboards": listed, "total_types": len(kinds)}


def metadata(figures: Figures) -> dict[str, Any]:
    """Write a board's figures; an empty board has none, not zeros."""
    least, most, mean = figures.least, figures.most, figures.mean
    return {
        "total_participants": figures.participants,
        "min_score": least,
        "max_score": most,
        "avg_score": None if mean is None else scoring.to_points(mean),
        "score_range": None if most is None or least is None else most - least,
        "update_frequency": "hourly",
    }


def entry_row(row: Row) -> dict[str, Any]:
    return {
        "user_id": row["user_id"],
        "score": row["score"],
        "rank": row["rank"],
        "display_name": row["user__display_name"],
        "user_profile": {
            "avatar_url": None,
            "level": None,
            "badge_count": None,
            "member_since": row["user__created_at"],
        },
        "score_breakdown": _breakdown(row) if shows_breakdown(row["user__preferences__privacy"]) else {},
        "last_updated": row["reached_at"],
    }


def _breakdown(row: Row) -> dict[str, Decimal]:
    if row["period"] == Period.ALL_TIME:
        return {name: row[f"user__impact_score__{name}_component"] for name in NAMES}
    return {"start_score": row["baseline"], "current_score": row["baseline"] + row["score"]}


def position_row(position: Row, participants: int) -> dict[str, Any]:
    rank = position["rank"]
    total = max(participants, rank)
    return {
        "rank": rank,
        "score": position["score"],
        "percentile": percentage(total - rank + 1, total, "0.01"),
        "rank_display": ordinal(rank),
        "is_top_performer": rank <= TOP_PERFORMER,
    }


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th, 11th: a fixed English form clients know."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
