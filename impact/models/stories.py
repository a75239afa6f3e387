from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from impact.donor_statistics import DonorStatistics
from impact.models.documents import (
    Document,
    list_of_lower_case_texts,
    list_of_web_addresses,
    mapping,
)


class Words(NamedTuple):
    """A story's text in one language."""

    title: str
    preview_content: str
    content: str


class ImpactStoryQuerySet(models.QuerySet["ImpactStory"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def within_reach(self, statistics: DonorStatistics, conditions: Iterable[str]) -> Self:
        """Return those whose threshold the statistics have reached; dates still decide about time-based ones."""
        reached = {
            "total_donated": statistics.total_donated,
            "donation_count": statistics.donation_count,
            "onlus_diversity": statistics.onlus_diversity,
            "impact_score": statistics.impact_score,
        }
        wanted = Q(pk__in=[])
        for condition in conditions:
            if condition in reached:
                wanted |= Q(unlock_condition_type=condition, unlock_condition_value__lte=reached[condition])
            elif condition == ImpactStory.Condition.TIME_BASED:
                wanted |= Q(unlock_condition_type=condition)
        return self.filter(wanted).order_by("unlock_condition_value", "id")

    def in_reading_order(self, now: datetime) -> Self:
        """Order by priority, then featured ones, then the newest."""
        featured = Case(When(featured_until__gt=now, then=Value(1)), default=Value(0))
        return self.annotate(featured=featured).order_by("-priority", "-featured", "-created_at", "id")


class ImpactStory(Document):
    """Something to read that opens when its one condition is met. Everybody sees title and teaser.

    `featured_until` empty means: not featured.
    """

    class Type(models.TextChoices):
        MILESTONE = "milestone", _("Milestone")
        PROGRESS = "progress", _("Progress")
        FEATURED = "featured", _("Featured")
        SPECIAL = "special", _("Special")
        ONLUS_UPDATE = "onlus_update", _("From an ONLUS")
        IMPACT_REPORT = "impact_report", _("Impact report")
        COMMUNITY_HIGHLIGHT = "community_highlight", _("Community highlight")
        SEASONAL = "seasonal", _("Seasonal")

    class Condition(models.TextChoices):
        TOTAL_DONATED = "total_donated", _("Euros donated in all")
        DONATION_COUNT = "donation_count", _("Number of donations")
        ONLUS_DIVERSITY = "onlus_diversity", _("Number of ONLUS supported")
        IMPACT_SCORE = "impact_score", _("Impact score")
        SPECIAL_EVENT = "special_event", _("Part in a special event")
        TIME_BASED = "time_based", _("Dates, or days since the first donation")

    onlus = models.ForeignKey(
        "accounts.Onlus",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ONLUS"),
        help_text=_("Empty for a story of the platform."),
    )
    title = models.CharField(_("title"), max_length=200)
    title_it = models.CharField(_("Italian title"), max_length=200, blank=True, default="")
    preview_content = models.TextField(_("teaser"), blank=True, default="")
    preview_content_it = models.TextField(_("Italian teaser"), blank=True, default="")
    content = models.TextField(_("text"), help_text=_("Markdown. Shown once the story is unlocked."))
    content_it = models.TextField(_("Italian text"), blank=True, default="")
    story_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    unlock_condition_type = models.CharField(_("unlocks by"), max_length=20, choices=Condition.choices)
    unlock_condition_value = models.DecimalField(
        _("from"), max_digits=14, decimal_places=2, default=Decimal("0.00"), validators=[MinValueValidator(0)]
    )
    special_event = models.ForeignKey(
        "donations.SpecialEvent",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("special event"),
    )
    available_from = models.DateTimeField(_("available from"), null=True, blank=True)
    available_until = models.DateTimeField(_("available until"), null=True, blank=True)
    category = models.CharField(_("category"), max_length=40, default="general")
    priority = models.SmallIntegerField(_("priority"), default=0, help_text=_("Higher is shown first."))
    media_urls = models.JSONField(_("media"), default=list, blank=True, validators=[list_of_web_addresses])
    thumbnail_url = models.URLField(_("thumbnail"), blank=True, default="")
    estimated_read_time = models.PositiveSmallIntegerField(
        _("minutes to read"), default=5, validators=[MinValueValidator(1)]
    )
    tags = models.JSONField(_("tags"), default=list, blank=True, validators=[list_of_lower_case_texts])
    featured_until = models.DateTimeField(_("featured until"), null=True, blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: neither listed nor unlocked.")
    )
    author = models.CharField(_("author"), max_length=120, blank=True, default="")
    metadata = models.JSONField(_("metadata"), default=dict, blank=True, validators=[mapping])

    objects = ImpactStoryQuerySet.as_manager()

    class Meta:
        db_table = "impact_stories"
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        constraints = [
            models.CheckConstraint(
                name="story_threshold_from_zero", condition=Q(unlock_condition_value__gte=0)
            ),
            models.CheckConstraint(name="story_takes_a_minute", condition=Q(estimated_read_time__gte=1)),
        ]
        indexes = [
            # An ONLUS's stories.
            models.Index(name="story_onlus", fields=["onlus", "is_active", "story_type"]),
            # What a donor has just reached, asked after every donation and session.
            models.Index(
                name="story_condition",
                fields=["unlock_condition_type", "unlock_condition_value", "is_active"],
            ),
            # The list, whole and by category.
            models.Index(name="story_category", fields=["category", "is_active", "-priority"]),
            models.Index(name="story_featured", fields=["featured_until", "is_active"]),
        ]

    def __str__(self) -> str:
        return self.title

    def is_featured(self, now: datetime) -> bool:
        return self.featured_until is not None and self.featured_until > now

    def words(self, language: str | None) -> Words:
        """Return the text in Italian where it was written in Italian, else in English."""
        italian = (language or "").startswith("it")
        return Words(
            title=(italian and self.title_it) or self.title,
            preview_content=(italian and self.preview_content_it) or self.preview_content,
            content=(italian and self.content_it) or self.content,
        )


class StoryUnlock(models.Model):
    """A story opened for a player, for good: a refund does not close it again."""

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="story_unlocks", verbose_name=_("player")
    )
    story = models.ForeignKey(
        ImpactStory, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("story")
    )
    donation = models.ForeignKey(
        "donations.Donation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="story_unlocks",
        verbose_name=_("donation"),
        help_text=_("The one that unlocked it, if a donation did."),
    )
    unlocked_at = models.DateTimeField(_("unlocked at"))
    first_viewed_at = models.DateTimeField(_("first viewed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("story unlock")
        verbose_name_plural = _("story unlocks")
        constraints = [models.UniqueConstraint(name="story_unlock_once", fields=["user", "story"])]
        indexes = [
            # A player's timeline, newest first.
            models.Index(name="story_unlock_timeline", fields=["user", "-unlocked_at"])
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.story_id}"

    @property
    def status(self) -> str:
        return "viewed" if self.first_viewed_at else "unlocked"
