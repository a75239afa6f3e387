"""What an ONLUS received, for its portal. Names of anonymous donors never leave the database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from donations.models import Donation
from donations.queries.sums import KEPT, euros_of, sum_kept
from goodplay.lib.money import ZERO
from goodplay.lib.time import ROME, day_start, month_start, next_month, rome_day


class Row(TypedDict):
    """One donation as its ONLUS may see it. `donor_name` is empty when the donor wants no name shown.

    `kept_amount` is what is left of `amount` after refunds.
    """

    id: UUID
    completed_at: datetime
    donor_name: str
    message: str
    amount: Decimal
    earned_amount: Decimal
    paid_amount: Decimal
    refunded_amount: Decimal
    kept_amount: Decimal
    status: str


@dataclass(frozen=True, slots=True)
class Span:
    """Days of Rome, both included; None is open."""

    first: date | None = None
    last: date | None = None

    @property
    def condition(self) -> Q:
        condition = Q()
        if self.first:
            condition &= Q(completed_at__gte=day_start(self.first))
        if self.last:
            condition &= Q(completed_at__lt=day_start(self.last + timedelta(days=1)))
        return condition


@dataclass(frozen=True, slots=True)
class Summary:
    total: Decimal
    this_month: Decimal
    last_month: Decimal
    donations: int
    donors: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a list: all its rows, and what was given and not given back."""

    rows: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    amount: Decimal


def received(onlus_id: UUID, span: Span) -> QuerySet[Donation, Row]:
    """List completed and refunded donations, the latest first."""
    name = Case(When(is_anonymous=False, then=F("donor__display_name")), default=Value(""))
    rows = _of(onlus_id).filter(span.condition).annotate(donor_name=name, kept_amount=KEPT)
    return rows.order_by("-completed_at", "-id").values(*Row.__annotations__)


def totals(onlus_id: UUID, span: Span) -> Totals:
    found = _of(onlus_id).filter(span.condition).aggregate(rows=Count("pk"), amount=sum_kept())
    return Totals(found["rows"], euros_of(found["amount"]))


def summary(onlus_id: UUID, now: datetime) -> Summary:
    month = day_start(month_start(rome_day(now)))
    month_before = day_start(month_start(rome_day(month - timedelta(days=1))))
    found = (
        _of(onlus_id)
        .completed()
        .aggregate(
            total=sum_kept(),
            this_month=sum_kept(Q(completed_at__gte=month)),
            last_month=sum_kept(Q(completed_at__gte=month_before, completed_at__lt=month)),
            donations=Count("pk"),
            donors=Count("donor", distinct=True),
        )
    )
    return Summary(
        total=euros_of(found["total"]),
        this_month=euros_of(found["this_month"]),
        last_month=euros_of(found["last_month"]),
        donations=found["donations"],
        donors=found["donors"],
    )


def by_month(onlus_id: UUID, now: datetime, *, months: int = 12) -> list[Month]:
    """Sum the last months of Rome's calendar, this one last; months without donations count zero."""
    firsts = _last_months(rome_day(now), months)
    rows = (
        _of(onlus_id)
        .completed()
        .filter(completed_at__gte=day_start(firsts[0]))
        .annotate(month=TruncMonth("completed_at", tzinfo=ROME))
        .values("month")
        .annotate(amount=sum_kept())
        .order_by("month")
    )
    amounts = {row["month"].date(): euros_of(row["amount"]) for row in rows}
    return [Month(first, amounts.get(first, ZERO)) for first in firsts]


def _of(onlus_id: UUID) -> Any:
    return Donation.objects.filter(onlus_id=onlus_id).on_record()


def _last_months(today: date, count: int) -> list[date]:
    first = date(today.year + (today.month - count) // 12, (today.month - count) % 12 + 1, 1)
    months = [first]
    while len(months) < count:
        months.append(next_month(months[-1]))
    return months
