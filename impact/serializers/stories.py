from typing import Any, ClassVar

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from impact.models import ImpactStory
from impact.models.stories import Words
from impact.queries.stories import MOST_STORIES, StoryView
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters


class AvailableStoriesQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "limit": "INVALID_LIMIT_VALUE",
        "include_locked": "INVALID_REQUEST",
    }

    category = serializers.CharField(required=False, default="", max_length=40)
    include_locked = serializers.BooleanField(required=False, default=False)
    limit = CappedIntegerField(most=MOST_STORIES, default=MOST_STORIES)


class StoryProgressSerializer(serializers.Serializer[Any]):
    current_value = NumberField()
    required_value = NumberField()
    progress_percent = serializers.DecimalField(max_digits=4, decimal_places=1, coerce_to_string=False)
    is_unlocked = serializers.BooleanField()
    remaining_amount = NumberField()


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
    estimated_read_time = serializers.IntegerField(source="story.estimated_read_time")
    priority = serializers.IntegerField(source="story.priority")
    is_featured = serializers.BooleanField()
    author = serializers.SerializerMethodField()
    tags = serializers.ListField(child=serializers.CharField(), source="story.tags")
    media_count = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="story.created_at")
    updated_at = serializers.DateTimeField(source="story.updated_at")
    is_unlocked = serializers.BooleanField()
    unlock_progress = serializers.SerializerMethodField()
    unlocked_at = serializers.DateTimeField(source="unlock.unlocked_at", default=None, allow_null=True)
    content = serializers.SerializerMethodField(help_text="Markdown; only in unlocked stories.")
    media_urls = serializers.ListField(
        child=serializers.URLField(), source="story.media_urls", help_text="Only in unlocked stories."
    )

    def to_representation(self, instance: StoryView) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not instance.is_unlocked:
            del shown["content"], shown["media_urls"]
        return shown

    def get_title(self, view: StoryView) -> str:
        return _words(view).title

    def get_preview_content(self, view: StoryView) -> str:
        return _words(view).preview_content

    def get_content(self, view: StoryView) -> str:
        return _words(view).content

    def get_thumbnail_url(self, view: StoryView) -> str | None:
        return view.story.thumbnail_url or None

    def get_author(self, view: StoryView) -> str | None:
        return view.story.author or None

    def get_media_count(self, view: StoryView) -> int:
        return len(view.story.media_urls)

    @extend_schema_field(StoryProgressSerializer)
    def get_unlock_progress(self, view: StoryView) -> Any:
        return progress_of(view)


class DonorStatisticsSerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    onlus_diversity = serializers.IntegerField()
    impact_score = NumberField()
    special_events = serializers.SerializerMethodField()
    last_donation_date = serializers.DateTimeField(allow_null=True)
    avg_donation_amount = EurosField()
    current_level = serializers.IntegerField(help_text="0 to 10: the thresholds reached.")

    def get_special_events(self, statistics: Any) -> list[str]:
        return []


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
    story = StorySerializer()
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
