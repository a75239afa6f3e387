"""What happened on the account: camt.053 statements, versions 02, 04 and 08, proved before they are believed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

from goodplay.lib.money import ZERO

from .documents import Node, parse
from .reasons import Reason, read_reason
from .refusals import BankFileRefused, Fault

VERSIONS = frozenset({"camt.053.001.02", "camt.053.001.04", "camt.053.001.08"})

BOOKED = "BOOK"
NOT_PROVIDED = "NOTPROVIDED"

# Balances by which a statement, or a page of one, opens and closes; the first that is there counts.
_OPENING = ("OPBD", "PRCD")
_CLOSING = "CLBD"
_INTERIM = "ITBD"

_LONGEST_COUNT = 15

# Sub-families of the ISO bank transaction codes that are the bank's own price.
_CHARGES = frozenset({"CHRG", "COMM", "COME", "COMI", "COMT", "FEES"})


@dataclass(frozen=True, slots=True)
class Counterparty:
    """The other side, as far as the bank tells."""

    name: str = ""
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """One payment inside an entry."""

    amount: Decimal | None = None
    """Signed; in the entry's currency, else None."""
    message_id: str = ""
    payment_information_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    transaction_id: str = ""
    servicer_reference: str = ""
    counterparty: Counterparty = Counterparty()
    remittance: str = ""
    creditor_reference: str = ""
    return_reason: Reason | None = None
    """Set when a payment came back."""
    charges: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved for one reason: what a matcher matches. An entry is always the sum of its movements."""

    entry_key: str
    place: int
    """With the entry's key unique in the statement, and the same whenever it is read. Counted from 1."""
    amount: Decimal
    """Signed: positive came in."""
    details: Details


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the account."""

    key: str
    """The bank's reference, else one made of what the entry says. Unique in its statement."""
    amount: Decimal
    """Signed: positive came in."""
    currency: str
    status: str
    is_reversal: bool
    """The bank takes an earlier entry back."""
    booked_on: date | None
    value_on: date | None
    reference: str
    servicer_reference: str
    kind: str
    """The bank transaction code: PMNT/ICDT/ESCT, or the bank's own."""
    text: str
    batch_message_id: str
    """The order this entry sums up, where it does."""
    batch_count: int | None
    details: tuple[Details, ...]

    @property
    def is_booked(self) -> bool:
        return self.status == BOOKED

    @property
    def is_charge(self) -> bool:
        return self.kind.rpartition("/")[2] in _CHARGES

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Return the entry in its parts. Parts that do not make up the entry are not believed: then it is one."""
        parts = self.details if len(self.details) == 1 else self._sound_parts()
        if len(parts) == 1:
            return (Movement(self.key, 1, self.amount, parts[0]),)
        return tuple(
            Movement(self.key, place, part.amount or ZERO, part) for place, part in enumerate(parts, start=1)
        )

    def _sound_parts(self) -> tuple[Details, ...]:
        amounts = [part.amount for part in self.details]
        if not amounts or None in amounts or sum(filter(None, amounts), ZERO) != self.amount:
            return (Details(message_id=self.batch_message_id),)
        return self.details


@dataclass(frozen=True, slots=True)
class Balance:
    amount: Decimal
    """Signed: negative is overdrawn."""
    currency: str
    on: date


@dataclass(frozen=True, slots=True)
class Statement:
    """One account over one period, or a page of it."""

    message_id: str
    statement_id: str
    account: str
    """The IBAN; where the bank gives none, its own number."""
    currency: str
    """Of the account; that of the opening balance where the bank names none."""
    created_at: datetime | None
    starts_on: date | None
    ends_on: date | None
    number: str
    """The bank's sequence number: a gap is a statement that is missing."""
    page: int
    is_last_page: bool
    is_copy: bool
    """Sent before (copy or duplicate)."""
    opening: Balance
    closing: Balance
    entries: tuple[Entry, ...]
    announced_count: int | None
    """How many entries the statement says it has."""

    @property
    def booked(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.is_booked)

    @property
    def movements(self) -> tuple[Movement, ...]:
        return tuple(movement for entry in self.booked for movement in entry.movements)


def read_camt053(data: bytes, *, schemas: Path | None = None) -> list[Statement]:
    """Read statements whose balances add up. `schemas` is a folder that may hold the ISO schemas.

    Raises BankFileRefused: all statements of a file are good, or none is.
    """
    statements = parse_camt053(data, schemas=schemas)
    for statement in statements:
        prove(statement)
    return statements


