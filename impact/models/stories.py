from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.markdown import plain
from goodplay.lib.words import folded
from impact.donor_statistics import DonorStatistics
from impact.models.documents import (
    Document,
    list_of_lower_case_texts,
    list_of_web_addresses,
    mapping,
    words_by_address,
)


class Words(NamedTuple):
    """A story's text in one language."""

    title: str
    preview_content: str
    content: str


class ImpactStoryQuerySet(models.QuerySet["ImpactStory"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def about(self, words: Iterable[str], *, opened: Iterable[UUID]) -> Self:
        """Return those in which every word occurs: in title, teaser and tags, in the text too where it is `opened`.

        The text of a closed story is not searched: whoever asks often enough would read it word by word.
        """
        found = self
        for word in words:
            in_text = Q(pk__in=list(opened), text_words__contains=word)
            found = found.filter(Q(public_words__contains=word) | in_text)
        return found

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
            elif condition == ImpactStory.Condition.SPECIAL_EVENT:
                wanted |= Q(
                    unlock_condition_type=condition, special_event_id__in=list(statistics.special_events)
                )
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
    media_descriptions = models.JSONField(
        _("what the media show"),
        default=dict,
        blank=True,
        validators=[words_by_address],
        help_text=_("By address, in each language, for people who cannot see them."),
    )
    thumbnail_url = models.URLField(_("thumbnail"), blank=True, default="")
    thumbnail_alt = models.CharField(_("what the thumbnail shows"), max_length=200, blank=True, default="")
    thumbnail_alt_it = models.CharField(
        _("what the thumbnail shows, in Italian"), max_length=200, blank=True, default=""
    )
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
    public_words = models.TextField(blank=True, default="", editable=False)
    text_words = models.TextField(blank=True, default="", editable=False)
    offered_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When those who had already reached it were given it. Empty: still to do."),
    )

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

    def save(self, *args: Any, **options: Any) -> None:
        self.note_words()
        super().save(*args, **options)

    def note_words(self) -> None:
        """Keep what is searched: without case, accents and markup, the same on every engine."""
        shown = (self.title, self.title_it, self.preview_content, self.preview_content_it, *self.tags)
        self.public_words = folded(" ".join(map(plain, shown)))
        self.text_words = folded(f"{plain(self.content)} {plain(self.content_it)}")

    def is_featured(self, now: datetime) -> bool:
        return self.featured_until is not None and self.featured_until > now

    def is_in_its_time(self, now: datetime) -> bool:
        """Say whether now lies from `available_from` until before `available_until`; empty ends are open."""
        opened = self.available_from is None or self.available_from <= now
        return opened and (self.available_until is None or now < self.available_until)

    @property
    def opens_by_itself(self) -> bool:
        """Say whether nothing has to be done for it: time alone opens it, or its threshold is zero."""
        kind = self.unlock_condition_type
        if kind == self.Condition.TIME_BASED:
            return True
        return kind != self.Condition.SPECIAL_EVENT and self.unlock_condition_value == 0

    def media(self, language: str | None) -> list[dict[str, str]]:
        """List what belongs to the story, each with what it shows."""
        words = self.media_descriptions
        return [{"url": url, "alt": _told(words.get(url) or {}, language)} for url in self.media_urls]

    def thumbnail_words(self, language: str | None) -> str:
        return _told({"en": self.thumbnail_alt, "it": self.thumbnail_alt_it}, language)

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
            models.Index(name="story_unlock_timeline", fields=["user", "-unlocked_at"]),
            # The dashboard's days, and the back office's list.
            models.Index(name="story_unlock_day", fields=["-unlocked_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.story_id}"

    @property
    def status(self) -> str:
        return "viewed" if self.first_viewed_at else "unlocked"


class StoryWithdrawal(models.Model):
    """A story taken down by the staff, with the reason its readers are told. Until it is put back, nobody reads it."""

    id = fields.key()
    story = models.ForeignKey(
        ImpactStory, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("story")
    )
    reason = models.CharField(_("reason"), max_length=500)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("withdrawn by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"))
    put_back_at = models.DateTimeField(_("put back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("withdrawn story")
        verbose_name_plural = _("withdrawn stories")
        constraints = [
            # Also how the stories a reader opened are looked up.
            models.UniqueConstraint(
                name="story_withdrawn_once", fields=["story"], condition=Q(put_back_at=None)
            ),
            models.CheckConstraint(
                name="story_put_back_after_withdrawal",
                condition=Q(put_back_at=None) | Q(put_back_at__gte=models.F("withdrawn_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.story_id} {self.reason}"


def _told(words: Mapping[str, str], language: str | None) -> str:
    """Choose the reader's language where it was written."""
    italian = (language or "").startswith("it")
    return (italian and words.get("it")) or words.get("en") or words.get("it") or ""
