"""Orders to pay: SEPA credit transfers as a pain.001.001.09 file, written and read back."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from sepaxml import SepaTransfer

from goodplay.lib.iban import NotBic, NotIban, is_sepa, validate_bic, validate_iban
from goodplay.lib.money import CENT, ZERO
from goodplay.lib.time import rome_day

from .documents import Node, parse, render_moment, tag
from .latin import CannotBeWritten, to_sepa
from .refusals import BankFileRefused, Fault, OrderRefused
from .target import is_business_day

VERSION = "pain.001.001.09"
SCHEMAS = Path(str(files("sepaxml"))) / "schemas"
"""The library brings the schema along, so every file is checked wherever it is written."""

LARGEST_AMOUNT = Decimal("999999999.99")
LONGEST_REFERENCE = 35
LONGEST_NAME = 70
LONGEST_REMITTANCE = 140
MOST_ADDRESS_LINES = 2

# Banks take these in references; what begins or ends with a slash, or has two, is refused by the schemes.
_REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+-]{1,35}(?<!/)", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)

# Field of Address: element, name in the library, longest text.
_ADDRESS = {
    "street": ("StrtNm", "street_name", 70),
    "building_number": ("BldgNb", "building_number", 16),
    "postcode": ("PstCd", "postcode", 16),
    "town": ("TwnNm", "town", 35),
    "country": ("Ctry", "country", 2),
}
_LONGEST_ADDRESS_LINE = 70


@dataclass(frozen=True, slots=True)
class Address:
    """Structured, or hybrid with at most two free lines. Town and country are never left to free lines."""

    town: str
    country: str
    """Two letters."""
    street: str = ""
    building_number: str = ""
    postcode: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays or is paid, and the account."""

    name: str
    iban: str
    bic: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class PaymentLine:
    end_to_end_id: str
    """Ours, at most 35 characters: it comes back in status reports and statements."""
    amount: Decimal
    creditor: Party
    remittance: str


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One file: payments from one account on one day."""

    message_id: str
    """Ours, at most 35 characters. A bank takes it once: the same order is never sent under another."""
    created_at: datetime
    execute_on: date
    debtor: Party
    lines: tuple[PaymentLine, ...]
    is_booked_as_one: bool = False
    """Whether the statement may show one debit for the whole file."""

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


# Writing --------------------------------------------------------------------------------------------------------


def write_pain001(order: PaymentOrder) -> bytes:
    """Make the file of an order. The same order gives the same file.

    Raises OrderRefused for whatever a bank would not take, wrong day included. What was written is read back, totals
    and schema checked, and must be the order again.
    """
    order = as_written(order)
    transfer = _Transfer(
        {
            **_account(order.debtor),
            "currency": "EUR",
            "batch": True,
            "order": order,
        },
        schema=VERSION,
        clean=False,
    )
    for line in order.lines:
        transfer.add_payment(_payment(line, order.execute_on))
    written: bytes = transfer.export(validate=False)
    if read_pain001(written) != order:
        raise RuntimeError(f"pain.001 {order.message_id} does not say what was ordered")
    return written


def as_written(order: PaymentOrder) -> PaymentOrder:
    """Return the order as the file says it: Latin letters, compact IBANs, whole seconds, names of 70 characters.

    Raises OrderRefused when it cannot be written.
    """
    _check_references(order)
    _check_day(order)
    return replace(
        order,
        created_at=order.created_at.astimezone(UTC).replace(microsecond=0),
        debtor=_clean_party(order.debtor),
        lines=tuple(_clean_line(line) for line in order.lines),
    )


def _check_references(order: PaymentOrder) -> None:
    if not order.lines:
        raise OrderRefused(Fault.NOTHING_TO_PAY)
    counts = Counter(line.end_to_end_id for line in order.lines)
    for reference in (order.message_id, *counts):
        if not _REFERENCE.fullmatch(reference):
            raise OrderRefused(Fault.REFERENCE_INVALID, reference[:70])
    repeated = [reference for reference, count in counts.items() if count > 1]
    if repeated:
        raise OrderRefused(Fault.REPEATED, repeated[0])


def _check_day(order: PaymentOrder) -> None:
    if order.execute_on < rome_day(order.created_at):
        raise OrderRefused(Fault.DATE_PAST, f"{order.execute_on}")
    if not is_business_day(order.execute_on):
        raise OrderRefused(Fault.DATE_CLOSED, f"{order.execute_on}")


def _clean_line(line: PaymentLine) -> PaymentLine:
    amount = line.amount
    if not (amount.is_finite() and ZERO < amount <= LARGEST_AMOUNT and amount == amount.quantize(CENT)):
        raise OrderRefused(Fault.AMOUNT_INVALID, f"{line.end_to_end_id}: {amount}")
    return replace(
        line,
        amount=amount.quantize(CENT),
        creditor=_clean_party(line.creditor),
        remittance=_clean_text(line.remittance, LONGEST_REMITTANCE),
    )


def _clean_party(party: Party) -> Party:
    try:
        iban = validate_iban(party.iban)
        bic = validate_bic(party.bic) if party.bic else ""
    except NotIban as error:
        raise OrderRefused(Fault.IBAN_INVALID, party.name) from error
    except NotBic as error:
        raise OrderRefused(Fault.BIC_INVALID, party.bic) from error
    if not is_sepa(iban):
        raise OrderRefused(Fault.IBAN_OUTSIDE_SEPA, party.name)
    name = _latin(party.name)[:LONGEST_NAME].rstrip()
    if not name:
        raise OrderRefused(Fault.NAME_MISSING, party.name)
    address = None if party.address is None else _clean_address(party.address)
    return Party(name, iban, bic, address)


def _clean_address(address: Address) -> Address:
    fields = {
        field: _clean_text(getattr(address, field), longest) for field, (_, _, longest) in _ADDRESS.items()
    }
    lines = tuple(_clean_text(line, _LONGEST_ADDRESS_LINE) for line in address.lines)
    is_complete = fields["town"] and _COUNTRY.fullmatch(fields["country"]) and all(lines)
    if not is_complete or len(lines) > MOST_ADDRESS_LINES:
        raise OrderRefused(Fault.ADDRESS_INVALID, f"{address.town} {address.country}")
    return Address(**fields, lines=lines)


def _clean_text(text: str, longest: int) -> str:
    written = _latin(text)
    if len(written) > longest:
        raise OrderRefused(Fault.TEXT_TOO_LONG, f"{len(written)} of {longest}: {written[:70]}")
    return written


def _latin(text: str) -> str:
    try:
        return to_sepa(text)
    except CannotBeWritten as error:
        raise OrderRefused(Fault.CHARACTER_UNWRITABLE, f"{error}: {text[:70]}") from error


def _account(party: Party) -> dict[str, Any]:
    account: dict[str, Any] = {"name": party.name, "IBAN": party.iban}
    if party.bic:
        account["BIC"] = party.bic
    if party.address is not None:
        account["address"] = {
            known_as: getattr(party.address, field) for field, (_, known_as, _) in _ADDRESS.items()
        } | {"lines": party.address.lines}
    return account


def _payment(line: PaymentLine, execute_on: date) -> dict[str, Any]:
    return {
        **_account(line.creditor),
        "amount": int(line.amount / CENT),
        "execution_date": execute_on,
        "description": line.remittance,
        "endtoend_id": line.end_to_end_id,
    }


class _Transfer(SepaTransfer):
    """The library, but for what it would invent: identifiers are ours, and the clock is the order's."""

    def _create_header(self) -> None:
        super()._create_header()
        order = self._order
        self._xml.find(".//GrpHdr/MsgId").text = order.message_id
        self._xml.find(".//GrpHdr/CreDtTm").text = render_moment(order.created_at)

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        order = self._order
        self._xml.find(".//PmtInf/PmtInfId").text = order.message_id
        self._xml.find(".//PmtInf/BtchBookg").text = str(order.is_booked_as_one).lower()
        if not order.debtor.bic:  # what the schemes ask for instead of an empty element
            agent = self._xml.find(".//PmtInf/DbtrAgt/FinInstnId")
            agent.append(tag("Othr", tag("Id", "NOTPROVIDED")))
        for transaction in self._xml.iterfind(".//CdtTrfTxInf"):
            remittance = transaction.find("RmtInf")
            if not remittance.findtext("Ustrd"):
                transaction.remove(remittance)

    @property
    def _order(self) -> PaymentOrder:
        config: Mapping[str, Any] = self._config
        order: PaymentOrder = config["order"]
        return order


