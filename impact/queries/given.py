"""What was given in a period, as the ledger had it when the period ended: from the rollups, so that years cost little.

The rollups know what is left of a donation today. What was given back only after the period still counted when it
ended, so those few donations are looked at one by one and put back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from donations.models import (
    DonationHour,
    DonationRefund,
    DonationValueDay,
    DonorDay,
    LedgerAccount,
    OnlusDay,
    Transfer,
    TransferDay,
)
from donations.queries.sums import euros_of
from goodplay.lib.errors import Conflict
from goodplay.lib.money import ZERO, to_cents
from impact.report_periods import ReportPeriod

# Where a range of amounts, and of donations per donor, begins; it ends where the next begins.
AMOUNTS = {
    "under_5": Decimal(0),
    "from_5": Decimal(5),
    "from_10": Decimal(10),
    "from_25": Decimal(25),
    "from_50": Decimal(50),
    "from_100": Decimal(100),
}
TIMES = {"once": 1, "2_to_4": 2, "5_to_9": 5, "10_or_more": 10}


class FiguresNotReady(Conflict):
    code = "REPORT_FIGURES_NOT_READY"
    message = _("The figures of these days are still being added up. Try again in a quarter of an hour.")


@dataclass(frozen=True, slots=True)
class Received:
    amount: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Given:
    """The donations of a period, less what was given back of them before it ended."""

    amount: Decimal
    count: int
    donors: int
    earned: Decimal
    paid: Decimal
    by_onlus: dict[UUID, Received]
    by_amount: dict[str, Received]
    donors_by_times: dict[str, int]

    @property
    def organisations(self) -> int:
        return len(self.by_onlus)

    @property
    def engagement(self) -> Decimal:
        """Donations per donor."""
        return to_cents(Decimal(self.count) / self.donors) if self.donors else ZERO


@dataclass(slots=True)
class _Returned:
    """What was given back of one donation, before and after the period ended."""

    onlus_id: UUID
    donor_id: UUID
    amount: Decimal
    before: Decimal = ZERO
    after: Decimal = ZERO

    @property
    def kept_then(self) -> Decimal:
        return self.amount - self.before

    @property
    def kept_now(self) -> Decimal:
        return self.amount - self.before - self.after

    @property
    def put_back(self) -> int:
        """How many donations more there were then: one, when nothing is left of it today."""
        return int(self.kept_then > 0) - int(self.kept_now > 0)


def given_in(period: ReportPeriod) -> Given:
    """Add up a period. Call it inside one snapshot, after the rollups were brought up to date."""
    returned, early = _returned(period)
    late = [each for each in returned.values() if each.after]
    carried_out, whole = _whole(period)
    gone = sum(each.kept_then == 0 for each in returned.values())
    amount, count = whole["amount"] - early["amount"], carried_out - gone
    by_onlus = _by_onlus(period, late)
    parts = sum((each.amount for each in by_onlus.values()), ZERO), sum(c.count for c in by_onlus.values())
    if parts != (amount, count):
        raise FiguresNotReady  # something was given back between the rollups and now: the next run finds it
    donors, times = _donors(period, late)
    return Given(
        amount=amount,
        count=count,
        donors=donors,
        earned=whole["earned"] - early["earned"],
        paid=whole["paid"] - early["paid"],
        by_onlus=by_onlus,
        by_amount=_by_amount(period, late),
        donors_by_times=times,
    )


def _whole(period: ReportPeriod) -> tuple[int, dict[str, Decimal]]:
    """Count and add up all that was carried out, before anything was given back."""
    hours = DonationHour.objects.filter(day__range=(period.first, period.last))
    sums = hours.aggregate(
        count=Sum("given_count"),
        amount=Sum("given_amount"),
        earned=Sum("earned_amount"),
        paid=Sum("paid_amount"),
    )
    count = sums.pop("count") or 0
    return count, {name: euros_of(total) for name, total in sums.items()}


def _returned(period: ReportPeriod) -> tuple[dict[UUID, _Returned], dict[str, Decimal]]:
    """Find the period's donations something was given back of, and add up what was before it ended."""
    found: dict[UUID, _Returned] = {}
    early = {"amount": ZERO, "earned": ZERO, "paid": ZERO}
    refunds = DonationRefund.objects.filter(
        donation__completed_at__gte=period.start, donation__completed_at__lt=period.end
    )
    columns = ("donation_id", "donation__onlus_id", "donation__donor_id", "donation__amount")
    for key, onlus_id, donor_id, given, amount, earned, paid, at in refunds.values_list(
        *columns, "amount", "earned_amount", "paid_amount", "created_at"
    ):
        row = found.setdefault(key, _Returned(onlus_id, donor_id, given))
        if at < period.end:
            row.before += amount
            early = {
                "amount": early["amount"] + amount,
                "earned": early["earned"] + earned,
                "paid": early["paid"] + paid,
            }
        else:
            row.after += amount
    return found, early


