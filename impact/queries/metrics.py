"""What ONLUS report: metrics with their trends, and what they add up to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.formats import number_format
from django.utils.translation import gettext

from donations.models import Donation
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.money import ZERO
from goodplay.lib.templatetags.house import euros
from impact.models import ImpactMetric, MetricEvidence, MetricPoint

TREND_DAYS = 30
MOST_POINTS = 30
Unit = ImpactMetric.Unit
HELPED = (Unit.PEOPLE, Unit.PROJECTS)
ZERO_VALUE = Decimal(0)


@dataclass(frozen=True, slots=True)
class MetricView:
    metric: ImpactMetric
    trend: dict[str, Any]
    points: list[dict[str, Any]]
    is_stale: bool


def metrics_of(onlus_id: UUID, *, period: str, now: datetime) -> list[MetricView]:
    """List the ONLUS's active metrics, the latest first, each with its last thirty days. Two queries."""
    rows = ImpactMetric.objects.active().of_onlus(onlus_id)
    if period:
        rows = rows.filter(period_type=period)
    return metric_views(list(rows.order_by("-collection_date", "id")), now)


@dataclass(frozen=True, slots=True)
class OwnMetric:
    """A metric as the organisation that counts it sees it."""

    metric: ImpactMetric
    value: str
    is_stale: bool
    evidence_count: int


def own_metrics(onlus_id: UUID, now: datetime) -> list[OwnMetric]:
    """List everything an ONLUS counts or counted, by name. Two queries."""
    rows = list(ImpactMetric.objects.of_onlus(onlus_id).order_by("metric_name", "id"))
    evidence = MetricEvidence.objects.filter(metric_id__in=[row.pk for row in rows])
    counts = dict(evidence.values_list("metric_id").annotate(number=Count("pk")).order_by())
    return [OwnMetric(row, formatted_value(row), row.is_stale(now), counts.get(row.pk, 0)) for row in rows]


def find_active(onlus_id: UUID, metric_id: UUID) -> ImpactMetric | None:
    return ImpactMetric.objects.active().of_onlus(onlus_id).filter(pk=metric_id).first()


def metric_views(metrics: list[ImpactMetric], now: datetime) -> list[MetricView]:
    """Look at metrics with their last thirty days: one query for all of them."""
    points = _points_of(metrics, since=now - timedelta(days=TREND_DAYS))
    return [
        MetricView(
            metric, trend(metric, points[metric.pk]), points[metric.pk][-MOST_POINTS:], metric.is_stale(now)
        )
        for metric in metrics
    ]


