"""The figures of the finance dashboard: sums in the database, a fixed number of queries for any period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any

from django.db.models import Count, Q, Sum

from donations.models import Donation, DonationHour, LedgerAccount, OnlusDay, Payout, TransferDay
from donations.models.ledger import PLAYER_KINDS
from donations.queries.analytics.core import core
from donations.queries.analytics.daily import by_day
from donations.queries.balances import total_balance
from donations.queries.payouts import due_by_onlus, ready_by_onlus
from donations.queries.sums import KEPT, euros_of
from donations.queries.waiting import pool_balance, waiting_total
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import rome_day

BURN_DAYS = 30

Kind = LedgerAccount.Kind


@dataclass(frozen=True, slots=True)
class Giving:
    """What was given in a period and not given back."""

    amount: Decimal
    count: int
    donors: int

    @property
    def average(self) -> Decimal:
        return to_cents(self.amount / self.count) if self.count else ZERO


@dataclass(frozen=True, slots=True)
class Owed:
    """What GoodPlay owes: to players by origin of the money, and to organisations."""

    earned: Decimal
    paid: Decimal
    organisations: Decimal

    @property
    def players(self) -> Decimal:
        return self.earned + self.paid


@dataclass(frozen=True, slots=True)
class Pool:
    """What is left to pay players with, how long it lasts at the pace of the last thirty days, and who waits for it."""

    balance: Decimal
    burned: Decimal
    waiting: Decimal

    @property
    def days_left(self) -> int | None:
        """Whole days until the pool is empty; None while nothing is spent."""
        if self.balance <= ZERO:
            return 0
        return int(self.balance * BURN_DAYS / self.burned) if self.burned > ZERO else None


@dataclass(frozen=True, slots=True)
class PayoutsDue:
    """What the next payout pays, and to how many; what waits for an account or for more; what is under way."""

    amount: Decimal
    organisations: int
    waiting: Decimal
    under_way: Decimal


def percent(part: Decimal | int, whole: Decimal | int) -> int:
    """Return the share in whole percent; of nothing, zero."""
    return int((Decimal(part) * 100 / whole).to_integral_value(ROUND_HALF_UP)) if whole else 0


def giving(period: Period) -> tuple[Giving, Giving]:
    """Return what was given in the period, and in as many days right before it."""
    found = core(period)
    return (
        Giving(found.current.volume, found.current.count, found.donors),
        Giving(found.previous.volume, found.previous.count, found.previous_donors),
    )


def given_by_day(period: Period) -> list[Decimal]:
    """Sum the donations of each Rome day of the period."""
    return [given.volume for given in by_day(period).values()]


def given_back(period: Period) -> tuple[Decimal, Decimal]:
    """Sum what was given back of the period's donations, and what had been given."""
    sums = DonationHour.objects.filter(day__range=(period.first, period.last)).aggregate(
        back=Sum("refunded_amount"), given=Sum("given_amount")
    )
    return euros_of(sums["back"]), euros_of(sums["given"])


def earned_by_day(period: Period) -> list[Decimal]:
    """Sum what the reward pool paid players on each Rome day of the period, less what was taken back."""
    rows = (
        TransferDay.objects.filter(day__range=(period.first, period.last))
        .values("day")
        .annotate(earned=Sum("amount", filter=_EARNED), back=Sum("amount", filter=_TAKEN_BACK))
        .order_by("day")
    )
    totals = {row["day"]: euros_of(row["earned"]) - euros_of(row["back"]) for row in rows}
    return [totals.get(day, ZERO) for day in period.dates]


def owed_by_day(period: Period) -> tuple[list[Decimal], list[Decimal]]:
    """Return what was owed to players, and to organisations, at the end of each day of the period."""
    rows = TransferDay.objects.filter(day__lte=period.last)
    before = rows.filter(day__lt=period.first).aggregate(**_OWED)
    days = rows.filter(day__gte=period.first).values("day").annotate(**_OWED).order_by("day")
    moved = {row["day"]: row for row in days}
    return (
        _running(before, moved, period, "players"),
        _running(before, moved, period, "organisations"),
    )