def _by_onlus(period: ReportPeriod, late: Iterable[_Returned]) -> dict[UUID, Received]:
    rows = OnlusDay.objects.filter(day__range=(period.first, period.last)).order_by().values("onlus_id")
    found: defaultdict[UUID, tuple[Decimal, int]] = defaultdict(lambda: (ZERO, 0))
    for row in rows.annotate(total=Sum("amount"), gifts=Sum("count")):
        found[row["onlus_id"]] = (euros_of(row["total"]), row["gifts"])
    for each in late:
        amount, count = found[each.onlus_id]
        found[each.onlus_id] = (amount + each.after, count + each.put_back)
    return {key: Received(*pair) for key, pair in found.items() if pair[1]}


def _by_amount(period: ReportPeriod, late: Iterable[_Returned]) -> dict[str, Received]:
    rows = DonationValueDay.objects.filter(day__range=(period.first, period.last)).order_by().values("amount")
    sums: defaultdict[str, tuple[Decimal, int]] = defaultdict(lambda: (ZERO, 0))

    def add(amount: Decimal, count: int) -> None:
        total, gifts = sums[_range_of(amount)]
        sums[_range_of(amount)] = (total + amount * count, gifts + count)

    for row in rows.annotate(gifts=Sum("count")):
        add(euros_of(row["amount"]), row["gifts"])
    for each in late:
        add(each.kept_then, 1)
        if each.kept_now:
            add(each.kept_now, -1)
    return {name: Received(*sums[name]) for name in AMOUNTS}


def _range_of(amount: Decimal) -> str:
    return max((start, name) for name, start in AMOUNTS.items() if start <= amount)[1]


def _donors(period: ReportPeriod, late: Iterable[_Returned]) -> tuple[int, dict[str, int]]:
    """Count the donors, in all and by how often they gave."""
    days = DonorDay.objects.filter(day__range=(period.first, period.last)).order_by().values("donor")
    by_times = Counter(_counted(days.annotate(times=Sum("count"))))
    more = Counter[UUID]()
    for each in late:
        more[each.donor_id] += each.put_back
    touched = {donor: put_back for donor, put_back in more.items() if put_back}
    were = dict(
        days.filter(donor__in=list(touched)).annotate(times=Sum("count")).values_list("donor", "times")
    )
    for donor, put_back in touched.items():
        if times := were.get(donor, 0):
            by_times[_times_of(times)] -= 1
        by_times[_times_of(times + put_back)] += 1
    return sum(by_times.values()), {name: by_times[name] for name in TIMES}


def _counted(donors: Any) -> dict[str, int]:
    """Count donors in the ranges of TIMES, in the database: there may be very many."""
    starts = list(TIMES.items())
    ends = [start for _name, start in starts[1:]]
    ranges = {
        f"range_{number}": Q(times__gte=start) & (Q(times__lt=ends[number]) if number < len(ends) else Q())
        for number, (_name, start) in enumerate(starts)
    }
    counts = donors.aggregate(
        **{name: Count("donor", filter=condition) for name, condition in ranges.items()}
    )
    return {name: counts[f"range_{number}"] for number, name in enumerate(TIMES)}


def _times_of(times: int) -> str:
    return max((start, name) for name, start in TIMES.items() if start <= times)[1]


def returning_donors(period: ReportPeriod) -> int:
    """Count the period's donors who had given before it."""
    here = DonorDay.objects.filter(day__range=(period.first, period.last)).order_by().values("donor")
    earlier = DonorDay.objects.filter(day__lt=period.first, donor__in=here)
    return earlier.aggregate(donors=Count("donor", distinct=True))["donors"]


def fees_collected(period: ReportPeriod) -> Decimal:
    """Add up what the platform kept of payments in the period, by the ledger, less what it gave back of it."""
    fees = LedgerAccount.Kind.PLATFORM_FEES
    days = TransferDay.objects.filter(day__range=(period.first, period.last))
    kinds = (Transfer.Kind.FEE, Transfer.Kind.REFUND, Transfer.Kind.DISPUTE)
    sums = days.filter(kind__in=kinds).aggregate(
        taken=Sum(F("amount"), filter=Q(credit_kind=fees)), back=Sum(F("amount"), filter=Q(debit_kind=fees))
    )
    return euros_of(sums["taken"]) - euros_of(sums["back"])
