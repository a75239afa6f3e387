"""The stories organisations proposed."""

from uuid import UUID

from django.db.models import Count, QuerySet

from impact.models import ImpactStory, StoryProposal, StoryUnlock


def proposals_of(onlus_id: UUID) -> "QuerySet[StoryProposal]":
    """List an organisation's proposals, the latest first."""
    rows = StoryProposal.objects.filter(onlus=onlus_id).select_related("proposed_by")
    return rows.order_by("-created_at", "-id")


def published_stories(onlus_id: UUID) -> list[ImpactStory]:
    """List the organisation's stories that are out, the latest first."""
    return list(ImpactStory.objects.active().filter(onlus_id=onlus_id).order_by("-created_at", "id")[:50])


def readers_of(story_ids: list[UUID]) -> dict[UUID, int]:
    """Count by how many each story was opened."""
    rows = StoryUnlock.objects.filter(story_id__in=story_ids).order_by().values("story_id")
    counted = rows.annotate(readers=Count("id")).values_list("story_id", "readers")
    return {**dict.fromkeys(story_ids, 0), **dict(counted)}
