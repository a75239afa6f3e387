"""A bank for tests and the demonstration. It keeps nothing: what it should know, it is told.

Its files are those of a real bank: status reports are pain.002.001.10, statements camt.053.001.08.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element

from goodplay.lib.money import ZERO
from goodplay.lib.time import day_bounds, rome_day

from .credit_transfers import VERSION as ORDER_VERSION
from .credit_transfers import Party, PaymentLine, PaymentOrder, read_pain001
from .documents import render, render_moment, tag
from .status_reports import Status

STATUS_VERSION = "pain.002.001.10"
STATEMENT_VERSION = "camt.053.001.08"

TRANSFER_OUT = "PMNT/ICDT/ESCT"
TRANSFER_IN = "PMNT/RCDT/ESCT"
RETURNED = "PMNT/ICDT/RRTN"
CHARGE = "ACMT/MDOP/CHRG"

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Return:
    """A payment that was booked and came back, on this or an earlier day."""

    line: PaymentLine
    reason: str = "AC04"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money somebody paid in: a sponsor, a provider's payout."""

    amount: Decimal
    name: str
    iban: str
    remittance: str
    end_to_end_id: str = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class Charge:
    """The bank's own price."""

    amount: Decimal
    text: str = "Fees"


@dataclass(frozen=True, slots=True)
class SandboxBank:
    """The bank, and the account GoodPlay has there."""

    name: str
    bic: str
    account_name: str
    iban: str

    # Orders --------------------------------------------------------------------------------------------------

    def answer(
        self,
        pain001: bytes,
        *,
        now: datetime,
        refuse: Mapping[str, str] | None = None,
        accept_as: Status = Status.CUSTOMER_ACCEPTED,
        known_message_ids: Collection[str] = (),
    ) -> bytes:
        """Answer an order with a status report.

        The whole order is rejected when it comes twice (DU01), is for another account (AC02) or for a day that is over
        (DT01). Else the payments in `refuse` (by EndToEndId, with the reason) are rejected, the others have the
        status `accept_as`. Raises BankFileRefused where a bank would not even know what to answer to.
        """
        order = read_pain001(pain001)
        refused = dict(refuse or {})
        unknown = refused.keys() - {line.end_to_end_id for line in order.lines}
        if unknown:
            raise ValueError(f"not in the order: {sorted(unknown)}")
        reason = self._objection(order, now, known_message_ids)
        if reason:
            refused = {line.end_to_end_id: reason for line in order.lines}
        return render(
            STATUS_VERSION,
            tag(
                "CstmrPmtStsRpt",
                tag(
                    "GrpHdr",
                    tag("MsgId", _identifier("STS", order.message_id, now.isoformat())),
                    tag("CreDtTm", render_moment(now)),
                    tag("DbtrAgt", self._institution()),
                ),
                _group_status(order, refused, accept_as, reason),
                _block_status(order, refused, accept_as, now),
            ),
        )

    def _objection(self, order: PaymentOrder, now: datetime, known_message_ids: Collection[str]) -> str:
        if order.message_id in known_message_ids:
            return "DU01"
        if order.debtor.iban != self.iban:
            return "AC02"
        return "DT01" if order.execute_on < rome_day(now) else ""

    # Statements ----------------------------------------------------------------------------------------------

    def statement(
        self,
        day: date,
        *,
        now: datetime,
        opening: Decimal,
        number: int = 1,
        paid: Iterable[bytes] = (),
        refused: Collection[str] = (),
        returned: Iterable[Return] = (),
        incoming: Iterable[Incoming] = (),
        charges: Iterable[Charge] = (),
    ) -> bytes:
        """Write the account's day: `paid` are orders (pain.001) whose payments were booked, but for the `refused`.

        `number` counts the statements of the account. The closing balance follows from the opening one.
        """
        entries = [
            *(entry for order in paid for entry in self._paid(read_pain001(order), refused)),
            *(self._returned(each) for each in returned),
            *(self._incoming(each) for each in incoming),
            *(_Entry(-each.amount, CHARGE, text=each.text) for each in charges),
        ]
        closing = opening + sum((entry.amount for entry in entries), ZERO)
        name = _identifier("STMT", self.iban, f"{day}", f"{number}")
        start, end = day_bounds(day)
        statement = tag(
            "Stmt",
            tag("Id", name),
            tag("ElctrncSeqNb", str(number)),
            tag("CreDtTm", render_moment(now)),
            tag("FrToDt", tag("FrDtTm", render_moment(start)), tag("ToDtTm", render_moment(end - _SECOND))),
            tag(
                "Acct",
                _iban(self.iban),
                tag("Ccy", "EUR"),
                tag("Ownr", tag("Nm", self.account_name)),
                tag("Svcr", self._institution()),
            ),
            _balance("OPBD", opening, day),
            _balance("CLBD", closing, day),
            _summary(entries),
            *(entry.render(day, f"{name[-12:]}-{place:06}") for place, entry in enumerate(entries, start=1)),
        )
        header = tag("GrpHdr", tag("MsgId", name), tag("CreDtTm", render_moment(now)))
        return render(STATEMENT_VERSION, tag("BkToCstmrStmt", header, statement))

    def _paid(self, order: PaymentOrder, refused: Collection[str]) -> list["_Entry"]:
        parts = [
            _Part(
                amount=-line.amount,
                message_id=order.message_id,
                end_to_end_id=line.end_to_end_id,
                payer=self._us(),
                payee=line.creditor,
                remittance=line.remittance,
            )
            for line in order.lines
            if line.end_to_end_id not in refused
        ]
        if order.is_booked_as_one and parts:
            total = sum((part.amount for part in parts), ZERO)
            return [_Entry(total, TRANSFER_OUT, tuple(parts), batch_message_id=order.message_id)]
        return [_Entry(part.amount, TRANSFER_OUT, (part,)) for part in parts]

    def _returned(self, back: Return) -> "_Entry":
        line = back.line
        part = _Part(
            amount=line.amount,
            end_to_end_id=line.end_to_end_id,
            payer=self._us(),
            payee=line.creditor,
            remittance=line.remittance,
            return_reason=back.reason,
        )
        return _Entry(line.amount, RETURNED, (part,))

    def _incoming(self, money: Incoming) -> "_Entry":
        part = _Part(
            amount=money.amount,
            end_to_end_id=money.end_to_end_id,
            payer=Party(money.name, money.iban),
            payee=self._us(),
            remittance=money.remittance,
        )
        return _Entry(money.amount, TRANSFER_IN, (part,))

    def _us(self) -> Party:
        return Party(self.account_name, self.iban)

    def _institution(self) -> Element:
        return tag("FinInstnId", tag("BICFI", self.bic), tag("Nm", self.name))


