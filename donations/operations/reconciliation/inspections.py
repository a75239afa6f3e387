"""What no pair of lines shows: payouts nobody heard of again, money kept aside, reports that contradict the books."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from donations.models import BankFile, LedgerAccount, PaymentDispute, PaymentIntent, Payout, Transfer
from donations.models.ledger import system_account_id
from donations.models.reconciliation import Account
from donations.reconciling.lines import BANK, Break, BreakClass, Line
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, rome_day

ACCOUNTS = (Account.TRANSIT, Account.SUSPENSE)
"""What is looked into as it stands now, whatever the period."""


def all_of(*, now: datetime) -> list[tuple[Account, list[Break]]]:
    return [
        (Account.TRANSIT, [*_overdue(now), *_contradictions()]),
        (Account.SUSPENSE, list(_kept_aside())),
    ]


def _overdue(now: datetime) -> Iterator[Break]:
    """Find payouts the bank was told to pay and has not charged in time."""
    due = rome_day(now) - BANK.late - timedelta(days=1)
    waiting = Payout.objects.in_transit().filter(run__execute_on__lte=due).select_related("run", "account")
    for payout in waiting.order_by("pk"):
        line = Line(
            key=f"payout:{payout.pk}",
            amount=-payout.amount,
            at=day_start(payout.run.execute_on or due),
            lane="out",
            references=(payout.end_to_end_id,),
            party=payout.account.holder,
        )
        yield Break(BreakClass.MISSING, ours=(line,))


def _contradictions() -> Iterator[Break]:
    """Find what status reports say of payments that the books do not know, or know otherwise."""
    reports = BankFile.objects.filter(kind=BankFile.Kind.STATUS_REPORT, outcome__unmatched__gt=0)
    for file in reports.defer("content").order_by("pk"):
        for place, told in enumerate(file.outcome["odd"]):
            line = Line(
                key=f"report/{place}:{file.pk}",
                amount=ZERO,
                at=file.received_at,
                references=(told["end_to_end_id"],),
                state=told["status"],
            )
            facts = {name: told[name] for name in ("code", "booked") if name in told}
            yield Break(BreakClass.STATUS, theirs=(line,), facts={"state": told["status"], **facts})


def _kept_aside() -> Iterator[Break]:
    """Find money that was paid, that nobody asked for like this, and that is still ours to give back."""
    left = {intent_id: amount for intent_id, amount in _aside().items() if amount > ZERO}
    for intent in PaymentIntent.objects.filter(pk__in=left).order_by("pk"):
        line = Line(
            key=f"aside:{intent.pk}",
            amount=left[intent.pk],
            at=intent.created_at,
            lane="payment",
            references=tuple(filter(None, (str(intent.pk), intent.provider_payment_id))),
        )
        yield Break(BreakClass.EXTRA, theirs=(line,), facts={"code": intent.error_code})


def _aside() -> dict[UUID, Decimal]:
    """Sum what is left on the suspense account by payment."""
    own = system_account_id(LedgerAccount.Kind.SUSPENSE)
    rows = Transfer.objects.moving().filter(Q(debit_account=own) | Q(credit_account=own))
    columns: Any = ("transaction_id", "amount", "credit_account_id")
    disputes = dict(
        PaymentDispute.objects.filter(pk__in=rows.order_by().values("transaction_id")).values_list(
            "pk", "intent_id"
        )
    )
    left: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for transaction_id, amount, credited in rows.values_list(*columns).iterator(chunk_size=2000):
        left[disputes.get(transaction_id, transaction_id)] += amount if credited == own else -amount
    return left
