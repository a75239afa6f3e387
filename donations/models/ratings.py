from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class OnlusRating(models.Model):
    """What somebody who gave to an ONLUS thinks of it, from one star to five. Only the mean is shown."""

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="ratings")
    donor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    stars = models.PositiveSmallIntegerField(_("stars"))
    rated_at = models.DateTimeField(_("rated at"))

    class Meta:
        verbose_name = _("rating of an organisation")
        verbose_name_plural = _("ratings of organisations")
        constraints = [
            models.UniqueConstraint(name="onlus_rating_once", fields=["onlus", "donor"]),
            models.CheckConstraint(name="onlus_rating_one_to_five", condition=Q(stars__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.stars}/5"
