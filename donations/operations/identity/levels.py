"""Changing what each level may move: one asks, another decides."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import IdentityLevel
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.money import ZERO

LIMITS = "identity_limits"


class LimitsNotInOrder(DomainError):
    code = "IDENTITY_LIMITS_INVALID"
    message = _("A day allows at least what one movement does, and a month what a day does.")


class LimitsChanged(Conflict):
    code = "IDENTITY_LIMITS_CHANGED"
    message = _("Somebody changed these limits since. Ask again.")


@transaction.atomic
def request_change(
    *,
    level: IdentityLevel,
    single_limit: Decimal,
    daily_limit: Decimal,
    monthly_limit: Decimal,
    requested_by: User,
    reason: str,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask a second person for other limits. Raises LimitsNotInOrder."""
    if not ZERO <= single_limit <= daily_limit <= monthly_limit:
        raise LimitsNotInOrder
    row = IdentityLevel.objects.select_for_update().get(pk=level.pk)
    wanted = {"single_limit": single_limit, "daily_limit": daily_limit, "monthly_limit": monthly_limit}
    facts = {**{name: str(value) for name, value in wanted.items()}, "before": _limits(row)}
    return request_approval(
        kind=LIMITS,
        target=row,
        facts=facts,
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_change(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    row = IdentityLevel.objects.select_for_update().get(pk=int(request.target_id))
    before = _limits(row)
    if before != request.facts["before"]:
        raise LimitsChanged
    for name in before:
        setattr(row, name, Decimal(request.facts[name]))
    row.updated_at = now
    row.save(update_fields=[*before, "updated_at"])
    trail.record(
        actor=request.decided_by,
        action="identity_limits_change",
        target=row,
        before=before,
        after=_limits(row),
        reason=request.reason,
        now=now,
    )
    return _limits(row)


def _limits(row: IdentityLevel) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in ("single_limit", "daily_limit", "monthly_limit")}
