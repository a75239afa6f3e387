"""Requests of ONLUS: asked for by members, decided by staff. What the formula decides is in `allocation`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusMembership, User
from donations.models import AllocationRequest
from donations.queries.allocation import Causes, facts_of, refusal, with_result
from donations.queries.allocation_plan import BELOW_THRESHOLD
from donations.queries.allocation_score import Score, score
from donations.queries.automatic import causes_of, consenting_wallets, limit_of
from donations.signals import allocation_approved, allocation_rejected
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict, DomainError, NotFound
from goodplay.lib.money import ZERO

FORCE = "allocation_force"
MAY_ASK = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)

Status = AllocationRequest.Status


class RequestNotFound(NotFound):
    code = "ALLOCATION_REQUEST_NOT_FOUND"
    message = _("There is no such request.")


class OnlusNotFound(NotFound):
    code = "ONLUS_NOT_FOUND"
    message = _("This organisation is not in the registry.")


class OnlyOwnersAndEditorsAsk(AccessDenied):
    code = "ACCESS_DENIED"
    message = _("Only owners and editors of the organisation can ask for funding.")


class OnlusNotActive(DomainError):
    code = "ONLUS_NOT_ACTIVE"
    message = _("The organisation is not active: it cannot be funded at the moment.")


class OnlusComplianceSuspended(DomainError):
    code = "ONLUS_COMPLIANCE_SUSPENDED"
    message = _("The compliance of the organisation must be in order before it can be funded.")


class OnlusComplianceTooLow(DomainError):
    code = "ONLUS_COMPLIANCE_SCORE_TOO_LOW"
    message = _("The compliance score of the organisation is too low to be funded.")


class OnlusBankNotVerified(DomainError):
    code = "ONLUS_BANK_NOT_VERIFIED"
    message = _("The bank account of the organisation must be verified before it can be funded.")


class EmergencyAlreadyOpen(Conflict):
    code = "EMERGENCY_ALREADY_OPEN"
    message = _("The organisation has an emergency request already. One at a time is looked at.")


class DeadlineInThePast(DomainError):
    code = "ALLOCATION_DEADLINE_INVALID"
    message = _("The deadline lies in the past.")


class RequestDecided(Conflict):
    code = "ALLOCATION_REQUEST_DECIDED"
    message = _("This request was decided already.")


class ScoreBelowThreshold(DomainError):
    code = BELOW_THRESHOLD
    message = _("The score of the request is below 60. It can be forced by two people, with a reason.")


class ApprovedTooMuch(DomainError):
    code = "INVALID_AMOUNT_RANGE"
    message = _("Approve more than zero, and no more than was asked for.")


class OwnOrganisation(AccessDenied):
    code = "CONFLICT_OF_INTEREST"
    message = _("Nobody decides about an organisation they belong to: ask a colleague.")


_REFUSALS: Mapping[str, type[DomainError]] = {
    each.code: each
    for each in (OnlusNotActive, OnlusComplianceSuspended, OnlusComplianceTooLow, OnlusBankNotVerified)
}


# Of members ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    *,
    member: User,
    onlus_id: UUID,
    title: str,
    description: str,
    amount: Decimal,
    now: datetime,
    category_id: str | None = None,
    expected_impact: str = "",
    urgency_level: int = 2,
    priority: int = AllocationRequest.Priority.NORMAL,
    request_type: str | None = None,
    deadline: datetime | None = None,
    annual_budget: Decimal | None = None,
) -> AllocationRequest:
    """Ask for money for an ONLUS one may speak for. An emergency is of that type unless said otherwise."""
    onlus = _own(member, onlus_id)
    if code := refusal(onlus):
        raise _REFUSALS[code]
    if deadline is not None and deadline <= now:
        raise DeadlineInThePast
    is_emergency = priority == AllocationRequest.Priority.EMERGENCY
    kind = AllocationRequest.Type.EMERGENCY if is_emergency else AllocationRequest.Type.GENERAL
    request = AllocationRequest(
        onlus=onlus,
        title=title.strip(),
        description=description.strip(),
        amount=amount,
        category_id=category_id or onlus.category_id,
        expected_impact=expected_impact.strip(),
        urgency_level=urgency_level,
        priority=priority,
        request_type=request_type or kind,
        deadline=deadline,
        annual_budget=annual_budget,
        created_by=member,
        created_at=now,
    )
    return _stored_once(request)


@transaction.atomic
def withdraw(*, member: User, request_id: UUID, now: datetime) -> AllocationRequest:
    """Take a request back while nothing was allocated to it."""
    found = AllocationRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise RequestNotFound
    try:
        _own(member, found.onlus_id)
    except OnlusNotFound as error:
        raise RequestNotFound from error
    request = _locked(found.pk, AllocationRequest.WAITING)
    request.status, request.decided_at = Status.CANCELLED, now
    request.save(update_fields=["status", "decided_at"])
    return request


def _own(member: User, onlus_id: UUID) -> Onlus:
    """Return the ONLUS if the person may ask for it; somebody else's does not exist."""
    seat = OnlusMembership.objects.filter(user=member, onlus_id=onlus_id).select_related("onlus").first()
    if seat is None:
        raise OnlusNotFound
    if seat.role not in MAY_ASK:
        raise OnlyOwnersAndEditorsAsk
    return seat.onlus


