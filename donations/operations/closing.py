"""What the ledger does at night: snapshots of hot accounts, and the seal over the day before."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from donations.models import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from donations.models.ledger import PLAYER_KINDS
from donations.queries.balances import moved
from donations.queries.rollup_sources import SETTLED_AFTER
from donations.queries.seals import GENESIS, day_hash
from goodplay.lib.db import transaction_lock
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, rome_day


@transaction.atomic
def take_snapshots(*, now: datetime) -> int:
    """Roll every hot account up to the start of today, so reading it costs one row and today's tail."""
    taken_to = day_start(rome_day(now - SETTLED_AFTER))
    transaction_lock("ledger snapshots")
    due = LedgerAccount.objects.exclude(kind__in=PLAYER_KINDS).exclude(snapshots__taken_to__gte=taken_to)
    rows = []
    for account in due:
        last = AccountSnapshot.objects.filter(account=account).order_by("-taken_to").first()
        balance = (last.balance if last else ZERO) + moved(
            account, since=last.taken_to if last else None, before=taken_to
        )
        rows.append(AccountSnapshot(account=account, taken_to=taken_to, balance=balance))
    AccountSnapshot.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def seal_days(*, now: datetime) -> int:
    """Seal every finished Rome day that is not sealed yet, oldest first, and return how many."""
    transaction_lock("ledger seals")
    last = LedgerSeal.objects.order_by("-day").first()
    day = last.day + timedelta(days=1) if last else _first_day()
    sealed = 0
    while day is not None and day < rome_day(now - SETTLED_AFTER):
        count, digest = day_hash(day, last.hash if last else GENESIS)
        last = LedgerSeal.objects.create(
            day=day,
            transfer_count=count,
            previous_hash=last.hash if last else GENESIS,
            hash=digest,
            sealed_at=now,
        )
        day, sealed = day + timedelta(days=1), sealed + 1
    return sealed


def _first_day() -> date | None:
    first: datetime | None = Transfer.objects.aggregate(first=Min("created_at"))["first"]
    return rome_day(first) if first else None
