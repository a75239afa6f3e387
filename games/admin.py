"""The back office of games: the catalogue, and every session with its moves."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from games.engines.registry import find
from games.models import Game, GameSession, SessionEvent, SessionMove
from games.operations.catalogue import OF_THE_ENGINE
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin


@admin.register(Game)
class GameAdmin(AuditedAdmin):
    """Staff switch a game on or off and set what it pays; the rest is the engine's (see `sync_games`)."""

    list_display = ("name", "category", "version", "is_installed", "is_active", "credit_rate")
    list_filter = ("is_active", "category", "difficulty_level")
    search_fields = ("name", "engine_name", "author")
    ordering = ("name", "pk")
    fields = ("is_active", "credit_rate", "engine_name", "name", *OF_THE_ENGINE, "created_at", "updated_at")
    readonly_fields = ("engine_name", "name", *OF_THE_ENGINE, "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("engine installed"), boolean=True)
    def is_installed(self, game: Game) -> bool:
        return find(game.engine_name) is not None


class _ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SessionMoveInline(_ReadOnlyInline):
    model = SessionMove
    fields = ("number", "payload", "outcome", "client_move_id", "played_at")
    ordering = ("number",)


class SessionEventInline(_ReadOnlyInline):
    model = SessionEvent
    fields = ("kind", "cause", "device", "happened_at", "recorded_at")
    ordering = ("happened_at", "pk")


@admin.register(GameSession)
class GameSessionAdmin(ReadOnlyAdmin):
    """Without seed and private state: staff who play must not see the secret either."""

    list_display = (
        "id",
        "user",
        "game",
        "status",
        "is_verified",
        "score",
        "credits_earned",
        "played_for",
        "started_at",
    )
    list_select_related = ("user", "game")
    list_filter = ("status", "is_verified", "session_type", "game", "started_at")
    search_fields = ("=id", "=user__email")
    ordering = ("-pk",)
    exclude = ("seed", "private_state")
    inlines = [SessionMoveInline, SessionEventInline]
