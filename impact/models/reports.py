from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from impact.models.documents import Document, list_of_texts, mapping


class CommunityReportQuerySet(models.QuerySet["CommunityReport"]):
    def published(self) -> Self:
        return self.filter(status=CommunityReport.Status.PUBLISHED)

    def unfinished(self, before: datetime) -> Self:
        """Return those that failed, and those whose making began before the moment and never ended."""
        return self.filter(
            Q(status=CommunityReport.Status.ERROR)
            | Q(status=CommunityReport.Status.GENERATING, started_at__lt=before)
            | Q(status=CommunityReport.Status.GENERATING, started_at=None)
        )


class CommunityReport(Document):
    """What all players achieved together in a period, frozen when it was made.

    The blocks of figures are JSON. A `real_time` report is a picture of today so far and is not kept.
    """

    class Type(models.TextChoices):
        DAILY = "daily", _("Day")
        WEEKLY = "weekly", _("Week")
        MONTHLY = "monthly", _("Month")
        QUARTERLY = "quarterly", _("Quarter")
        ANNUAL = "annual", _("Year")
        SPECIAL_EVENT = "special_event", _("Special event")
        REAL_TIME = "real_time", _("Today so far")

    class Status(models.TextChoices):
        GENERATING = "generating", _("Being made")
        COMPLETED = "completed", _("Made")
        ERROR = "error", _("Failed")
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    report_type = models.CharField(_("type"), max_length=15, choices=Type.choices)
    period_start = models.DateTimeField(_("period starts"))
    period_end = models.DateTimeField(_("period ends"))
    title = models.CharField(_("title"), max_length=200)
    executive_summary = models.TextField(_("summary"), blank=True, default="")
    total_donations_amount = fields.euros_from_zero(verbose_name=_("euros donated"))
    total_donations_count = models.PositiveIntegerField(_("donations"), default=0)
    unique_donors_count = models.PositiveIntegerField(_("donors"), default=0)
    onlus_supported_count = models.PositiveIntegerField(_("ONLUS supported"), default=0)
    impact_metrics = models.JSONField(_("impact figures"), default=dict, blank=True, validators=[mapping])
    detailed_metrics = models.JSONField(_("detailed figures"), default=dict, blank=True, validators=[mapping])
    donation_breakdown = models.JSONField(
        _("donations by group"), default=dict, blank=True, validators=[mapping]
    )
    geographic_distribution = models.JSONField(
        _("donations by place"), default=dict, blank=True, validators=[mapping]
    )
    top_contributors = models.JSONField(_("top donors"), default=list, blank=True)
    onlus_rankings = models.JSONField(_("ONLUS ranking"), default=list, blank=True)
    fee_transparency = models.JSONField(_("fees"), default=dict, blank=True, validators=[mapping])
    user_engagement_stats = models.JSONField(_("engagement"), default=dict, blank=True, validators=[mapping])
    growth_metrics = models.JSONField(_("growth"), default=dict, blank=True, validators=[mapping])
    comparative_data = models.JSONField(_("comparisons"), default=dict, blank=True, validators=[mapping])
    generation_metadata = models.JSONField(
        _("how it was made"), default=dict, blank=True, validators=[mapping]
    )
    milestones_reached = models.JSONField(_("milestones"), default=list, blank=True)
    highlights = models.JSONField(_("highlights"), default=list, blank=True, validators=[list_of_texts])
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.GENERATING)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    publishes_itself = models.BooleanField(
        _("published once it is made"),
        default=False,
        help_text=_("So are those that are made by themselves."),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    started_at = models.DateTimeField(_("begun at"), null=True, blank=True)

    objects = CommunityReportQuerySet.as_manager()

    class Meta:
        db_table = "community_reports"
        verbose_name = _("community report")
        verbose_name_plural = _("community reports")
        constraints = [
            models.UniqueConstraint(
                name="report_once_per_period",
                fields=["report_type", "period_start", "period_end"],
                condition=Q(
                    report_type__in=["daily", "weekly", "monthly", "quarterly", "annual", "special_event"]
                ),
            ),
            models.CheckConstraint(
                name="report_period_in_order", condition=Q(period_end__gt=F("period_start"))
            ),
            models.CheckConstraint(
                name="report_published_is_dated",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="report_amount_from_zero", condition=Q(total_donations_amount__gte=Decimal(0))
            ),
        ]
        indexes = [
            # The published report of a month or year, and the list, latest first.
            models.Index(name="report_period", fields=["report_type", "status", "-period_start"]),
            # The latest reports of all kinds.
            models.Index(name="report_latest", fields=["status", "-period_end"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def was_reckoned(self) -> bool:
        """Say whether GoodPlay made it from the figures; others were written or brought over."""
        return self.attempts > 0

    @property
    def last_moment(self) -> datetime:
        """When its last second begins, as readers write the end of a period; today's picture ends now."""
        if self.report_type == self.Type.REAL_TIME:
            return self.period_end
        return self.period_end - timedelta(seconds=1)

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def may_be_published(self) -> bool:
        return self.status in (self.Status.COMPLETED, self.Status.DRAFT)

    @property
    def may_be_archived(self) -> bool:
        return self.status in (self.Status.COMPLETED, self.Status.DRAFT, self.Status.PUBLISHED)

    @property
    def may_be_made_again(self) -> bool:
        """Say whether its figures may still change: nobody has read them yet."""
        return self.was_reckoned and self.status in (
            self.Status.GENERATING,
            self.Status.ERROR,
            self.Status.COMPLETED,
        )


class ReportPublication(models.Model):
    """The first publication of a report. Its row is the proof that it was announced, once."""

    append_only: ClassVar[bool] = True

    report = models.OneToOneField(
        CommunityReport,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("report"),
    )
    report_type = models.CharField(_("type"), max_length=15, choices=CommunityReport.Type.choices)
    period_start = models.DateTimeField(_("period starts"))
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("publication of a report")
        verbose_name_plural = _("publications of reports")

    def __str__(self) -> str:
        return f"{self.report_type} {self.period_start:%Y-%m-%d}"
