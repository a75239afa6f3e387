"""What moved through the accounts of organisations, as the ledger has it.

Transfers never change, so the same days always add up to the same.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Round

from accounts.models import Onlus
from donations.models import AccountSnapshot, LedgerAccount, Transfer
from donations.queries.balances import moved
from donations.queries.sums import euros_of
from donations.report_periods import Stretch
from goodplay.lib.money import ZERO

Kind, Account = Transfer.Kind, LedgerAccount.Kind
COMES_IN, GOES_OUT = (
    Q(credit_account__kind=Account.ONLUS_PAYABLE),
    Q(debit_account__kind=Account.ONLUS_PAYABLE),
)
SUPPORT = (Kind.DONATION, Kind.MATCH, Kind.GRANT)
"""What organisations are given, and give back."""


class Movement(TypedDict):
    """One transfer as an organisation's account sees it: what leaves it is negative. It names no donor."""

    created_at: datetime
    kind: str
    onlus_name: str
    other_side: str
    signed: Decimal
    transaction_id: UUID


def of_stretch(stretch: Stretch) -> QuerySet[Transfer]:
    return Transfer.objects.moving().filter(created_at__gte=stretch.start, created_at__lt=stretch.end)


def support(stretch: Stretch) -> QuerySet[Transfer]:
    """List what organisations were given, matched and granted, and what went back."""
    return of_stretch(stretch).filter(COMES_IN | GOES_OUT, kind__in=SUPPORT)


def through(account_id: UUID | None, stretch: Stretch) -> QuerySet[Transfer]:
    """List all that moved through one account."""
    return of_stretch(stretch).filter(Q(credit_account=account_id) | Q(debit_account=account_id))


def movements(rows: QuerySet[Transfer]) -> QuerySet[Transfer, Movement]:
    """Write transfers as the organisations' accounts see them, the oldest first."""
    into = Q(credit_account__kind=Account.ONLUS_PAYABLE)
    return (
        rows.annotate(
            signed=Case(When(into, then=F("amount")), default=-F("amount")),
            onlus_name=Case(
                When(into, then=F("credit_account__onlus__name")), default=F("debit_account__onlus__name")
            ),
            other_side=Case(When(into, then=F("debit_account__kind")), default=F("credit_account__kind")),
        )
        .order_by("created_at", "id")
        .values(*Movement.__annotations__)
    )


def sum_of(condition: Q) -> Round:
    """Add up the transfers that meet the condition. Whole cents, on SQLite too."""
    return Round(Sum("amount", filter=condition), precision=2)


def flows(rows: QuerySet[Transfer], incoming: Q, outgoing: Q) -> dict[str, Decimal]:
    """Add up what came in and went out, by why, in one query. `in` and `out` are over everything."""
    named = {
        "donations": Q(incoming, kind=Kind.DONATION),
        "donations_given_back": Q(outgoing, kind=Kind.DONATION),
        "matched": Q(incoming, kind=Kind.MATCH),
        "matches_given_back": Q(outgoing, kind=Kind.MATCH),
        "granted": Q(incoming, kind=Kind.GRANT),
        "grants_given_back": Q(outgoing, kind=Kind.GRANT),
        "paid_out": Q(outgoing, kind=Kind.PAYOUT),
        "payouts_returned": Q(incoming, kind=Kind.PAYOUT),
        "in": incoming,
        "out": outgoing,
    }
    found: dict[str, Any] = rows.aggregate(**{name: sum_of(each) for name, each in named.items()})
    return {name: euros_of(found[name]) for name in named}


def received_of(sums: dict[str, Decimal]) -> Decimal:
    """Return what organisations were given, matched and granted, less what went back."""
    given = sums["donations"] + sums["matched"] + sums["granted"]
    return given - sums["donations_given_back"] - sums["matches_given_back"] - sums["grants_given_back"]


def opening_balance(account: LedgerAccount, moment: datetime) -> Decimal:
    """Return what was in a hot account at a moment: the snapshot before it, and what moved since."""
    before = AccountSnapshot.objects.filter(account=account, taken_to__lte=moment)
    snapshot = before.order_by("-taken_to").first()
    balance = snapshot.balance if snapshot else ZERO
    return balance + moved(account, since=snapshot.taken_to if snapshot else None, before=moment)


def first_gift() -> datetime | None:
    found: datetime | None = Transfer.objects.filter(kind=Kind.DONATION).aggregate(first=Min("created_at"))[
        "first"
    ]
    return found


def moved_organisations(stretch: Stretch) -> QuerySet[Onlus]:
    """List the organisations whose account moved in these days."""
    within = of_stretch(stretch)
    moved_accounts = LedgerAccount.objects.filter(kind=Account.ONLUS_PAYABLE).filter(
        Exists(within.filter(credit_account=OuterRef("pk")))
        | Exists(within.filter(debit_account=OuterRef("pk")))
    )
    return Onlus.objects.filter(ledger_accounts__in=moved_accounts).order_by("pk")
