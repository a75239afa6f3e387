from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.money import ZERO
from impact.models.documents import Document, list_of_lower_case_texts, mapping

STALE_AFTER = timedelta(days=30)
NAMES_GIVEN = (gettext_noop("Financial Impact"), gettext_noop("People Helped"))
"""Of the metrics every approved organisation begins with."""


class ImpactMetricQuerySet(models.QuerySet["ImpactMetric"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def of_onlus(self, onlus_id: object) -> Self:
        return self.filter(onlus_id=onlus_id)

    def stale(self, now: datetime) -> Self:
        return self.active().filter(collection_date__lt=now - STALE_AFTER)

    def to_verify(self) -> Self:
        return self.active().filter(verification_status=ImpactMetric.Verification.PENDING)

    def ranked(self) -> Self:
        """Keep what rankings compare: verified values with donations to divide them by."""
        verified = ImpactMetric.Verification.VERIFIED
        return self.active().filter(verification_status=verified, related_donations_amount__gt=0)


class ImpactMetric(Document):
    """A number an ONLUS reports, with its unit, its target and how far it was checked.

    `related_donations_*` follow MetricTally, the row that counts; here they are what readers see.
    """

    class Type(models.TextChoices):
        FINANCIAL = "financial", _("Financial")
        BENEFICIARIES = "beneficiaries", _("People and animals helped")
        PROJECTS = "projects", _("Projects")
        GEOGRAPHIC = "geographic", _("Geographic")
        ENVIRONMENTAL = "environmental", _("Environmental")
        EDUCATIONAL = "educational", _("Educational")
        HEALTHCARE = "healthcare", _("Health care")
        SOCIAL = "social", _("Social")

    class Unit(models.TextChoices):
        EUR = "eur", _("Euros")
        PEOPLE = "people", _("People")
        ANIMALS = "animals", _("Animals")
        PROJECTS = "projects", _("Projects")
        SQUARE_METERS = "square_meters", _("Square metres")
        LITERS = "liters", _("Litres")
        KILOGRAMS = "kilograms", _("Kilograms")
        HOURS = "hours", _("Hours")
        PERCENTAGE = "percentage", _("Per cent")
        SCORE = "score", _("Score")
        CUSTOM = "custom", _("Other")

    class Period(models.TextChoices):
        DAILY = "daily", _("Day")
        WEEKLY = "weekly", _("Week")
        MONTHLY = "monthly", _("Month")
        QUARTERLY = "quarterly", _("Quarter")
        YEARLY = "yearly", _("Year")
        ALL_TIME = "all_time", _("All time")

    class Verification(models.TextChoices):
        PENDING = "pending", _("Pending")
        VERIFIED = "verified", _("Verified")
        DISPUTED = "disputed", _("Disputed")

    onlus = models.ForeignKey(
        "accounts.Onlus",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("ONLUS"),
    )
    metric_name = models.CharField(_("name"), max_length=120)
    metric_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    metric_unit = models.CharField(_("unit"), max_length=20, choices=Unit.choices)
    current_value = models.DecimalField(
        _("value"), max_digits=18, decimal_places=2, validators=[MinValueValidator(0)]
    )
    previous_value = models.DecimalField(
        _("value before"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    target_value = models.DecimalField(
        _("target"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    period_type = models.CharField(
        _("period"), max_length=10, choices=Period.choices, default=Period.ALL_TIME
    )
    period_start = models.DateTimeField(_("period starts"), null=True, blank=True)
    period_end = models.DateTimeField(_("period ends"), null=True, blank=True)
    collection_date = models.DateTimeField(_("collected at"), default=timezone.now)
    source = models.CharField(_("source"), max_length=80, default="onlus_report")
    verification_status = models.CharField(
        _("verification"), max_length=10, choices=Verification.choices, default=Verification.PENDING
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verified by"),
    )
    last_verified = models.DateTimeField(_("verified at"), null=True, blank=True)
    dispute_reason = models.TextField(_("reason of the dispute"), blank=True, default="")
    disputed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("disputed by"),
    )
    disputed_at = models.DateTimeField(_("disputed at"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True, default="")
    methodology = models.TextField(_("how it is counted"), blank=True, default="")
    related_donations_count = models.PositiveIntegerField(_("donations since"), default=0)
    related_donations_amount = fields.euros_from_zero(verbose_name=_("euros donated since"))
    tags = models.JSONField(_("tags"), default=list, blank=True, validators=[list_of_lower_case_texts])
    metadata = models.JSONField(_("metadata"), default=dict, blank=True, validators=[mapping])
    is_active = models.BooleanField(_("active"), default=True)

    objects = ImpactMetricQuerySet.as_manager()

    class Meta:
        db_table = "impact_metrics"
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        constraints = [
            models.UniqueConstraint(
                name="metric_once_for_all_time",
                fields=["onlus", "metric_type", "metric_name"],
                condition=Q(period_type="all_time"),
            ),
            models.UniqueConstraint(
                name="metric_once_per_period",
                fields=["onlus", "metric_type", "metric_name", "period_type", "period_start"],
            ),
            models.CheckConstraint(
                name="metric_period_dated",
                condition=Q(period_type="all_time", period_start=None, period_end=None)
                | (
                    ~Q(period_type="all_time")
                    & Q(period_start__isnull=False, period_end__gte=F("period_start"))
                ),
            ),
            models.CheckConstraint(
                name="metric_figures_from_zero",
                condition=Q(current_value__gte=0, related_donations_amount__gte=0)
                & (Q(target_value=None) | Q(target_value__gte=0)),
            ),
        ]
        indexes = [
            # An ONLUS's metrics, the latest first.
            models.Index(name="metric_onlus", fields=["onlus", "is_active", "-collection_date"]),
            # What waits for staff, and rankings of verified values.
            models.Index(name="metric_verification", fields=["verification_status", "metric_type"]),
            # What nobody renewed for a month.
            models.Index(name="metric_collected", fields=["collection_date"]),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name; those we give ourselves in the language of whoever reads."""
        return gettext(self.metric_name) if self.metric_name in NAMES_GIVEN else self.metric_name

    @property
    def is_verified(self) -> bool:
        return self.verification_status == self.Verification.VERIFIED

    @property
    def efficiency_ratio(self) -> Decimal | None:
        """The value per euro donated since: how far an euro went, as reported."""
        if not self.related_donations_amount:
            return None
        places = Decimal("0.01") if self.metric_unit == self.Unit.EUR else Decimal("0.0001")
        return (self.current_value / self.related_donations_amount).quantize(places)

    @property
    def progress_percentage(self) -> Decimal | None:
        if not self.target_value:
            return None
        return min(self.current_value / self.target_value * 100, Decimal(100)).quantize(Decimal("0.01"))

    @property
    def follows_donations(self) -> bool:
        """Say whether donated euros are part of the value itself."""
        return self.metric_type == self.Type.FINANCIAL and self.metric_unit == self.Unit.EUR

    def is_stale(self, now: datetime) -> bool:
        return now - self.collection_date > STALE_AFTER


class MetricTally(models.Model):
    """The donations counted towards one metric, counted where donations are: in the SQL database.

    The metric itself is brought up to this row afterwards, which may happen twice without harm.
    """

    metric = models.OneToOneField(
        ImpactMetric,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    donations_count = models.PositiveIntegerField(_("donations"), default=0)
    donations_amount = fields.euros(default=ZERO)
    # What the metric came with, before the first donation was counted here.
    first_count = models.PositiveIntegerField(_("donations it came with"), default=0)
    first_amount = fields.euros(default=ZERO, verbose_name=_("euros it came with"))

    class Meta:
        verbose_name = _("metric tally")
        verbose_name_plural = _("metric tallies")
        constraints = [models.CheckConstraint(name="tally_from_zero", condition=Q(donations_amount__gte=0))]

    def __str__(self) -> str:
        return f"{self.metric_id}: € {self.donations_amount}"


class MetricPoint(models.Model):
    """One reading of a metric: reported, or moved by a donation or a refund (`source` is then donation_<id>, refund_<id>)."""

    id = fields.key()
    metric = models.ForeignKey(
        ImpactMetric,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("metric"),
    )
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=2)
    donations_amount = fields.euros(null=True, blank=True, verbose_name=_("euros donated by then"))
    donation = models.ForeignKey(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("donation"),
    )
    refund = models.ForeignKey(
        "donations.DonationRefund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("refund"),
    )
    source = models.CharField(_("source"), max_length=80)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("metric reading")
        verbose_name_plural = _("metric readings")
        constraints = [
            models.UniqueConstraint(name="metric_point_once_per_donation", fields=["metric", "donation"]),
            models.UniqueConstraint(name="metric_point_once_per_refund", fields=["metric", "refund"]),
        ]
        indexes = [
            # The trend of the last days.
            models.Index(name="metric_point_trend", fields=["metric", "-recorded_at"])
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.value}"
