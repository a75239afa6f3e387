"""What ONLUS report: new readings, corrections of wrong ones, metrics that are no longer counted."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit import trail
from goodplay.lib.db import claim, transaction_lock
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.money import ZERO
from impact.caches import forget_onlus
from impact.models import ImpactMetric, MetricCorrection, MetricPoint, MetricTally

Status = ImpactMetric.Verification
LARGEST_VALUE = Decimal("9999999999999999.99")


class MetricNotFound(NotFound):
    code = "METRIC_NOT_FOUND"
    message = _("There is no such metric.")


class MetricChanged(Conflict):
    code = "METRIC_UPDATE_FAILED"
    message = _("The metric has changed in the meantime. Look at it again, then repeat what you did.")


class TooManyMetrics(DomainError):
    code = "METRIC_LIMIT_REACHED"
    message = _("There are as many metrics as an organisation can have. Stop counting one first.")


class UnitFixed(DomainError):
    code = "METRIC_UNIT_INVALID"
    message = _("This metric is counted in another unit. Give what you count now a name of its own.")


class PeriodNotDated(DomainError):
    code = "METRIC_PERIOD_DATES_INVALID"
    message = _("Say when the period starts and ends; a metric of all time has neither.")


class CollectedAtImpossible(DomainError):
    code = "METRIC_COLLECTION_DATE_INVALID"
    message = _("Say when this was counted: not in the future, and not before the last reading.")


class NothingToCorrect(DomainError):
    code = "METRIC_CORRECTION_UNCHANGED"
    message = _("That is the value already.")


class CorrectionReasonRequired(DomainError):
    code = "METRIC_CORRECTION_REASON_REQUIRED"
    message = _("Say why the value was wrong: everybody can read it.")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it is reported. What is None stays as the metric has it."""

    metric_name: str
    metric_type: str
    metric_unit: str
    current_value: Decimal
    target_value: Decimal | None = None
    period_type: str = ImpactMetric.Period.ALL_TIME
    period_start: datetime | None = None
    period_end: datetime | None = None
    collection_date: datetime | None = None
    description: str | None = None
    methodology: str | None = None
    tags: list[str] | None = None
    related_donations_amount: Decimal | None = None
    details: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        names = ("target_value", "description", "methodology", "tags")
        told = {name: getattr(self, name) for name in names}
        self.details.update({name: value for name, value in told.items() if value is not None})

    @property
    def is_dated(self) -> bool:
        if self.period_type == ImpactMetric.Period.ALL_TIME:
            return self.period_start is None and self.period_end is None
        return bool(self.period_start and self.period_end and self.period_start <= self.period_end)


@transaction.atomic
def report(
    *, onlus_id: UUID, reading: Reading, actor: Any, source: str, now: datetime, address: str = ""
) -> tuple[ImpactMetric, bool]:
    """Take a value in: as a reading of the metric of this name, type and period, or as a new metric.

    Returns the metric, and whether it is new. Reports about one ONLUS wait for each other, so two at once make one metric.
    """
    if not reading.is_dated:
        raise PeriodNotDated
    if reading.collection_date is not None and reading.collection_date > now:
        raise CollectedAtImpossible
    transaction_lock(f"metrics of {onlus_id}")
    known = ImpactMetric.objects.of_onlus(onlus_id).filter(
        metric_type=reading.metric_type,
        metric_name=reading.metric_name,
        period_type=reading.period_type,
        period_start=reading.period_start,
    )
    metric = known.order_by("id").first()
    if metric is None:
        metric = _add(onlus_id, reading, source, now)
        _note(metric, "metric_add", actor, {}, now, address)
        return metric, True
    if metric.metric_unit != reading.metric_unit:
        raise UnitFixed
    return _renew(metric, reading, actor, source, now, address), False


@transaction.atomic
def correct(
    *,
    metric: ImpactMetric,
    new_value: Decimal,
    reason: str,
    seen_value: Decimal,
    actor: Any,
    now: datetime,
    by_staff: bool = False,
    address: str = "",
) -> ImpactMetric:
    """Replace a value that was wrong. What it was and why stays readable for everybody.

    What an ONLUS corrects is to be verified anew. Refused when the value is no longer the one that was seen.
    """
    if not reason.strip():
        raise CorrectionReasonRequired
    current = locked(metric.pk)
    if current.current_value != seen_value:
        raise MetricChanged
    if current.current_value == new_value:
        raise NothingToCorrect
    _remember(current)
    MetricCorrection.objects.create(
        metric_id=current.pk,
        old_value=current.current_value,
        new_value=new_value,
        reason=reason.strip(),
        corrected_by=actor,
        by_staff=by_staff,
        corrected_at=now,
    )
    _add_point(current, new_value, "correction", now)
    before = _facts(current)
    changes = {"current_value": new_value, "previous_value": current.current_value, **_to_verify_anew()}
    current = change(current, changes, now)
    _note(current, "metric_correct", actor, before, now, address, reason)
    return current


