"""Do the books balance? Every invariant of the ledger, checked in SQL, told in words.

I1 stored balances equal their transfers, I2 held money equals open holds, I3 nothing is negative that may not be,
I4 snapshots equal their transfers, I5 a hold is resolved in its own accounts and never for more, I6 reversals mirror and never exceed
what they reverse, I7 a completed donation is carried by its donor's transfers of its amount, no donation transfer lacks one, and what came
back is told by its status, I8 one credit per completed session, paid from the pool to its player and shown as paid, I9 receipts are numbered without gaps, one per donation, for
completed ones, I10 sealed days still hash to their seals.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, DecimalField, Exists, F, Max, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from donations.models import (
    AccountSnapshot,
    Donation,
    LedgerAccount,
    LedgerSeal,
    Receipt,
    ReceiptCounter,
    SessionCredit,
    Transfer,
)
from donations.models.ledger import PLAYER_KINDS
from donations.queries.balances import moved
from donations.queries.seals import GENESIS, day_hash
from games.models import GameSession
from goodplay.lib.money import ZERO, to_cents

MOVING = Q(phase__in=(Transfer.Phase.SINGLE, Transfer.Phase.POST))
EUROS: "DecimalField[Any, Any]" = DecimalField(max_digits=20, decimal_places=2)
MOST_PER_RULE = 100


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One place where the books do not agree with themselves."""

    invariant: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.detail}"


def contradictions() -> list[Contradiction]:
    """Return every contradiction, at most a hundred for each rule. Reads one consistent state where the engine can."""
    with transaction.atomic():
        found: list[Contradiction] = []
        for rule in RULES:
            found.extend(each for each, _ in zip(rule(), range(MOST_PER_RULE), strict=False))
        return found


def _sum_of(rows: Any, account: str) -> Any:
    """Make a subquery: the amounts of `rows` on the outer account's debit or credit side."""
    matched = rows.filter(**{account: OuterRef("pk")}).order_by().values(account)
    return _euros(matched.annotate(total=Sum("amount")).values("total"))


def _euros(total: Any) -> Any:
    """Make a subquery's sum whole cents, none being zero: SQLite adds in floating point."""
    return Round(Coalesce(Subquery(total, output_field=EUROS), Value(ZERO), output_field=EUROS), precision=2)


def _net(rows: Any) -> Any:
    return Round(_sum_of(rows, "credit_account") - _sum_of(rows, "debit_account"), precision=2)


def balances_equal_transfers() -> Iterator[Contradiction]:
    accounts = LedgerAccount.objects.filter(kind__in=PLAYER_KINDS).annotate(
        proved=_net(Transfer.objects.moving())
    )
    for account in accounts.exclude(balance=F("proved")):
        yield Contradiction(
            "I1", f"account {account.pk}", f"stores {account.balance}, transfers say {account.proved:.2f}"
        )


def held_equals_open_holds() -> Iterator[Contradiction]:
    holds = Transfer.objects.open_holds()
    accounts = LedgerAccount.objects.filter(kind__in=PLAYER_KINDS).annotate(
        proved=_sum_of(holds, "debit_account")
    )
    for account in accounts.exclude(held=F("proved")):
        yield Contradiction(
            "I2", f"account {account.pk}", f"holds {account.held}, open holds say {account.proved}"
        )


def nothing_is_overdrawn() -> Iterator[Contradiction]:
    for account in LedgerAccount.objects.filter(kind__in=PLAYER_KINDS).filter(
        Q(held__lt=0) | Q(balance__lt=F("held"))
    ):
        yield Contradiction("I3", f"account {account.pk}", f"balance {account.balance}, held {account.held}")
    payable = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.ONLUS_PAYABLE)
    for account in payable.annotate(proved=_net(Transfer.objects.moving())).filter(proved__lt=0):
        yield Contradiction(
            "I3", f"payable {account.pk}", f"is {account.proved}: more was paid out than received"
        )


def snapshots_equal_transfers() -> Iterator[Contradiction]:
    latest = (
        AccountSnapshot.objects.filter(account=OuterRef("account")).order_by("-taken_to").values("pk")[:1]
    )
    for snapshot in AccountSnapshot.objects.filter(pk=Subquery(latest)).select_related("account"):
        proved = moved(snapshot.account, before=snapshot.taken_to)
        if to_cents(proved) != snapshot.balance:
            yield Contradiction(
                "I4", f"snapshot {snapshot.pk}", f"says {snapshot.balance}, transfers say {proved}"
            )


def holds_are_resolved_in_place() -> Iterator[Contradiction]:
    resolved = Transfer.objects.filter(pending_transfer__isnull=False)
    strayed = ~Q(debit_account=F("pending_transfer__debit_account")) | ~Q(
        credit_account=F("pending_transfer__credit_account")
    )
    wrong = resolved.filter(
        strayed | Q(amount__gt=F("pending_transfer__amount")) | ~Q(pending_transfer__phase="pending")
    )
    for row in wrong:
        yield Contradiction("I5", f"transfer {row.pk}", "does not fit the hold it resolves")


def reversals_mirror() -> Iterator[Contradiction]:
    strayed = ~Q(debit_account=F("reverses__credit_account")) | ~Q(
        credit_account=F("reverses__debit_account")
    )
    unmoved = ~Q(reverses__phase__in=(Transfer.Phase.SINGLE, Transfer.Phase.POST)) | Q(
        reverses__reverses__isnull=False
    )
    for row in Transfer.objects.filter(reverses__isnull=False).filter(strayed | unmoved):
        yield Contradiction("I6", f"transfer {row.pk}", "does not run back along a transfer that moved money")
    originals = Transfer.objects.annotate(back=Round(Sum("reversals__amount"), precision=2)).filter(
        back__gt=F("amount")
    )
    for row in originals:
        yield Contradiction("I6", f"transfer {row.pk}", f"moved {row.amount}, {row.back} came back")