# Status reports -------------------------------------------------------------------------------------------------


def _group_status(order: PaymentOrder, refused: Mapping[str, str], accept_as: Status, reason: str) -> Element:
    return tag(
        "OrgnlGrpInfAndSts",
        tag("OrgnlMsgId", order.message_id),
        tag("OrgnlMsgNmId", ORDER_VERSION),
        tag("OrgnlCreDtTm", render_moment(order.created_at)),
        tag("OrgnlNbOfTxs", str(len(order.lines))),
        tag("OrgnlCtrlSum", str(order.total)),
        tag("GrpSts", _status_of_all(order, refused, accept_as)),
        _status_reason(reason) if reason else None,
    )


def _block_status(
    order: PaymentOrder, refused: Mapping[str, str], accept_as: Status, now: datetime
) -> Element:
    payments = (
        tag(
            "TxInfAndSts",
            tag("StsId", _identifier("TX", order.message_id, line.end_to_end_id, now.isoformat())),
            tag("OrgnlEndToEndId", line.end_to_end_id),
            tag("TxSts", Status.REJECTED if line.end_to_end_id in refused else accept_as),
            _status_reason(refused[line.end_to_end_id]) if line.end_to_end_id in refused else None,
            tag("OrgnlTxRef", tag("Amt", tag("InstdAmt", str(line.amount), Ccy="EUR"))),
        )
        for line in order.lines
    )
    return tag(
        "OrgnlPmtInfAndSts",
        tag("OrgnlPmtInfId", order.message_id),
        tag("PmtInfSts", _status_of_all(order, refused, accept_as)),
        *payments,
    )


