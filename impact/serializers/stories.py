from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from goodplay.lib.markdown import render
from impact.donor_statistics import DonorStatistics
from impact.models import ImpactStory
from impact.models.stories import Words
from impact.queries.stories import StoryView
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters


class AvailableStoriesQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "limit": "INVALID_LIMIT_VALUE",
        "include_locked": "INVALID_REQUEST",
        "category": "STORIES_RETRIEVAL_ERROR",
        "search": "STORIES_RETRIEVAL_ERROR",
    }

    category = serializers.CharField(required=False, default="", max_length=40)
    search = serializers.CharField(
        required=False,
        default="",
        max_length=100,
        help_text="Words of title, teaser and tags; of the text too where the story is unlocked.",
    )
    include_locked = serializers.BooleanField(required=False, default=False)
    limit = CappedIntegerField(most=settings.MAX_STORIES_PER_USER, default=settings.MAX_STORIES_PER_USER)


class StoryProgressSerializer(serializers.Serializer[Any]):
    current_value = NumberField()
    required_value = NumberField()
    progress_percent = serializers.DecimalField(max_digits=4, decimal_places=1, coerce_to_string=False)
    is_unlocked = serializers.BooleanField()
    remaining_amount = NumberField()


class MediumSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()
    alt = serializers.CharField(help_text="What it shows, for people who cannot see it.")


class StorySerializer(serializers.Serializer[StoryView]):
    """A story for one reader: title and teaser always, text and media once it is unlocked."""

    id = serializers.UUIDField(source="story.id")
    title = serializers.SerializerMethodField()
    preview_content = serializers.SerializerMethodField()
    story_type = serializers.ChoiceField(ImpactStory.Type.choices, source="story.story_type")
    unlock_condition_type = serializers.ChoiceField(
        ImpactStory.Condition.choices, source="story.unlock_condition_type"
    )
    unlock_condition_value = NumberField(source="story.unlock_condition_value")
    onlus_id = serializers.UUIDField(source="story.onlus_id", allow_null=True)
    onlus_name = serializers.CharField(allow_null=True)
    category = serializers.CharField(source="story.category")
    thumbnail_url = serializers.SerializerMethodField()
    thumbnail_alt = serializers.SerializerMethodField()
    estimated_read_time = serializers.IntegerField(source="story.estimated_read_time")
    priority = serializers.IntegerField(source="story.priority")
    is_featured = serializers.BooleanField()
    author = serializers.SerializerMethodField()
    tags = serializers.ListField(child=serializers.CharField(), source="story.tags")
    media_count = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="story.created_at")
    updated_at = serializers.DateTimeField(source="story.updated_at")
    is_unlocked = serializers.BooleanField()
    status = serializers.ChoiceField(["locked", "unlocked", "viewed", "withdrawn"])
    unlock_progress = serializers.SerializerMethodField()
    unlock_hint = serializers.CharField(
        source="hint", help_text="What is still to be done; empty once unlocked."
    )
    unlocked_at = serializers.DateTimeField(source="unlock.unlocked_at", default=None, allow_null=True)
    withdrawn_at = serializers.DateTimeField(source="withdrawal.withdrawn_at", default=None, allow_null=True)
    withdrawal_reason = serializers.CharField(source="withdrawal.reason", default=None, allow_null=True)
    content = serializers.SerializerMethodField(help_text="Markdown; only in unlocked stories.")
    media_urls = serializers.ListField(
        child=serializers.URLField(), source="story.media_urls", help_text="Only in unlocked stories."
    )
    media = serializers.SerializerMethodField(help_text="The same, with what each shows.")

    # Only for who may read the story; and what of it stays out where it was withdrawn.
    readable: ClassVar[tuple[str, ...]] = ("content", "media_urls", "media")
    shown_until_withdrawn: ClassVar[dict[str, Any]] = {
        "preview_content": "",
        "thumbnail_url": None,
        "thumbnail_alt": None,
        "media_count": 0,
    }

    def to_representation(self, instance: StoryView) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not instance.is_readable:
            for name in self.readable:
                del shown[name]
        if instance.withdrawal:
            shown |= self.shown_until_withdrawn
        return shown

    def get_title(self, view: StoryView) -> str:
        return _words(view).title

    def get_preview_content(self, view: StoryView) -> str:
        return _words(view).preview_content

    def get_content(self, view: StoryView) -> str:
        return _words(view).content

    def get_thumbnail_url(self, view: StoryView) -> str | None:
        return view.story.thumbnail_url or None

    def get_thumbnail_alt(self, view: StoryView) -> str | None:
        return view.story.thumbnail_words(get_language()) if view.story.thumbnail_url else None

    @extend_schema_field(MediumSerializer(many=True))
    def get_media(self, view: StoryView) -> Any:
        return view.story.media(get_language())

    def get_author(self, view: StoryView) -> str | None:
        return view.story.author or None

    def get_media_count(self, view: StoryView) -> int:
        return len(view.story.media_urls)

    @extend_schema_field(StoryProgressSerializer)
    def get_unlock_progress(self, view: StoryView) -> Any:
        return progress_of(view)


class ReadStorySerializer(StorySerializer):
    """A story to be read: with its text as HTML that is safe to show."""

    content_html = serializers.SerializerMethodField(
        help_text="The text, rendered; only in unlocked stories."
    )

    readable: ClassVar[tuple[str, ...]] = (*StorySerializer.readable, "content_html")

    def get_content_html(self, view: StoryView) -> str:
        return render(_words(view).content)


class DonorStatisticsSerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    onlus_diversity = serializers.IntegerField()
    impact_score = NumberField()
    special_events = serializers.SerializerMethodField()
    last_donation_date = serializers.DateTimeField(allow_null=True)
    avg_donation_amount = EurosField()
    current_level = serializers.IntegerField(help_text="0 to 10: the thresholds reached.")

    def get_special_events(self, statistics: DonorStatistics) -> list[str]:
        """Name the events the donor took part in by their codes."""
        return list(statistics.special_events.values())


class AvailableStoriesSerializer(serializers.Serializer[Any]):
    available_stories = StorySerializer(many=True)
    stories = StorySerializer(many=True, help_text="The same list under its older name.")
    user_stats = DonorStatisticsSerializer()


class LevelProgressSerializer(serializers.Serializer[Any]):
    current_level = serializers.IntegerField()
    next_level = serializers.IntegerField(allow_null=True)
    progress_to_next = serializers.DecimalField(max_digits=4, decimal_places=1, coerce_to_string=False)


class NextStoriesSerializer(serializers.Serializer[Any]):
    next_stories = StorySerializer(many=True)
    next_unlocks = StorySerializer(many=True, help_text="The same list under its older name.")
    progress = LevelProgressSerializer()
    user_stats = DonorStatisticsSerializer()


class StoryDetailSerializer(serializers.Serializer[Any]):
    story = ReadStorySerializer()
    progress = StoryProgressSerializer()


def progress_of(view: StoryView) -> dict[str, Any]:
    """Show the way; a story that was opened stays open, whatever the figures say since."""
    progress = view.progress
    figures = {
        "current_value": progress.current_value,
        "required_value": progress.required_value,
        "progress_percent": progress.progress_percent,
        "is_unlocked": view.is_unlocked,
        "remaining_amount": progress.remaining_amount,
    }
    return dict(StoryProgressSerializer(figures).data)


def _words(view: StoryView) -> Words:
    return view.story.words(get_language())
