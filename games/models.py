from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

IDLE_AFTER = timedelta(minutes=5)
"""A session without start, move or resume for this long counts as paused since the last: an open tab is not play."""

ABANDONED_AFTER = timedelta(hours=24)
"""A session paused for this long is given up, so that it does not block the game for ever."""


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

    def idle(self, now: datetime) -> Self:
        return self.filter(status=GameSession.Status.ACTIVE, last_seen_at__lt=now - IDLE_AFTER)

    def given_up(self, now: datetime) -> Self:
        return self.filter(status=GameSession.Status.PAUSED, paused_at__lt=now - ABANDONED_AFTER)

    def locked(self) -> Self:
        """Lock the sessions until the transaction ends, with their games at hand.

        The lock leaves other tables free to point at a session meanwhile.
        """
        return self.select_related("game").select_for_update(of=("self",), no_key=True)


class GameSession(models.Model):
    """One run of one game by one player.

    Play time is the server's: `played_for` grows at pause and at end by the stretch since `running_since`.
    `private_state` and `seed` hold what the player must not see, and never leave the server.
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
    engine_version = models.CharField(_("engine version"), max_length=20, blank=True, default="")
    moves_count = models.PositiveIntegerField(_("moves"), default=0)
    score = models.IntegerField(_("score"), null=True, blank=True)
    normalized_score = models.DecimalField(
        _("normalised score"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    is_verified = models.BooleanField(
        _("verified"), default=False, help_text=_("Scored by the server's engine from plausible moves.")
    )
    credits_earned = fields.euros(null=True, blank=True)
    achievements_unlocked = models.JSONField(_("achievements"), default=list, blank=True)
    statistics = models.JSONField(_("statistics"), default=dict, blank=True)
    device_info = models.JSONField(_("device"), default=dict, blank=True)
    last_sync_at = models.DateTimeField(_("last sync at"), null=True, blank=True)
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
            models.CheckConstraint(
                name="session_paused_is_dated", condition=~Q(status="paused") | Q(paused_at__isnull=False)
            ),
            models.CheckConstraint(
                name="session_scored_only_when_completed", condition=Q(score=None) | Q(status="completed")
            ),
            models.CheckConstraint(
                name="session_earns_only_when_verified",
                condition=Q(credits_earned=None)
                | Q(credits_earned=0)
                | Q(credits_earned__gt=0, status="completed", is_verified=True),
            ),
        ]
        indexes = [
            # A player's history, newest first, and by status.
            models.Index(name="session_history", fields=["user", "-started_at", "-id"]),
            models.Index(name="session_by_status", fields=["user", "status"]),
            # The sessions of a day, for the dashboards.
            models.Index(name="session_started", fields=["started_at"]),
            # The sweep of games.tasks.expire_stale_sessions.
            models.Index(name="session_idle", fields=["last_seen_at"], condition=Q(status="active")),
            models.Index(name="session_given_up", fields=["paused_at"], condition=Q(status="paused")),
        ]

    def __str__(self) -> str:
        return f"{self.game_id} {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def options(self) -> dict[str, Any]:
        """What the player chose for the game: the config without the device clients expect to find in it."""
        return {name: value for name, value in self.session_config.items() if name != "device_info"}

    def is_idle(self, now: datetime) -> bool:
        return self.running_since is not None and now - self.last_seen_at > IDLE_AFTER

    def played_until(self, now: datetime) -> timedelta:
        """Return the play time with the stretch that runs now; idle time is not play."""
        if self.running_since is None:
            return self.played_for
        until = self.last_seen_at if self.is_idle(now) else now
        return self.played_for + max(until - self.running_since, timedelta(0))


OPEN = (GameSession.Status.ACTIVE, GameSession.Status.PAUSED)


class SessionMove(models.Model):
    """One move the engine accepted, with what it made: together with the seed, the proof of the score."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    session = models.ForeignKey(
        GameSession, models.PROTECT, related_name="moves", db_index=False, verbose_name=_("session")
    )
    number = models.PositiveIntegerField(_("number"))
    payload = models.JSONField(_("move"))
    client_move_id = models.CharField(_("client's id"), max_length=64, null=True, blank=True)  # noqa: DJ001  (unique where given)
    outcome = models.JSONField(_("outcome"), default=dict)
    state_after = models.JSONField(_("state after"), default=dict)
    played_at = models.DateTimeField(_("played at"))

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = [
            # Also the index of a session's moves in order.
            models.UniqueConstraint(name="move_number_once", fields=["session", "number"]),
            models.UniqueConstraint(
                name="move_client_id_once",
                fields=["session", "client_move_id"],
                condition=Q(client_move_id__isnull=False),
            ),
            models.CheckConstraint(name="move_numbered_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.number}"


class SessionEvent(models.Model):
    """What happened to a session's clock, and on which device: the evidence play time is computed from.

    `happened_at` may lie before `recorded_at`: an idle session is paused as of its last call.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        START = "start", _("Start")
        PAUSE = "pause", _("Pause")
        RESUME = "resume", _("Resume")
        END = "end", _("End")

    class Cause(models.TextChoices):
        PLAYER = "player", _("Player")
        IDLE = "idle", _("No call for a while")
        EXPIRED = "expired", _("Paused for too long")

    id = fields.key()
    session = models.ForeignKey(GameSession, models.PROTECT, related_name="events", verbose_name=_("session"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices, default=Cause.PLAYER)
    device = models.JSONField(_("device"), default=dict, blank=True)
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("session event")
        verbose_name_plural = _("session events")
        constraints = [
            # A session starts once and ends once, whatever raced.
            models.UniqueConstraint(
                name="session_event_once", fields=["session", "kind"], condition=Q(kind__in=["start", "end"])
            ),
            models.CheckConstraint(
                name="session_event_recorded_after", condition=Q(recorded_at__gte=models.F("happened_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.get_kind_display()}"
