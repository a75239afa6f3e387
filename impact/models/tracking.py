from typing import ClassVar

from django.db import models
from django.db.models import Q
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
    metric_ids = models.JSONField(
        _("which metrics"), null=True, help_text=_("Empty for donations counted before this was noted.")
    )
    stories_unlocked = models.PositiveSmallIntegerField(_("stories unlocked"))
    tracked_at = models.DateTimeField(_("tracked at"))

    class Meta:
        verbose_name = _("impact of a donation")
        verbose_name_plural = _("impact of donations")

    def __str__(self) -> str:
        return f"{self.donation_id} € {self.amount}"


class ImpactReversal(models.Model):
    """What one refund took back of a donation's impact. Its row is the proof that the refund was counted, once."""

    append_only: ClassVar[bool] = True

    refund = models.OneToOneField(
        "donations.DonationRefund",
        models.PROTECT,
        primary_key=True,
        related_name="+",
        verbose_name=_("refund"),
    )
    impact = models.ForeignKey(
        DonationImpact, models.PROTECT, related_name="reversals", verbose_name=_("impact of the donation")
    )
    amount = fields.euros(verbose_name=_("amount"))
    metrics_updated = models.PositiveSmallIntegerField(_("metrics counted"))
    tracked_at = models.DateTimeField(_("tracked at"))

    class Meta:
        verbose_name = _("impact taken back")
        verbose_name_plural = _("impacts taken back")
        constraints = [models.CheckConstraint(name="impact_reversal_positive", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return f"{self.impact_id} € -{self.amount}"