def parse_camt053(data: bytes, *, schemas: Path | None = None) -> list[Statement]:
    """Read statements as they are, without asking whether they add up."""
    root = parse(data, root="BkToCstmrStmt", versions=VERSIONS, schemas=schemas)
    message_id = root.need_text("GrpHdr/MsgId")
    root.need("Stmt")
    return [_statement(node, message_id) for node in root.all("Stmt")]


def prove(statement: Statement) -> None:
    """Refuse a statement whose opening balance and booked entries do not make its closing balance."""
    where, booked = statement.statement_id, statement.booked
    currencies = {statement.currency, statement.opening.currency, statement.closing.currency}
    currencies.update(entry.currency for entry in booked)
    if len(currencies) > 1:
        raise BankFileRefused(Fault.CURRENCIES_MIXED, f"{where}: {', '.join(sorted(currencies))}")
    opening, closing = statement.opening.amount, statement.closing.amount
    moved = sum((entry.amount for entry in booked), ZERO)
    if opening + moved != closing:
        raise BankFileRefused(Fault.BALANCES_DIFFER, f"{where}: {opening} {moved:+} is not {closing}")
    if statement.announced_count not in (None, len(statement.entries)):
        counts = f"{len(statement.entries)} of {statement.announced_count} entries"
        raise BankFileRefused(Fault.TOTALS_DIFFER, f"{where}: {counts}")