def donations_are_carried() -> Iterator[Contradiction]:
    legs = (
        Transfer.objects.filter(
            MOVING, kind=Transfer.Kind.DONATION, reverses=None, transaction_id=OuterRef("pk")
        )
        .order_by()
        .values("transaction_id")
    )
    from_cash = legs.filter(debit_account__kind=LedgerAccount.Kind.PLAYER_CASH)
    carried, by_cash = (
        _euros(rows.annotate(total=Sum("amount")).values("total")) for rows in (legs, from_cash)
    )
    given = Donation.objects.filter(status__in=(Donation.Status.COMPLETED, Donation.Status.REFUNDED))
    for row in given.annotate(carried=carried, by_cash=by_cash).exclude(
        amount=F("carried"), paid_amount=F("by_cash")
    ):
        yield Contradiction("I7", f"donation {row.pk}", f"is {row.amount}, its transfers carry {row.carried}")
    known = Donation.objects.filter(
        pk=OuterRef("transaction_id"),
        onlus=OuterRef("credit_account__onlus"),
        donor=OuterRef("debit_account__player"),
    )
    orphans = Transfer.objects.filter(MOVING, kind=Transfer.Kind.DONATION, reverses=None).exclude(
        Exists(known)
    )
    for transfer in orphans:
        yield Contradiction(
            "I7", f"transfer {transfer.pk}", "carries no donation of this donor to this ONLUS"
        )


def refunds_are_told() -> Iterator[Contradiction]:
    backwards = (
        Transfer.objects.filter(
            kind=Transfer.Kind.DONATION, reverses__isnull=False, transaction_id=OuterRef("pk")
        )
        .order_by()
        .values("transaction_id")
    )
    given = Donation.objects.annotate(back=_euros(backwards.annotate(total=Sum("amount")).values("total")))
    whole = Q(status=Donation.Status.COMPLETED, back__gte=F("amount"))
    partly = Q(status=Donation.Status.REFUNDED) & ~Q(back=F("amount"))
    for row in given.filter(whole | partly):
        yield Contradiction(
            "I7", f"donation {row.pk}", f"is {row.status}, {row.back} of {row.amount} came back"
        )


def credits_are_earned() -> Iterator[Contradiction]:
    paid = SessionCredit.objects.filter(amount__gt=0)
    wrong = (
        ~Q(transfer__amount=F("amount"))
        | ~Q(transfer__cause_id=F("session_id"))
        | ~Q(player=F("session__user"))
        | ~Q(transfer__credit_account__player=F("player"))
        | ~Q(transfer__debit_account__kind=LedgerAccount.Kind.REWARD_POOL)
    )
    for credit in paid.filter(wrong | ~Q(session__status=GameSession.Status.COMPLETED)):
        yield Contradiction("I8", f"credit {credit.pk}", "does not fit its session or its transfer")
    uncredited = Transfer.objects.filter(
        kind=Transfer.Kind.SESSION_CREDIT, reverses=None, session_credit=None
    )
    for transfer in uncredited.filter(MOVING):
        yield Contradiction("I8", f"transfer {transfer.pk}", "pays for play nobody recorded")
    credited = SessionCredit.objects.filter(session=OuterRef("pk"))
    shown = GameSession.objects.annotate(paid=_euros(credited.values("amount"))).filter(
        Q(credits_earned__gt=0) | Exists(credited)
    )
    for session in shown.exclude(credits_earned=F("paid")):
        yield Contradiction(
            "I8", f"session {session.pk}", f"shows {session.credits_earned}, {session.paid} was paid"
        )


def receipts_are_gapless() -> Iterator[Contradiction]:
    counters = dict(ReceiptCounter.objects.values_list("year", "last_number"))
    issued = Receipt.objects.order_by().values("year").annotate(count=Count("id"), last=Max("number"))
    years = {row["year"]: (row["count"], row["last"]) for row in issued}
    for year in {*counters, *years}:
        count, last = years.get(year, (0, 0))
        if not count == last == counters.get(year, 0):
            detail = f"{count} documents, the last is {last}, the counter says {counters.get(year, 0)}"
            yield Contradiction("I9", f"receipts of {year}", detail)
    for receipt in Receipt.objects.exclude(donation__status__in=("completed", "refunded")):
        yield Contradiction("I9", receipt.reference, "was issued for a donation that is not completed")


def seals_hold() -> Iterator[Contradiction]:
    previous = GENESIS
    for seal in LedgerSeal.objects.order_by("day"):
        count, digest = day_hash(seal.day, seal.previous_hash)
        if (seal.previous_hash, seal.hash, seal.transfer_count) != (previous, digest, count):
            yield Contradiction("I10", f"day {seal.day}", "does not hash to its seal: transfers were altered")
        previous = seal.hash


RULES: tuple[Callable[[], Iterator[Contradiction]], ...] = (
    balances_equal_transfers,
    held_equals_open_holds,
    nothing_is_overdrawn,
    snapshots_equal_transfers,
    holds_are_resolved_in_place,
    reversals_mirror,
    donations_are_carried,
    refunds_are_told,
    credits_are_earned,
    receipts_are_gapless,
    seals_hold,
)
