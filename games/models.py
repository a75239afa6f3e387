from datetime import timedelta
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Game(models.Model):
    """What players see in the catalogue. Its rules are an engine's, found by `engine_name`."""

    class Difficulty(models.TextChoices):
        EASY = "easy", _("Easy")
        MEDIUM = "medium", _("Medium")
        HARD = "hard", _("Hard")
        EXPERT = "expert", _("Expert")

    id = fields.key()
    engine_name = models.SlugField(_("engine"), unique=True, max_length=64)
    name = models.CharField(_("name"), unique=True, max_length=120)
    description = models.TextField(_("description"), blank=True, default="")
    instructions = models.TextField(_("instructions"), blank=True, default="")
    category = models.CharField(_("category"), max_length=40, db_index=True)
    version = models.CharField(_("version"), max_length=20)
    author = models.CharField(_("author"), max_length=120, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    credit_rate = models.DecimalField(
        _("credit rate"),
        max_digits=6,
        decimal_places=3,
        default=Decimal("1.000"),
        validators=[MinValueValidator(Decimal("0.001"))],
        help_text=_("Multiplies the base rate: 1.0 earns 0.01 EUR a minute on the default card."),
    )
    min_players = models.PositiveSmallIntegerField(_("players, least"), default=1)
    max_players = models.PositiveSmallIntegerField(_("players, most"), default=1)
    estimated_duration_minutes = models.PositiveSmallIntegerField(_("usual minutes"), default=10)
    difficulty_level = models.CharField(
        _("difficulty"), max_length=10, choices=Difficulty.choices, default=Difficulty.MEDIUM
    )
    requires_internet = models.BooleanField(_("needs internet"), default=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("game")
        verbose_name_plural = _("games")
        constraints = [
            models.CheckConstraint(name="game_credit_rate_positive", condition=Q(credit_rate__gt=0))
        ]

    def __str__(self) -> str:
        return self.name


class GameSessionQuerySet(models.QuerySet["GameSession"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def of_player(self, user_id: object) -> Self:
        return self.filter(user_id=user_id)


class GameSession(models.Model):
    """One run of one game by one player.

    Play time is the server's: `played_for` grows at pause and at end by the stretch since `running_since`.
    `private_state` holds what the player must not see and never leaves the server.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        COMPLETED = "completed", _("Completed")
        ABANDONED = "abandoned", _("Abandoned")

    class Type(models.TextChoices):
        NORMAL = "normal", _("Normal")
        CHALLENGE = "challenge", _("Challenge")
        TOURNAMENT = "tournament", _("Tournament")

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="game_sessions")
    game = models.ForeignKey(Game, models.PROTECT, related_name="sessions")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    session_type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.NORMAL)
    session_config = models.JSONField(_("config"), default=dict, blank=True)
    private_state = models.JSONField(_("private state"), default=dict)
    current_state = models.JSONField(_("state"), default=dict)
    seed = models.CharField(_("seed"), max_length=64)
    moves_count = models.PositiveIntegerField(_("moves"), default=0)
    score = models.IntegerField(_("score"), null=True, blank=True)
    normalized_score = models.DecimalField(
        _("normalised score"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    is_verified = models.BooleanField(
        _("verified"), default=False, help_text=_("Replayed by the server's engine.")
    )
    credits_earned = fields.euros(null=True, blank=True)
    achievements_unlocked = models.JSONField(_("achievements"), default=list, blank=True)
    statistics = models.JSONField(_("statistics"), default=dict, blank=True)
    device_info = models.JSONField(_("device"), default=dict, blank=True)
    sync_version = models.PositiveIntegerField(_("version"), default=0)
    played_for = models.DurationField(_("played for"), default=timedelta(0))
    running_since = models.DateTimeField(_("running since"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"))
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    resumed_at = models.DateTimeField(_("resumed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = GameSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("game session")
        verbose_name_plural = _("game sessions")
        constraints = [
            models.UniqueConstraint(
                name="session_one_open_per_game",
                fields=["user", "game"],
                condition=Q(status__in=["active", "paused"]),
            ),
            models.CheckConstraint(
                name="session_ended_iff_dated",
                condition=Q(status__in=["active", "paused"], ended_at=None)
                | Q(status__in=["completed", "abandoned"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="session_running_iff_active",
                condition=Q(status="active", running_since__isnull=False)
                | (~Q(status="active") & Q(running_since=None)),
            ),
            models.CheckConstraint(
                name="session_played_for_from_zero", condition=Q(played_for__gte=timedelta(0))
            ),
        ]
        indexes = [
            # A player's history, newest first, and by status.
            models.Index(name="session_history", fields=["user", "-started_at", "-id"]),
            models.Index(name="session_by_status", fields=["user", "status"]),
        ]

    def __str__(self) -> str:
        return f"{self.game_id} {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def played_until(self, now: Any) -> timedelta:
        """Return the play time including the stretch that runs now."""
        if self.running_since is None:
            return self.played_for
        return self.played_for + max(now - self.running_since, timedelta(0))


OPEN = (GameSession.Status.ACTIVE, GameSession.Status.PAUSED)
