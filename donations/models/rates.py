from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ConversionRate(models.Model):
    """A rate card: euros per minute of play and the bonus factors. A card is never edited once it paid; a new version replaces it."""

    id = fields.key()
    rate_id = models.SlugField(_("card"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    base_rate = models.DecimalField(_("EUR per minute"), max_digits=8, decimal_places=6)
    multipliers = models.JSONField(
        _("multipliers"), help_text=_('Name to factor, factors as text: {"weekend": "1.1"}.')
    )
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.SmallIntegerField(_("priority"), default=0)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("conversion rate")
        verbose_name_plural = _("conversion rates")
        constraints = [
            models.UniqueConstraint(name="rate_version_once", fields=["rate_id", "version"]),
            models.CheckConstraint(
                name="rate_base_in_range", condition=Q(base_rate__gte=0, base_rate__lte=1)
            ),
            models.CheckConstraint(
                name="rate_validity_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rate_id} v{self.version}"

    def is_valid_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or self.valid_until > moment)


class SpecialEvent(models.Model):
    """A campaign with a beginning and an end, during which play earns the card's special-event factor."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        EMERGENCY = "emergency", _("Emergency response")
        COMMUNITY_GOAL = "community_goal", _("Community goal")

    id = fields.key()
    code = models.SlugField(_("code"), unique=True, max_length=60)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta:
        verbose_name = _("special event")
        verbose_name_plural = _("special events")
        constraints = [
            models.CheckConstraint(
                name="special_event_in_order", condition=Q(ends_at__gt=models.F("starts_at"))
            )
        ]

    def __str__(self) -> str:
        return self.name


class SessionCredit(models.Model):
    """How one session was paid: once, by which card, with which factors. Rows never change.

    The running figures (streak, day's earnings, months played) are the player's state after this credit, so the next
    credit reads one row instead of counting history.
    """

    append_only: ClassVar[bool] = True

    class Source(models.TextChoices):
        GAMEPLAY = "gameplay", _("Play")
        TOURNAMENT = "tournament", _("Tournament")
        CHALLENGE = "challenge", _("Challenge")
        STREAK_BONUS = "streak_bonus", _("Daily streak")

    id = fields.key()
    session = models.OneToOneField("games.GameSession", models.PROTECT, related_name="+")
    player = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="session_credits")
    transfer = models.OneToOneField(
        "donations.Transfer", models.PROTECT, null=True, related_name="session_credit"
    )
    rate = models.ForeignKey(ConversionRate, models.PROTECT, related_name="+")
    source_type = models.CharField(_("source"), max_length=20, choices=Source.choices)
    minutes = models.DecimalField(_("minutes"), max_digits=10, decimal_places=4)
    base_rate = models.DecimalField(
        _("EUR per minute, with the game's factor"), max_digits=12, decimal_places=8
    )
    multiplier = models.DecimalField(_("multiplier"), max_digits=6, decimal_places=4)
    active_multipliers = models.JSONField(_("active multipliers"), default=list)
    base_amount = fields.euros()
    amount = fields.euros()
    played_on = models.DateField(_("played on"))
    streak_days = models.PositiveIntegerField(_("streak after this"))
    months_played = models.PositiveIntegerField(_("months played, this one included"))
    earned_that_day = fields.euros()
    earned_that_hour = fields.euros(default=Decimal("0.00"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("session credit")
        verbose_name_plural = _("session credits")
        constraints = [
            models.CheckConstraint(
                name="credit_transfer_iff_amount",
                condition=Q(amount=0, transfer=None) | Q(amount__gt=0, transfer__isnull=False),
            )
        ]
        indexes = [
            # The player's latest credit, read by the next one.
            models.Index(name="credit_latest", fields=["player", "-created_at", "-id"])
        ]

    def __str__(self) -> str:
        return f"€ {self.amount}"
