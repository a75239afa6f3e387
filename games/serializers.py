"""The JSON of games and sessions. What the player must not see is not named here."""

import json
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from games.engines.contract import Engine
from games.models import Game, GameSession, SessionMove
from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.money import CENT
from goodplay.lib.time import milliseconds

LARGEST_OBJECT = 8 * 1024  # bytes of JSON a client may leave with us per field


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.DictField):
    """A JSON object of reasonable size with numbers a database can hold."""

    default_error_messages = {
        "too_large": _("Send less."),
        "not_finite": _("A number is too large."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: dict[str, Any] = super().to_internal_value(data)
        try:
            size = len(json.dumps(value, allow_nan=False))
        except ValueError:
            self.fail("not_finite")
        if size > LARGEST_OBJECT:
            self.fail("too_large")
        return value


class GameSerializer(serializers.ModelSerializer[Game]):
    game_id = serializers.UUIDField(source="pk", read_only=True)
    plugin_id = serializers.CharField(source="engine_name", read_only=True)
    description = serializers.SerializerMethodField()
    instructions = serializers.SerializerMethodField()

    class Meta:
        model = Game
        fields = (
            "id",
            "game_id",
            "name",
            "description",
            "instructions",
            "category",
            "version",
            "is_active",
            "credit_rate",
            "author",
            "plugin_id",
            "min_players",
            "max_players",
            "estimated_duration_minutes",
            "difficulty_level",
            "requires_internet",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_description(self, game: Game) -> str:
        return gettext(game.description)

    def get_instructions(self, game: Game) -> str:
        return gettext(game.instructions)


class GamePluginSerializer(serializers.Serializer[Engine]):
    """What may be told of an engine: its manifest, nothing of the server's inside."""

    plugin_id = serializers.CharField(source="manifest.name")
    name = serializers.CharField(source="manifest.display_name")
    version = serializers.CharField(source="manifest.version")
    description = serializers.CharField(source="manifest.description")
    category = serializers.CharField(source="manifest.category")
    author = serializers.CharField(source="manifest.author")
    most_moves = serializers.IntegerField(source="manifest.most_moves")


class GameRulesSerializer(serializers.ModelSerializer[Game]):
    class Meta:
        model = Game
        fields = (
            "min_players",
            "max_players",
            "estimated_duration_minutes",
            "difficulty_level",
            "requires_internet",
            "description",
            "instructions",
        )
        read_only_fields = fields


class GameSessionSerializer(serializers.Serializer[GameSession]):
    """A session as its player sees it at `context["now"]`; with its game where `context["written_games"]` is.

    The fields declare the schema; writing the object out by hand takes a tenth of the time.
    """

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    game_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=GameSession.Status.choices)
    current_state = ObjectField()
    score = serializers.IntegerField(allow_null=True)
    credits_earned = EurosField(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    session_config = ObjectField()
    moves_count = serializers.IntegerField()
    achievements_unlocked = serializers.ListField(child=serializers.CharField())
    statistics = ObjectField()
    duration_seconds = serializers.IntegerField()
    play_duration_ms = serializers.IntegerField()
    play_duration_seconds = serializers.FloatField()
    paused_at = serializers.DateTimeField(allow_null=True)
    resumed_at = serializers.DateTimeField(allow_null=True)
    device_info = ObjectField()
    last_sync_at = serializers.DateTimeField(allow_null=True)
    sync_version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    game = GameSerializer(required=False)

    def to_representation(self, session: GameSession) -> dict[str, Any]:
        now = self.context["now"]
        played_ms = milliseconds(session.played_until(now))
        shown = {
            "id": session.pk,
            "session_id": session.pk,
            "user_id": session.user_id,
            "game_id": session.game_id,
            "status": session.status,
            "current_state": session.current_state,
            "score": session.score,
            "credits_earned": None
            if session.credits_earned is None
            else session.credits_earned.quantize(CENT),
            "started_at": session.started_at,
            "ended_at": session.ended_at,
            "session_config": session.session_config,
            "moves_count": session.moves_count,
            "achievements_unlocked": session.achievements_unlocked,
            "statistics": session.statistics,
            "duration_seconds": int(((session.ended_at or now) - session.started_at).total_seconds()),
            "play_duration_ms": played_ms,
            "play_duration_seconds": Decimal(played_ms) / 1000,
            "paused_at": session.paused_at,
            "resumed_at": session.resumed_at,
            "device_info": session.device_info,
            "last_sync_at": session.last_sync_at,
            "sync_version": session.sync_version,
            "created_at": session.started_at,
            "updated_at": session.updated_at,
        }
        if "written_games" in self.context:
            shown["game"] = self._game(session.game, self.context["written_games"])
        return shown

    def _game(self, game: Game, written: dict[UUID, Any]) -> Any:
        """A page shows many sessions of few games: write each game once."""
        if game.pk not in written:
            written[game.pk] = self.fields["game"].to_representation(game)
        return written[game.pk]


# Answers ----------------------------------------------------------------------------------------------------------


class GameDetailSerializer(serializers.Serializer[Any]):
    game = GameSerializer()
    plugin_info = GamePluginSerializer(allow_null=True)
    rules = GameRulesSerializer()


class GameSearchSerializer(serializers.Serializer[Any]):
    games = GameSerializer(many=True)
    query = serializers.CharField()
    count = serializers.IntegerField()


class GameCategorySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Say the name under `_id` too: that is where existing clients look."""
        return {"_id": serializers.CharField(source="name"), **super().get_fields()}


class GameCategoriesSerializer(serializers.Serializer[Any]):
    categories = GameCategorySerializer(many=True)
    total_categories = serializers.IntegerField()


class SessionAnswerSerializer(serializers.Serializer[Any]):
    session = GameSessionSerializer()


class SessionAndGameSerializer(SessionAnswerSerializer):
    game = GameSerializer()


class OpenSessionsSerializer(serializers.Serializer[Any]):
    active_sessions = GameSessionSerializer(many=True)
    paused_sessions = GameSessionSerializer(many=True)
    all_sessions = GameSessionSerializer(many=True)
    total_count = serializers.IntegerField()


class StatusTotalsSerializer(serializers.Serializer[Any]):
    _id = serializers.CharField()
    count = serializers.IntegerField()
    total_score = serializers.IntegerField()
    total_credits = EurosField()


class SessionStatsSerializer(serializers.Serializer[Any]):
    total_sessions = serializers.IntegerField()
    completed_sessions = serializers.IntegerField()
    completion_rate = serializers.DecimalField(max_digits=5, decimal_places=2)
    total_score = serializers.IntegerField()
    total_credits_earned = EurosField()
    stats_by_status = serializers.DictField(child=StatusTotalsSerializer())


class MoveAnswerSerializer(serializers.Serializer[SessionMove]):
    session_id = serializers.UUIDField()
    move_valid = serializers.BooleanField()
    move_number = serializers.IntegerField()
    current_state = ObjectField()
    outcome = ObjectField()

    def to_representation(self, move: SessionMove) -> dict[str, Any]:
        return {
            "session_id": move.session_id,
            "move_valid": True,
            "move_number": move.number,
            "current_state": move.state_after,
            "outcome": move.outcome,
        }


class SessionResultSerializer(serializers.Serializer[GameSession]):
    session_id = serializers.UUIDField(source="pk")
    final_score = serializers.IntegerField(source="score", allow_null=True)
    credits_earned = EurosField(allow_null=True)
    completion_time_seconds = serializers.SerializerMethodField(help_text="Played, pauses left out.")
    achievements_unlocked = serializers.ListField(child=serializers.CharField())
    statistics = ObjectField()

    def get_completion_time_seconds(self, session: GameSession) -> int:
        return int(session.played_for.total_seconds())


class EndedSessionSerializer(serializers.Serializer[Any]):
    session = GameSessionSerializer()
    session_result = SessionResultSerializer()
    stories_unlocked = serializers.ListField(
        child=serializers.DictField(),
        default=[],
        help_text="What play has just opened, as stories are listed.",
    )
    new_milestone_reached = serializers.BooleanField(
        default=False, help_text="A level or a number of gifts was reached by it."
    )


# Input ------------------------------------------------------------------------------------------------------------


class CatalogueInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "sort_by": "INVALID_SORT_FIELD",
        "active_only": "INVALID_QUERY_PARAMETERS",
        "category": "INVALID_QUERY_PARAMETERS",
    }

    active_only = serializers.BooleanField(default=True)
    category = serializers.CharField(default="", allow_blank=True, max_length=40)
    sort_by = serializers.ChoiceField(choices=["created_at", "name"], default="created_at")


class SearchInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "q.required": "SEARCH_QUERY_REQUIRED",
        "q.blank": "SEARCH_QUERY_REQUIRED",
        "q.min_length": "SEARCH_QUERY_TOO_SHORT",
        "q": "INVALID_QUERY_PARAMETERS",
        "active_only": "INVALID_QUERY_PARAMETERS",
    }

    q = serializers.CharField(min_length=2, max_length=100)
    active_only = serializers.BooleanField(default=True)


class SessionListInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"status": "INVALID_QUERY_PARAMETERS"}

    status = serializers.ChoiceField(choices=GameSession.Status.choices, default="", allow_blank=True)


class StartSessionInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "session_config": "INVALID_SESSION_CONFIG",
        "game_config": "INVALID_SESSION_CONFIG",
        "device_info": "INVALID_DEVICE_INFO",
    }

    session_config = ObjectField(required=False)
    game_config = ObjectField(required=False, help_text="The same as session_config.")
    device_info = ObjectField(required=False, help_text="Without it, the X-Device headers are taken.")


class MoveInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "move.required": "MOVE_DATA_REQUIRED",
        "move.null": "MOVE_DATA_REQUIRED",
        "move": "INVALID_MOVE",
        "client_move_id": "INVALID_CLIENT_MOVE_ID",
    }

    move = ObjectField()
    client_move_id = serializers.CharField(required=False, max_length=64, help_text="To retry safely.")


class EndSessionInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"reason": "INVALID_END_REASON"}

    reason = serializers.ChoiceField(
        choices=[GameSession.Status.COMPLETED.value, GameSession.Status.ABANDONED.value],
        default=GameSession.Status.COMPLETED.value,
    )