# Reading --------------------------------------------------------------------------------------------------------


def read_pain001(data: bytes) -> PaymentOrder:
    """Read an order, as a bank would: schema, number of payments and control sums must hold.

    Raises BankFileRefused; also for what we never order: several accounts or days in one file, other currencies.
    """
    root = parse(data, root="CstmrCdtTrfInitn", versions={VERSION}, schemas=SCHEMAS)
    header, block = root.need("GrpHdr"), root.need("PmtInf")
    if len(list(root.all("PmtInf"))) > 1:
        raise BankFileRefused(Fault.UNSUPPORTED, "more than one PmtInf")
    order = PaymentOrder(
        message_id=header.need_text("MsgId"),
        created_at=header.moment("CreDtTm"),
        execute_on=block.day("ReqdExctnDt"),
        debtor=_read_party(block, "Dbtr"),
        lines=tuple(_read_line(line) for line in block.all("CdtTrfTxInf")),
        is_booked_as_one=block.text("BtchBookg") == "true",
    )
    for counted in (header, block):
        _check_totals(counted, order)
    return order


def _check_totals(counted: Node, order: PaymentOrder) -> None:
    count, total = counted.text("NbOfTxs"), counted.text("CtrlSum")
    if count and int(count) != len(order.lines):
        raise BankFileRefused(
            Fault.TOTALS_DIFFER, f"{counted.name}/NbOfTxs: {count}, {len(order.lines)} lines"
        )
    if total and counted.decimal("CtrlSum") != order.total:
        raise BankFileRefused(Fault.TOTALS_DIFFER, f"{counted.name}/CtrlSum: {total}, lines {order.total}")


def _read_line(line: Node) -> PaymentLine:
    amount, currency = line.money("Amt/InstdAmt")
    if currency != "EUR":
        raise BankFileRefused(Fault.UNSUPPORTED, f"InstdAmt in {currency}")
    return PaymentLine(
        end_to_end_id=line.need_text("PmtId/EndToEndId"),
        amount=amount,
        creditor=_read_party(line, "Cdtr"),
        remittance=line.text("RmtInf/Ustrd"),
    )


def _read_party(where: Node, role: str) -> Party:
    return Party(
        name=where.need_text(f"{role}/Nm"),
        iban=where.need_text(f"{role}Acct/Id/IBAN"),
        bic=where.text(f"{role}Agt/FinInstnId/BICFI"),
        address=_read_address(where.find(f"{role}/PstlAdr")),
    )


def _read_address(address: Node | None) -> Address | None:
    if address is None:
        return None
    fields = {field: address.text(element) for field, (element, _, _) in _ADDRESS.items()}
    return Address(**fields, lines=tuple(address.texts("AdrLine")))
