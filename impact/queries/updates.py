"""News of ONLUS as the public sees it, and as their writers do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Onlus
from goodplay.lib.pictures.models import Picture
from goodplay.lib.pictures.queries import pictures_of
from impact.models import ImpactUpdate, UpdateComment, UpdateReaction


@dataclass(frozen=True, slots=True)
class UpdateView:
    update: ImpactUpdate
    is_featured: bool
    is_recent: bool
    age_hours: int | None
    pictures: list[Picture] = field(default_factory=list)


def updates_of(onlus_id: UUID, *, since: datetime, limit: int, now: datetime) -> list[UpdateView]:
    """List published news from `since` on, the most urgent first, then the newest."""
    rows = ImpactUpdate.objects.of_onlus(onlus_id).published_since(since).most_urgent_first()
    return views(rows[:limit], now)


def count_updates(onlus_id: UUID, *, since: datetime) -> int:
    return ImpactUpdate.objects.of_onlus(onlus_id).published_since(since).count()


def news(*, since: datetime, update_type: str = "", priority: int | None = None) -> QuerySet[ImpactUpdate]:
    """List what every public ONLUS published since, the most urgent first, then the newest."""
    rows = _of_public_onlus(ImpactUpdate.objects.published_since(since))
    if update_type:
        rows = rows.filter(update_type=update_type)
    if priority is not None:
        rows = rows.filter(priority=priority)
    return rows.order_by("-priority", "-published_at", "id")


def trending(*, limit: int, now: datetime) -> list[UpdateView]:
    since = now - timedelta(hours=settings.TRENDING_UPDATE_WINDOW)
    return views(_of_public_onlus(ImpactUpdate.objects.trending(since))[:limit], now)


def featured(*, limit: int, now: datetime) -> list[UpdateView]:
    rows = _of_public_onlus(ImpactUpdate.objects.featured(now))
    return views(rows.order_by("-priority", "-published_at", "id")[:limit], now)


def find_public(update_id: UUID) -> ImpactUpdate | None:
    """Return an update anybody may see, of an ONLUS anybody may see."""
    update = ImpactUpdate.objects.public().filter(pk=update_id).first()
    if update is None or not Onlus.objects.public().filter(pk=update.onlus_id).exists():
        return None
    return update


def update_view(update: ImpactUpdate, now: datetime, pictures: Iterable[Picture] = ()) -> UpdateView:
    published = update.published_at
    return UpdateView(
        update=update,
        is_featured=update.is_featured(now),
        is_recent=update.is_recent(now),
        age_hours=(now - published) // timedelta(hours=1) if published else None,
        pictures=list(pictures),
    )


def views(rows: Iterable[ImpactUpdate], now: datetime) -> list[UpdateView]:
    """Look at updates with their pictures: one query for all of them."""
    updates = list(rows)
    shown = pictures_of(updates)
    return [update_view(update, now, shown[update.pk]) for update in updates]


def reactions_of(user_id: UUID, update_id: UUID) -> set[str]:
    """Return what somebody has done with an update."""
    rows = UpdateReaction.objects.filter(user_id=user_id, update_id=update_id)
    return set(rows.values_list("kind", flat=True))


def comments_on(update_id: UUID) -> QuerySet[UpdateComment]:
    """List what is readable under an update, the latest first."""
    rows = UpdateComment.objects.visible().filter(update_id=update_id)
    return rows.select_related("author").order_by("-created_at", "-pk")


def written_by(onlus_id: UUID) -> QuerySet[ImpactUpdate]:
    """List everything an ONLUS wrote, the latest first."""
    return ImpactUpdate.objects.of_onlus(onlus_id).order_by("-created_at", "id")


def _of_public_onlus(rows: "QuerySet[ImpactUpdate]") -> "QuerySet[ImpactUpdate]":
    """Leave out organisations that are no longer shown. Their keys are few, and documents cannot be joined."""
    hidden = Onlus.objects.exclude(pk__in=Onlus.objects.public().values("pk"))
    return rows.exclude(onlus_id__in=list(hidden.values_list("pk", flat=True)))
