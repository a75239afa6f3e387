"""What the bank says of payouts: status reports and statements, in any order, each taken once."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.bank.refusals import BankFileRefused, Fault
from donations.bank.schemas import SCHEMAS
from donations.bank.statements import Movement, Statement, read_camt053
from donations.bank.status_reports import Outcome, StatusReport, read_pain002
from donations.models import BankFile, LedgerAccount, Payout, PayoutFile, Transfer
from donations.operations import ledger
from donations.operations.bank_accounts import flag_account
from donations.operations.payout_steps import locked, step
from donations.operations.reconciliation.statements import store_statement
from donations.signals import payout_rejected, payout_returned, payout_settled
from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO

MOST_TOLD = 200
"""So many movements and payments that fit nothing are named in the outcome; all of them are counted."""

Kind = BankFile.Kind
Status = Payout.Status


class BankFileNotBelieved(DomainError):
    """The file is damaged, of another kind, or contradicts itself; the sentence is that of the file side."""

    code = "BANK_FILE_REFUSED"

    def __init__(self, refused: BankFileRefused) -> None:
        self.refused = refused
        super().__init__(data={"fault": refused.code.value, "detail": refused.detail})

    def __str__(self) -> str:
        return f"{self.refused} ({self.refused.detail})"


class OrderUnknown(DomainError):
    code = "PAYOUT_ORDER_UNKNOWN"
    message = _("This status report answers an order that was not written here.")


class AccountUnknown(DomainError):
    code = "STATEMENT_OF_ANOTHER_ACCOUNT"
    message = _("This statement is of another account than the one payouts are paid from.")


@dataclass(slots=True)
class _Tally:
    """What comes of a file, as it is read. `odd` is what fits nothing we know: it waits for the reconciliation."""

    counts: Counter[str] = field(default_factory=Counter)
    odd: list[dict[str, str]] = field(default_factory=list)

    def put_aside(self, code: str, **facts: Any) -> None:
        self.counts["unmatched"] += 1
        if len(self.odd) < MOST_TOLD:
            self.odd.append({"code": code, **{name: str(fact) for name, fact in facts.items()}})

    def told(self) -> dict[str, Any]:
        return {**self.counts, "odd": self.odd}


@transaction.atomic
def import_bank_file(
    *, content: bytes, received_by: User | None, now: datetime, address: str = ""
) -> tuple[BankFile, bool]:
    """Take a status report (pain.002) or statements (camt.053), and book what they say of payouts.

    Returns the file, and whether it is new: the same file again does nothing, also at the same moment. Raises
    BankFileNotBelieved, OrderUnknown and AccountUnknown; then nothing is stored or booked.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = BankFile.objects.filter(sha256=digest).first()
    if known is not None:
        return known, False
    kind, read = _read(content)
    try:
        with transaction.atomic():
            file = BankFile.objects.create(
                kind=kind,
                sha256=digest,
                content=content.decode("latin-1"),
                received_by=received_by,
                received_at=now,
            )
    except IntegrityError:  # a twin took it at this moment
        return BankFile.objects.get(sha256=digest), False
    tally = _book_report(read, file, now) if kind == Kind.STATUS_REPORT else _book(read, file, now)
    file.outcome = tally.told()
    file.save(update_fields=["reference", "outcome"])
    trail.record(
        actor=received_by,
        action="bank_file_import",
        target=file,
        after=dict(tally.counts),
        address=address,
        now=now,
    )
    return file, True


def _read(content: bytes) -> tuple[Kind, Any]:
    try:
        return Kind.STATUS_REPORT, read_pain002(content)
    except BankFileRefused as error:
        if error.code != Fault.UNKNOWN_FORMAT:
            raise BankFileNotBelieved(error) from error
    try:
        return Kind.STATEMENT, read_camt053(content, schemas=SCHEMAS)
    except BankFileRefused as error:
        raise BankFileNotBelieved(error) from error


# Status reports -------------------------------------------------------------------------------------------------


