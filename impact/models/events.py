from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class SpecialEventParticipation(models.Model):
    """A player who took part in a special event: by giving while it ran, or by playing towards a community goal."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    event = models.ForeignKey(
        "donations.SpecialEvent", models.PROTECT, related_name="+", verbose_name=_("special event")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="event_participations",
        verbose_name=_("player"),
    )
    donation = models.ForeignKey(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("donation"),
    )
    session = models.ForeignKey(
        "games.GameSession",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("game session"),
    )
    took_part_at = models.DateTimeField(_("took part at"))

    class Meta:
        verbose_name = _("part in a special event")
        verbose_name_plural = _("parts in special events")
        constraints = [
            # Also finds the participants of an event.
            models.UniqueConstraint(name="event_part_once", fields=["event", "user"]),
            models.CheckConstraint(
                name="event_part_has_one_cause",
                condition=Q(donation__isnull=False, session=None) | Q(donation=None, session__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.event_id}"
