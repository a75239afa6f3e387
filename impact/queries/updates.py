"""News of an ONLUS as the public sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from impact.models import ImpactUpdate


@dataclass(frozen=True, slots=True)
class UpdateView:
    update: ImpactUpdate
    is_featured: bool
    is_recent: bool
    age_hours: int | None


def updates_of(onlus_id: UUID, *, since: datetime, limit: int, now: datetime) -> list[UpdateView]:
    """List published news from `since` on, the most urgent first, then the newest."""
    rows = ImpactUpdate.objects.of_onlus(onlus_id).published_since(since).most_urgent_first()
    return [update_view(row, now) for row in rows[:limit]]


def count_updates(onlus_id: UUID, *, since: datetime) -> int:
    return ImpactUpdate.objects.of_onlus(onlus_id).published_since(since).count()


def update_view(update: ImpactUpdate, now: datetime) -> UpdateView:
    published = update.published_at
    return UpdateView(
        update=update,
        is_featured=update.is_featured(now),
        is_recent=update.is_recent(now),
        age_hours=(now - published) // timedelta(hours=1) if published else None,
    )