@transaction.atomic
def describe(
    *, metric: ImpactMetric, details: dict[str, Any], actor: Any, now: datetime, address: str = ""
) -> ImpactMetric:
    """Change the words around a metric and its target: the value stays what it was, and as verified as it was."""
    names = ("target_value", "description", "methodology", "tags")
    changes = {name: details[name] for name in names if name in details}
    current = locked(metric.pk)
    before = {name: getattr(current, name) for name in changes}
    current = change(current, changes, now)
    _note(current, "metric_describe", actor, before, now, address, after=changes)
    return current


@transaction.atomic
def set_active(
    *, metric: ImpactMetric, is_active: bool, actor: Any, now: datetime, address: str = ""
) -> ImpactMetric:
    """Stop counting a metric, or go on: one that is not counted is not shown, and no donation counts towards it."""
    transaction_lock(f"metrics of {metric.onlus_id}")
    current = locked(metric.pk)
    if current.is_active == is_active:
        return current
    if is_active:
        _check_room(current.onlus_id)
    current = change(current, {"is_active": is_active}, now)
    _note(current, "metric_count" if is_active else "metric_retire", actor, {}, now, address)
    return current


def locked(metric_id: UUID) -> ImpactMetric:
    """Return the metric as it is, kept from donations until the transaction ends: its tally row is locked."""
    MetricTally.objects.select_for_update().filter(pk=metric_id).first()
    metric = ImpactMetric.objects.filter(pk=metric_id).first()
    if metric is None:
        raise MetricNotFound
    return metric


def change(metric: ImpactMetric, changes: dict[str, Any], now: datetime) -> ImpactMetric:
    """Write, provided nobody changed value or state since the metric was read. Raises MetricChanged."""
    as_read = ImpactMetric.objects.filter(
        pk=metric.pk,
        current_value=metric.current_value,
        verification_status=metric.verification_status,
        is_active=metric.is_active,
    )
    if not claim(as_read, **changes, updated_at=now):
        raise MetricChanged
    metric.refresh_from_db()
    forget_onlus(metric.onlus_id)
    return metric


def _add(onlus_id: UUID, reading: Reading, source: str, now: datetime) -> ImpactMetric:
    _check_room(onlus_id)
    metric = ImpactMetric.objects.create(
        onlus_id=onlus_id,
        metric_name=reading.metric_name,
        metric_type=reading.metric_type,
        metric_unit=reading.metric_unit,
        current_value=reading.current_value,
        period_type=reading.period_type,
        period_start=reading.period_start,
        period_end=reading.period_end,
        collection_date=reading.collection_date or now,
        source=source,
        related_donations_amount=reading.related_donations_amount or ZERO,
        created_at=now,
        **reading.details,
    )
    _add_point(metric, metric.current_value, source, metric.collection_date)
    forget_onlus(onlus_id)
    return metric


def _renew(
    metric: ImpactMetric, reading: Reading, actor: Any, source: str, now: datetime, address: str
) -> ImpactMetric:
    current = locked(metric.pk)
    collected = reading.collection_date or now
    if collected < current.collection_date:
        raise CollectedAtImpossible
    _remember(current)
    _add_point(current, reading.current_value, source, collected)
    before = _facts(current)
    changes: dict[str, Any] = {**reading.details, "collection_date": collected, "source": source}
    if reading.current_value != current.current_value:
        changes |= {
            "current_value": reading.current_value,
            "previous_value": current.current_value,
            **_to_verify_anew(),
        }
    if not current.is_active:
        _check_room(current.onlus_id)
        changes["is_active"] = True
    current = change(current, changes, now)
    _note(current, "metric_report", actor, before, now, address)
    return current


def _check_room(onlus_id: UUID) -> None:
    if ImpactMetric.objects.active().of_onlus(onlus_id).count() >= settings.MAX_METRICS_PER_ONLUS:
        raise TooManyMetrics


def _to_verify_anew() -> dict[str, Any]:
    return {
        "verification_status": Status.PENDING,
        "verified_by": None,
        "dispute_reason": "",
        "disputed_by": None,
        "disputed_at": None,
    }


def _remember(metric: ImpactMetric) -> None:
    """Keep a reading of the value about to go, when none was: metrics from elsewhere come without a history."""
    if not MetricPoint.objects.filter(metric_id=metric.pk).exists():
        _add_point(metric, metric.current_value, metric.source, metric.collection_date)


def _add_point(metric: ImpactMetric, value: Decimal, source: str, at: datetime) -> None:
    MetricPoint.objects.create(
        metric_id=metric.pk,
        value=value,
        donations_amount=metric.related_donations_amount,
        source=source,
        recorded_at=at,
    )


def _facts(metric: ImpactMetric) -> dict[str, Any]:
    return {"current_value": metric.current_value, "verification_status": metric.verification_status}


def _note(
    metric: ImpactMetric,
    action: str,
    actor: Any,
    before: dict[str, Any],
    now: datetime,
    address: str,
    reason: str = "",
    after: dict[str, Any] | None = None,
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=metric,
        before=before,
        after=_facts(metric) if after is None else after,
        reason=reason.strip(),
        address=address,
        now=now,
    )