def _statement(node: Node, message_id: str) -> Statement:
    opening, closing = _balances(node)
    account = node.need_text("Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(" ", "").upper()
    return Statement(
        message_id=message_id,
        statement_id=node.need_text("Id"),
        account=account,
        currency=node.text("Acct/Ccy") or opening.currency,
        created_at=node.moment("CreDtTm") if node.text("CreDtTm") else None,
        starts_on=_day(node, "FrToDt/FrDtTm"),
        ends_on=_day(node, "FrToDt/ToDtTm"),
        number=node.text("ElctrncSeqNb", "LglSeqNb"),
        page=_count(node, "StmtPgntn/PgNb") or 1,
        is_last_page=node.text("StmtPgntn/LastPgInd") not in ("false", "0"),
        is_copy=bool(node.text("CpyDplctInd")),
        opening=opening,
        closing=closing,
        entries=tuple(_keyed(_entry(each, account) for each in node.all("Ntry"))),
        announced_count=_count(node, "TxsSummry/TtlNtries/NbOfNtries"),
    )


# Balances -------------------------------------------------------------------------------------------------------


def _balances(node: Node) -> tuple[Balance, Balance]:
    """Return the booked balances the statement opens and closes with. Pages of one may have interim ones instead."""
    found: dict[str, list[Balance]] = {}
    for each in node.all("Bal"):
        found.setdefault(each.text("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"), []).append(_balance(each))
    interim = found.get(_INTERIM, [])
    openings = next((found[kind] for kind in _OPENING if kind in found), interim[:1])
    closings = found.get(_CLOSING, interim[-1:])
    for name, balances in (("opening", openings), ("closing", closings)):
        if not balances:
            raise BankFileRefused(Fault.ELEMENT_MISSING, f"Bal: {name}")
        if len(balances) > 1:
            raise BankFileRefused(Fault.REPEATED, f"Bal: {name}")
    if openings[0] is closings[0]:
        raise BankFileRefused(Fault.ELEMENT_MISSING, "Bal: opening or closing")
    return openings[0], closings[0]


def _balance(node: Node) -> Balance:
    amount, currency = node.money()
    return Balance(amount=_signed(node, amount), currency=currency, on=node.day("Dt"))


def _signed(node: Node, amount: Decimal) -> Decimal:
    indicator = node.need_text("CdtDbtInd")
    if indicator not in ("CRDT", "DBIT"):
        raise BankFileRefused(Fault.VALUE_INVALID, f"{node.name}/CdtDbtInd: {indicator[:35]}")
    return amount if indicator == "CRDT" else -amount


# Entries --------------------------------------------------------------------------------------------------------


def _entry(node: Node, account: str) -> Entry:
    amount, currency = node.money()
    amount = _signed(node, amount)
    return Entry(
        key="",
        amount=amount,
        currency=currency,
        status=node.need_text("Sts/Cd", "Sts/Prtry", "Sts"),
        is_reversal=node.text("RvslInd") in ("true", "1"),
        booked_on=_day(node, "BookgDt"),
        value_on=_day(node, "ValDt"),
        reference=node.text("NtryRef"),
        servicer_reference=node.text("AcctSvcrRef"),
        kind=_kind(node),
        text=node.text("AddtlNtryInf"),
        batch_message_id=node.text("NtryDtls/Btch/MsgId"),
        batch_count=_count(node, "NtryDtls/Btch/NbOfTxs"),
        details=tuple(_details(each, amount, currency, account) for each in node.all("NtryDtls/TxDtls")),
    )


def _keyed(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Name each entry by the bank's reference, or by what it says; the second of two alike gets a number."""
    used: set[str] = set()
    for entry in entries:
        name = _name(entry)
        spare = (f"{name}#{number}" for number in count(2))
        key = name if name not in used else next(each for each in spare if each not in used)
        used.add(key)
        yield replace(entry, key=key)


def _name(entry: Entry) -> str:
    inner = entry.details[0].servicer_reference if len(entry.details) == 1 else ""
    return entry.servicer_reference or entry.reference or inner or _digest(entry)


def _digest(entry: Entry) -> str:
    said = (entry.amount, entry.currency, entry.booked_on, entry.value_on, entry.kind, entry.text)
    paid = [(each.end_to_end_id, each.counterparty.iban, each.remittance) for each in entry.details]
    return hashlib.sha256(repr((*map(str, said), paid)).encode()).hexdigest()[:32]


def _kind(node: Node) -> str:
    domain = "BkTxCd/Domn"
    levels = (f"{domain}/Cd", f"{domain}/Fmly/Cd", f"{domain}/Fmly/SubFmlyCd")
    return "/".join(filter(None, map(node.text, levels))) or node.text("BkTxCd/Prtry/Cd")


def _details(node: Node, entry_amount: Decimal, currency: str, account: str) -> Details:
    amount = _details_amount(node, entry_amount, currency)
    returned = node.find("RtrInf")
    came_in = (amount or entry_amount) > ZERO
    end_to_end_id = node.text("Refs/EndToEndId")
    charges = node.find("Chrgs/TtlChrgsAndTaxAmt")
    return Details(
        amount=amount,
        message_id=node.text("Refs/MsgId"),
        payment_information_id=node.text("Refs/PmtInfId"),
        instruction_id=node.text("Refs/InstrId"),
        end_to_end_id="" if end_to_end_id == NOT_PROVIDED else end_to_end_id,
        transaction_id=node.text("Refs/TxId"),
        servicer_reference=node.text("Refs/AcctSvcrRef"),
        counterparty=_counterparty(node, is_payer=came_in == (returned is None), account=account),
        remittance=" ".join(node.texts("RmtInf/Ustrd")),
        creditor_reference=node.text("RmtInf/Strd/CdtrRefInf/Ref"),
        return_reason=None if returned is None else read_reason(returned),
        charges=ZERO if charges is None else node.money("Chrgs/TtlChrgsAndTaxAmt")[0],
    )


def _details_amount(node: Node, entry_amount: Decimal, currency: str) -> Decimal | None:
    """Return the part's amount with its sign. Version 02 has it deeper, and no sign of its own."""
    holders = (node if node.find("Amt") else None, node.find("AmtDtls/TxAmt"), node.find("AmtDtls/InstdAmt"))
    holder = next(filter(None, holders), None)
    if holder is None:
        return None
    amount, own_currency = holder.money()
    if own_currency != currency:
        return None
    if node.text("CdtDbtInd"):
        return _signed(node, amount)
    return amount if entry_amount >= ZERO else -amount


def _counterparty(node: Node, *, is_payer: bool, account: str) -> Counterparty:
    """Return who is not us: who paid when money came in. A returned payment keeps the roles it had when it left."""
    roles = ("Dbtr", "Cdtr") if is_payer else ("Cdtr", "Dbtr")
    parties = [_party(node, role) for role in roles]
    return next((each for each in parties if each.iban != account and each != Counterparty()), Counterparty())


def _party(node: Node, role: str) -> Counterparty:
    party, agent = f"RltdPties/{role}", f"RltdAgts/{role}Agt/FinInstnId"
    return Counterparty(
        name=node.text(f"{party}/Nm", f"{party}/Pty/Nm", f"{party}/Agt/FinInstnId/Nm"),
        iban=node.text(f"{party}Acct/Id/IBAN").replace(" ", "").upper(),
        bic=node.text(f"{agent}/BICFI", f"{agent}/BIC"),
    )


def _day(node: Node, path: str) -> date | None:
    return node.day(path) if node.find(path) else None


def _count(node: Node, path: str) -> int | None:
    text = node.text(path)
    if text and not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT):
        raise BankFileRefused(Fault.VALUE_INVALID, f"{node.name}/{path}: {text[:35]}")
    return int(text) if text else None
