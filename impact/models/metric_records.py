from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from impact.models.metrics import ImpactMetric

REMINDED_AGAIN_AFTER = timedelta(days=30)


class MetricCorrection(models.Model):
    """That a value was wrong, what it says now, and why. Anybody may read it."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    metric = models.ForeignKey(
        ImpactMetric,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    old_value = models.DecimalField(_("value before"), max_digits=18, decimal_places=2)
    new_value = models.DecimalField(_("value after"), max_digits=18, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=500)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("corrected by")
    )
    by_staff = models.BooleanField(_("by staff"))
    corrected_at = models.DateTimeField(_("corrected at"))

    class Meta:
        verbose_name = _("correction of a metric")
        verbose_name_plural = _("corrections of metrics")
        constraints = [
            models.CheckConstraint(
                name="correction_changes_and_says_why",
                condition=~Q(old_value=models.F("new_value")) & ~Q(reason="") & Q(new_value__gte=0),
            )
        ]
        indexes = [
            # The public history of a metric.
            models.Index(name="metric_correction_history", fields=["metric", "-corrected_at"])
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.old_value} → {self.new_value}"


class MetricReview(models.Model):
    """What staff decided about a value they looked at."""

    append_only: ClassVar[bool] = True

    class Decision(models.TextChoices):
        VERIFIED = "verified", _("Verified")
        DISPUTED = "disputed", _("Disputed")
        UPHELD = "upheld", _("Dispute settled: the value stands")
        CORRECTED = "corrected", _("Dispute settled: the value was corrected")

    id = fields.key()
    metric = models.ForeignKey(
        ImpactMetric,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewer")
    )
    reviewed_at = models.DateTimeField(_("reviewed at"))

    class Meta:
        verbose_name = _("review of a metric")
        verbose_name_plural = _("reviews of metrics")
        constraints = [
            models.CheckConstraint(
                name="metric_doubt_says_why", condition=Q(decision="verified") | ~Q(reason="")
            )
        ]
        indexes = [
            # What was decided about a metric, the latest first.
            models.Index(name="metric_review_history", fields=["metric", "-reviewed_at"])
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.value}"


class MetricEvidence(models.Model):
    """A file that backs a value: what it shows, when and roughly where. Only staff open it, and say what for.

    Places are kept to two decimals, about a kilometre: nobody's door can be read from them.
    """

    id = fields.key()
    metric = models.ForeignKey(
        ImpactMetric,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    onlus = models.ForeignKey(
        "accounts.Onlus", models.PROTECT, related_name="metric_evidence", verbose_name=_("ONLUS")
    )
    file = models.OneToOneField(
        "private_files.PrivateFile", models.PROTECT, related_name="+", verbose_name=_("file")
    )
    value = models.DecimalField(
        _("value"), max_digits=18, decimal_places=2, help_text=_("What the metric said then.")
    )
    shows = models.CharField(_("what it shows"), max_length=300)
    taken_on = models.DateField(_("day it was taken"))
    place = models.CharField(_("place"), max_length=120, blank=True, default="")
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("handed in by")
    )
    submitted_at = models.DateTimeField(_("handed in at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(name="evidence_says_what_it_shows", condition=~Q(shows="")),
            models.CheckConstraint(
                name="evidence_place_whole",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
        ]
        indexes = [
            # The evidence of a metric, the latest first.
            models.Index(name="evidence_of_metric", fields=["metric", "-submitted_at"])
        ]

    def __str__(self) -> str:
        return self.shows


class MetricReminder(models.Model):
    """When an organisation was last asked for a newer reading of a metric."""

    metric = models.OneToOneField(
        ImpactMetric,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    reminded_at = models.DateTimeField(_("reminded at"))

    class Meta:
        verbose_name = _("reminder about a metric")
        verbose_name_plural = _("reminders about metrics")

    def __str__(self) -> str:
        return f"{self.metric_id} {self.reminded_at:%Y-%m-%d}"
