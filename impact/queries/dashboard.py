"""What the first screen of a client shows: the platform for everybody, and beside it the reader's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache

from accounts.models import Onlus
from impact.levels import LEVELS, percent_of
from impact.models import CommunityMilestone, ImpactStory, StoryUnlock
from impact.queries import updates
from impact.queries.community import Statistics, community_statistics
from impact.queries.donors import donor_statistics
from impact.queries.updates import UpdateView

DASHBOARD_KEY = "impact:community:dashboard"
DASHBOARD_CACHED_FOR = 15 * 60  # longer than the job that warms it takes to come again
RECENT_WITHIN = timedelta(days=365)
FEATURED, TRENDING, RECENT, STORIES, MILESTONES, NEXT = 5, 10, 10, 5, 5, 3


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What everybody sees of it."""

    statistics: Statistics
    featured_updates: list[UpdateView]
    trending_updates: list[UpdateView]
    recent_updates: list[UpdateView]
    featured_stories: list[ImpactStory]
    recent_milestones: list[CommunityMilestone]
    generated_at: datetime


def community_dashboard(now: datetime) -> Dashboard:
    """Return what everybody sees, of a quarter of an hour ago at most; a job keeps it warm."""
    dashboard: Dashboard | None = cache.get(DASHBOARD_KEY)
    return dashboard if dashboard is not None else warm_dashboard(now)


def warm_dashboard(now: datetime) -> Dashboard:
    dashboard = _community_dashboard(now)
    cache.set(DASHBOARD_KEY, dashboard, DASHBOARD_CACHED_FOR)
    return dashboard


def forget_dashboard() -> None:
    cache.delete(DASHBOARD_KEY)


def own_dashboard(user_id: UUID) -> dict[str, Any]:
    """Return the reader's own figures and the next levels."""
    statistics = donor_statistics(user_id)
    ahead = [level for level in LEVELS if level.amount > statistics.total_donated][:NEXT]
    return {
        "user_summary": {
            "total_donated": statistics.total_donated,
            "impact_score": statistics.impact_score,
            "unlocked_stories_count": StoryUnlock.objects.filter(user_id=user_id).count(),
            "current_level": statistics.current_level,
        },
        "next_milestones": [
            {
                "level": level.number,
                "name": level.name,
                "amount": level.amount,
                "remaining_amount": level.amount - statistics.total_donated,
                "progress_percent": percent_of(statistics.total_donated, level.amount),
            }
            for level in ahead
        ],
    }


def _community_dashboard(now: datetime) -> Dashboard:
    latest = updates.news(since=now - RECENT_WITHIN).order_by("-published_at", "id")[:RECENT]
    return Dashboard(
        statistics=community_statistics(now),
        featured_updates=updates.featured(limit=FEATURED, now=now),
        trending_updates=updates.trending(limit=TRENDING, now=now),
        recent_updates=updates.views(latest, now),
        featured_stories=_featured_stories(now),
        recent_milestones=list(CommunityMilestone.objects.order_by("-reached_at", "-id")[:MILESTONES]),
        generated_at=now,
    )


def _featured_stories(now: datetime) -> list[ImpactStory]:
    """List what is featured, of the platform and of organisations anybody may see."""
    found = ImpactStory.objects.active().filter(featured_until__gt=now).in_reading_order(now)
    rows = list(found[: STORIES * 4])
    public = Onlus.objects.public().filter(pk__in={row.onlus_id for row in rows if row.onlus_id})
    shown = set(public.values_list("pk", flat=True))
    return [row for row in rows if row.onlus_id is None or row.onlus_id in shown][:STORIES]
