"""Stories as players see them."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id
from impact.operations.stories import StoryNotFound, view_story
from impact.queries import stories
from impact.serializers import stories as story_shapes
from impact.viewsets.asking import asked_of

NEXT_STORIES = 5


class StoryViewSet(ApiViewSet):
    """Stories as the signed-in player sees them."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = story_shapes.StorySerializer
    messages: ClassVar[dict[str, str]] = {
        "available": "STORIES_RETRIEVED_SUCCESS",
        "progress": "NEXT_STORIES_SUCCESS",
        "retrieve": "STORY_PROGRESS_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"retrieve": (StoryNotFound,)}

    @extend_schema(
        parameters=[story_shapes.AvailableStoriesQuery], responses=story_shapes.AvailableStoriesSerializer
    )
    def available(self, request: Request) -> Response:
        """List the stories the player has unlocked; with `include_locked`, the others too."""
        asked = asked_of(story_shapes.AvailableStoriesQuery, request)
        shelf = stories.available_stories(self.caller_id, now=timezone.now(), **asked)
        shown = {
            "available_stories": shelf.stories,
            "stories": shelf.stories,
            "user_stats": shelf.statistics,
        }
        return Response(story_shapes.AvailableStoriesSerializer(shown).data)

    @extend_schema(responses=story_shapes.NextStoriesSerializer)
    def progress(self, request: Request) -> Response:
        """List the stories the player is nearest to."""
        shelf = stories.next_stories(self.caller_id, limit=NEXT_STORIES, now=timezone.now())
        shown = {
            "next_stories": shelf.stories,
            "next_unlocks": shelf.stories,
            "progress": stories.level_progress(shelf.statistics),
            "user_stats": shelf.statistics,
        }
        return Response(story_shapes.NextStoriesSerializer(shown).data)

    @extend_schema(responses=story_shapes.StoryDetailSerializer)
    def retrieve(self, request: Request, story_id: str) -> Response:
        """Show a story, with its text once it is unlocked. The first look at an unlocked story is noted."""
        now = timezone.now()
        story = view_story(user_id=self.caller_id, story_id=parse_id(story_id), now=now)
        view = stories.story_view(self.caller_id, story, now)
        shown = {"story": view, "progress": story_shapes.progress_of(view)}
        return Response(story_shapes.StoryDetailSerializer(shown).data)
