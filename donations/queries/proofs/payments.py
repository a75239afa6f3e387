"""Payments, what was given back of them, and what was disputed."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Round

from donations.models import (
    LedgerAccount,
    PaymentDispute,
    PaymentIntent,
    PaymentRefund,
    PaymentStatusChange,
    Transfer,
)
from donations.models.ledger import system_account_id
from donations.queries.proofs.common import MOVING, Contradiction, euros
from goodplay.lib.money import ZERO

Account = LedgerAccount.Kind
Kind = Transfer.Kind

CLEARING = system_account_id(Account.PROVIDER_CLEARING)
LOSS = system_account_id(Account.CHARGEBACK_LOSS)
SUSPENSE = system_account_id(Account.SUSPENSE)
BEARERS = (Account.PLAYER_CASH, Account.SUSPENSE)


def payments_are_carried() -> Iterator[Contradiction]:
    """A paid payment moved its net amount to its player and its fees to theirs, once; any other moved nothing there."""
    own = Transfer.objects.filter(MOVING, cause_id=OuterRef("pk"), debit_account=CLEARING, reverses=None)
    to_wallet = own.filter(
        kind=Kind.TOP_UP,
        credit_account__player=OuterRef("player"),
        credit_account__kind=Account.PLAYER_CASH,
    )
    fees = own.filter(kind=Kind.FEE)
    rows = PaymentIntent.objects.annotate(
        moved=_sum(to_wallet),
        processing=_sum(fees.filter(credit_account=system_account_id(Account.PROVIDER_FEES))),
        platform=_sum(fees.filter(credit_account=system_account_id(Account.PLATFORM_FEES))),
        aside=_sum(own.filter(kind=Kind.ADJUSTMENT, credit_account=SUSPENSE)),
    )
    paid = Q(
        status__in=PaymentIntent.PAID,
        moved=F("net_amount"),
        processing=F("processing_fee"),
        platform=F("platform_fee"),
    )
    unpaid = ~Q(status__in=PaymentIntent.PAID) & Q(moved=ZERO, processing=ZERO, platform=ZERO)
    for row in rows.exclude((paid | unpaid) & Q(aside=F("stray_amount"))):
        yield _of(row, f"is {row.status} with {row.net_amount}, its transfers moved {row.moved}")


def refunds_are_carried() -> Iterator[Contradiction]:
    """A refund took what it says from the wallet, the fees, the loss or what was kept aside; a failed one nothing."""
    booked = Transfer.objects.filter(MOVING, kind=Kind.REFUND, cause_id=OuterRef("pk"))
    gone = booked.filter(credit_account=CLEARING)
    rows = PaymentRefund.objects.annotate(
        wallet=_sum(gone.filter(debit_account__kind=Account.PLAYER_CASH)),
        fees=_sum(gone.filter(debit_account__kind=Account.PROVIDER_FEES)),
        loss=_sum(gone.filter(debit_account=LOSS)),
        aside=_sum(gone.filter(debit_account=SUSPENSE)),
        back=_sum(booked.filter(debit_account=CLEARING)),
        is_held=Exists(Transfer.objects.open_holds().filter(pk=OuterRef("hold"))),
    )
    done = Q(
        status=PaymentRefund.Status.SUCCEEDED,
        wallet=Round(F("wallet_amount") - F("shortfall"), precision=2),
        fees=F("fee_amount"),
        loss=F("shortfall"),
        aside=F("stray_amount"),
        back=ZERO,
        is_held=False,
    )
    failed = Q(
        status=PaymentRefund.Status.FAILED,
        is_held=False,
        back=Round(F("wallet") + F("fees") + F("loss") + F("aside"), precision=2),
    )
    pending = Q(status=PaymentRefund.Status.PENDING, wallet=ZERO, fees=ZERO, loss=ZERO, aside=ZERO)
    for row in rows.exclude(done | failed | pending):
        yield Contradiction(
            "I13", f"payment refund {row.pk}", f"is {row.status}, its transfers say otherwise"
        )


def refunds_are_within_payments() -> Iterator[Contradiction]:
    own = PaymentRefund.objects.filter(intent=OuterRef("pk"))
    done = own.filter(status=PaymentRefund.Status.SUCCEEDED)
    rows = PaymentIntent.objects.annotate(
        back=_sum(done.filter(stray_amount=0)),
        standing=_sum(own.standing()),
        wallet=_sum(own.standing(), "wallet_amount"),
    )
    paid = Q(status__in=PaymentIntent.PAID, refunded_amount=F("back"), standing__lte=F("amount"))
    unpaid = ~Q(status__in=PaymentIntent.PAID) & Q(standing__lte=F("stray_amount"))
    for row in rows.exclude((paid & Q(wallet__lte=F("net_amount"))) | unpaid):
        yield _of(row, f"is {row.amount}, {row.back} was given back, it tells {row.refunded_amount}")


def disputes_are_carried() -> Iterator[Contradiction]:
    """What the provider withdrew, and what was borne of it, is what the transfers carry."""
    own = Transfer.objects.filter(MOVING, kind=Kind.DISPUTE, transaction_id=OuterRef("pk"))
    rows = PaymentDispute.objects.annotate(
        withdrawn=_sum(own.filter(debit_account=LOSS, credit_account=CLEARING)),
        returned=_sum(own.filter(debit_account=CLEARING, credit_account=LOSS)),
        borne=_sum(own.filter(debit_account__kind__in=BEARERS, credit_account=LOSS)),
        given_back=_sum(own.filter(debit_account=LOSS, credit_account__kind__in=BEARERS)),
        paid_since=_sum(Transfer.objects.filter(MOVING, kind=Kind.ADJUSTMENT, transaction_id=OuterRef("pk"))),
        is_held=Exists(Transfer.objects.open_holds().filter(pk=OuterRef("hold"))),
    )
    booked = Q(booked_amount=Round(F("withdrawn") - F("returned"), precision=2))
    is_open = Q(status="open", booked_amount=Round(F("amount") + F("fee"), precision=2), borne=ZERO)
    is_closed = ~Q(status="open") & Q(
        is_held=False, booked_amount=Round(F("lost_amount") + F("fee"), precision=2)
    )
    # What came back of debts that had been paid is more than what was recovered, and never more than was paid.
    borne = Q(recovered_amount__gte=Round(F("borne") - F("given_back"), precision=2)) & Q(
        given_back__lte=Round(F("borne") + F("paid_since"), precision=2)
    )
    for row in rows.exclude(booked & (is_open | is_closed) & borne):
        yield Contradiction(
            "I13",
            f"dispute {row.pk}",
            f"is {row.status} with {row.booked_amount}, its transfers say otherwise",
        )


def wallets_are_frozen_while_they_must() -> Iterator[Contradiction]:
    owing = Q(intent__player=OuterRef("player"), shortfall__gt=F("settled_amount"))
    disputed = PaymentDispute.objects.open().filter(
        intent__player=OuterRef("player"), intent__status__in=PaymentIntent.PAID
    )
    wanted = (
        Exists(disputed)
        | Exists(PaymentRefund.objects.filter(owing))
        | Exists(PaymentDispute.objects.filter(owing))
    )
    accounts = LedgerAccount.objects.filter(kind=Account.PLAYER_CASH).annotate(wanted=wanted)
    for account in accounts.filter(wanted=True, is_frozen=False):
        yield Contradiction("I13", f"account {account.pk}", "can be spent from with a dispute or a debt")


def payments_took_legal_steps() -> Iterator[Contradiction]:
    legal = reduce(
        or_, (Q(from_status=before, to_status__in=after) for before, after in PaymentIntent.STEPS.items())
    )
    begun = Q(from_status="", to_status=PaymentIntent.Status.PENDING)
    for change in PaymentStatusChange.objects.filter(is_applied=True).exclude(legal | begun):
        yield Contradiction(
            "I13",
            f"payment {change.intent_id}",
            f"went from {change.from_status or '-'} to {change.to_status}",
        )
    last = (
        PaymentStatusChange.objects.filter(intent=OuterRef("pk"), is_applied=True)
        .order_by("-pk")
        .values("to_status")[:1]
    )
    for row in PaymentIntent.objects.annotate(told=last).exclude(status=F("told")):
        yield _of(row, f"is {row.status}, its history ends with {row.told}")


def _sum(rows: QuerySet[Any], column: str = "amount") -> Any:
    return euros(
        rows.order_by().annotate(one=Value(1)).values("one").annotate(total=Sum(column)).values("total")
    )


def _of(row: PaymentIntent, detail: str) -> Contradiction:
    return Contradiction("I13", f"payment {row.pk}", detail)
