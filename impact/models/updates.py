from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from impact.models.documents import (
    Document,
    list_of_lower_case_texts,
    list_of_texts,
    list_of_web_addresses,
    mapping,
)

RECENT_FOR = timedelta(hours=24)


class ImpactUpdateQuerySet(models.QuerySet["ImpactUpdate"]):
    def public(self) -> Self:
        return self.filter(status__in=PUBLIC)

    def published_since(self, moment: datetime) -> Self:
        return self.public().filter(published_at__gte=moment)

    def of_onlus(self, onlus_id: object) -> Self:
        return self.filter(onlus_id=onlus_id)

    def trending(self, since: datetime) -> Self:
        """Keep what people react to, of what was published since, the most talked about first."""
        rows = self.published_since(since).filter(trending_score__gt=0)
        return rows.order_by("-trending_score", "-published_at", "id")

    def featured(self, now: datetime) -> Self:
        still = Q(featured_until=None) | Q(featured_until__gt=now)
        return self.filter(still, status=ImpactUpdate.Status.FEATURED)

    def most_urgent_first(self) -> Self:
        return self.order_by("-priority", "-published_at", "id")


class ImpactUpdate(Document):
    """News an ONLUS posts about its work."""

    class Type(models.TextChoices):
        MILESTONE_REACHED = "milestone_reached", _("Milestone reached")
        PROJECT_COMPLETED = "project_completed", _("Project completed")
        BENEFICIARY_STORY = "beneficiary_story", _("Story of somebody helped")
        FINANCIAL_REPORT = "financial_report", _("Financial report")
        OPERATIONAL_UPDATE = "operational_update", _("Operational update")
        EMERGENCY_RESPONSE = "emergency_response", _("Emergency response")
        SEASONAL_CAMPAIGN = "seasonal_campaign", _("Seasonal campaign")
        PARTNERSHIP_NEWS = "partnership_news", _("Partnership news")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")
        CRITICAL = 5, _("Critical")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        PUBLISHED = "published", _("Published")
        FEATURED = "featured", _("Featured")
        ARCHIVED = "archived", _("Archived")
        REMOVED = "removed", _("Removed")

    onlus = models.ForeignKey(
        "accounts.Onlus",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("ONLUS"),
    )
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("text"), help_text=_("Markdown."))
    update_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    featured_until = models.DateTimeField(_("featured until"), null=True, blank=True)
    related_metrics = models.JSONField(
        _("figures"), default=dict, blank=True, validators=[mapping], help_text=_('{"schools_built": 1}')
    )
    related_metric_ids = models.JSONField(_("metrics"), default=list, blank=True, validators=[list_of_texts])
    affected_donation_ids = models.JSONField(
        _("donations it is about"), default=list, blank=True, validators=[list_of_texts]
    )
    beneficiary_count = models.PositiveIntegerField(_("people helped"), null=True, blank=True)
    financial_impact = models.DecimalField(
        _("euros spent"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    location = models.CharField(_("place"), max_length=200, blank=True, default="")
    author = models.CharField(_("author"), max_length=120, blank=True, default="")
    contact_info = models.CharField(_("contact"), max_length=200, blank=True, default="")
    media_urls = models.JSONField(_("media"), default=list, blank=True, validators=[list_of_web_addresses])
    thumbnail_url = models.URLField(_("thumbnail"), blank=True, default="")
    tags = models.JSONField(_("tags"), default=list, blank=True, validators=[list_of_lower_case_texts])
    view_count = models.PositiveIntegerField(_("views"), default=0)
    like_count = models.PositiveIntegerField(_("likes"), default=0)
    share_count = models.PositiveIntegerField(_("shares"), default=0)
    comment_count = models.PositiveIntegerField(_("comments"), default=0)
    engagement_score = models.PositiveIntegerField(_("engagement"), default=0)
    trending_score = models.PositiveIntegerField(_("trending"), default=0)
    removal_reason = models.CharField(_("why it was taken down"), max_length=500, blank=True, default="")

    objects = ImpactUpdateQuerySet.as_manager()

    class Meta:
        db_table = "impact_updates"
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        constraints = [
            models.CheckConstraint(
                name="update_public_is_dated",
                condition=~Q(status__in=["published", "featured"]) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="update_scheduled_is_dated",
                condition=~Q(status="scheduled") | Q(publish_at__isnull=False),
            ),
            models.CheckConstraint(
                name="update_priority_in_range", condition=Q(priority__gte=1, priority__lte=5)
            ),
        ]
        indexes = [
            # An ONLUS's public news of the last days.
            models.Index(name="update_onlus", fields=["onlus", "status", "-published_at"]),
            # News of all ONLUS, and the job that publishes what is due.
            models.Index(name="update_status", fields=["status", "-published_at"]),
            # What is talked about.
            models.Index(name="update_trending", fields=["-trending_score", "-published_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.status in PUBLIC

    def is_featured(self, now: datetime) -> bool:
        """Say whether it is featured; without an end it stays so."""
        return self.status == self.Status.FEATURED and (
            self.featured_until is None or self.featured_until > now
        )

    def note_publication(self, now: datetime) -> None:
        """Date the first publication; later ones do not move it."""
        if self.is_published and self.published_at is None:
            self.published_at = now

    def is_recent(self, now: datetime) -> bool:
        return self.published_at is not None and now - self.published_at <= RECENT_FOR


PUBLIC = (ImpactUpdate.Status.PUBLISHED, ImpactUpdate.Status.FEATURED)
