"""What people do about breaks. Nothing is edited in the ledger: a correction is an entry of its own, by two people."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Discrepancy, LedgerAccount, Transfer
from donations.models.reconciliation import Account
from donations.operations import ledger
from donations.operations.adjustments import ADJUSTMENT, Direction, NotEnoughInAccount, request_adjustment
from donations.operations.closed_months import MonthClosed
from donations.operations.reconciliation import completing
from donations.operations.reconciliation.runs import RUNNING, ReconciliationBusy
from donations.operations.reconciliation.steps import note
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import AlreadyRequested, ReasonRequired, request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import try_transaction_lock
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.money import CENT, ZERO

BREAK_IGNORE = "break_ignore"

ADJUSTING: tuple[type[DomainError], ...] = (NotEnoughInAccount, MonthClosed, AlreadyRequested)
"""What refuses the entry itself."""

Class, Resolution, Status = Discrepancy.Class, Discrepancy.Resolution, Discrepancy.Status


class DiscrepancyNotFound(NotFound):
    code = "DISCREPANCY_RESOLUTION_ERROR"
    message = _("There is no such break.")


class DiscrepancyClosed(Conflict):
    code = "DISCREPANCY_ALREADY_RESOLVED"
    message = _("This break is closed already.")


class InvalidResolutionType(DomainError):
    code = "INVALID_RESOLUTION_TYPE"
    message = _("Choose an adjustment entry, ignore, look into it, or correction by the other side.")


class NothingToAdjust(DomainError):
    code = "NOTHING_TO_ADJUST"
    message = _("An entry cannot put this right: correct what it consists of, or explain it.")


class DiscrepancyWaits(Conflict):
    code = "DISCREPANCY_AWAITS_APPROVAL"
    message = _("This break waits for a second person's decision.")


class DiscrepancyChanged(Conflict):
    code = "DISCREPANCY_CHANGED"
    message = _("The break is not what it was when this was asked for. Reject the request.")


@transaction.atomic
def resolve(
    *,
    discrepancy: Discrepancy,
    resolution_type: str,
    notes: str,
    actor: User,
    now: datetime,
    address: str = "",
) -> Discrepancy:
    """Decide what happens with a break. What moves money or hides more than a cent waits for a second person.

    Raises InvalidResolutionType, DiscrepancyClosed, DiscrepancyWaits, NothingToAdjust, ReasonRequired.
    """
    if resolution_type not in Resolution.values:
        raise InvalidResolutionType
    row = _locked(discrepancy.pk)
    before = row.status
    _ACTS[Resolution(resolution_type)](row, notes.strip(), actor, now, address)
    row.resolution_type = resolution_type
    _add_note(row, notes, actor, now)
    row.save()
    _record(row, actor, f"discrepancy_{resolution_type}", before, notes, now, address)
    return row


@transaction.atomic
def take(*, discrepancy: Discrepancy, actor: User, now: datetime, address: str = "") -> Discrepancy:
    """Make a break one's own."""
    row = _locked(discrepancy.pk)
    before = row.status
    row.assignee = actor
    if row.status == Status.OPEN:
        note(row, Status.INVESTIGATING, actor=actor, now=now)
    row.save(update_fields=["assignee", "status"])
    _record(row, actor, "discrepancy_take", before, "", now, address)
    return row


@transaction.atomic
def add_note(
    *, discrepancy: Discrepancy, text: str, actor: User, now: datetime, address: str = ""
) -> Discrepancy:
    """Write down what was found out, also about a break that is closed."""
    if not text.strip():
        raise ReasonRequired
    row = Discrepancy.objects.select_for_update(of=("self",)).get(pk=discrepancy.pk)
    _add_note(row, text, actor, now)
    row.save(update_fields=["notes"])
    _record(row, actor, "discrepancy_note", row.status, text, now, address)
    return row


# What each resolution does -----------------------------------------------------------------------------------------


def _adjust(row: Discrepancy, notes: str, actor: User, now: datetime, address: str) -> None:
    """Ask for the entry that makes the books say what the statement says."""
    amount = to_book(row)
    if amount == ZERO:
        raise NothingToAdjust
    request = request_adjustment(
        account=ledger.system_account(LedgerAccount.Kind(row.account)),
        amount=abs(amount),
        direction=Direction.ADD if amount > ZERO else Direction.TAKE,
        told="",
        reason=_reason(notes),
        requested_by=actor,
        now=now,
        address=address,
    )
    row.approval_id = request.pk
    note(row, Status.AWAITING_APPROVAL, actor=actor, now=now, text=notes)


def _ignore(row: Discrepancy, notes: str, actor: User, now: datetime, address: str) -> None:
    if row.break_class in (Class.AMOUNT, Class.FEE) and abs(row.difference) <= CENT:
        _close(row, Status.IGNORED, actor, now, notes)
        return
    request = request_approval(
        kind=BREAK_IGNORE,
        target=row,
        facts=_facts(row),
        requested_by=actor,
        reason=_reason(notes),
        now=now,
        address=address,
    )
    row.approval_id = request.pk
    note(row, Status.AWAITING_APPROVAL, actor=actor, now=now, text=notes)


def _investigate(row: Discrepancy, notes: str, actor: User, now: datetime, address: str) -> None:
    row.assignee = row.assignee or actor
    note(row, Status.INVESTIGATING, actor=actor, now=now, text=notes)