def _book_report(report: StatusReport, file: BankFile, now: datetime) -> _Tally:
    order = PayoutFile.objects.filter(message_id=report.original_message_id).first()
    if order is None:
        raise OrderUnknown
    file.reference = report.message_id[:35]
    tally = _Tally()
    payouts = locked(Payout.objects.filter(run=order.run_id, exported_at__isnull=False))
    for payout in payouts:
        outcome = report.of(payout.end_to_end_id)
        if outcome is not None:
            _apply(outcome, payout, file, tally, now)
    ours = {payout.end_to_end_id for payout in payouts}
    for each in report.payments:
        if each.end_to_end_id not in ours:
            tally.put_aside("PAYMENT_UNKNOWN", end_to_end_id=each.end_to_end_id, status=each.status.value)
    return tally


def _apply(outcome: Outcome, payout: Payout, file: BankFile, tally: _Tally, now: datetime) -> None:
    """Book one status. That money left is only believed of a statement: a settled payment counts as accepted."""
    status = outcome.status
    if not (status.is_rejected or status.is_accepted):
        tally.counts["pending"] += 1
    elif status.is_rejected and payout.status in Payout.IN_TRANSIT:
        _reject(payout, outcome, file, now)
        tally.counts["rejected"] += 1
    elif status.is_accepted and payout.status == Status.EXPORTED:
        step(payout, Status.ACCEPTED, now=now, bank_file=file, detail=status.value)
        tally.counts["accepted"] += 1
    elif status.is_rejected == (payout.status == Status.REJECTED):
        tally.counts["known"] += 1
    else:
        told = {"end_to_end_id": payout.end_to_end_id, "status": status.value, "booked": payout.status}
        tally.put_aside("CONTRADICTS_WHAT_IS_BOOKED", **told)


def _reject(payout: Payout, outcome: Outcome, file: BankFile, now: datetime) -> None:
    code = outcome.reasons[0].code[:35] if outcome.reasons else ""
    detail = " ".join(each.detail for each in outcome.reasons).strip()
    ledger.reverse(transfer=_posted(payout), reason=code, now=now)
    step(payout, Status.REJECTED, now=now, bank_file=file, reason_code=code, detail=detail)
    flag_account(account_id=payout.account_id, reason_code=code, now=now)
    payout_rejected.announce(payout=payout)


# Statements -----------------------------------------------------------------------------------------------------


def book_statements(
    *, statements: list[Statement], file: BankFile, now: datetime, is_proven: bool = True
) -> BankFile:
    """Book statements that were read another way, in the transaction that stores their file."""
    file.outcome = _book(statements, file, now, is_proven=is_proven).told()
    file.save(update_fields=["reference", "outcome"])
    return file


def _book(statements: list[Statement], file: BankFile, now: datetime, *, is_proven: bool = True) -> _Tally:
    if any(each.account != settings.PAYOUT_ACCOUNT_IBAN for each in statements):
        raise AccountUnknown
    file.reference = statements[0].statement_id[:35]
    for statement in statements:
        store_statement(statement=statement, file=file, now=now, is_proven=is_proven)
    found = [_Found(statement, movement) for statement in statements for movement in statement.movements]
    payouts, tally = _matching(found), _Tally()
    # What went out first: a payment may leave and come back in one file.
    for each in sorted(found, key=lambda each: each.amount > ZERO):
        one = payouts.get(each.end_to_end_id)
        batch = [] if one or each.end_to_end_id else _batch(each, payouts.values())
        if one is not None and abs(each.amount) == one.amount:
            _debit_or_return(each, one, file, tally, now)
        elif batch:
            for payout in batch:
                _charge(payout, each, file, tally, now)
        else:
            each.put_aside("AMOUNT_DIFFERS" if one else "UNKNOWN", tally)
    return tally


@dataclass(frozen=True, slots=True)
class _Found:
    """A movement with the name it keeps in whichever file it comes again."""

    statement: Statement
    movement: Movement

    @property
    def key(self) -> str:
        where = (
            self.statement.statement_id,
            self.statement.page,
            self.movement.entry_key,
            self.movement.place,
        )
        name = "/".join(map(str, where))
        return name if len(name) <= 200 else hashlib.sha256(name.encode()).hexdigest()

    @property
    def amount(self) -> Decimal:
        return self.movement.amount

    @property
    def end_to_end_id(self) -> str:
        return self.movement.details.end_to_end_id

    @property
    def message_id(self) -> str:
        return self.movement.details.message_id

    @property
    def reason_code(self) -> str:
        reason = self.movement.details.return_reason
        return reason.code[:35] if reason else ""

    @property
    def is_return(self) -> bool:
        entry = next(each for each in self.statement.entries if each.key == self.movement.entry_key)
        return self.movement.details.return_reason is not None or entry.is_reversal

    def put_aside(self, code: str, tally: _Tally) -> None:
        tally.put_aside(code, entry=self.key, amount=self.amount, end_to_end_id=self.end_to_end_id)


