"""Our side: what the ledger moved on an account, as lines the matcher reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from donations.models import (
    ExternalLine,
    Funding,
    LedgerAccount,
    PaymentDispute,
    PaymentIntent,
    PaymentRefund,
    Payout,
    Transfer,
)
from donations.models.ledger import system_account_id
from donations.models.reconciliation import Account
from donations.reconciling.lines import Line
from goodplay.lib.db import in_parts
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, rome_day

Kind = Transfer.Kind

_COLUMNS = (
    "pk",
    "transaction_id",
    "cause_id",
    "kind",
    "amount",
    "debit_account_id",
    "credit_account_id",
    "reverses_id",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class Window:
    """The period that is judged, and around it what may belong to it."""

    start: datetime
    end: datetime
    since: datetime
    until: datetime

    def is_due(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def lines_of(account: Account, window: Window) -> list[Line]:
    return list(_clearing(window) if account == Account.PROVIDER else _bank(window))


# Providers ---------------------------------------------------------------------------------------------------------


def _clearing(window: Window) -> Iterator[Line]:
    """Read payments with their fee, refunds, disputes, payouts of the provider, and corrections by hand."""
    own = system_account_id(LedgerAccount.Kind.PROVIDER_CLEARING)
    touching = Transfer.objects.moving().filter(Q(debit_account=own) | Q(credit_account=own))
    inside = touching.filter(created_at__gte=window.since, created_at__lt=window.until)
    # A fee that was booked later belongs to its payment all the same.
    whole = touching.filter(transaction_id__in=inside.order_by().values("transaction_id"))
    names = _Names(inside)
    payments: dict[UUID, list[dict[str, Any]]] = {}
    refunds: dict[tuple[UUID, bool], list[dict[str, Any]]] = {}
    for row in whole.order_by("created_at", "pk").values(*_COLUMNS).iterator(chunk_size=5000):
        if _is_of_a_payment(row):
            payments.setdefault(row["transaction_id"], []).append(row)
        elif row["kind"] == Kind.REFUND:
            refunds.setdefault((row["cause_id"], row["reverses_id"] is not None), []).append(row)
        elif row["kind"] == Kind.DISPUTE:
            yield names.dispute(row, _signed(row, own), window)
        elif row["kind"] == Kind.SETTLEMENT:
            yield _plain(row, own, "payout", window, references=names.settlement(row))
        else:
            yield _plain(row, own, "other", window)
    for intent_id, rows in payments.items():
        yield names.payment(intent_id, rows, own, window)
    for (refund_id, is_back), rows in refunds.items():
        yield names.refund(refund_id, rows, own, window, is_back=is_back)


def _is_of_a_payment(row: dict[str, Any]) -> bool:
    if row["kind"] == Kind.ADJUSTMENT:
        return bool(row["credit_account_id"] == system_account_id(LedgerAccount.Kind.SUSPENSE))
    return row["kind"] in (Kind.TOP_UP, Kind.FEE)


class _Names:
    """What providers call the things our transfers are about."""

    def __init__(self, rows: "QuerySet[Transfer]") -> None:
        transactions, causes = rows.order_by().values("transaction_id"), rows.order_by().values("cause_id")
        intents = PaymentIntent.objects.filter(pk__in=transactions)
        self.intents = dict(intents.values_list("pk", "provider_payment_id"))
        refunds = PaymentRefund.objects.filter(pk__in=causes)
        self.refunds = dict(refunds.values_list("pk", "provider_refund_id"))
        disputes = PaymentDispute.objects.filter(pk__in=transactions)
        columns = ("pk", "provider_dispute_id", "intent_id", "intent__provider_payment_id", "fee")
        self.disputes = {each[0]: each[1:] for each in disputes.values_list(*columns)}
        payouts = ExternalLine.objects.filter(pk__in=causes)
        self.settlements = {key: tuple(names) for key, names in payouts.values_list("pk", "references")}

    def payment(self, intent_id: UUID, rows: list[dict[str, Any]], own: UUID, window: Window) -> Line:
        fee = -sum((_signed(row, own) for row in rows if row["cause_id"] != intent_id), ZERO)
        first = rows[0]["created_at"]
        return Line(
            key=f"payment:{intent_id}",
            amount=sum((_signed(row, own) for row in rows), ZERO),
            at=first,
            lane="payment",
            references=_told(str(intent_id), self.intents.get(intent_id, "")),
            fee=fee,
            is_due=window.is_due(first),
        )

    def refund(
        self, refund_id: UUID, rows: list[dict[str, Any]], own: UUID, window: Window, *, is_back: bool
    ) -> Line:
        at, intent_id = rows[0]["created_at"], rows[0]["transaction_id"]
        return Line(
            key=f"refund-back:{refund_id}" if is_back else f"refund:{refund_id}",
            amount=sum((_signed(row, own) for row in rows), ZERO),
            at=at,
            lane="refund",
            references=_told(self.refunds.get(refund_id, "")),
            related=_told(str(intent_id), self.intents.get(intent_id, "")),
            is_due=window.is_due(at),
        )

    def dispute(self, row: dict[str, Any], amount: Decimal, window: Window) -> Line:
        name, intent_id, payment, fee = self.disputes.get(row["transaction_id"], ("", "", "", ZERO))
        return Line(
            key=f"transfer:{row['pk']}",
            amount=amount,
            at=row["created_at"],
            lane="dispute",
            related=_told(name, str(intent_id), payment),
            fee=fee if amount < ZERO else ZERO,
            is_due=window.is_due(row["created_at"]),
        )

    def settlement(self, row: dict[str, Any]) -> tuple[str, ...]:
        return self.settlements.get(row["cause_id"], ())


# The bank ----------------------------------------------------------------------------------------------------------


def _bank(window: Window) -> Iterator[Line]:
    own = system_account_id(LedgerAccount.Kind.BANK)
    touching = Transfer.objects.moving().filter(Q(debit_account=own) | Q(credit_account=own))
    inside = touching.filter(created_at__gte=window.since, created_at__lt=window.until)
    causes = inside.order_by().values("cause_id")
    payouts = Payout.objects.filter(pk__in=causes).select_related("run", "account").in_bulk()
    fundings = Funding.objects.filter(pk__in=causes).select_related("sponsor").in_bulk()
    for row in inside.order_by("created_at", "pk").values(*_COLUMNS).iterator(chunk_size=5000):
        amount = _signed(row, own)
        payout, funding = payouts.get(row["cause_id"]), fundings.get(row["cause_id"])
        if row["kind"] == Kind.PAYOUT and payout is not None:
            yield _payout(payout, f"transfer:{row['pk']}", amount, row["created_at"], window)
        elif funding is not None:
            yield _funding(funding, row, amount, window)
        else:
            yield _plain(row, own, "in" if amount > ZERO else "out", window)
    yield from _not_booked(window)


def _payout(payout: Payout, key: str, amount: Decimal, booked_at: datetime, window: Window) -> Line:
    """A payout moves at the bank on the day it was ordered for, whenever its statement is read."""
    is_return = amount > ZERO
    day = rome_day(booked_at) if is_return or payout.run.execute_on is None else payout.run.execute_on
    return Line(
        key=key,
        amount=amount,
        at=day_start(day),
        lane="in" if is_return else "out",
        references=(payout.end_to_end_id,),
        group="" if is_return else payout.run.message_id,
        party=payout.account.holder,
        is_due=window.is_due(booked_at),
    )


def _funding(funding: Funding, row: dict[str, Any], amount: Decimal, window: Window) -> Line:
    return Line(
        key=f"transfer:{row['pk']}",
        amount=amount,
        at=day_start(funding.received_on),
        lane="in" if amount > ZERO else "out",
        references=(funding.bank_reference,),
        party=funding.sponsor.name,
        is_due=window.is_due(row["created_at"]),
    )


def _not_booked(window: Window) -> Iterator[Line]:
    """Read payouts that are ordered and not charged, or were refused: the bank may tell of them all the same."""
    waiting = Payout.objects.filter(
        status__in=(*Payout.IN_TRANSIT, Payout.Status.REJECTED),
        run__execute_on__gte=rome_day(window.since),
        run__execute_on__lt=rome_day(window.until),
    )
    for payout in waiting.select_related("run", "account").order_by("pk"):
        execute_on = payout.run.execute_on or rome_day(window.start)
        yield Line(
            key=f"payout:{payout.pk}",
            amount=-payout.amount,
            at=day_start(execute_on),
            lane="out",
            references=(payout.end_to_end_id,),
            party=payout.account.holder,
            state=payout.status,
            is_due=False,
        )


# Both --------------------------------------------------------------------------------------------------------------


def unpaid(names: Iterable[str]) -> list[Line]:
    """Return payments we know by these names that are not paid in the books: a provider may say otherwise."""
    found: list[PaymentIntent] = []
    for part in in_parts(sorted(names)):
        known = PaymentIntent.objects.filter(provider_payment_id__in=part)
        found += list(known.exclude(status__in=PaymentIntent.PAID).order_by("pk"))
    return [
        Line(
            key=f"unpaid:{row.pk}",
            amount=row.amount,
            at=row.created_at,
            lane="payment",
            references=_told(str(row.pk), row.provider_payment_id),
            state=row.status,
            is_due=False,
        )
        for row in found
        if not row.stray_amount
    ]


def _plain(
    row: dict[str, Any], own: UUID, lane: str, window: Window, *, references: tuple[str, ...] = ()
) -> Line:
    return Line(
        key=f"transfer:{row['pk']}",
        amount=_signed(row, own),
        at=row["created_at"],
        lane=lane,
        references=references,
        is_due=window.is_due(row["created_at"]),
    )


def _signed(row: dict[str, Any], own: UUID) -> Decimal:
    """Money we have: more of it is a debit."""
    amount: Decimal = row["amount"]
    return amount if row["debit_account_id"] == own else -amount


def _told(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)