def _leave_to_them(row: Discrepancy, notes: str, actor: User, now: datetime, address: str) -> None:
    """It stays open until a run finds the other side corrected."""
    row.assignee = row.assignee or actor
    note(row, Status.AWAITING_CORRECTION, actor=actor, now=now, text=_reason(notes))


_ACTS = {
    Resolution.MANUAL_ADJUSTMENT: _adjust,
    Resolution.IGNORE: _ignore,
    Resolution.INVESTIGATE: _investigate,
    Resolution.EXTERNAL_CORRECTION: _leave_to_them,
}


def to_book(row: Discrepancy) -> Decimal:
    """Return what must be added to our account so that it says what the statement says. Zero: nothing can."""
    if row.account not in (Account.BANK, Account.PROVIDER):
        return ZERO
    if row.break_class not in (Class.MISSING, Class.EXTRA, Class.AMOUNT, Class.FEE, Class.DUPLICATE):
        return ZERO
    has_shadow = any(line.get("state") for line in (*row.ours, *row.theirs))
    return ZERO if has_shadow else row.difference


# The second person -------------------------------------------------------------------------------------------------


@transaction.atomic
def perform_ignore(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    row = _waiting(UUID(request.target_id), request.pk)
    if _facts(row) != request.facts:
        raise DiscrepancyClosed
    _close(row, Status.IGNORED, request.decided_by, now, request.reason)
    row.save()
    _record(row, request.decided_by, "discrepancy_ignored", Status.AWAITING_APPROVAL, request.reason, now, "")
    return {"discrepancy": str(row.pk)}


@transaction.atomic
def note_decision(*, request: ApprovalRequest, now: datetime) -> None:
    """Do what follows for the break when its adjustment was decided on, in the transaction that decides.

    Approved, the entry completes the match of the break's lines. Otherwise the break is open again.
    Raises ReconciliationBusy and DiscrepancyChanged: then nothing is decided, and no money moved.
    """
    if request.kind not in (ADJUSTMENT, BREAK_IGNORE):
        return
    is_approved = request.state == ApprovalRequest.State.APPROVED
    if is_approved and request.kind == ADJUSTMENT:
        _adjusted(request, now)
    elif not is_approved:
        _open_again(request, now)


def _adjusted(request: ApprovalRequest, now: datetime) -> None:
    rows = Discrepancy.objects.filter(approval_id=request.pk)
    if not rows.exists():
        return  # asked for at the account, not for a break
    # A run may be matching these very lines. It is not waited for: it may wait for the account held here.
    if not try_transaction_lock(RUNNING):
        raise ReconciliationBusy
    row = rows.select_for_update(of=("self",)).get()
    if row.status != Status.AWAITING_APPROVAL or not completing.stands(row):
        raise DiscrepancyChanged
    entry = Transfer.objects.get(cause_id=request.pk, kind=Transfer.Kind.ADJUSTMENT)
    completing.complete(row, entry, to_book(row), now)
    _close(row, Status.RESOLVED, request.decided_by, now, request.reason)
    row.save()


def _open_again(request: ApprovalRequest, now: datetime) -> None:
    waiting = Discrepancy.objects.filter(approval_id=request.pk, status=Status.AWAITING_APPROVAL)
    row = waiting.select_for_update(of=("self",)).first()
    if row is not None:
        row.approval_id, row.resolution_type = None, ""
        note(row, Status.INVESTIGATING, actor=request.decided_by, now=now, text=request.decision_reason)
        row.save()


# Steps -------------------------------------------------------------------------------------------------------------


def _locked(pk: UUID) -> Discrepancy:
    row = Discrepancy.objects.select_for_update(of=("self",)).select_related("assignee").filter(pk=pk).first()
    if row is None:
        raise DiscrepancyNotFound
    if not row.is_open:
        raise DiscrepancyClosed
    # One that was cleared and came back may have a request that nobody decided on yet.
    asked = row.approval_id and ApprovalRequest.objects.pending().filter(pk=row.approval_id).exists()
    if row.status == Status.AWAITING_APPROVAL or asked:
        raise DiscrepancyWaits
    return row


def _waiting(pk: UUID, approval_id: UUID) -> Discrepancy:
    rows = Discrepancy.objects.filter(pk=pk, approval_id=approval_id, status=Status.AWAITING_APPROVAL)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise DiscrepancyClosed
    return row


def _close(row: Discrepancy, status: Discrepancy.Status, actor: Any, now: datetime, text: str) -> None:
    row.resolved_by, row.resolved_at = actor, now
    note(row, status, actor=actor, now=now, text=text)


def _reason(notes: str) -> str:
    if not notes:
        raise ReasonRequired
    return notes


def _facts(row: Discrepancy) -> dict[str, Any]:
    return {
        "class": row.break_class,
        "account": row.account,
        "difference": str(row.difference),
        "amount": str(row.amount),
        "day": row.happened_on.isoformat(),
        "lines": [line["key"] for line in (*row.ours, *row.theirs)],
    }


def _add_note(row: Discrepancy, text: str, actor: User, now: datetime) -> None:
    if text.strip():
        row.notes = f"{row.notes}\n{now:%Y-%m-%d %H:%M} {actor}: {text.strip()}".strip()


def _record(
    row: Discrepancy, actor: Any, action: str, before: str, reason: str, now: datetime, address: str
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=row,
        before={"status": before},
        after={"status": row.status, "resolution": row.resolution_type, "difference": str(row.difference)},
        reason=reason,
        address=address,
        now=now,
    )
