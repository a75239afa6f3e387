"""What is in an account: stored for players, snapshot plus tail for everything else."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from donations.models import AccountSnapshot, LedgerAccount, Transfer
from goodplay.lib.money import ZERO, to_cents


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
    """Sum the balances of all hot accounts of a kind."""
    accounts = LedgerAccount.objects.filter(kind=kind)
    if kind in (LedgerAccount.Kind.PLAYER_CREDITS, LedgerAccount.Kind.PLAYER_CASH):
        return accounts.aggregate(total=Sum("balance"))["total"] or ZERO
    rows = Transfer.objects.moving()
    credits = rows.filter(credit_account__kind=kind).aggregate(total=Sum("amount"))["total"] or ZERO
    debits = rows.filter(debit_account__kind=kind).aggregate(total=Sum("amount"))["total"] or ZERO
    return to_cents(credits - debits)
