"""What staff say about a value: it was checked, it is doubted, the doubt is settled."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from accounts.operations.application_states import refuse_own
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError
from impact.models import ImpactMetric, MetricReview
from impact.operations import metric_reports
from impact.operations.metric_reports import MetricChanged
from impact.signals import metric_disputed, metric_verified

Status = ImpactMetric.Verification
Decision = MetricReview.Decision


class NotToVerify(Conflict):
    code = "METRIC_NOT_PENDING"
    message = _("Only a metric that waits for it can be verified.")


class AlreadyDisputed(Conflict):
    code = "METRIC_ALREADY_DISPUTED"
    message = _("The metric is disputed already.")


class NotDisputed(Conflict):
    code = "METRIC_NOT_DISPUTED"
    message = _("The metric is not disputed.")


class ReasonRequired(DomainError):
    code = "METRIC_DISPUTE_REASON_REQUIRED"
    message = _("Say what is wrong: the organisation reads it.")


@transaction.atomic
def verify(
    *,
    metric: ImpactMetric,
    seen_value: Decimal,
    actor: Any,
    now: datetime,
    reason: str = "",
    address: str = "",
) -> ImpactMetric:
    """Say that the value was checked. Refused when it is no longer the value that was looked at."""
    current = _looked_at(metric, seen_value, actor)
    if current.verification_status != Status.PENDING:
        raise NotToVerify
    current = _decide(current, Decision.VERIFIED, _verified(actor, now), actor, reason, now, address)
    metric_verified.announce(metric=current)
    return current


@transaction.atomic
def dispute(
    *, metric: ImpactMetric, seen_value: Decimal, actor: Any, reason: str, now: datetime, address: str = ""
) -> ImpactMetric:
    """Say that the value is doubted, and why: it leaves the rankings and carries a badge."""
    if not reason.strip():
        raise ReasonRequired
    current = _looked_at(metric, seen_value, actor)
    if current.verification_status == Status.DISPUTED:
        raise AlreadyDisputed
    changes = {
        "verification_status": Status.DISPUTED,
        "dispute_reason": reason.strip(),
        "disputed_by": actor,
        "disputed_at": now,
    }
    current = _decide(current, Decision.DISPUTED, changes, actor, reason, now, address)
    metric_disputed.announce(metric=current)
    return current


@transaction.atomic
def resolve(
    *,
    metric: ImpactMetric,
    seen_value: Decimal,
    actor: Any,
    reason: str,
    now: datetime,
    corrected_value: Decimal | None = None,
    address: str = "",
) -> ImpactMetric:
    """Settle a dispute: the value stands, or staff put it right; verified it is in both cases."""
    if not reason.strip():
        raise ReasonRequired
    current = _looked_at(metric, seen_value, actor)
    if current.verification_status != Status.DISPUTED:
        raise NotDisputed
    decision = Decision.UPHELD
    if corrected_value is not None:
        decision = Decision.CORRECTED
        current = metric_reports.correct(
            metric=current,
            new_value=corrected_value,
            reason=reason,
            seen_value=seen_value,
            actor=actor,
            by_staff=True,
            address=address,
            now=now,
        )
    current = _decide(current, decision, _verified(actor, now), actor, reason, now, address)
    metric_verified.announce(metric=current)
    return current


def _looked_at(metric: ImpactMetric, seen_value: Decimal, actor: Any) -> ImpactMetric:
    """Return the metric as it is, when it is as it was seen, and this person has no seat in its organisation."""
    current = metric_reports.locked(metric.pk)
    refuse_own(Onlus.objects.get(pk=current.onlus_id), actor)
    if not current.is_active or current.current_value != seen_value:
        raise MetricChanged
    return current


def _verified(actor: Any, now: datetime) -> dict[str, Any]:
    return {
        "verification_status": Status.VERIFIED,
        "verified_by": actor,
        "last_verified": now,
        "dispute_reason": "",
        "disputed_by": None,
        "disputed_at": None,
    }


def _decide(
    metric: ImpactMetric,
    decision: Decision,
    changes: dict[str, Any],
    actor: Any,
    reason: str,
    now: datetime,
    address: str,
) -> ImpactMetric:
    before = metric.verification_status
    MetricReview.objects.create(
        metric_id=metric.pk,
        decision=decision,
        value=metric.current_value,
        reason=reason.strip(),
        reviewer=actor,
        reviewed_at=now,
    )
    metric = metric_reports.change(metric, changes, now)
    trail.record(
        actor=actor,
        action=f"metric_{decision.value}",
        target=metric,
        before={"verification_status": before},
        after={"verification_status": metric.verification_status, "current_value": metric.current_value},
        reason=reason.strip(),
        address=address,
        now=now,
    )
    return metric
