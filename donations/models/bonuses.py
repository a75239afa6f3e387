from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Bonus(models.Model):
    """Credits given beside play: a prize, a reward, a gesture of the staff. Rows never change."""

    append_only: ClassVar[bool] = True

    class Source(models.TextChoices):
        TOURNAMENT = "tournament", _("Tournament")
        CHALLENGE = "challenge", _("Challenge")
        ACHIEVEMENT = "achievement", _("Achievement")
        DAILY_BONUS = "daily_bonus", _("Daily bonus")
        STREAK_BONUS = "streak_bonus", _("Daily streak")
        REFERRAL = "referral", _("Referral")
        MANUAL = "manual", _("By the staff")

    id = fields.key()
    player = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bonuses")
    transfer = models.OneToOneField("donations.Transfer", models.PROTECT, related_name="bonus")
    source_type = models.CharField(_("source"), max_length=20, choices=Source.choices)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("bonus")
        verbose_name_plural = _("bonuses")
        constraints = [
            models.CheckConstraint(
                name="bonus_by_staff_names_them",
                condition=~Q(source_type="manual") | Q(granted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="bonus_not_to_oneself",
                condition=Q(granted_by=None) | ~Q(granted_by=models.F("player")),
            ),
        ]

    def __str__(self) -> str:
        return self.get_source_type_display()
