"""Smart allocation: what donors and sponsors let us give goes to requests of ONLUS, line by line.

A run plans with `queries.allocation_plan`, as a dry run does, then takes request after request: reserve the pool, store
the lines, carry them out. Every line is a transaction of its own with its outcome, so a run that is cut off loses and
doubles nothing: the next one goes on with the lines that are left.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import (
    AllocationLine,
    AllocationRequest,
    AllocationResult,
    AllocationRun,
    Donation,
    Wallet,
)
from donations.models.allocation import MOST_RETRIES
from donations.operations import funding_pools, giving, ledger
from donations.operations.allocation_requests import SCORED, note_score
from donations.queries.allocation import due_requests, overdue_emergencies, with_result
from donations.queries.allocation_plan import BELOW_THRESHOLD, Decision, PlannedLine, plan
from donations.queries.automatic import consenting_wallets, limit_of
from donations.queries.sums import euros_of
from donations.signals import allocation_executed, allocation_failed, allocation_overdue, allocation_rejected
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.money import CENT, ZERO
from goodplay.lib.time import Clock

AT_ONCE = 50  # requests that get money in one run

Status = AllocationResult.Status
LineStatus = AllocationLine.Status
Trigger = AllocationRun.Trigger

logger = structlog.get_logger("goodplay.allocation")


class NotApproved(Conflict):
    code = "ALLOCATION_NOT_APPROVED"
    message = _("Approve the request first.")


class ConsentWithdrawn(DomainError):
    code = "CONSENT_WITHDRAWN"
    message = _("The player does not want this any more, or the wallet is frozen.")


class NothingLeftToGive(DomainError):
    code = "NOTHING_ABOVE_THRESHOLD"
    message = _("There is nothing above the threshold of the wallet any more.")


class RequestChanged(Conflict):
    code = "ALLOCATION_REQUEST_CHANGED"
    message = _("The request was decided otherwise in the meantime.")


# Runs ------------------------------------------------------------------------------------------------------------


def dry_run(*, now: datetime, requests: Iterable[AllocationRequest] | None = None) -> list[Decision]:
    """Tell what a run would do now. Writes nothing."""
    rows = due_requests(emergencies_only=False) if requests is None else requests
    return plan(rows, at_most=AT_ONCE, largest=giving.LARGEST_DONATION, now=now)


def run(
    *,
    trigger: AllocationRun.Trigger,
    clock: Clock,
    started_by: User | None = None,
    requests: Iterable[AllocationRequest] | None = None,
) -> AllocationRun:
    """Finish what an earlier run left, then decide on requests and carry out what was decided.

    Not one transaction: see the module. It may take long, so each line is dated by the clock as it is carried out: the
    ledger closes a day ten minutes after its end.
    """
    resume(clock=clock)
    now = clock()
    rows = due_requests(emergencies_only=trigger == Trigger.EMERGENCY) if requests is None else requests
    decisions = dry_run(now=now, requests=rows)
    row = AllocationRun.objects.create(trigger=trigger, started_by=started_by, started_at=now)
    outcomes = [_settle(decision, row, clock) for decision in decisions]
    return _finish(row, outcomes, clock())


def allocate_now(*, request: AllocationRequest, started_by: User, clock: Clock) -> AllocationRun:
    """Run for one approved request. Raises NotApproved."""
    row = with_result(AllocationRequest.objects.all()).get(pk=request.pk)
    if row.status != AllocationRequest.Status.APPROVED:
        raise NotApproved
    return run(trigger=Trigger.STAFF, clock=clock, started_by=started_by, requests=[row])


def resume(*, clock: Clock) -> int:
    """Carry out what interrupted runs left; return how many allocations that were."""
    keys = list(
        AllocationResult.objects.filter(status=Status.SCHEDULED)
        .order_by("created_at", "pk")
        .values_list("pk", flat=True)
    )
    for key in keys:
        carry_out(result_id=key, clock=clock)
    return len(keys)


def alert_overdue(*, now: datetime) -> int:
    """Report emergencies that wait for more than two hours, each once."""
    return sum(_alert(key, now) for key in overdue_emergencies(now).values_list("pk", flat=True))


@transaction.atomic
def _alert(request_id: UUID, now: datetime) -> bool:
    row = overdue_emergencies(now).select_for_update(of=("self",)).filter(pk=request_id).first()
    if row is None:
        return False
    row.alerted_at = now
    row.save(update_fields=["alerted_at"])
    logger.warning("emergency request overdue", request=str(row.pk), onlus=str(row.onlus_id))
    allocation_overdue.announce(request=row)
    return True


def _settle(decision: Decision, run: AllocationRun, clock: Clock) -> dict[str, Any]:
    """Carry out one decision; what changed since the plan was made leaves the request for the next run."""
    verdict, code, now = decision.verdict, decision.code, clock()
    try:
        if verdict == "allocate":
            carry_out(result_id=_schedule(decision, run, now), clock=clock)
        elif verdict == "reject":
            _reject(decision, now)
        else:
            _keep_score(decision, now)
    except DomainError as error:
        error.settle()
        verdict, code = "wait", error.code
    return {
        "request": str(decision.request.pk),
        "title": decision.request.title,
        "verdict": verdict,
        "code": code,
        "score": str(decision.score.total),
    }


def _finish(row: AllocationRun, outcomes: list[dict[str, Any]], now: datetime) -> AllocationRun:
    verdicts = [outcome["verdict"] for outcome in outcomes]
    row.scheduled_count, row.rejected_count = verdicts.count("allocate"), verdicts.count("reject")
    row.skipped_count = verdicts.count("wait")
    row.given_amount = euros_of(row.lines.aggregate(total=Sum("given_amount"))["total"])
    row.decisions, row.finished_at = outcomes, now
    row.save()
    return row


# Deciding --------------------------------------------------------------------------------------------------------


@transaction.atomic
def _schedule(decision: Decision, run: AllocationRun, now: datetime) -> UUID:
    """Reserve the pool and store the lines of a request that is still as it was planned; return its result."""
    request = _unchanged(decision)
    result = _first(decision, request, now) if decision.request.is_waiting else _again(request, now)
    note_score(request, decision.score, now)
    request.status = AllocationRequest.Status.SCHEDULED
    request.decided_at = request.decided_at or now
    request.save(update_fields=["status", "decided_at", *SCORED])
    for line in decision.lines:
        if line.pool_id is not None:
            funding_pools.reserve(pool_id=line.pool_id, amount=line.reserved)
    AllocationLine.objects.bulk_create(
        [_line(line, result, run, now) for line in decision.lines], batch_size=500
    )
    return result.pk


def _first(decision: Decision, request: AllocationRequest, now: datetime) -> AllocationResult:
    return AllocationResult.objects.create(
        request=request, target_amount=decision.target, method=decision.method, created_at=now
    )


def _again(request: AllocationRequest, now: datetime) -> AllocationResult:
    """Open a result that was not completed once more, at most three times."""
    result = AllocationResult.objects.select_for_update().get(request=request)
    if result.status not in (Status.PARTIAL, Status.FAILED) or result.retry_count >= MOST_RETRIES:
        raise RequestChanged
    result.retry_count += 1
    result.status, result.finished_at = Status.SCHEDULED, None
    result.save(update_fields=["retry_count", "status", "finished_at"])
    return result


def _line(
    planned: PlannedLine, result: AllocationResult, run: AllocationRun, now: datetime
) -> AllocationLine:
    return AllocationLine(
        result=result,
        run=run,
        attempt=result.retry_count,
        donor_id=planned.donor_id,
        pool_id=planned.pool_id,
        amount=planned.amount,
        reserved_amount=planned.reserved,
        explanation=planned.explanation,
        created_at=now,
    )


@transaction.atomic
def _reject(decision: Decision, now: datetime) -> None:
    request = _unchanged(decision)
    note_score(request, decision.score, now)
    below = decision.code == BELOW_THRESHOLD
    request.rejection_reason = f"{decision.code} {decision.score.total}" if below else decision.code
    request.status, request.decided_at = AllocationRequest.Status.REJECTED, now
    request.save(update_fields=["status", "decided_at", "rejection_reason", *SCORED])
    allocation_rejected.announce(request=request)


@transaction.atomic
def _keep_score(decision: Decision, now: datetime) -> None:
    request = _unchanged(decision)
    note_score(request, decision.score, now)
    request.save(update_fields=[*SCORED])


def _unchanged(decision: Decision) -> AllocationRequest:
    """Lock the request. Raises RequestChanged when somebody decided on it since it was planned."""
    request = AllocationRequest.objects.select_for_update().get(pk=decision.request.pk)
    if (request.status, request.target) != (decision.request.status, decision.request.target):
        raise RequestChanged
    return request


# Carrying out ----------------------------------------------------------------------------------------------------


def carry_out(*, result_id: UUID, clock: Clock) -> AllocationResult:
    """Carry out the lines that are left, donors before the pool, and close the result. May run again at any point."""
    lines = AllocationLine.objects.filter(result_id=result_id, status=LineStatus.PLANNED)
    for key in list(lines.order_by(F("pool").asc(nulls_first=True), "pk").values_list("pk", flat=True)):
        try:
            _carry_out_line(key, clock())
        except DomainError as error:
            error.settle()
            _give_up(key, error.code, clock())
    return _close(result_id, clock())


@transaction.atomic
def _carry_out_line(line_id: UUID, now: datetime) -> None:
    line = _planned(line_id)
    if line is None:
        return
    if line.donor_id is not None:
        _give(line, now)
    else:
        _draw(line, now)


def _give(line: AllocationLine, now: datetime) -> None:
    """Give from a donor's wallet what its player still allows: as planned, or less.

    Locks the wallet and its accounts, so that consent and threshold hold while it is given.
    """
    donor_id = line.donor_id
    wallet = Wallet.objects.select_for_update().get(player_id=donor_id)
    ledger.open_payables(line.result.request.onlus_id, now=now)
    ledger.lock_wallet(player_id=wallet.player_id)
    consenting = consenting_wallets().select_related("player").filter(pk=wallet.pk).first()
    if consenting is None:
        raise ConsentWithdrawn
    amount = min(line.amount, limit_of(consenting))
    if amount <= ZERO:
        raise NothingLeftToGive
    donation = giving.donate(
        donor=consenting.player,
        onlus_id=line.result.request.onlus_id,
        amount=amount,
        origin=Donation.Origin.ALLOCATION,
        now=now,
    )
    _executed(line, LineStatus.GIVEN, now, given_amount=amount, donation=donation)


def _draw(line: AllocationLine, now: datetime) -> None:
    """Let the pool add what donors did not give, within what it reserved; the rest is free again."""
    onlus = Onlus.objects.get(pk=line.result.request.onlus_id)
    missing = line.result.target_amount - _given(line.result_id)
    amount = min(line.reserved_amount, missing) if onlus.accepts_donations else ZERO
    funding_pools.draw(line=line, onlus_id=onlus.pk, amount=amount, now=now)
    if amount > ZERO:
        return _executed(line, LineStatus.GIVEN, now, given_amount=amount)
    code = "NOT_NEEDED" if onlus.accepts_donations else giving.OnlusNotEligible.code
    return _executed(line, LineStatus.NOT_GIVEN, now, code=code)


@transaction.atomic
def _give_up(line_id: UUID, code: str, now: datetime) -> None:
    line = _planned(line_id)
    if line is not None:
        _executed(line, LineStatus.NOT_GIVEN, now, code=code)


def _planned(line_id: UUID) -> AllocationLine | None:
    """Lock a line nobody carried out; a twin that works on it is waited for."""
    rows = AllocationLine.objects.select_for_update(of=("self",)).select_related("result__request")
    return rows.filter(pk=line_id, status=LineStatus.PLANNED).first()


def _executed(line: AllocationLine, status: AllocationLine.Status, now: datetime, **columns: Any) -> None:
    columns |= {"status": status, "executed_at": now}
    for name, value in columns.items():
        setattr(line, name, value)
    line.save(update_fields=list(columns))


def _given(result_id: UUID) -> Decimal:
    lines = AllocationLine.objects.filter(result_id=result_id)
    return euros_of(lines.aggregate(total=Sum("given_amount"))["total"])


@transaction.atomic
def _close(result_id: UUID, now: datetime) -> AllocationResult:
    """Say what came of it once no line is left; a twin that closed it first did the same."""
    result = AllocationResult.objects.select_for_update().get(pk=result_id)
    left = result.lines.filter(status=LineStatus.PLANNED).exists()
    if left or result.status != Status.SCHEDULED:
        return result
    _write_outcome(result, now)
    signal = allocation_failed if result.status == Status.FAILED else allocation_executed
    signal.announce(result=result)
    return result


def _write_outcome(result: AllocationResult, now: datetime) -> None:
    result.given_amount = _given(result.pk)
    result.status, result.finished_at = _outcome(result), now
    result.save(update_fields=["given_amount", "status", "finished_at"])
    AllocationRequest.objects.filter(pk=result.request_id).update(status=result.status.value)


def _outcome(result: AllocationResult) -> AllocationResult.Status:
    if result.given_amount == ZERO:
        return Status.FAILED
    return Status.COMPLETED if result.missing <= CENT else Status.PARTIAL


@transaction.atomic
def take_back(*, donation_id: UUID, code: str, now: datetime) -> bool:
    """Count a donation that waited at the check point and came to nothing as not given; say whether one of ours was.

    Its request may be tried again.
    """
    found = AllocationLine.objects.filter(donation_id=donation_id).values("pk", "result_id").first()
    if found is None:
        return False
    result = AllocationResult.objects.select_for_update().get(pk=found["result_id"])
    line = AllocationLine.objects.select_for_update().get(pk=found["pk"])
    if line.status != LineStatus.GIVEN:
        return False
    _executed(line, LineStatus.NOT_GIVEN, now, given_amount=ZERO, code=code)
    if result.status != Status.SCHEDULED:
        _write_outcome(result, now)
    return True
