"""How a metric came to its value: day by day, corrected, proved; and metrics side by side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DecimalField, FloatField, Max, Min, Q, QuerySet
from django.db.models.functions import Cast, TruncDay

from accounts.models import Onlus
from goodplay.lib.time import ROME, rome_day
from impact.models import ImpactMetric, MetricCorrection, MetricEvidence, MetricPoint, MetricReview
from impact.queries.metrics import ZERO_VALUE, label_of, rate

SERIES_DAYS = 365
LATEST = 100
"""How many corrections of one metric are told, and how many files that back it."""
_HUNDREDTHS, _TEN_THOUSANDTHS = Decimal("0.01"), Decimal("0.0001")
_EXACT = DecimalField(max_digits=30, decimal_places=10)
# Not of decimals: SQLite keeps whole ones as integers, and divides those to whole numbers.
_RATIO = Cast("value", FloatField()) / Cast("donations_amount", FloatField())


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """One day with readings: their average, and that of the value per euro donated by then."""

    day: date
    avg_value: Decimal
    avg_efficiency: Decimal | None
    readings: int


@dataclass(frozen=True, slots=True)
class Series:
    days: list[SeriesDay]
    statistics: dict[str, Any]
    label: str
    period_days: int


@dataclass(frozen=True, slots=True)
class RankedMetric:
    rank: int
    metric: ImpactMetric
    onlus_name: str


def series_of(metric: ImpactMetric, *, days: int, now: datetime) -> Series:
    """Return the readings of the last days by the calendar of Rome, oldest first. Two queries however many there are."""
    points = MetricPoint.objects.filter(metric_id=metric.pk, recorded_at__gt=now - timedelta(days=days))
    rows = (
        points.annotate(day=TruncDay("recorded_at", tzinfo=ROME))
        .values("day")
        .annotate(
            average=Avg("value", output_field=_EXACT),
            ratio=Avg(_RATIO, filter=Q(donations_amount__gt=0)),
            readings=Count("pk"),
        )
        .order_by("day")
    )
    found = [
        SeriesDay(
            rome_day(row["day"]),
            row["average"].quantize(_HUNDREDTHS),
            _written(row["ratio"]),
            row["readings"],
        )
        for row in rows
    ]
    return Series(found, _statistics(points), _label(found), days)


def _written(ratio: float | None) -> Decimal | None:
    return None if ratio is None else Decimal(str(ratio)).quantize(_TEN_THOUSANDTHS)


def _statistics(points: QuerySet[MetricPoint]) -> dict[str, Any]:
    told = points.aggregate(
        avg=Avg("value", output_field=_EXACT), min=Min("value"), max=Max("value"), count=Count("pk")
    )
    average = told["avg"].quantize(_HUNDREDTHS) if told["avg"] is not None else None
    return {**told, "avg": average}


def _label(days: list[SeriesDay]) -> str:
    if not days:
        return "no_data"
    if sum(day.readings for day in days) < 2:
        return "insufficient_data"
    return label_of(days[-1].avg_value - days[0].avg_value)


def corrections_of(metric_id: UUID) -> QuerySet[MetricCorrection]:
    rows = MetricCorrection.objects.filter(metric_id=metric_id)
    return rows.order_by("-corrected_at", "-pk")[:LATEST]


def reviews_of(metric_id: UUID) -> QuerySet[MetricReview]:
    return MetricReview.objects.filter(metric_id=metric_id).order_by("-reviewed_at", "-pk")


def evidence_of(metric_id: UUID) -> QuerySet[MetricEvidence]:
    rows = MetricEvidence.objects.filter(metric_id=metric_id)
    return rows.select_related("file").order_by("-submitted_at", "-pk")[:LATEST]


def top_metrics(*, unit: str, metric_type: str = "", limit: int = 10) -> list[RankedMetric]:
    """Rank verified metrics of one unit by what a euro did; ratios of different units are never compared."""
    rows = ImpactMetric.objects.ranked().filter(metric_unit=unit)
    if metric_type:
        rows = rows.filter(metric_type=metric_type)
    names = dict(Onlus.objects.public().values_list("pk", "name"))
    rated = [(metric.efficiency_ratio or ZERO_VALUE, metric) for metric in rows if metric.onlus_id in names]
    rated.sort(key=lambda each: (-each[0], str(each[1].pk)))
    ranked: list[RankedMetric] = []
    for place, (ratio, metric) in enumerate(rated[:limit], 1):
        tied = bool(ranked) and ranked[-1].metric.efficiency_ratio == ratio
        rank = ranked[-1].rank if tied else place
        ranked.append(RankedMetric(rank, metric, names[metric.onlus_id]))
    return ranked


def totals_by_unit(*, metric_type: str = "") -> list[dict[str, Any]]:
    """Add up what all public ONLUS report, unit by unit."""
    rows = ImpactMetric.objects.active()
    if metric_type:
        rows = rows.filter(metric_type=metric_type)
    public = set(Onlus.objects.public().values_list("pk", flat=True))
    by_unit: defaultdict[str, list[ImpactMetric]] = defaultdict(list)
    for metric in rows.order_by("id"):
        if metric.onlus_id in public:
            by_unit[metric.metric_unit].append(metric)
    return [{"metric_unit": unit, **_totals(metrics)} for unit, metrics in sorted(by_unit.items())]


def _totals(metrics: Iterable[ImpactMetric]) -> dict[str, Any]:
    rows = list(metrics)
    values = [metric.current_value for metric in rows]
    verified = sum(metric.is_verified for metric in rows)
    return {
        "total": sum(values, ZERO_VALUE),
        "avg": (sum(values, ZERO_VALUE) / len(values)).quantize(_HUNDREDTHS),
        "min": min(values),
        "max": max(values),
        "metric_count": len(rows),
        "onlus_count": len({metric.onlus_id for metric in rows}),
        "verified_count": verified,
        "verification_rate": rate(verified, len(rows)),
    }
