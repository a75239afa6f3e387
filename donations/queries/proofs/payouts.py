"""Payouts: their lines, their transfers, what is in transit, what is recovered, and the states they went through."""

from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, Lag, Round

from donations.models import LedgerAccount, Payout, PayoutLine, PayoutRun, PayoutStatusChange, Transfer
from donations.queries.balances import total_balance
from donations.queries.payouts import claims
from donations.queries.proofs.common import Contradiction, euros, net, sum_of
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind
Status = Payout.Status


def _shape(states: tuple[str, ...], *, is_open: bool, **moved: bool) -> Q:
    """Say what a payout in one of these states looks like: whether it is held, and which steps moved its amount."""
    steps = ("ordered", "unordered", "paid", "unpaid")
    amounts = {step: F("amount") if moved.get(step) else ZERO for step in steps}
    return Q(status__in=states, held=F("amount"), is_open=is_open, **amounts)


_SHAPES = (
    _shape(Payout.HELD, is_open=True),
    _shape((Status.CANCELLED,), is_open=False),
    _shape(Payout.IN_TRANSIT, is_open=False, ordered=True),
    _shape((Status.REJECTED,), is_open=False, ordered=True, unordered=True),
    _shape((Status.SETTLED,), is_open=False, ordered=True, paid=True),
    _shape((Status.RETURNED,), is_open=False, ordered=True, unordered=True, paid=True, unpaid=True),
)


def payouts_are_their_lines() -> Iterator[Contradiction]:
    lines = PayoutLine.objects.filter(payout=OuterRef("pk")).order_by().values("payout")
    payouts = Payout.objects.annotate(told=euros(lines.annotate(total=Sum("amount")).values("total")))
    for row in payouts.exclude(amount=F("told")):
        yield _of(row, f"is {row.amount}, its lines {row.told:.2f}")
    live = Q(payout__status__in=Payout.LIVE)
    for line in PayoutLine.objects.exclude((live & Q(is_live=True)) | (~live & Q(is_live=False))):
        yield Contradiction(
            "I12", f"payout line {line.pk}", "is live, and its payout is not, or the other way"
        )
    own = (
        Q(donation__onlus=F("payout__onlus"))
        | Q(grant__onlus=F("payout__onlus"), grant__amount=F("amount"))
        | Q(refund__donation__onlus=F("payout__onlus"))
    )
    for line in PayoutLine.objects.exclude(own):
        yield Contradiction("I12", f"payout line {line.pk}", "pays an ONLUS for a gift to another")
    for payout in Payout.objects.exclude(account__onlus=F("onlus")):
        yield _of(payout, "goes to the account of another ONLUS")


def payouts_are_carried() -> Iterator[Contradiction]:
    """Held while prepared, in transit once ordered, out of the bank when settled, all the way back when it failed."""
    own = Transfer.objects.filter(kind=Transfer.Kind.PAYOUT, cause_id=OuterRef("pk")).order_by()
    to_transit = own.filter(
        debit_account__onlus=OuterRef("onlus"), credit_account__kind=Kind.PAYOUT_IN_TRANSIT
    )
    to_bank = own.filter(debit_account__kind=Kind.PAYOUT_IN_TRANSIT, credit_account__kind=Kind.BANK)
    ordered, back = to_transit.filter(phase=Transfer.Phase.POST), own.filter(reverses__isnull=False)
    rows = Payout.objects.annotate(
        held=_sum(to_transit.filter(phase=Transfer.Phase.PENDING)),
        is_open=Exists(Transfer.objects.open_holds().filter(pk=OuterRef("hold"))),
        ordered=_sum(ordered),
        unordered=_sum(back.filter(credit_account__onlus=OuterRef("onlus"))),
        paid=_sum(to_bank.filter(phase=Transfer.Phase.SINGLE, reverses=None)),
        unpaid=_sum(back.filter(debit_account__kind=Kind.BANK)),
    )
    for row in rows.exclude(reduce(or_, _SHAPES)):
        yield _of(row, f"is {row.status}, and its transfers say otherwise")
    known = Payout.objects.filter(pk=OuterRef("cause_id"))
    for transfer in Transfer.objects.filter(kind=Transfer.Kind.PAYOUT).exclude(Exists(known)):
        yield Contradiction("I12", f"transfer {transfer.pk}", "belongs to no payout")


