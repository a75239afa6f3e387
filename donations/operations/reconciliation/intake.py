"""Taking files of the bank in: believed and booked, or kept in quarantine with what is wrong."""

import hashlib
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.bank.csv_statements import Columns, read_csv
from donations.bank.refusals import BankFileRefused, Fault
from donations.bank.statements import Statement
from donations.models import BankFile, QuarantinedFile, StatementMapping
from donations.operations.bank_files import BankFileNotBelieved, book_statements, import_bank_file
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, NotFound

QUARANTINED = frozenset(
    {
        Fault.SCHEMA,
        Fault.ELEMENT_MISSING,
        Fault.VALUE_INVALID,
        Fault.TOTALS_DIFFER,
        Fault.REPEATED,
        Fault.CONTRADICTORY,
        Fault.BALANCES_DIFFER,
        Fault.CURRENCIES_MIXED,
        Fault.UNSUPPORTED,
    }
)
"""Faults of what is a file of the bank all the same. What is none is sent back, and not kept."""

State = QuarantinedFile.State


class NotInQuarantine(Conflict):
    code = "FILE_NOT_IN_QUARANTINE"
    message = _("Somebody dealt with this file already.")


class SameFile(Conflict):
    code = "FILE_NOT_CORRECTED"
    message = _("This is the file that is in quarantine. Upload one the bank corrected.")


class QuarantinedFileNotFound(NotFound):
    code = "FILE_NOT_FOUND"
    message = _("There is no such file.")


def take_file(
    *, content: bytes, name: str, received_by: User | None, now: datetime, address: str = ""
) -> tuple[BankFile, bool]:
    """Take a bank's file as `import_bank_file` does. One that contradicts itself is kept in quarantine, and refused."""
    try:
        return import_bank_file(content=content, received_by=received_by, now=now, address=address)
    except BankFileNotBelieved as error:
        _quarantine(content, name, error.refused, received_by, address, now)
        raise


def take_csv(
    *,
    content: bytes,
    name: str,
    mapping: StatementMapping,
    opening: Decimal | None,
    closing: Decimal | None,
    received_by: User | None,
    now: datetime,
    address: str = "",
) -> tuple[BankFile, bool]:
    """Take a statement as CSV. Balances that do not add up put it in quarantine."""
    try:
        statement = preview(content=content, mapping=mapping, opening=opening, closing=closing)
    except BankFileNotBelieved as error:
        _quarantine(content, name, error.refused, received_by, address, now)
        raise
    is_proven = opening is not None and closing is not None
    return _store_csv(content, statement, received_by, now, address, is_proven=is_proven)


def preview(
    *, content: bytes, mapping: StatementMapping, opening: Decimal | None, closing: Decimal | None
) -> Statement:
    """Read a CSV without storing anything. Raises BankFileNotBelieved."""
    try:
        return read_csv(
            content,
            columns=columns_of(mapping),
            account=settings.PAYOUT_ACCOUNT_IBAN,
            opening=opening,
            closing=closing,
        )
    except BankFileRefused as error:
        raise BankFileNotBelieved(error) from error


def columns_of(mapping: StatementMapping) -> Columns:
    return Columns(
        delimiter=mapping.delimiter,
        encoding=mapping.encoding,
        date_format=mapping.date_format,
        has_decimal_comma=mapping.has_decimal_comma,
        skipped_rows=mapping.skipped_rows,
        on=mapping.date_column,
        amount=mapping.amount_column,
        sign=mapping.sign_column,
        money_in=mapping.in_column,
        money_out=mapping.out_column,
        currency=mapping.currency_column,
        text=mapping.text_column,
        party=mapping.party_column,
        reference=mapping.reference_column,
    )


@transaction.atomic
def _store_csv(
    content: bytes,
    statement: Statement,
    received_by: User | None,
    now: datetime,
    address: str,
    *,
    is_proven: bool,
) -> tuple[BankFile, bool]:
    digest = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            file = BankFile.objects.create(
                kind=BankFile.Kind.CSV,
                sha256=digest,
                content=content.decode("latin-1"),
                received_by=received_by,
                received_at=now,
            )
    except IntegrityError:  # taken before, or by a twin at this moment
        return BankFile.objects.get(sha256=digest), False
    book_statements(statements=[statement], file=file, now=now, is_proven=is_proven)
    _record(received_by, "bank_file_import", file, now, address, after={"kind": "csv"})
    return file, True


# Quarantine --------------------------------------------------------------------------------------------------------


@transaction.atomic
def replace(
    *,
    file: QuarantinedFile,
    content: bytes,
    name: str,
    actor: User,
    now: datetime,
    address: str = "",
) -> QuarantinedFile:
    """Take the corrected file in place of one in quarantine. One that is wrong too leaves everything as it is."""
    row = _locked(file)
    if hashlib.sha256(content).hexdigest() == row.sha256:
        raise SameFile
    taken, _is_new = import_bank_file(content=content, received_by=actor, now=now, address=address)
    row.state, row.replaced_by, row.decided_by, row.decided_at = State.REPLACED, taken, actor, now
    row.note = name[:500]
    row.save(update_fields=["state", "replaced_by", "decided_by", "decided_at", "note"])
    _record(actor, "quarantine_replace", row, now, address, after={"file": str(taken.pk)})
    return row


@transaction.atomic
def discard(
    *, file: QuarantinedFile, reason: str, actor: User, now: datetime, address: str = ""
) -> QuarantinedFile:
    """Say that a file in quarantine was none to be booked. It stays on record."""
    row = _locked(file)
    row.state, row.decided_by, row.decided_at, row.note = State.DISCARDED, actor, now, reason[:500]
    row.save(update_fields=["state", "decided_by", "decided_at", "note"])
    _record(actor, "quarantine_discard", row, now, address, after={"state": row.state}, reason=reason)
    return row


@transaction.atomic
def _quarantine(
    content: bytes,
    name: str,
    refused: BankFileRefused,
    received_by: User | None,
    address: str,
    now: datetime,
) -> None:
    if refused.code not in QUARANTINED:
        return
    row, is_new = QuarantinedFile.objects.get_or_create(
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "name": name[:200],
            "content": content.decode("latin-1"),
            "fault": refused.code.value,
            "detail": refused.detail[:500],
            "received_by": received_by,
            "received_at": now,
        },
    )
    if is_new:
        _record(received_by, "quarantine_add", row, now, address, after={"fault": row.fault})


def _locked(file: QuarantinedFile) -> QuarantinedFile:
    row = QuarantinedFile.objects.select_for_update(of=("self",)).filter(pk=file.pk).first()
    if row is None:
        raise QuarantinedFileNotFound
    if not row.is_waiting:
        raise NotInQuarantine
    return row


def _record(
    actor: User | None,
    action: str,
    target: BankFile | QuarantinedFile,
    now: datetime,
    address: str,
    *,
    after: dict[str, str],
    reason: str = "",
) -> None:
    trail.record(
        actor=actor, action=action, target=target, after=after, reason=reason, address=address, now=now
    )
