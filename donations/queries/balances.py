"""What is in an account: stored for players, snapshot plus tail for everything else."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from donations.models import AccountSnapshot, LedgerAccount, Transfer
from donations.models.ledger import PLAYER_KINDS
from goodplay.lib.money import ZERO, to_cents

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def balance_of(account: LedgerAccount) -> Decimal:
    """Return credits minus debits, in EUR."""
    if account.stores_balance:
        return account.balance or ZERO
    snapshot = AccountSnapshot.objects.filter(account=account).order_by("-taken_to").first()
    since = snapshot.taken_to if snapshot else None
    return (snapshot.balance if snapshot else ZERO) + moved(account, since=since)


def moved(
    account: LedgerAccount, *, since: datetime | None = None, before: datetime | None = None
) -> Decimal:
    """Sum what moved through an account in a half-open interval, credits positive."""
    window = Q()
    if since is not None:
        window &= Q(created_at__gte=since)
    if before is not None:
        window &= Q(created_at__lt=before)
    rows = Transfer.objects.moving().filter(window)
    credits = rows.filter(credit_account=account).aggregate(total=Sum("amount"))["total"] or ZERO
    debits = rows.filter(debit_account=account).aggregate(total=Sum("amount"))["total"] or ZERO
    return to_cents(credits - debits)


def total_balance(kind: LedgerAccount.Kind) -> Decimal:
    """Sum the balances of all accounts of a kind: of hot ones, each latest snapshot and the tail since."""
    accounts = LedgerAccount.objects.filter(kind=kind)
    if kind in PLAYER_KINDS:
        return to_cents(accounts.aggregate(total=Sum("balance"))["total"] or ZERO)
    found = with_parts(accounts)
    sums = found.aggregate(*map(Sum, ("snapshot", "received", "paid")))
    return to_cents(
        (sums["snapshot__sum"] or ZERO) + (sums["received__sum"] or ZERO) - (sums["paid__sum"] or ZERO)
    )


def with_parts(accounts: QuerySet[LedgerAccount]) -> QuerySet[LedgerAccount]:
    """Annotate hot accounts with their latest `snapshot`, and what they `received` and `paid` since."""
    latest = AccountSnapshot.objects.filter(account=OuterRef("pk")).order_by("-taken_to")
    return accounts.annotate(
        snapshot=Subquery(latest.values("balance")[:1]),
        since=Coalesce(Subquery(latest.values("taken_to")[:1]), Value(_BEGINNING)),
    ).annotate(received=_tail("credit_account"), paid=_tail("debit_account"))


def _tail(side: str) -> Subquery:
    """Make a subquery: what moved on one side of the outer row's account since its snapshot. An index finds the rows."""
    rows = Transfer.objects.moving().filter(**{side: OuterRef("pk")}, created_at__gte=OuterRef("since"))
    return Subquery(rows.order_by().values(side).annotate(total=Sum("amount")).values("total"))
