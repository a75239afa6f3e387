from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class DonationImpact(models.Model):
    """What one donation set in motion. Its row is the proof that the donation was counted, once."""

    append_only: ClassVar[bool] = True

    donation = models.OneToOneField(
        "donations.Donation",
        models.PROTECT,
        primary_key=True,
        related_name="impact",
        verbose_name=_("donation"),
    )
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="+", verbose_name=_("ONLUS"))
    amount = fields.euros(verbose_name=_("amount"))
    metrics_updated = models.PositiveSmallIntegerField(_("metrics counted"))
    stories_unlocked = models.PositiveSmallIntegerField(_("stories unlocked"))
    tracked_at = models.DateTimeField(_("tracked at"))

    class Meta:
        verbose_name = _("impact of a donation")
        verbose_name_plural = _("impact of donations")

    def __str__(self) -> str:
        return f"{self.donation_id} € {self.amount}"
