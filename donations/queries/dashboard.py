"""The figures of the finance dashboard: sums in the database, a fixed number of queries for any period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from donations.models import Donation, LedgerAccount, Payout, Transfer
from donations.models.ledger import PLAYER_KINDS, system_account_id
from donations.queries.balances import balance_of, total_balance
from donations.queries.payouts import due_by_onlus, payable_accounts
from donations.queries.sums import KEPT, euros_of, sum_kept
from donations.queries.waiting import waiting_total
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import ROME

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
    start, end = period.bounds
    now, then = Q(completed_at__gte=start), Q(completed_at__lt=start)
    found = Donation.objects.completed().filter(
        completed_at__gte=period.before.bounds[0], completed_at__lt=end
    )
    sums = found.aggregate(
        **{f"now_{name}": figure for name, figure in _giving_of(now).items()},
        **{f"then_{name}": figure for name, figure in _giving_of(then).items()},
    )
    return _giving(sums, "now"), _giving(sums, "then")


def given_by_day(period: Period) -> list[Decimal]:
    """Sum the donations of each Rome day of the period."""
    start, end = period.bounds
    rows = Donation.objects.completed().filter(completed_at__gte=start, completed_at__lt=end)
    return _by_day(rows, "completed_at", period.dates, sum_kept())


def earned_by_day(period: Period) -> list[Decimal]:
    """Sum what the reward pool paid players on each Rome day of the period, less what was taken back."""
    start, end = period.bounds
    paid, back = _pool_flows(start, end)
    earned, reversed_ = (_by_day(rows, "created_at", period.dates, Sum("amount")) for rows in (paid, back))
    return [plus - minus for plus, minus in zip(earned, reversed_, strict=True)]


def given_by_organisation(period: Period, most: int) -> list[tuple[str, Decimal]]:
    """Sum the period's donations by organisation, the largest first."""
    start, end = period.bounds
    rows = (
        Donation.objects.completed()
        .filter(completed_at__gte=start, completed_at__lt=end)
        .values("onlus_id", "onlus__name")
        .annotate(given=sum_kept())
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
    payable = set(payable_accounts(now).values_list("onlus_id", flat=True))
    due = due_by_onlus(now)
    ready = {
        onlus_id: amount
        for onlus_id, amount in due.items()
        if onlus_id in payable and amount >= settings.PAYOUT_MINIMUM_EUR
    }
    moving = Payout.objects.filter(status__in=(*Payout.HELD, *Payout.IN_TRANSIT))
    total = sum(ready.values(), ZERO)
    return PayoutsDue(
        amount=total,
        organisations=len(ready),
        waiting=sum((amount for amount in due.values() if amount > ZERO), ZERO) - total,
        under_way=euros_of(moving.aggregate(total=Sum("amount"))["total"]),
    )


def reward_pool(now: datetime) -> Pool:
    paid, back = _pool_flows(now - timedelta(days=BURN_DAYS), now)
    burned = _total(paid) - _total(back)
    return Pool(balance=balance_of(_pool_account()), burned=burned, waiting=waiting_total())


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


def _giving_of(condition: Q) -> dict[str, Any]:
    return {
        "amount": sum_kept(condition),
        "count": Count("pk", filter=condition),
        "donors": Count("donor", filter=condition, distinct=True),
    }


def _giving(sums: dict[str, Any], name: str) -> Giving:
    return Giving(euros_of(sums[f"{name}_amount"]), sums[f"{name}_count"], sums[f"{name}_donors"])


def _pool_account() -> LedgerAccount:
    return LedgerAccount(pk=system_account_id(Kind.REWARD_POOL), kind=Kind.REWARD_POOL)


def _pool_flows(start: datetime, end: datetime) -> tuple[QuerySet[Transfer], QuerySet[Transfer]]:
    """Return the transfers from the reward pool to players, and those that took some back."""
    moving = Transfer.objects.moving().filter(created_at__gte=start, created_at__lt=end)
    pool, player = system_account_id(Kind.REWARD_POOL), Kind.PLAYER_CREDITS
    paid = moving.filter(debit_account=pool, credit_account__kind=player)
    back = moving.filter(credit_account=pool, debit_account__kind=player)
    return paid, back


def _by_day(rows: QuerySet[Any], moment: str, dates: list[date], total: Any) -> list[Decimal]:
    grouped = rows.annotate(day=TruncDate(moment, tzinfo=ROME)).values("day").annotate(total=total)
    totals = {row["day"]: euros_of(row["total"]) for row in grouped.order_by("day")}
    return [totals.get(day, ZERO) for day in dates]


def _total(rows: QuerySet[Transfer]) -> Decimal:
    return euros_of(rows.aggregate(total=Sum("amount"))["total"])
