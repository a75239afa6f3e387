"""What the rollups of a stretch of days must say, reckoned from the base rows.

Whoever writes the rollups and whoever proves them read the same sums, so there is one definition of each figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Model, Q, QuerySet, Sum
from django.db.models.functions import Round, TruncDate, TruncHour, TruncMonth

from donations.models import (
    Donation,
    DonationHour,
    DonationRefund,
    DonationValueDay,
    DonorDay,
    OnlusDay,
    PaymentDay,
    PaymentIntent,
    PaymentTimeDay,
    PlayerDay,
    Transfer,
    TransferDay,
)
from donations.queries.sums import KEPT, euros_of, sum_kept
from games.models import GameSession
from goodplay.lib.time import ROME, day_start, rome_day

STATE = "donations"
SETTLED_AFTER = timedelta(minutes=10)  # longer than any transaction may take to commit
TENTH = timedelta(milliseconds=100)
COMPLETED = Q(status=Donation.Status.COMPLETED)
PAID = Q(status__in=PaymentIntent.PAID)
Status = PaymentIntent.Status


@dataclass(frozen=True, slots=True)
class Topic:
    """Rollups that follow from the same base rows: a day of them is made anew as a whole.

    `changed(since)` names the days whose base rows were written or changed since a moment; `rows(first, last)` makes
    what the rollups of those days must be.
    """

    name: str
    models: tuple[type[Model], ...]
    changed: Callable[[datetime], set[date]]
    span: Callable[[], tuple[date, date] | None]
    rows: Callable[[date, date], list[Any]]


def changed_donations(since: datetime) -> set[date]:
    done = Donation.objects.on_record().filter(completed_at__gte=since)
    given_back = DonationRefund.objects.filter(created_at__gte=since)
    return _days(done, "completed_at") | _days(given_back, "donation__completed_at")


def _changed_payments(since: datetime) -> set[date]:
    return _days(PaymentIntent.objects.filter(updated_at__gte=since), "created_at")


def _changed_transfers(since: datetime) -> set[date]:
    return _days(Transfer.objects.filter(created_at__gte=since), "created_at")


def _donation_rows(first: date, last: date) -> list[Any]:
    done = _within(Donation.objects.on_record(), "completed_at", first, last)
    kept: Any = done.filter(COMPLETED).annotate(on=TruncDate("completed_at", tzinfo=ROME))
    return [*_hours(done), *_onlus_days(kept), *_donor_days(kept), *_value_days(kept)]


def _hours(done: QuerySet[Donation]) -> Iterable[DonationHour]:
    hours = done.annotate(in_hour=TruncHour("completed_at", tzinfo=UTC)).values("in_hour")
    for row in hours.annotate(
        kept=Count("pk", filter=COMPLETED),
        left=sum_kept(COMPLETED),
        carried_out=Count("pk"),
        given=Sum("amount"),
        earned=Sum("earned_amount"),
        paid=Sum("paid_amount"),
        refunded=Sum("refunded_amount"),
    ).order_by("in_hour"):
        yield DonationHour(
            hour=row["in_hour"],
            day=rome_day(row["in_hour"]),
            count=row["kept"],
            amount=euros_of(row["left"]),
            given_count=row["carried_out"],
            given_amount=euros_of(row["given"]),
            earned_amount=euros_of(row["earned"]),
            paid_amount=euros_of(row["paid"]),
            refunded_amount=euros_of(row["refunded"]),
        )


def _onlus_days(kept: Any) -> Iterable[OnlusDay]:
    rows = kept.values("on", "onlus_id").annotate(count=Count("pk"), total=sum_kept())
    for row in rows.order_by("on", "onlus_id"):
        yield OnlusDay(
            day=row["on"], onlus_id=row["onlus_id"], count=row["count"], amount=euros_of(row["total"])
        )


def _donor_days(kept: Any) -> Iterable[DonorDay]:
    joined = TruncMonth("donor__created_at", tzinfo=ROME)
    rows = kept.values("on", "donor_id", joined=joined).annotate(count=Count("pk"), total=sum_kept())
    for row in rows.order_by("on", "donor_id"):
        yield DonorDay(
            day=row["on"],
            donor_id=row["donor_id"],
            cohort=rome_day(row["joined"]),
            count=row["count"],
            amount=euros_of(row["total"]),
        )


def _value_days(kept: Any) -> Iterable[DonationValueDay]:
    rows = kept.values("on", left=Round(KEPT, precision=2)).annotate(count=Count("pk")).order_by("on", "left")
    for row in rows:
        yield DonationValueDay(day=row["on"], amount=euros_of(row["left"]), count=row["count"])


def _payment_rows(first: date, last: date) -> list[Any]:
    begun = _within(PaymentIntent.objects.all(), "created_at", first, last)
    return [*_payment_days(begun), *_payment_times(begun)]


def _payment_days(begun: QuerySet[PaymentIntent]) -> Iterable[PaymentDay]:
    sums = ("amount", "net_amount", "processing_fee", "platform_fee", "refunded_amount")
    rows: Any = begun.values(
        "provider_id", "payment_method", on=TruncDate("created_at", tzinfo=ROME)
    ).annotate(
        intents=Count("pk"),
        succeeded=Count("pk", filter=PAID),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        pending=Count("pk", filter=Q(status__in=PaymentIntent.OPEN)),
        **{f"paid_{name}": Sum(name, filter=PAID) for name in sums},
    )
    for row in rows.order_by("on", "provider_id", "payment_method"):
        yield PaymentDay(
            day=row["on"],
            provider_id=row["provider_id"],
            method=row["payment_method"],
            **{name: row[name] for name in ("intents", "succeeded", "failed", "cancelled", "pending")},
            **{name: euros_of(row[f"paid_{name}"]) for name in sums},
        )


def _payment_times(begun: QuerySet[PaymentIntent]) -> Iterable[PaymentTimeDay]:
    rows = begun.filter(PAID).values_list("created_at", "confirmed_at", "payment_method")
    counted = Counter(
        (rome_day(began), method, max(0, (confirmed - began) // TENTH))
        for began, confirmed, method in rows.iterator()
        if confirmed is not None
    )
    for (day, method, tenths), count in sorted(counted.items()):
        yield PaymentTimeDay(day=day, method=method, tenths=tenths, count=count)


def _transfer_rows(first: date, last: date) -> list[Any]:
    moved = _within(Transfer.objects.moving(), "created_at", first, last)
    columns = ("kind", "debit_account__kind", "credit_account__kind")
    rows = moved.values(*columns, on=TruncDate("created_at", tzinfo=ROME)).annotate(
        count=Count("pk"), total=Sum("amount")
    )
    return [
        TransferDay(
            day=row["on"],
            kind=row["kind"],
            debit_kind=row["debit_account__kind"],
            credit_kind=row["credit_account__kind"],
            count=row["count"],
            amount=euros_of(row["total"]),
        )
        for row in rows.order_by("on", *columns)
    ]


def _session_rows(first: date, last: date) -> list[Any]:
    """When a session began never changes, so these days are made when they are lived and never again."""
    begun = _within(GameSession.objects.all(), "started_at", first, last)
    joined = TruncMonth("user__created_at", tzinfo=ROME)
    rows = begun.values("user_id", on=TruncDate("started_at", tzinfo=ROME), joined=joined)
    return [
        PlayerDay(
            day=row["on"], player_id=row["user_id"], cohort=rome_day(row["joined"]), sessions=row["begun"]
        )
        for row in rows.annotate(begun=Count("pk")).order_by("on", "user_id")
    ]


def _changed_sessions(since: datetime) -> set[date]:
    return _days(GameSession.objects.filter(started_at__gte=since), "started_at")


def _within(rows: QuerySet[Any], moment: str, first: date, last: date) -> QuerySet[Any]:
    start, end = day_start(first), day_start(last + timedelta(days=1))
    return rows.filter(**{f"{moment}__gte": start, f"{moment}__lt": end})


def of_days(moment: str, days: Iterable[date]) -> Q:
    """Say that a moment lies on one of these days of Rome."""
    found = Q(pk__in=[])
    for day in days:
        found |= Q(**{f"{moment}__gte": day_start(day), f"{moment}__lt": day_start(day + timedelta(days=1))})
    return found


def _days(rows: QuerySet[Any], moment: str) -> set[date]:
    return set(rows.order_by().values_list(TruncDate(moment, tzinfo=ROME), flat=True).distinct())


def _span(rows: QuerySet[Any], moment: str) -> tuple[date, date] | None:
    found = rows.aggregate(first=Min(moment), last=Max(moment))
    return (rome_day(found["first"]), rome_day(found["last"])) if found["first"] else None


TOPICS: Sequence[Topic] = (
    Topic(
        "donations",
        (DonationHour, OnlusDay, DonorDay, DonationValueDay),
        changed_donations,
        lambda: _span(Donation.objects.on_record(), "completed_at"),
        _donation_rows,
    ),
    Topic(
        "payments",
        (PaymentDay, PaymentTimeDay),
        _changed_payments,
        lambda: _span(PaymentIntent.objects.all(), "created_at"),
        _payment_rows,
    ),
    Topic(
        "transfers",
        (TransferDay,),
        _changed_transfers,
        lambda: _span(Transfer.objects.moving(), "created_at"),
        _transfer_rows,
    ),
    Topic(
        "sessions",
        (PlayerDay,),
        _changed_sessions,
        lambda: _span(GameSession.objects.all(), "started_at"),
        _session_rows,
    ),
)
