"""Asking for a dangerous action, and deciding on it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.registry import KINDS, Act, Kind
from goodplay.lib.approvals.signals import approval_decided, approval_requested
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict, DomainError

State = ApprovalRequest.State
LONGEST_SUMMARY = 300


class FourEyesRequired(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("A second person decides: nobody decides on what they asked for themselves.")


class ApprovalNotYours(AccessDenied):
    message = _("Only the person who asked can take the request back.")


class AlreadyRequested(Conflict):
    code = "APPROVAL_ALREADY_REQUESTED"
    message = _("This was asked for already and waits for a second person.")


class AlreadyDecided(Conflict):
    code = "APPROVAL_ALREADY_DECIDED"
    message = _("This request was decided already.")


class ApprovalExpired(Conflict):
    code = "APPROVAL_EXPIRED"
    message = _("This request waited too long. Ask for it again.")


class ReasonRequired(DomainError):
    code = "REASON_REQUIRED"
    message = _("Say why: the reason stays on record.")


@transaction.atomic
def request_approval(
    *,
    kind: str,
    target: models.Model,
    facts: Mapping[str, Any],
    requested_by: Any,
    reason: str,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask for an action of this kind on the target. `facts` are what will be done, as the one who decides reads them.

    The caller decides who may ask. One request of a kind waits for each target; one that waited too long makes room.
    """
    declared, reason = KINDS[kind], _given(reason)
    for overdue in ApprovalRequest.objects.overdue(now).about(target).filter(kind=kind):
        _expire(overdue, now)
    request = ApprovalRequest(
        kind=kind,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        summary=Truncator(str(declared.describe(target, facts))).chars(LONGEST_SUMMARY),
        facts=_plain(facts),
        requested_by=requested_by,
        requested_at=now,
        reason=reason,
        expires_at=now + declared.expires_after,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        if not ApprovalRequest.objects.pending().about(target).filter(kind=kind).exists():
            raise
        raise AlreadyRequested from error
    _note(request, requested_by, "approval_requested", reason, address, now)
    approval_requested.announce(request=request)
    return request


@transaction.atomic
def approve(
    *, request: ApprovalRequest, decided_by: Any, now: datetime, reason: str = "", address: str = ""
) -> ApprovalRequest:
    """Do what was asked for, and mark the request approved, together or not at all.

    Holds the request's row until the transaction ends, so it is done once. When the kind's own operation refuses,
    its DomainError rises and the request stays open.
    """
    row, kind = _deciding(request, decided_by, now)
    row.decided_by, row.decided_at, row.decision_reason = decided_by, now, reason.strip()
    # Before the row is written: whoever asks for the same now finds it still open, and does not wait for us.
    row.result = _plain(kind.perform(request=row, now=now))
    return _close(row, State.APPROVED, decided_by, address)


@transaction.atomic
def reject(
    *, request: ApprovalRequest, decided_by: Any, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    row, kind = _deciding(request, decided_by, now)
    row.decided_by, row.decided_at, row.decision_reason = decided_by, now, _given(reason)
    _give_up(kind.give_up, row, now)
    return _close(row, State.REJECTED, decided_by, address)


@transaction.atomic
def cancel(
    *, request: ApprovalRequest, cancelled_by: Any, now: datetime, reason: str = "", address: str = ""
) -> ApprovalRequest:
    """Take back what one asked for."""
    row = _locked(request)
    if row.requested_by_id != cancelled_by.pk:
        raise ApprovalNotYours
    row.decided_at, row.decision_reason = now, reason.strip()
    _give_up(KINDS[row.kind].give_up, row, now)
    return _close(row, State.CANCELLED, cancelled_by, address)


def expire_due(*, now: datetime) -> int:
    """Close what waited too long, each in its own transaction; return how many."""
    return sum(
        _expire_one(pk, now) for pk in ApprovalRequest.objects.overdue(now).values_list("pk", flat=True)
    )


@transaction.atomic
def _expire_one(pk: Any, now: datetime) -> bool:
    row = ApprovalRequest.objects.overdue(now).select_for_update().filter(pk=pk).first()
    if row is not None:
        _expire(row, now)
    return row is not None


def _expire(row: ApprovalRequest, now: datetime) -> None:
    row.decided_at = now
    kind = KINDS.get(row.kind)
    _give_up(kind.give_up if kind else None, row, now)
    _close(row, State.EXPIRED, None, "")


def _deciding(request: ApprovalRequest, decided_by: Any, now: datetime) -> tuple[ApprovalRequest, Kind]:
    """Return the open row, locked, when this person may decide on it now."""
    row = _locked(request)
    kind = KINDS[row.kind]
    if not decided_by.has_perm(kind.permission):
        raise AccessDenied
    if row.requested_by_id == decided_by.pk:
        raise FourEyesRequired
    if row.is_overdue(now):
        raise ApprovalExpired
    return row, kind


def _locked(request: ApprovalRequest) -> ApprovalRequest:
    row = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    if not row.is_pending:
        raise AlreadyDecided
    return row


def _give_up(act: Act | None, row: ApprovalRequest, now: datetime) -> None:
    if act is not None:
        row.result = _plain(act(request=row, now=now))


def _close(row: ApprovalRequest, state: State, actor: Any, address: str) -> ApprovalRequest:
    assert row.decided_at is not None  # noqa: S101  (every caller dated it)
    row.state = state
    row.save(update_fields=["state", "decided_by", "decided_at", "decision_reason", "result"])
    _note(row, actor, f"approval_{state}", row.decision_reason, address, row.decided_at)
    approval_decided.announce(request=row)
    return row


def _note(row: ApprovalRequest, actor: Any, action: str, reason: str, address: str, now: datetime) -> None:
    after = {
        "state": row.state,
        "kind": row.kind,
        "about": f"{row.target_type} {row.target_id}",
        "summary": row.summary,
        "facts": row.facts,
        "result": row.result,
    }
    before = {} if row.is_pending else {"state": State.PENDING.value}
    trail.record(
        actor=actor,
        action=action,
        target=row,
        before=before,
        after=after,
        reason=reason,
        address=address,
        now=now,
    )


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonRequired
    return reason.strip()


def _plain(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write facts as JSON holds them: amounts and moments as text."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(facts or {}), cls=DjangoJSONEncoder))
    return plain