def _stored_once(request: AllocationRequest) -> AllocationRequest:
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        if not request.is_emergency:
            raise
        raise EmergencyAlreadyOpen from error
    return request


# Of staff --------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(
    *,
    request: AllocationRequest,
    approved_by: User,
    now: datetime,
    amount: Decimal | None = None,
    notes: str = "",
    address: str = "",
) -> AllocationRequest:
    """Let a request into the next run, for all it asks or for less. Raises ScoreBelowThreshold; see `request_force`."""
    row = _deciding(request, approved_by, (Status.PENDING,))
    if code := refusal(row.onlus):
        raise _REFUSALS[code]
    points = look_at(row, now)
    if not points.passes and not row.is_emergency:
        raise ScoreBelowThreshold(data={"score": points.total})
    _refuse_amount(row, amount)
    note_score(row, points, now)
    row.approved_amount, row.approval_notes = amount, notes.strip()
    return _decide(row, Status.APPROVED, "allocation_approve", approved_by, notes, address, now)


@transaction.atomic
def reject(
    *, request: AllocationRequest, rejected_by: User, reason: str, now: datetime, address: str = ""
) -> AllocationRequest:
    row = _deciding(request, rejected_by, AllocationRequest.WAITING)
    row.rejection_reason = reason.strip()
    return _decide(row, Status.REJECTED, "allocation_reject", rejected_by, reason, address, now)


@transaction.atomic
def request_force(
    *, request: AllocationRequest, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to let a request pass whatever its score, also one the formula rejected."""
    row = _deciding(request, requested_by, (*AllocationRequest.WAITING, Status.REJECTED))
    if code := refusal(row.onlus):
        raise _REFUSALS[code]
    points = look_at(row, now)
    facts = {"amount": row.target, "onlus": row.onlus.name, "title": row.title, "score": points.total}
    return request_approval(
        kind=FORCE,
        target=row,
        facts=facts,
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_force(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Approve what was forced; the next run allocates to it."""
    row = AllocationRequest.objects.get(pk=request.target_id)
    row = _deciding(row, request.decided_by, (*AllocationRequest.WAITING, Status.REJECTED))
    if code := refusal(row.onlus):
        raise _REFUSALS[code]
    note_score(row, look_at(row, now), now)
    row.is_forced, row.rejection_reason, row.approval_notes = True, "", request.reason[:500]
    row.status, row.decided_by, row.decided_at = Status.APPROVED, request.decided_by, now
    _stored_once(row)
    allocation_approved.announce(request=row)
    return {"amount": row.target, "score": row.score}


def look_at(request: AllocationRequest, now: datetime) -> Score:
    """Score one request as a run would now."""
    return score(facts_of([request], _causes_of_givers(), now)[request.pk])


def look_again(*, now: datetime) -> int:
    """Bring the scores of everything that waits up to date; return of how many. What was decided meanwhile stays."""
    rows = list(with_result(AllocationRequest.objects.waiting()).order_by("created_at", "pk"))
    facts = facts_of(rows, _causes_of_givers(), now) if rows else {}
    looked = 0
    for row in rows:
        note_score(row, score(facts[row.pk]), now)
        waiting = AllocationRequest.objects.waiting().filter(pk=row.pk)
        looked += claim(waiting, **{name: getattr(row, name) for name in SCORED})
    return looked


def _causes_of_givers() -> Causes:
    wallets = consenting_wallets().select_related("player__preferences").order_by("pk")
    return causes_of([wallet for wallet in wallets if limit_of(wallet) > ZERO])


def note_score(request: AllocationRequest, points: Score, now: datetime) -> None:
    """Put the figures of a look on the row; whoever decided stores it."""
    request.score, request.factors = points.total, points.breakdown()
    request.formula_version, request.scored_at = points.version, now


SCORED = ("score", "factors", "formula_version", "scored_at")


def _deciding(request: AllocationRequest, by: Any, states: tuple[str, ...]) -> AllocationRequest:
    if OnlusMembership.objects.filter(user=by, onlus_id=request.onlus_id).exists():
        raise OwnOrganisation
    return _locked(request.pk, states)


def _locked(request_id: UUID, states: tuple[str, ...]) -> AllocationRequest:
    rows = with_result(AllocationRequest.objects.select_for_update(of=("self",)))
    row = rows.get(pk=request_id)
    if row.status not in states:
        raise RequestDecided
    return row


def _refuse_amount(request: AllocationRequest, amount: Decimal | None) -> None:
    if amount is not None and not ZERO < amount <= request.amount:
        raise ApprovedTooMuch


def _decide(
    row: AllocationRequest,
    status: AllocationRequest.Status,
    action: str,
    by: User,
    reason: str,
    address: str,
    now: datetime,
) -> AllocationRequest:
    before = {"status": row.status}
    row.status, row.decided_by, row.decided_at = status, by, now
    row.save()
    after = {"status": status.value, "amount": row.target, "score": row.score}
    trail.record(
        actor=by,
        action=action,
        target=row,
        before=before,
        after=after,
        reason=reason,
        address=address,
        now=now,
    )
    signal = allocation_approved if status == Status.APPROVED else allocation_rejected
    signal.announce(request=row)
    return row
