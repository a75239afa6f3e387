"""Their side: lines of providers and of the bank, each stored once however often it is told."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from donations.bank.statements import Entry, Movement, Statement
from donations.models import BankFile, BankStatement, ExternalLine, PaymentProvider, ProviderReport
from donations.models.reconciliation import Account
from donations.operations.payment_providers import adapter
from donations.operations.reconciliation.books import Window
from donations.payments.contract import BalanceEntry, ProviderError
from donations.reconciling.lines import Line
from goodplay.lib.db import in_parts
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start

logger = structlog.get_logger("goodplay.reconciliation")

LANES = frozenset({"payment", "refund", "dispute", "payout"})


# Providers ---------------------------------------------------------------------------------------------------------


def fetch_reports(*, since: datetime, until: datetime, now: datetime) -> list[str]:
    """Ask every active provider for its account of these days. Returns the names of those that did not answer.

    Asked outside of any transaction; what came is stored provider by provider.
    """
    silent = []
    providers = PaymentProvider.objects.filter(is_active=True).exclude(
        provider_type=PaymentProvider.Type.BANK_TRANSFER
    )
    for provider in providers.order_by("name"):
        try:
            entries = list(adapter(provider).balance_report(since=since, until=until))
        except ProviderError as error:
            logger.warning("no balance report", provider=provider.name, error=str(error))
            silent.append(provider.name)
            continue
        store_report(provider=provider, entries=entries, since=since, until=until, now=now)
    return silent


@transaction.atomic
def store_report(
    *,
    provider: PaymentProvider,
    entries: Iterable[BalanceEntry],
    since: datetime,
    until: datetime,
    now: datetime,
) -> ProviderReport:
    lines = {line.key: line for line in (_provider_line(provider, each, now) for each in entries)}
    new = _store(lines)
    return ProviderReport.objects.create(
        provider=provider, since=since, until=until, line_count=len(lines), new_count=new, fetched_at=now
    )


def _provider_line(provider: PaymentProvider, entry: BalanceEntry, now: datetime) -> ExternalLine:
    """A payment has its own key; what happens to it later names it, and has a key of its own where it is told.

    Two rows of ours may stand for one account at the provider: the line is of the provider, whichever row fetched it.
    """
    payment = [name for name in (entry.provider_payment_id, entry.reference) if name]
    is_payment = entry.kind == "payment"
    own = [name for name in (entry.source_id, entry.entry_id) if name]
    return ExternalLine(
        account=Account.PROVIDER,
        key=f"{provider.provider_type}/{entry.entry_id}"[:250],
        kind=entry.kind[:40],
        lane=entry.kind if entry.kind in LANES else "other",
        amount=entry.net,
        fee=entry.fee,
        currency="EUR",
        moved_at=entry.created_at,
        references=payment
        if is_payment
        else own
        if entry.kind == "payout"
        else own[:1]
        if entry.source_id
        else [],
        related=[] if is_payment else payment,
        is_charge=entry.kind == "fee",
        provider=provider,
        imported_at=now,
    )


# The bank ----------------------------------------------------------------------------------------------------------


def store_statement(*, statement: Statement, file: BankFile, now: datetime, is_proven: bool = True) -> int:
    """Keep a statement and its lines, in the transaction that takes the file; return how many lines are new."""
    key = f"{statement.account}/{statement.statement_id}/{statement.page}"
    kept, _is_new = BankStatement.objects.get_or_create(
        key=key,
        defaults={
            "account": statement.account[:34],
            "statement_id": statement.statement_id[:35],
            "page": statement.page,
            "number": statement.number[:20],
            "starts_on": statement.starts_on or statement.opening.on,
            "ends_on": statement.ends_on or statement.closing.on,
            "opening": statement.opening.amount,
            "closing": statement.closing.amount,
            "is_proven": is_proven,
            "line_count": len(statement.movements),
            "file": file,
            "imported_at": now,
        },
    )
    lines = [
        _bank_line(kept, statement, entry, movement, now)
        for entry in statement.booked
        for movement in entry.movements
    ]
    return _store({line.key: line for line in lines})


def movement_key(statement: Statement, movement: Movement) -> str:
    """Name a movement as it is named in whichever file it comes again."""
    where = (statement.account, statement.statement_id, statement.page, movement.entry_key, movement.place)
    name = "/".join(map(str, where))
    return name if len(name) <= 250 else hashlib.sha256(name.encode()).hexdigest()


def _bank_line(
    kept: BankStatement, statement: Statement, entry: Entry, movement: Movement, now: datetime
) -> ExternalLine:
    details = movement.details
    is_whole_order = bool(entry.batch_message_id) and len(entry.movements) == 1
    names = (details.end_to_end_id, details.creditor_reference)
    return ExternalLine(
        account=Account.BANK,
        key=movement_key(statement, movement),
        kind=entry.kind[:40] or "other",
        lane="in" if movement.amount > ZERO else "out",
        amount=movement.amount,
        fee=details.charges if details.charges > ZERO and movement.amount > ZERO else None,
        currency=entry.currency,
        moved_at=day_start(entry.booked_on or entry.value_on or statement.closing.on),
        references=[name for name in names if name],
        group=(entry.batch_message_id or details.message_id)[:80] if is_whole_order else "",
        text=" ".join(filter(None, (details.remittance, entry.text)))[:500],
        party=details.counterparty.name[:160],
        is_charge=entry.is_charge,
        statement=kept,
        imported_at=now,
    )


def _store(lines: dict[str, ExternalLine]) -> int:
    known: set[str] = set()
    for part in in_parts(lines):
        known.update(ExternalLine.objects.filter(key__in=part).values_list("key", flat=True))
    new = [line for key, line in lines.items() if key not in known]
    # A twin may store the same at this moment: the key decides.
    ExternalLine.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    return len(new)


# For the matcher ---------------------------------------------------------------------------------------------------


_COLUMNS = (
    "key",
    "amount",
    "moved_at",
    "currency",
    "lane",
    "references",
    "related",
    "group",
    "text",
    "party",
    "fee",
    "is_charge",
)


def lines_of(account: Account, window: Window) -> list[Line]:
    rows = ExternalLine.objects.filter(
        account=account, moved_at__gte=window.since, moved_at__lt=window.until
    ).order_by("moved_at", "pk")
    columns = rows.values_list(*_COLUMNS).iterator(chunk_size=5000)
    return [_line(row, is_due=window.is_due(row[2])) for row in columns]


def line_of(row: ExternalLine) -> Line:
    return _line(tuple(getattr(row, name) for name in _COLUMNS), is_due=True)


def _line(row: tuple[Any, ...], *, is_due: bool) -> Line:
    key, amount, at, currency, lane, references, related, group, text, party, fee, is_charge = row
    return Line(
        key=key,
        amount=amount,
        at=at,
        currency=currency,
        lane=lane,
        references=tuple(references),
        related=tuple(related),
        group=group,
        text=text,
        party=party,
        fee=fee,
        is_charge=is_charge,
        is_due=is_due,
    )
