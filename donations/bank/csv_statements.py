"""Statements as a bank's CSV, by a mapping of its columns: read without trust, proved where balances are given."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from goodplay.lib.money import ZERO

from .documents import LARGEST
from .refusals import BankFileRefused, Fault
from .statements import BOOKED, Balance, Counterparty, Details, Entry, Statement

MOST_ROWS = 50_000
LONGEST_CELL = 2000

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_WENT_OUT = frozenset({"D", "DARE", "DEBIT", "DBIT", "-", "ADDEBITO", "USCITA"})
_CAME_IN = frozenset({"A", "C", "AVERE", "CREDIT", "CRDT", "+", "ACCREDITO", "ENTRATA"})


@dataclass(frozen=True, slots=True)
class Columns:
    """How one bank writes its CSV. Empty names are columns it does not have."""

    delimiter: str
    encoding: str
    date_format: str
    has_decimal_comma: bool
    on: str
    skipped_rows: int = 0
    amount: str = ""
    sign: str = ""
    money_in: str = ""
    money_out: str = ""
    currency: str = ""
    text: str = ""
    party: str = ""
    reference: str = ""


def read_csv(
    data: bytes,
    *,
    columns: Columns,
    account: str,
    opening: Decimal | None = None,
    closing: Decimal | None = None,
) -> Statement:
    """Read a CSV as one statement of the account. Rows are in any order; what cannot be read refuses all of it.

    With both balances given, opening and rows must make the closing one. Raises BankFileRefused.
    """
    rows = list(_rows(data, columns))
    if not rows:
        raise BankFileRefused(Fault.ELEMENT_MISSING, "no rows")
    entries = tuple(_keyed(rows, columns))
    moved = sum((entry.amount for entry in entries), ZERO)
    if opening is not None and closing is not None and opening + moved != closing:
        raise BankFileRefused(Fault.BALANCES_DIFFER, f"{opening} {moved:+} is not {closing}")
    days = [entry.booked_on for entry in entries if entry.booked_on]
    start = opening if opening is not None else ZERO
    name = f"CSV-{hashlib.sha256(data).hexdigest()[:28]}"
    return Statement(
        message_id=name,
        statement_id=name,
        account=account,
        currency="EUR",
        created_at=None,
        starts_on=min(days),
        ends_on=max(days),
        number="",
        page=1,
        is_last_page=True,
        is_copy=False,
        opening=Balance(start, "EUR", min(days)),
        closing=Balance(start + moved if closing is None else closing, "EUR", max(days)),
        entries=entries,
        announced_count=None,
    )


def _rows(data: bytes, columns: Columns) -> Iterator[dict[str, str]]:
    if len(data) > LARGEST:
        raise BankFileRefused(Fault.TOO_LARGE, f"{len(data)} bytes")
    try:
        text = data.decode(columns.encoding)
    except UnicodeDecodeError as error:
        raise BankFileRefused(Fault.MALFORMED, f"not {columns.encoding}: {error.reason}") from error
    if "\0" in text:
        raise BankFileRefused(Fault.MALFORMED, "a null character")
    lines = io.StringIO("".join(text.splitlines(keepends=True)[columns.skipped_rows :]), newline="")
    try:
        reader = csv.DictReader(lines, delimiter=columns.delimiter, strict=True)
        _refuse_missing(reader.fieldnames or (), columns)
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise BankFileRefused(Fault.TOO_LARGE, f"more than {MOST_ROWS} rows")
            cells = {
                str(name).strip(): (value or "").strip() for name, value in row.items() if name is not None
            }
            if None in row or any(len(cell) > LONGEST_CELL for cell in cells.values()):
                raise BankFileRefused(Fault.MALFORMED, f"row {number}")
            if any(cells.values()):
                yield cells
    except csv.Error as error:
        raise BankFileRefused(Fault.MALFORMED, str(error)) from error


def _refuse_missing(names: Iterable[str], columns: Columns) -> None:
    there = [str(name).strip() for name in names]
    wanted = (
        columns.on,
        columns.amount,
        columns.sign,
        columns.money_in,
        columns.money_out,
        columns.currency,
        columns.text,
        columns.party,
        columns.reference,
    )
    for name in filter(None, wanted):
        if there.count(name) != 1:
            fault = Fault.REPEATED if name in there else Fault.ELEMENT_MISSING
            raise BankFileRefused(fault, f"column {name}")


def _keyed(rows: list[dict[str, str]], columns: Columns) -> Iterator[Entry]:
    """Name each row by what it says; of rows that say the same, by which of them it is."""
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        entry = _entry(row, columns, number)
        said = (entry.booked_on, entry.amount, entry.currency, entry.text, entry.reference, entry.details[0])
        digest = hashlib.sha256(repr(said).encode()).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        key = digest if seen[digest] == 1 else f"{digest}#{seen[digest]}"
        yield _entry(row, columns, number, key=key)


def _entry(row: dict[str, str], columns: Columns, number: int, *, key: str = "") -> Entry:
    day, amount = _day(row, columns, number), _amount(row, columns, number)
    currency = (row[columns.currency].upper() if columns.currency else "") or "EUR"
    if currency != "EUR":
        raise BankFileRefused(Fault.CURRENCIES_MIXED, f"row {number}: {currency[:10]}")
    reference = row[columns.reference][:35] if columns.reference else ""
    text = row[columns.text] if columns.text else ""
    party = row[columns.party] if columns.party else ""
    details = Details(
        amount=amount, end_to_end_id=reference, counterparty=Counterparty(name=party), remittance=text
    )
    return Entry(
        key=key,
        amount=amount,
        currency=currency,
        status=BOOKED,
        is_reversal=False,
        booked_on=day,
        value_on=day,
        reference=reference,
        servicer_reference="",
        kind="",
        text="",
        batch_message_id="",
        batch_count=None,
        details=(details,),
    )


def _day(row: dict[str, str], columns: Columns, number: int) -> date:
    text = row[columns.on]
    try:
        return datetime.strptime(text, columns.date_format).date()  # noqa: DTZ007  (a day, not a moment)
    except ValueError as error:
        raise BankFileRefused(Fault.VALUE_INVALID, f"row {number}: {text[:35]}") from error


def _amount(row: dict[str, str], columns: Columns, number: int) -> Decimal:
    if columns.amount:
        amount = _number(row[columns.amount], columns, number)
        return amount * _sign(row[columns.sign], number) if columns.sign else amount
    came, went = row[columns.money_in], row[columns.money_out]
    if bool(came) == bool(went):
        raise BankFileRefused(Fault.VALUE_INVALID, f"row {number}: in and out")
    return abs(_number(came, columns, number)) if came else -abs(_number(went, columns, number))


def _sign(text: str, number: int) -> int:
    if text.upper() in _WENT_OUT:
        return -1
    if text.upper() in _CAME_IN:
        return 1
    raise BankFileRefused(Fault.VALUE_INVALID, f"row {number}: {text[:35]}")


def _number(text: str, columns: Columns, number: int) -> Decimal:
    """Read 1.234,56 or 1,234.56: which, the mapping says. Points of thousands stand before three digits."""
    thousands, comma = (".", ",") if columns.has_decimal_comma else (",", ".")
    plain = text.replace("\u00a0", "").replace(" ", "").replace("€", "").replace("\u2212", "-")
    whole, _comma, cents = plain.partition(comma)
    groups = whole.split(thousands)
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        raise BankFileRefused(Fault.VALUE_INVALID, f"row {number}: {text[:35]}")
    written = "".join(groups) + (f".{cents}" if cents else "")
    if not _NUMBER.fullmatch(written):
        raise BankFileRefused(Fault.VALUE_INVALID, f"row {number}: {text[:35]}")
    return Decimal(written).quantize(Decimal("0.01"))
