from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Floor
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from social.boards import Board, LeaderboardType, Period
from social.scoring import FORMULA_VERSION, LARGEST_SCORE, MOST, NONE


def _points(name: Any, **options: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(name, max_digits=7, decimal_places=2, **options)


# What was announced, as far as the score counts it ---------------------------------------------------------------


class CountedSession(models.Model):
    """A verified, completed play session. Rebuilt from events; the key is the session's."""

    session_id = models.UUIDField(_("session"), primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("player")
    )
    game_id = models.UUIDField(_("game"))
    played_for = models.DurationField(_("played for"))
    ended_at = models.DateTimeField(_("ended at"))
    played_on = models.DateField(_("played on"), help_text=_("The day in Rome on which it ended."))

    class Meta:
        verbose_name = _("counted session")
        verbose_name_plural = _("counted sessions")
        indexes = [
            # The play of one player's last thirty days.
            models.Index(name="counted_session_by_day", fields=["user", "played_on"]),
        ]

    def __str__(self) -> str:
        return str(self.session_id)


class CountedDonation(models.Model):
    """What remains of a completed donation: nothing of a refunded one. Rebuilt from events; the key is the donation's."""

    donation_id = models.UUIDField(_("donation"), primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("donor")
    )
    onlus_id = models.UUIDField(_("ONLUS"))
    amount = fields.euros(verbose_name=_("amount"), help_text=_("Without what was given back."))
    given_at = models.DateTimeField(_("given at"))
    given_on = models.DateField(_("given on"), help_text=_("The day in Rome."))

    class Meta:
        verbose_name = _("counted donation")
        verbose_name_plural = _("counted donations")
        constraints = [models.CheckConstraint(name="counted_donation_from_zero", condition=Q(amount__gte=0))]
        indexes = [
            # One player's giving, up to a day.
            models.Index(name="counted_donation_by_day", fields=["user", "given_on"]),
        ]

    def __str__(self) -> str:
        return str(self.donation_id)


# The score -------------------------------------------------------------------------------------------------------


class ImpactScoreQuerySet(models.QuerySet["ImpactScore"]):
    def due(self, today: date) -> Self:
        """Those that time, or a newer formula, has overtaken."""
        return self.filter(Q(due_on__lte=today) | Q(formula_version__lt=FORMULA_VERSION))


class ImpactScore(models.Model):
    """A player's score as last worked out from the counted facts. Locking this row orders a player's changes."""

    id = fields.key()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="impact_score", verbose_name=_("player")
    )
    score = _points(_("score"), default=NONE)
    gaming_component = _points(_("gaming"), default=NONE)
    social_component = _points(_("social"), default=NONE)
    donation_component = _points(_("donation"), default=NONE)
    gaming_details = models.JSONField(_("gaming details"), default=dict)
    social_details = models.JSONField(_("social details"), default=dict)
    donation_details = models.JSONField(_("donation details"), default=dict)
    formula_version = models.PositiveSmallIntegerField(_("formula version"))
    takes_part = models.BooleanField(_("on the boards"), default=True, help_text=_("As the player chose."))
    due_on = models.DateField(
        _("due on"), null=True, blank=True, help_text=_("The day in Rome on which time may change it.")
    )
    calculated_at = models.DateTimeField(_("calculated at"))
    created_at = models.DateTimeField(_("created at"))

    objects = ImpactScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("impact score")
        verbose_name_plural = _("impact scores")
        constraints = [
            models.CheckConstraint(
                name="impact_score_range", condition=Q(score__range=(NONE, LARGEST_SCORE))
            ),
            *(
                models.CheckConstraint(
                    name=f"impact_score_{name}_range",
                    condition=Q(**{f"{name}_component__range": (NONE, most)}),
                )
                for name, most in MOST.items()
            ),
        ]
        indexes = [
            # The refresh job's two questions.
            models.Index(name="impact_score_due", fields=["due_on"], condition=Q(due_on__isnull=False)),
            models.Index(name="impact_score_formula", fields=["formula_version"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.score}"


class ImpactScoreHistory(models.Model):
    """The score a player closed a Rome day with; days on which nothing was worked out have no row."""

    KEPT_DAYS = 90

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="score_history", verbose_name=_("player")
    )
    day = models.DateField(_("day"))
    score = _points(_("score"))
    gaming_component = _points(_("gaming"))
    social_component = _points(_("social"))
    donation_component = _points(_("donation"))
    rank = models.PositiveIntegerField(
        _("rank"),
        null=True,
        blank=True,
        help_text=_("Written after midnight; empty for who was on no board."),
    )

    class Meta:
        verbose_name = _("impact score history")
        verbose_name_plural = _("impact score history")
        constraints = [models.UniqueConstraint(name="score_history_one_a_day", fields=["user", "day"])]
        indexes = [
            # Yesterday's rows that still want a rank.
            models.Index(name="score_history_unranked", fields=["day"], condition=Q(rank=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}: {self.score}"


# The boards ------------------------------------------------------------------------------------------------------


class StandingQuerySet(models.QuerySet["Standing"]):
    def on(self, board: Board) -> Self:
        span = board.span
        return self.filter(
            leaderboard_type=board.leaderboard_type, period=span.period, starts_on=span.first, is_listed=True
        )

    def best_first(self) -> Self:
        """Order by score; of two equals, who reached it first; of two at the same moment, the older account."""
        return self.order_by("-score", "reached_at", "user_id")


def better_rows(*, within_step: bool) -> Coalesce:
    """Return the expression that counts a standing's better rows, as `best_first` orders them.

    `within_step` counts only those on the same whole point: a ladder knows the rest.
    """
    better = Standing.objects.filter(
        Q(score__gt=OuterRef("score"))
        | Q(reached_at__lt=OuterRef("reached_at"))
        | Q(reached_at=OuterRef("reached_at"), user_id__lt=OuterRef("user_id")),
        leaderboard_type=OuterRef("leaderboard_type"),
        period=OuterRef("period"),
        starts_on=OuterRef("starts_on"),
        is_listed=True,
        score__gte=OuterRef("score"),  # the stretch of the index to read; the first three decide inside it
    )
    if within_step:
        better = better.filter(score__lt=Floor(OuterRef("score")) + 1)
    counted = better.order_by().values("period").annotate(rows=models.Count("*")).values("rows")
    return Coalesce(Subquery(counted), 0)


class Standing(models.Model):
    """Where a player is on one board of one period: the score, or what it grew by since the period began.

    Who has no points there has no row.
    """

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="standings", verbose_name=_("player")
    )
    leaderboard_type = models.CharField(_("board"), max_length=20, choices=LeaderboardType.choices)
    period = models.CharField(_("period"), max_length=10, choices=Period.choices)
    starts_on = models.DateField(_("starts on"))
    score = _points(_("score"))
    baseline = _points(_("baseline"), help_text=_("The score the player came into the period with."))
    reached_at = models.DateTimeField(_("reached at"), help_text=_("Of two equals, the earlier is ahead."))
    is_listed = models.BooleanField(_("listed"))

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = [
            models.UniqueConstraint(
                name="standing_once", fields=["user", "leaderboard_type", "period", "starts_on"]
            ),
            models.CheckConstraint(name="standing_has_points", condition=Q(score__gt=0)),
            models.CheckConstraint(name="standing_baseline_from_zero", condition=Q(baseline__gte=0)),
        ]
        indexes = [
            # A board's page, and the count of better rows that is a rank.
            models.Index(
                name="standing_board",
                fields=["leaderboard_type", "period", "starts_on", "-score", "reached_at", "user"],
                condition=Q(is_listed=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaderboard_type} {self.period} {self.starts_on}: {self.user_id}"