def _status_of_all(order: PaymentOrder, refused: Mapping[str, str], accept_as: Status) -> Status:
    if not refused:
        return accept_as
    return Status.REJECTED if len(refused) == len(order.lines) else Status.PARTLY


def _status_reason(code: str) -> Element:
    return tag("StsRsnInf", tag("Rsn", tag("Cd", code)))


# Statements -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    amount: Decimal
    end_to_end_id: str
    payer: Party
    payee: Party
    remittance: str
    message_id: str = ""
    return_reason: str = ""

    def render(self) -> Element:
        returned = tag("RtrInf", tag("Rsn", tag("Cd", self.return_reason))) if self.return_reason else None
        references = tag(
            "Refs",
            tag("MsgId", self.message_id) if self.message_id else None,
            tag("EndToEndId", self.end_to_end_id),
        )
        return tag(
            "TxDtls",
            references,
            _amount(self.amount),
            _indicator(self.amount),
            tag(
                "RltdPties",
                tag("Dbtr", tag("Pty", tag("Nm", self.payer.name))),
                tag("DbtrAcct", _iban(self.payer.iban)),
                tag("Cdtr", tag("Pty", tag("Nm", self.payee.name))),
                tag("CdtrAcct", _iban(self.payee.iban)),
            ),
            tag("RmtInf", tag("Ustrd", self.remittance)) if self.remittance else None,
            returned,
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    amount: Decimal
    kind: str
    parts: tuple[_Part, ...] = ()
    batch_message_id: str = ""
    text: str = ""

    def render(self, day: date, reference: str) -> Element:
        domain, family, sub_family = self.kind.split("/")
        return tag(
            "Ntry",
            _amount(self.amount),
            _indicator(self.amount),
            tag("Sts", tag("Cd", "BOOK")),
            tag("BookgDt", tag("Dt", day.isoformat())),
            tag("ValDt", tag("Dt", day.isoformat())),
            tag("AcctSvcrRef", reference),
            tag(
                "BkTxCd",
                tag("Domn", tag("Cd", domain), tag("Fmly", tag("Cd", family), tag("SubFmlyCd", sub_family))),
            ),
            tag("NtryDtls", self._batch(), *(part.render() for part in self.parts)) if self.parts else None,
            tag("AddtlNtryInf", self.text) if self.text else None,
        )

    def _batch(self) -> Element | None:
        if not self.batch_message_id:
            return None
        return tag(
            "Btch",
            tag("MsgId", self.batch_message_id),
            tag("NbOfTxs", str(len(self.parts))),
            tag("TtlAmt", f"{abs(self.amount):.2f}", Ccy="EUR"),
            _indicator(self.amount),
        )


def _balance(kind: str, amount: Decimal, day: date) -> Element:
    return tag(
        "Bal",
        tag("Tp", tag("CdOrPrtry", tag("Cd", kind))),
        _amount(amount),
        _indicator(amount),
        tag("Dt", tag("Dt", day.isoformat())),
    )


def _summary(entries: Sequence[_Entry]) -> Element:
    total = sum((abs(entry.amount) for entry in entries), ZERO)
    counted = tag("TtlNtries", tag("NbOfNtries", str(len(entries))), tag("Sum", str(total)))
    return tag("TxsSummry", counted)


def _amount(amount: Decimal) -> Element:
    return tag("Amt", f"{abs(amount):.2f}", Ccy="EUR")


def _indicator(amount: Decimal) -> Element:
    return tag("CdtDbtInd", "CRDT" if amount >= ZERO else "DBIT")


def _iban(iban: str) -> Element:
    return tag("Id", tag("IBAN", iban))


def _identifier(kind: str, *of: str) -> str:
    """Make a reference of at most 35 characters that is always the same for the same thing."""
    return f"{kind}-{hashlib.sha256('/'.join(of).encode()).hexdigest()[:28]}"
