"""Payouts from the ledger to a released run: prepared by the calendar or by staff, released by a second person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import LedgerAccount, Payout, PayoutLine, PayoutRun, Review, Transfer
from donations.operations import ledger, reviews
from donations.operations.payout_steps import PayoutStepNotAllowed, begin, locked, locked_run, step
from donations.operations.risk import judging
from donations.queries.books import contradictions
from donations.queries.payments import disputed_donations
from donations.queries.payouts import claims, cleared_donations, payable_accounts, unpaid_grants
from donations.queries.screening import blocked_beneficiaries
from donations.queries.sums import euros_of
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

PAYOUT_RUN = "payout_run"

Status = Payout.Status
RunStatus = PayoutRun.Status


class BooksAreRed(Conflict):
    code = "BOOKS_DO_NOT_BALANCE"
    message = _("The books do not balance: nothing is paid out until they do.")


class NothingDue(DomainError):
    code = "NOTHING_TO_PAY_OUT"
    message = _("Nothing is due: no organisation that can be paid has reached the minimum.")


class RunNotDraft(Conflict):
    code = "PAYOUT_RUN_NOT_DRAFT"
    message = _("Only a draft can be released.")


class RunNotCancellable(Conflict):
    code = "PAYOUT_RUN_NOT_CANCELLABLE"
    message = _("This run is with the bank or was cancelled already.")


class RunChanged(Conflict):
    code = "PAYOUT_RUN_CHANGED"
    message = _("The run is not what it was when its release was asked for. Ask again.")


class PayoutUnderReview(Conflict):
    code = "PAYOUT_UNDER_REVIEW"
    message = _("A payout of this run waits at the check point. Decide its review first.")


class PayoutNotPayable(Conflict):
    """Something changed since the draft was made; `data` names the organisations."""

    code = "PAYOUT_NOT_PAYABLE"

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        super().__init__(data={"organisations": self.names})

    def __str__(self) -> str:
        words = gettext("Cannot be paid any more: %(names)s. Cancel these payouts; the others can go on.")
        return words % {"names": ", ".join(self.names)}


# Preparing ------------------------------------------------------------------------------------------------------


def prepare_payouts(
    *, now: datetime, onlus_ids: Sequence[UUID] | None = None, created_by: User | None = None
) -> PayoutRun | None:
    """Draft a payout for every ONLUS that can be paid and has the minimum together; return their run, if any.

    Each ONLUS is a transaction of its own, so a run that is cut off keeps what it made, and the next one goes on from
    there. Raises BooksAreRed.
    """
    refuse_red_books()
    accounts = payable_accounts(now).order_by("onlus_id")
    if onlus_ids is not None:
        accounts = accounts.filter(onlus__in=onlus_ids)
    run: PayoutRun | None = None
    for onlus_id in list(accounts.values_list("onlus_id", flat=True)):
        run = _prepare_one(onlus_id, run, now, created_by)
    if run is not None:
        run.refresh_from_db()
    return run


@transaction.atomic
def prepare_payout(
    *, onlus_id: UUID, run: PayoutRun | None, now: datetime, created_by: User | None = None
) -> Payout:
    """Draft the payout of one ONLUS in `run`, or in a new run when there is none that is a draft and lacks it.

    For a batch: its caller proves the books. Raises NothingDue.
    """
    if run is not None and (
        locked_run(run.pk).status != RunStatus.DRAFT or run.payouts.filter(onlus_id=onlus_id).exists()
    ):
        run = None
    run = _prepare_one(onlus_id, run, now, created_by)
    payout = run.payouts.filter(onlus_id=onlus_id).first() if run is not None else None
    if payout is None:
        raise NothingDue
    return payout


def refuse_red_books() -> None:
    if found := contradictions():
        raise BooksAreRed(data={"contradictions": [str(each) for each in found[:5]]})


@transaction.atomic
def _prepare_one(
    onlus_id: UUID, run: PayoutRun | None, now: datetime, created_by: User | None
) -> PayoutRun | None:
    """Draft one payout, with its donations locked: a refund waits, and then finds them in it.

    One at a time for each ONLUS, by a lock that is taken before anything is read.
    """
    transaction_lock(f"payout {onlus_id}")
    if run is not None:
        run = locked_run(run.pk)
    account = payable_accounts(now).filter(onlus_id=onlus_id).first()
    lines = [*_donations(onlus_id, now), *_grants(onlus_id), *_recoveries(onlus_id)]
    amount = sum((line.amount for line in lines), ZERO)
    if account is None or amount <= ZERO or amount < settings.PAYOUT_MINIMUM_EUR:
        return run
    is_first = (
        run is None or run.status != RunStatus.DRAFT
    )  # somebody was quick to release it, or to cancel it
    if run is None or is_first:
        run = _open_run(now, created_by)
    key = new_id()
    payout = Payout(
        id=key,
        run=run,
        onlus_id=onlus_id,
        account=account,
        amount=amount,
        end_to_end_id=f"GP{key.hex}",
        hold=_hold(key, onlus_id, amount, now),
        created_at=now,
    )
    begin(payout, now=now, actor=created_by)
    for line in lines:
        line.payout = payout
    PayoutLine.objects.bulk_create(lines, batch_size=500)
    _recount(run)
    _look_closer(payout, now)
    if is_first:
        trail.record(actor=created_by, action="payout_run_prepare", target=run, now=now)
    return run


def _donations(onlus_id: UUID, now: datetime) -> list[PayoutLine]:
    rows = cleared_donations(now).filter(onlus_id=onlus_id).select_for_update(of=("self",)).order_by("pk")
    return [
        PayoutLine(
            donation=row, amount=row.net_amount + row.matched_amount, matched_amount=row.matched_amount
        )
        for row in rows.only("pk", "amount", "refunded_amount", "matched_amount")
    ]


def _grants(onlus_id: UUID) -> list[PayoutLine]:
    rows = unpaid_grants().filter(onlus_id=onlus_id).order_by("pk")
    return [PayoutLine(grant=row, amount=row.amount) for row in rows]


def _recoveries(onlus_id: UUID) -> list[PayoutLine]:
    return [PayoutLine(refund_id=claim.refund_id, amount=claim.amount) for claim in claims(onlus_id)]


def _open_run(now: datetime, created_by: User | None) -> PayoutRun:
    key = new_id()
    return PayoutRun.objects.create(
        id=key, period_end=now, message_id=f"GP{key.hex}", created_by=created_by, created_at=now
    )


def _hold(key: UUID, onlus_id: UUID, amount: Decimal, now: datetime) -> Transfer:
    return ledger.hold(
        debit=ledger.onlus_account(onlus_id=onlus_id, now=now),
        credit=ledger.system_account(LedgerAccount.Kind.PAYOUT_IN_TRANSIT),
        amount=amount,
        cause=ledger.Cause(transaction_id=key, cause_id=key, kind=Transfer.Kind.PAYOUT),
        now=now,
    )


def _recount(run: PayoutRun) -> None:
    """Count and sum the payouts of a locked run that were not cancelled."""
    standing = run.payouts.exclude(status=Status.CANCELLED)
    run.payout_count = standing.count()
    run.total_amount = euros_of(standing.aggregate(total=Sum("amount"))["total"])
    run.save(update_fields=["payout_count", "total_amount"])


def _look_closer(payout: Payout, now: datetime) -> None:
    movement = judging.Movement(
        subject=reviews.Subject.PAYOUT.value, subject_id=payout.pk, player_id=None, amount=payout.amount
    )
    judgement = judging.judge(movement=movement, now=now)
    if judgement.stops:
        reviews.open_review(judgement=judgement, now=now)
    else:
        judging.keep(judgement)


# Releasing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_release(
    *, run: PayoutRun, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to release the run. Raises RunNotDraft, PayoutUnderReview, PayoutNotPayable."""
    run = locked_run(run.pk)
    payouts = _releasable(run, now)
    return request_approval(
        kind=PAYOUT_RUN,
        target=run,
        facts=_facts(run, payouts),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def release_run(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Approve the payouts of a run, exactly as they were when the release was asked for."""
    run = locked_run(UUID(request.target_id))
    payouts = _releasable(run, now)
    if _facts(run, payouts) != request.facts:
        raise RunChanged
    for payout in payouts:
        step(payout, Status.APPROVED, now=now, actor=request.decided_by)
    run.status, run.approved_at = RunStatus.APPROVED, now
    run.save(update_fields=["status", "approved_at"])
    return {"payouts": run.payout_count, "total_amount": run.total_amount}


def _releasable(run: PayoutRun, now: datetime) -> list[Payout]:
    if run.status != RunStatus.DRAFT:
        raise RunNotDraft
    payouts = locked(run.payouts.filter(status=Status.DRAFT))
    if _open_reviews(payouts):
        raise PayoutUnderReview
    refuse_unpayable(payouts, now)
    return payouts


def refuse_unpayable(payouts: Sequence[Payout], now: datetime) -> None:
    """Look again before money goes: the ONLUS in order, its account the same and good, no donation disputed.

    Nor may the lists have anything against the ONLUS or the holder of its account, or wait to be asked about them.
    """
    accounts = set(payable_accounts(now).values_list("pk", flat=True))
    disputed = disputed_donations().filter(payout_lines__payout__in=payouts)
    blocked = set(disputed.values_list("payout_lines__payout_id", flat=True))
    listed = blocked_beneficiaries([each.account_id for each in payouts])
    names = [
        each.onlus.name
        for each in payouts
        if each.account_id not in accounts or each.pk in blocked or each.account_id in listed
    ]
    if names:
        raise PayoutNotPayable(names)


def _facts(run: PayoutRun, payouts: Sequence[Payout]) -> dict[str, Any]:
    """Tell the run as the one who releases it reads it, and as it must still be then."""
    return {
        "payouts": run.payout_count,
        "total_amount": str(run.total_amount),
        "to": [f"{each.onlus.name}: {each.amount} EUR, {each.account.masked_iban}" for each in payouts],
    }


def _open_reviews(payouts: Sequence[Payout]) -> list[Review]:
    keys = [each.pk for each in payouts]
    return list(Review.objects.open().filter(subject=reviews.Subject.PAYOUT, subject_id__in=keys))


# Cancelling -----------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_payout(*, payout: Payout, actor: User, reason: str, now: datetime, address: str = "") -> Payout:
    """Take one payout out of a run the bank has not got yet. Its donations wait for the next."""
    _lock_reviews(Payout.objects.filter(pk=payout.pk))
    run = locked_run(payout.run_id)
    rows = locked(run.payouts.filter(pk=payout.pk))
    _cancel(run, rows, actor, reason, now)
    _note_cancelled(run, rows, actor, reason, address, now)
    return rows[0]


@transaction.atomic
def cancel_run(*, run: PayoutRun, actor: User, reason: str, now: datetime, address: str = "") -> PayoutRun:
    """Take a whole run back before the bank has it. Raises RunNotCancellable."""
    _lock_reviews(run.payouts.all())
    run = locked_run(run.pk)
    rows = locked(run.payouts.filter(status__in=Payout.HELD))
    if not rows:
        raise RunNotCancellable
    _cancel(run, rows, actor, reason, now)
    _note_cancelled(run, rows, actor, reason, address, now)
    return run


def release(payout_id: UUID, now: datetime) -> None:
    """The check point let the payout pass: its run can be released."""


def reject(payout_id: UUID, now: datetime) -> None:
    """Cancel a payout the check point refused; one that was cancelled already stays so."""
    run = locked_run(Payout.objects.get(pk=payout_id).run_id)
    rows = locked(run.payouts.filter(pk=payout_id, status__in=Payout.HELD))
    _cancel(run, rows, None, "REJECTED_BY_REVIEW", now)


reviews.decides(reviews.Subject.PAYOUT, release=release, reject=reject)


def _lock_reviews(payouts: QuerySet[Payout]) -> None:
    """Lock reviews before the run, as whoever decides one does."""
    own = Review.objects.open().filter(subject=reviews.Subject.PAYOUT, subject_id__in=payouts.values("pk"))
    list(own.select_for_update().order_by("pk"))


def _cancel(
    run: PayoutRun, payouts: Sequence[Payout], actor: User | None, reason: str, now: datetime
) -> None:
    for payout in payouts:
        if not payout.may_be_cancelled:
            raise PayoutStepNotAllowed
        ledger.void(pending=payout.hold, now=now)
        step(payout, Status.CANCELLED, now=now, actor=actor, detail=reason)
    _recount(run)
    if not run.payout_count:
        run.status, run.cancelled_at = RunStatus.CANCELLED, now
        run.save(update_fields=["status", "cancelled_at"])
    if actor is not None:
        for review in _open_reviews(payouts):
            reviews.reject(review=review, decided_by=actor, reason=reason, now=now)


def _note_cancelled(
    run: PayoutRun, payouts: Sequence[Payout], actor: User, reason: str, address: str, now: datetime
) -> None:
    trail.record(
        actor=actor,
        action="payout_cancel",
        target=run,
        after={"cancelled": [f"{each.onlus.name}: {each.amount} EUR" for each in payouts]},
        reason=reason,
        address=address,
        now=now,
    )
