"""Accounts, holds, reversals, snapshots and seals."""

from collections.abc import Iterator

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Round

from donations.models import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from donations.models.ledger import PLAYER_KINDS
from donations.queries.balances import moved
from donations.queries.proofs.common import Contradiction, net, sum_of
from donations.queries.seals import GENESIS, day_hash
from goodplay.lib.money import to_cents

# What only sponsors fill, and what payers paid that nobody asked for.
FUNDED_KINDS = (LedgerAccount.Kind.REWARD_POOL, LedgerAccount.Kind.SPONSOR, LedgerAccount.Kind.SUSPENSE)


def balances_equal_transfers() -> Iterator[Contradiction]:
    accounts = LedgerAccount.objects.filter(kind__in=PLAYER_KINDS).annotate(
        proved=net(Transfer.objects.moving())
    )
    for account in accounts.exclude(balance=F("proved")):
        yield Contradiction(
            "I1", f"account {account.pk}", f"stores {account.balance}, transfers say {account.proved:.2f}"
        )


def held_equals_open_holds() -> Iterator[Contradiction]:
    holds = Transfer.objects.open_holds()
    accounts = LedgerAccount.objects.filter(kind__in=PLAYER_KINDS).annotate(
        proved=sum_of(holds, "debit_account")
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
    funded = LedgerAccount.objects.filter(kind__in=FUNDED_KINDS)
    for account in funded.annotate(proved=net(Transfer.objects.moving())).filter(proved__lt=0):
        yield Contradiction("I3", f"{account.kind}", f"is {account.proved}: more went out than came in")


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


def seals_hold() -> Iterator[Contradiction]:
    previous = GENESIS
    for seal in LedgerSeal.objects.order_by("day"):
        count, digest = day_hash(seal.day, seal.previous_hash)
        if (seal.previous_hash, seal.hash, seal.transfer_count) != (previous, digest, count):
            yield Contradiction("I10", f"day {seal.day}", "does not hash to its seal: transfers were altered")
        previous = seal.hash
