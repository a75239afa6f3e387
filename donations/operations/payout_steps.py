"""The one way a payout changes its state, with its history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import BankFile, Payout, PayoutLine, PayoutRun, PayoutStatusChange
from goodplay.lib.errors import Conflict

Status = Payout.Status

# The column that dates each state.
_DATED = {
    Status.APPROVED: "approved_at",
    Status.EXPORTED: "exported_at",
    Status.ACCEPTED: "accepted_at",
    Status.SETTLED: "settled_at",
    Status.REJECTED: "closed_at",
    Status.RETURNED: "closed_at",
    Status.CANCELLED: "closed_at",
}


class PayoutStepNotAllowed(Conflict):
    code = "PAYOUT_STEP_NOT_ALLOWED"
    message = _("The payout is in a state in which this cannot be done.")


def locked_run(run_id: UUID) -> PayoutRun:
    """Lock a run. It comes before its payouts, always: whoever locks both locks them in this order."""
    return PayoutRun.objects.select_for_update().get(pk=run_id)


def locked(payouts: QuerySet[Payout]) -> list[Payout]:
    """Lock payouts, in the order of their keys."""
    rows = payouts.select_for_update(of=("self",)).select_related("run", "onlus", "account", "hold")
    return list(rows.order_by("pk"))


def begin(payout: Payout, *, now: datetime, actor: User | None) -> None:
    """Store a payout with the first line of its history."""
    payout.save(force_insert=True)
    PayoutStatusChange.objects.create(payout=payout, to_status=payout.status, actor=actor, changed_at=now)


def step(
    payout: Payout,
    to: Payout.Status,
    *,
    now: datetime,
    actor: User | None = None,
    bank_file: BankFile | None = None,
    reason_code: str = "",
    detail: str = "",
    **columns: Any,
) -> None:
    """Bring a locked payout into its next state. Given up, its donations are free for another payout.

    Raises PayoutStepNotAllowed. Money is moved by whoever calls.
    """
    if not payout.may_become(to):
        raise PayoutStepNotAllowed
    PayoutStatusChange.objects.create(
        payout=payout,
        from_status=payout.status,
        to_status=to,
        actor=actor,
        bank_file=bank_file,
        reason_code=reason_code,
        detail=detail[:300],
        changed_at=now,
    )
    columns |= {"status": to, _DATED[to]: now}
    if to in Payout.CLOSED:
        columns["reason_code"] = reason_code
        PayoutLine.objects.filter(payout=payout).update(is_live=False)
    for name, value in columns.items():
        setattr(payout, name, value)
    payout.save(update_fields=list(columns))
