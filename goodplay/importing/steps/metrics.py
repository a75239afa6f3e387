"""Metrics of organisations."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.steps.documents import LONG, keep, onlus_of, tags
from goodplay.importing.values import Reader, Refused
from goodplay.lib.time import rome_day
from impact.models import ImpactMetric
from impact.report_periods import period_of

COLLECTION = "impact_metrics"
MOST = Decimal("999999999999999.99")
PERIODS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
SHAPES = {"yearly": "annual"}
Period, Verification = ImpactMetric.Period, ImpactMetric.Verification


def bring(reader: Reader, key: str, context: Context) -> str:
    metric = old_metric(reader, context)
    metric.id = UUID(key)
    reader.natural_key = "/".join(
        map(
            str,
            (
                metric.onlus_id,
                metric.metric_type,
                metric.metric_name,
                metric.period_type,
                metric.period_start,
            ),
        )
    )
    return keep(metric, COLLECTION, reader, context)


def old_metric(reader: Reader, context: Context) -> ImpactMetric:
    created_at = reader.moment("created_at") or context.now
    collected_at = reader.moment("collection_date") or created_at
    period, start, end = _period(reader, collected_at)
    status = _verification(reader)
    is_verified = status == Verification.VERIFIED
    return ImpactMetric(
        onlus_id=onlus_of(reader, context),
        metric_name=reader.needed_text("metric_name", 120),
        metric_type=reader.needed_choice("metric_type", ImpactMetric.Type.values),
        metric_unit=_unit(reader),
        current_value=reader.needed_number("current_value", MOST),
        previous_value=reader.number("previous_value", MOST),
        target_value=reader.number("target_value", MOST),
        period_type=period,
        period_start=start,
        period_end=end,
        collection_date=collected_at,
        source=reader.text("source", 80, default="onlus_report"),
        verification_status=status,
        last_verified=(reader.moment("last_verified") or collected_at) if is_verified else None,
        dispute_reason=reader.text("dispute_reason", LONG),
        description=reader.text("description", LONG),
        methodology=reader.text("methodology", LONG),
        related_donations_count=reader.whole(
            "related_donations_count", least=0, most=2_000_000_000, default=0
        ),
        related_donations_amount=reader.number("related_donations_amount") or Decimal("0.00"),
        tags=tags(reader),
        metadata=reader.mapping("metadata"),
        is_active=reader.flag("is_active", default=True),
        created_at=created_at,
    )


def _unit(reader: Reader) -> str:
    name = "metric_unit" if "metric_unit" in reader.document else "unit"
    return reader.choice(name, ImpactMetric.Unit.values, ImpactMetric.Unit.CUSTOM)


def _verification(reader: Reader) -> str:
    if reader.document.get("verification_status") == "unverified":
        return Verification.PENDING
    return reader.choice("verification_status", Verification.values, Verification.PENDING)


def _period(reader: Reader, collected_at: datetime) -> tuple[str, datetime | None, datetime | None]:
    """Return the period with its bounds; where only its length is told, it is the one the value was collected in."""
    name = "period_type" if "period_type" in reader.document else "collection_period"
    written = reader.document.get(name, Period.ALL_TIME)
    period = PERIODS.get(written, written) if isinstance(written, str) else ""
    if period not in Period.values:
        raise Refused("UNKNOWN_VALUE", name)
    if period == Period.ALL_TIME:
        return period, None, None
    start, end = reader.moment("period_start"), reader.moment("period_end")
    if start is None or end is None:
        whole = period_of(SHAPES.get(period, period), rome_day(start or collected_at))
        return period, whole.start, whole.end
    return period, start, end


METRICS = Step(COLLECTION, bring, points_to=(("onlus_id", "onlus_organizations"),))