def transit_is_what_is_under_way() -> Iterator[Contradiction]:
    under_way = euros_of(Payout.objects.in_transit().aggregate(total=Sum("amount"))["total"])
    balance = total_balance(Kind.PAYOUT_IN_TRANSIT)
    if balance != under_way:
        yield Contradiction("I12", "payouts in transit", f"hold {balance}, {under_way} is under way")


def payable_covers_payouts() -> Iterator[Contradiction]:
    """What is owed to an ONLUS covers what is held of it for payouts, but for what it owes back."""
    owed: dict[UUID | None, Decimal] = {}
    for claim in claims():
        owed[claim.onlus_id] = owed.get(claim.onlus_id, ZERO) - claim.amount
    payable = LedgerAccount.objects.filter(kind=Kind.ONLUS_PAYABLE).annotate(
        free=Round(
            net(Transfer.objects.moving()) - sum_of(Transfer.objects.open_holds(), "debit_account"),
            precision=2,
        )
    )
    for account in payable.filter(free__lt=0):
        if account.free + owed.get(account.onlus_id, ZERO) < ZERO:
            yield Contradiction(
                "I3",
                f"payable {account.pk}",
                f"lacks {-account.free:.2f}: more is paid out than was received",
            )


def recoveries_are_claims() -> Iterator[Contradiction]:
    """Nothing is recovered twice: after all recoveries no donation is paid out with less than is kept of it."""
    for claim in claims():
        if (
            claim.amount > ZERO
            and PayoutLine.objects.live().filter(donation__refunds=claim.refund_id).exists()
        ):
            yield Contradiction("I12", f"refund {claim.refund_id}", f"{claim.amount} too much was recovered")


def runs_are_their_payouts() -> Iterator[Contradiction]:
    standing = Payout.objects.filter(run=OuterRef("pk")).exclude(status=Status.CANCELLED).order_by()
    grouped = standing.values("run").annotate(total=Sum("amount"), rows=Count("pk"))
    rows = PayoutRun.objects.annotate(
        told=euros(grouped.values("total")), rows=Coalesce(Subquery(grouped.values("rows")), Value(0))
    )
    for run in rows.exclude(total_amount=F("told"), payout_count=F("rows")):
        yield Contradiction(
            "I12", f"payout run {run.pk}", f"says {run.total_amount}, its payouts {run.told:.2f}"
        )
    exported = PayoutRun.objects.filter(status=PayoutRun.Status.EXPORTED)
    same = {
        "file__total_amount": F("total_amount"),
        "file__payout_count": F("payout_count"),
        "file__message_id": F("message_id"),
    }
    for odd in exported.exclude(**same):
        yield Contradiction("I12", f"payout run {odd.pk}", "was ordered, and its file says something else")
    for odd in PayoutRun.objects.exclude(status=PayoutRun.Status.EXPORTED).filter(file__isnull=False):
        yield Contradiction("I12", f"payout run {odd.pk}", "has a file and was not ordered")


def payouts_took_legal_steps() -> Iterator[Contradiction]:
    legal = reduce(
        or_, (Q(from_status=before, to_status__in=after) for before, after in Payout.STEPS.items())
    )
    for change in PayoutStatusChange.objects.exclude(legal):
        yield Contradiction(
            "I12",
            f"payout {change.payout_id}",
            f"went from {change.from_status or '-'} to {change.to_status}",
        )
    before = Window(Lag("to_status", default=Value("")), partition_by=F("payout"), order_by=F("pk").asc())
    broken = PayoutStatusChange.objects.annotate(before=before).exclude(from_status=F("before"))
    for change in broken:
        yield Contradiction("I12", f"payout {change.payout_id}", "has a gap in its history")
    latest = PayoutStatusChange.objects.filter(payout=OuterRef("pk")).order_by("-pk").values("to_status")[:1]
    for payout in Payout.objects.annotate(latest=Subquery(latest)).exclude(status=F("latest")):
        yield _of(payout, f"is {payout.status}, its history ends with {payout.latest}")
    for unwritten in Payout.objects.filter(changes=None):
        yield _of(unwritten, "has no history")


def _of(payout: Payout, detail: str) -> Contradiction:
    return Contradiction("I12", f"payout {payout.pk}", detail)


def _sum(rows: Any) -> Any:
    return euros(rows.values("cause_id").annotate(total=Sum("amount")).values("total"))