def trend(metric: ImpactMetric, points: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare the oldest reading with the value now; one reading alone says nothing."""
    readings = [point["value"] for point in points]
    if not readings or points[-1]["timestamp"] < metric.collection_date:
        readings.append(metric.current_value)
    known = len(readings) >= 2
    change = readings[-1] - readings[0]
    percentage = (change / readings[0] * 100).quantize(Decimal("0.01")) if readings[0] else Decimal("0.00")
    return {
        "trend": label_of(change) if known else "insufficient_data",
        "change_value": change if known else None,
        "change_percentage": percentage if known else None,
        "data_points": len(readings),
        "period_days": TREND_DAYS,
    }


def summary_of(onlus_id: UUID, metrics: Iterable[ImpactMetric]) -> dict[str, Any]:
    """Count and add up the metrics by type. Values of different units are never added."""
    by_type: defaultdict[str, list[ImpactMetric]] = defaultdict(list)
    for metric in metrics:
        by_type[metric.metric_type].append(metric)
    everything = [metric for group in by_type.values() for metric in group]
    verified = sum(metric.is_verified for metric in everything)
    donated = Donation.objects.completed().filter(onlus_id=onlus_id).aggregate(total=sum_kept())["total"]
    return {
        "onlus_id": onlus_id,
        "summary_by_type": {kind: _type_summary(group) for kind, group in sorted(by_type.items())},
        "totals": {
            "total_metrics": len(everything),
            "total_verified": verified,
            "overall_verification_rate": rate(verified, len(everything)),
            "total_donations_amount": euros_of(donated),
        },
    }


def impact_per_euro(metrics: Iterable[ImpactMetric]) -> Decimal | None:
    """Return people helped and projects per euro donated since they are counted; None when nothing was linked yet."""
    rows = [metric for metric in metrics if metric.metric_unit in HELPED]
    donated = sum((metric.related_donations_amount for metric in rows), ZERO)
    if not donated:
        return None
    helped = sum((metric.current_value for metric in rows), ZERO_VALUE)
    return (helped / donated).quantize(Decimal("0.0001"))


def donor_impact(given_by_onlus: Mapping[UUID, Decimal]) -> dict[str, int | None]:
    """Estimate what a donor's euros did from verified figures alone; None where there are none."""
    verified = ImpactMetric.objects.active().filter(
        onlus_id__in=list(given_by_onlus),
        metric_unit__in=HELPED,
        verification_status=ImpactMetric.Verification.VERIFIED,
    )
    metrics = list(verified)
    people = [row for row in metrics if row.metric_unit == Unit.PEOPLE and row.efficiency_ratio is not None]
    projects = [row.current_value for row in metrics if row.metric_unit == Unit.PROJECTS]
    shares = [
        given_by_onlus[row.onlus_id] / row.related_donations_amount * row.current_value for row in people
    ]
    return {
        "estimated_beneficiaries": _whole(sum(shares, ZERO_VALUE)) if people else None,
        "projects_supported": _whole(sum(projects, ZERO_VALUE)) if projects else None,
    }


def formatted_value(metric: ImpactMetric) -> str:
    return formatted(metric.metric_unit, metric.current_value)


def formatted(unit: str, value: Decimal) -> str:
    """Write a figure in its unit as the language that is on does: 1,234.5 kg or 1.234,5 kg."""
    if unit == Unit.EUR:
        return euros(_rounded(value, 2))
    if unit == Unit.PERCENTAGE:
        return f"{_number(value, 1)}%"
    if unit in (Unit.PEOPLE, Unit.ANIMALS, Unit.PROJECTS):
        return _number(value, 0)
    if unit == Unit.HOURS:
        return gettext("%(number)s hours") % {"number": _number(value, 1)}
    signs = {Unit.SQUARE_METERS: "m²", Unit.LITERS: "L", Unit.KILOGRAMS: "kg"}
    return f"{_number(value, 1)} {signs[Unit(unit)]}" if unit in signs else _number(value, 2)


def _number(value: Decimal, decimals: int) -> str:
    return number_format(_rounded(value, decimals), decimals, force_grouping=True)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    """Round as figures always were; what writes numbers cuts the rest off."""
    return round(value, decimals)


def _points_of(metrics: list[ImpactMetric], *, since: datetime) -> defaultdict[UUID, list[dict[str, Any]]]:
    keys = [metric.pk for metric in metrics]
    rows = MetricPoint.objects.filter(metric_id__in=keys, recorded_at__gte=since).order_by(
        "recorded_at", "id"
    )
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.metric_id].append(
            {"value": row.value, "timestamp": row.recorded_at, "source": _public(row)}
        )
    return found


def _public(point: MetricPoint) -> str:
    """Name the source without saying whose donation it was."""
    if point.donation_id:
        return "donation"
    return "refund" if point.refund_id else point.source


def label_of(change: Decimal) -> str:
    return "increasing" if change > 0 else "decreasing" if change < 0 else "stable"


def rate(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else Decimal("0.0")


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_DOWN))


def _type_summary(metrics: list[ImpactMetric]) -> dict[str, Any]:
    by_unit: defaultdict[str, list[Decimal]] = defaultdict(list)
    for metric in metrics:
        by_unit[metric.metric_unit].append(metric.current_value)
    units = {unit: _unit_summary(values) for unit, values in sorted(by_unit.items())}
    alone = next(iter(units.values())) if len(units) == 1 else {"total_value": None, "avg_value": None}
    verified = sum(metric.is_verified for metric in metrics)
    return {
        "metrics_count": len(metrics),
        "verified_count": verified,
        "verification_rate": rate(verified, len(metrics)),
        "total_value": alone["total_value"],
        "avg_value": alone["avg_value"],
        "by_unit": units,
        # Every donation counts towards every metric, so the largest is what was given; their sum is not.
        "total_donations_amount": max(metric.related_donations_amount for metric in metrics),
        "latest_update": max(metric.collection_date for metric in metrics),
        "metrics": metrics,
    }


def _unit_summary(values: list[Decimal]) -> dict[str, Any]:
    total = sum(values, ZERO_VALUE)
    average = (total / len(values)).quantize(Decimal("0.01"))
    return {"metrics_count": len(values), "total_value": total, "avg_value": average}