def _matching(found: Iterable[_Found]) -> dict[str, Payout]:
    """Lock the payouts the movements may be, by reference: their own, or that of the file they were ordered in."""
    references = {each.end_to_end_id for each in found}
    batches = {each.message_id for each in found if not each.end_to_end_id} - {""}
    rows = Payout.objects.filter(Q(end_to_end_id__in=references) | Q(run__message_id__in=batches))
    return {payout.end_to_end_id: payout for payout in locked(rows)}


def _batch(each: _Found, payouts: Iterable[Payout]) -> list[Payout]:
    """Return the payouts one debit pays together, where the bank books a file as one and tells no parts."""
    if not each.message_id or each.amount >= ZERO:
        return []
    rows = [payout for payout in payouts if payout.run.message_id == each.message_id]
    moving = [row for row in rows if row.status in Payout.IN_TRANSIT or row.debit_entry == each.key]
    return moving if sum((row.amount for row in moving), ZERO) == -each.amount else []


def _debit_or_return(each: _Found, payout: Payout, file: BankFile, tally: _Tally, now: datetime) -> None:
    if each.amount < ZERO:
        _charge(payout, each, file, tally, now)
    elif each.is_return:
        _give_back(payout, each, file, tally, now)
    else:
        each.put_aside("CREDIT_UNEXPLAINED", tally)


def _charge(payout: Payout, each: _Found, file: BankFile, tally: _Tally, now: datetime) -> None:
    if payout.debit_entry == each.key:
        tally.counts["known"] += 1
    elif payout.status in Payout.IN_TRANSIT:
        _settle(payout, each.key, file, now)
        tally.counts["settled"] += 1
    elif payout.status == Status.RETURNED and not payout.debit_entry:
        payout.debit_entry = each.key  # its return was on an earlier file, and told that it had been charged
        payout.save(update_fields=["debit_entry"])
        tally.counts["known"] += 1
    else:
        each.put_aside(f"CHARGED_WHILE_{payout.status}".upper(), tally)


def _give_back(payout: Payout, each: _Found, file: BankFile, tally: _Tally, now: datetime) -> None:
    if payout.return_entry == each.key:
        tally.counts["known"] += 1
        return
    if payout.status in Payout.IN_TRANSIT:
        _settle(payout, "", file, now)
    if payout.status != Status.SETTLED:
        each.put_aside(f"RETURNED_WHILE_{payout.status}".upper(), tally)
        return
    code = each.reason_code
    ledger.reverse(transfer=_paid(payout), reason=code, now=now)
    ledger.reverse(transfer=_posted(payout), reason=code, now=now)
    step(payout, Status.RETURNED, now=now, bank_file=file, reason_code=code, return_entry=each.key)
    flag_account(account_id=payout.account_id, reason_code=code, now=now)
    payout_returned.announce(payout=payout)
    tally.counts["returned"] += 1


def _settle(payout: Payout, entry: str, file: BankFile, now: datetime) -> None:
    ledger.move(
        debit=ledger.system_account(LedgerAccount.Kind.PAYOUT_IN_TRANSIT),
        credit=ledger.system_account(LedgerAccount.Kind.BANK),
        amount=payout.amount,
        cause=ledger.Cause(transaction_id=payout.pk, cause_id=payout.pk, kind=Transfer.Kind.PAYOUT),
        now=now,
    )
    step(payout, Status.SETTLED, now=now, bank_file=file, debit_entry=entry)
    payout_settled.announce(payout=payout)


def _posted(payout: Payout) -> Transfer:
    """Return the transfer that put the payout in transit."""
    return Transfer.objects.get(pending_transfer=payout.hold_id, phase=Transfer.Phase.POST)


def _paid(payout: Payout) -> Transfer:
    """Return the transfer that took the payout out of the bank."""
    return Transfer.objects.get(
        kind=Transfer.Kind.PAYOUT,
        cause_id=payout.pk,
        reverses=None,
        credit_account=ledger.system_account(LedgerAccount.Kind.BANK),
    )
