from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class DataAccess(models.Model):
    """One look at data of a person or an organisation that not everybody may see."""

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    id = fields.key()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("who"),
        help_text=_("Empty for a program of GoodPlay's own."),
        related_name="+",
    )
    target_type = models.CharField(_("target type"), max_length=60)
    target_id = models.CharField(_("target"), max_length=64)
    what = models.CharField(_("what was seen"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=500)
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    recorded_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("data access")
        verbose_name_plural = _("data access log")
        constraints = [
            models.CheckConstraint(
                name="data_access_says_why", condition=~models.Q(purpose="") & ~models.Q(what="")
            ),
        ]
        indexes = [
            # "Who looked at this?"
            models.Index(name="data_access_target", fields=["target_type", "target_id", "-recorded_at"]),
            # "What did this person look at?"
            models.Index(name="data_access_actor", fields=["actor", "-recorded_at"]),
            # The list, newest first, and retention.
            models.Index(name="data_access_recorded", fields=["-recorded_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.target_type} {self.target_id}"
