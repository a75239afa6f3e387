"""What the public pages tell of money: since the beginning, and for each organisation."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q, QuerySet

from accounts.models import Onlus, OnlusCategory
from donations.operations import rollups
from donations.queries.flows import Flows, Standing, flows, standings
from goodplay.lib.money import ZERO
from impact.models import CommunityReport, DayRoot, ImpactStory
from impact.queries.proofs import published_roots
from impact.queries.reports import published_reports

KEPT_FOR = 5 * 60
LATEST_REPORTS, LATEST_ROOTS = 6, 7
FIGURES_KEY = "public:transparency"


@dataclass(frozen=True, slots=True)
class Row:
    """One organisation beside the others; without a key it is those that are listed no more, together."""

    onlus_id: UUID | None
    name: str
    standing: Standing
    share: int
    """In hundredths of the one that received most."""
    report_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    flows: Flows
    rows: list[Row]
    made_at: datetime


def transparency_figures(now: datetime) -> Figures:
    """Return where all the money is, of at most five minutes ago."""
    figures: Figures | None = cache.get(FIGURES_KEY)
    if figures is None:
        figures = _figures(now)
        cache.set(FIGURES_KEY, figures, KEPT_FOR)
    return figures


def latest_reports() -> list[CommunityReport]:
    return list(published_reports()[:LATEST_REPORTS])


def latest_roots() -> list[DayRoot]:
    return list(published_roots()[:LATEST_ROOTS])


def organisations(
    *, search: str = "", category: str = "", region: str = "", now: datetime
) -> "QuerySet[Onlus]":
    """List the public organisations by name; every word searched for must be somewhere.

    Who owes a report for long is listed, and not found.
    """
    rows = Onlus.objects.public().select_related("category")
    if search:
        rows = rows.searchable(now)
    for word in search.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(mission_statement__icontains=word) | Q(city__icontains=word)
        )
    if category:
        rows = rows.filter(category=category)
    if region:
        rows = rows.filter(region=region)
    return rows.order_by("name", "pk")


def regions() -> list[str]:
    named = Onlus.objects.public().exclude(region="").order_by("region")
    return list(named.values_list("region", flat=True).distinct())


def categories_in_use() -> list[OnlusCategory]:
    used = Onlus.objects.public().order_by().values("category")
    return list(OnlusCategory.objects.filter(pk__in=used).order_by("-priority", "name"))


def story_teasers(onlus_id: UUID, now: datetime, *, limit: int) -> list[ImpactStory]:
    stories = ImpactStory.objects.active().filter(onlus_id=onlus_id).in_reading_order(now)
    return list(stories[:limit])


def _figures(now: datetime) -> Figures:
    rollups.roll_up(now=now)
    found = standings()
    public = Onlus.objects.public().filter(pk__in=list(found))
    listed = {key: (name, due) for key, name, due in public.values_list("pk", "name", "report_due_at")}
    most = max((each.received for each in found.values()), default=ZERO)
    rows = [
        Row(key, listed[key][0], each, _share(each.received, most), listed[key][1])
        for key, each in found.items()
        if key in listed and each.received
    ]
    rows.sort(key=lambda row: (-row.standing.received, row.name))
    others = [each for key, each in found.items() if key not in listed]
    if any(each.received for each in others):
        together = Standing(
            received=sum((each.received for each in others), ZERO),
            waiting=sum((each.waiting for each in others), ZERO),
            on_the_way=sum((each.on_the_way for each in others), ZERO),
            paid_out=sum((each.paid_out for each in others), ZERO),
        )
        rows.append(Row(None, "", together, min(100, _share(together.received, most))))
    return Figures(flows=flows(), rows=rows, made_at=now)


def _share(amount: Decimal, most: Decimal) -> int:
    return max(1, int(amount * 100 / most)) if amount > 0 and most else 0