def given_by_organisation(period: Period, most: int) -> list[tuple[str, Decimal]]:
    """Sum the period's donations by organisation, the largest first."""
    rows = (
        OnlusDay.objects.filter(day__range=(period.first, period.last))
        .values("onlus_id", "onlus__name")
        .annotate(given=Sum("amount"))
        .order_by("-given", "onlus_id")[:most]
    )
    return [(row["onlus__name"], euros_of(row["given"])) for row in rows]


def players_count() -> int:
    """Count the active people who ever earned credits or paid money in."""
    accounts = LedgerAccount.objects.filter(kind__in=PLAYER_KINDS, player__is_active=True)
    return accounts.aggregate(players=Count("player", distinct=True))["players"]


def owed() -> Owed:
    rows = LedgerAccount.objects.filter(player__isnull=False).values("kind").annotate(total=Sum("balance"))
    players = {row["kind"]: euros_of(row["total"]) for row in rows.order_by("kind")}
    return Owed(
        earned=players.get(Kind.PLAYER_CREDITS, ZERO),
        paid=players.get(Kind.PLAYER_CASH, ZERO),
        organisations=total_balance(Kind.ONLUS_PAYABLE),
    )


def payouts(now: datetime) -> PayoutsDue:
    """Sum what the next payout pays, what waits for an account or for the minimum, and what is under way."""
    due = due_by_onlus(now)
    ready = ready_by_onlus(now, due)
    moving = Payout.objects.filter(status__in=(*Payout.HELD, *Payout.IN_TRANSIT))
    total = sum(ready.values(), ZERO)
    return PayoutsDue(
        amount=total,
        organisations=len(ready),
        waiting=sum((amount for amount in due.values() if amount > ZERO), ZERO) - total,
        under_way=euros_of(moving.aggregate(total=Sum("amount"))["total"]),
    )


def reward_pool(now: datetime) -> Pool:
    today = rome_day(now)
    burned = sum(earned_by_day(Period(today - timedelta(days=BURN_DAYS - 1), today)), ZERO)
    return Pool(balance=pool_balance(), burned=burned, waiting=waiting_total())


def latest_donations(count: int) -> Sequence[dict[str, Any]]:
    rows = Donation.objects.completed().order_by("-completed_at", "-id")
    columns = (
        "completed_at",
        "onlus_name",
        "donor__display_name",
        "is_anonymous",
        "earned_amount",
        "paid_amount",
        "refunded_amount",
    )
    return list(rows.values(*columns, kept=KEPT)[:count])


def _into(*kinds: str) -> Any:
    return Sum("amount", filter=Q(credit_kind__in=kinds))


def _out_of(*kinds: str) -> Any:
    return Sum("amount", filter=Q(debit_kind__in=kinds))


_EARNED = Q(debit_kind=Kind.REWARD_POOL, credit_kind=Kind.PLAYER_CREDITS)
_TAKEN_BACK = Q(debit_kind=Kind.PLAYER_CREDITS, credit_kind=Kind.REWARD_POOL)
_OWED = {
    "players_in": _into(*PLAYER_KINDS),
    "players_out": _out_of(*PLAYER_KINDS),
    "organisations_in": _into(Kind.ONLUS_PAYABLE),
    "organisations_out": _out_of(Kind.ONLUS_PAYABLE),
}


def _running(
    before: Mapping[str, Any], moved: Mapping[date, Mapping[str, Any]], period: Period, whom: str
) -> list[Decimal]:
    def net(sums: Mapping[str, Any]) -> Decimal:
        return euros_of(sums.get(f"{whom}_in")) - euros_of(sums.get(f"{whom}_out"))

    changes = (net(moved.get(day, {})) for day in period.dates)
    return list(accumulate(changes, initial=net(before)))[1:]
