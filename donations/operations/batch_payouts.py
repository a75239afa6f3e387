"""Batches of payouts: each line drafts the payout of one ONLUS, all of them in one run that is released as any other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from donations.models import BatchLine, BatchOperation
from donations.operations import giving, payouts
from donations.operations.batch_lines import BatchKind, Fault, LineDraft
from donations.queries.payouts import payable_accounts
from goodplay.lib.errors import DomainError


class OnlusNotPayable(DomainError):
    code = "ORGANIZATION_NOT_PAYABLE"
    message = _("This organisation has no bank account that can be paid to now.")


class OnlusNamedTwice(DomainError):
    code = "ORGANIZATION_NAMED_TWICE"
    message = _("Another line pays this organisation already.")


def faults(lines: Sequence[LineDraft], now: datetime) -> list[Fault]:
    named = Counter(line.onlus_id for line in lines)
    known = set(Onlus.objects.filter(pk__in=set(named)).values_list("pk", flat=True))
    payable = set(payable_accounts(now).filter(onlus__in=known).values_list("onlus_id", flat=True))
    return [fault for line in lines for fault in _faults_of(line, named, known, payable)]


def _faults_of(
    line: LineDraft, named: Counter[UUID], known: set[UUID], payable: set[UUID]
) -> Iterator[Fault]:
    if line.onlus_id not in known:
        yield Fault.of(line.number, giving.OnlusNotFound)
    elif line.onlus_id not in payable:
        yield Fault.of(line.number, OnlusNotPayable)
    if named[line.onlus_id] > 1:
        yield Fault.of(line.number, OnlusNamedTwice)


def row(line: LineDraft) -> BatchLine:
    return BatchLine(onlus_id=line.onlus_id)


def carry_out(line: BatchLine, now: datetime) -> None:
    """Draft the payout in the batch's run. The batch's row stays locked, so two workers do not open two runs.

    The books are proved before the run is opened, and again before it is ordered at the bank.
    """
    if line.onlus_id is None:
        raise giving.OnlusNotFound
    batch = (
        BatchOperation.objects.select_for_update(of=("self",))
        .select_related("payout_run")
        .get(pk=line.batch_id)
    )
    if batch.payout_run is None:
        payouts.refuse_red_books()
    line.payout = payouts.prepare_payout(
        onlus_id=line.onlus_id, run=batch.payout_run, created_by=line.batch.created_by, now=now
    )
    line.processed_amount = line.payout.amount
    batch.payout_run = line.payout.run
    batch.save(update_fields=["payout_run"])


PAYOUTS = BatchKind(faults=faults, row=row, carry_out=carry_out)
