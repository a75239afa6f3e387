from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class UserMilestone(models.Model):
    """A threshold a donor has crossed, once and for good. `level` counts the thresholds of its kind up to this one."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("Euros donated")
        COUNT = "count", _("Number of donations")

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="milestones", verbose_name=_("player")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    level = models.PositiveSmallIntegerField(_("level"))
    threshold = models.DecimalField(_("threshold"), max_digits=14, decimal_places=2)
    donation = models.ForeignKey(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="milestones",
        verbose_name=_("donation"),
    )
    reached_at = models.DateTimeField(_("reached at"))

    class Meta:
        verbose_name = _("milestone of a player")
        verbose_name_plural = _("milestones of players")
        constraints = [
            models.UniqueConstraint(name="milestone_once", fields=["user", "kind", "threshold"]),
            models.CheckConstraint(name="milestone_above_zero", condition=Q(threshold__gt=0, level__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_kind_display()} {self.threshold}"


class CommunityMilestone(models.Model):
    """A threshold all players together have crossed, once and for good."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        DONATIONS = "donations", _("Euros donated")
        DONORS = "donors", _("Donors")
        ONLUS = "onlus", _("ONLUS supported")
        STORIES = "stories", _("Stories opened")

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    threshold = models.DecimalField(_("threshold"), max_digits=14, decimal_places=2)
    value = models.DecimalField(_("value then"), max_digits=14, decimal_places=2)
    reached_at = models.DateTimeField(_("reached at"))

    class Meta:
        verbose_name = _("community milestone")
        verbose_name_plural = _("community milestones")
        constraints = [models.UniqueConstraint(name="community_milestone_once", fields=["kind", "threshold"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.threshold}"
