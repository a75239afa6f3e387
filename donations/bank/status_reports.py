"""What became of an order: pain.002 status reports, versions 03 and 10."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .documents import Node, parse
from .reasons import Reason, read_reason
from .refusals import BankFileRefused, Fault

VERSIONS = frozenset({"pain.002.001.03", "pain.002.001.10"})


class Status(StrEnum):
    """How far a payment, or all of a file, has come."""

    RECEIVED = "RCVD"
    PENDING = "PDNG"
    FORMAT_ACCEPTED = "ACTC"
    CUSTOMER_ACCEPTED = "ACCP"
    FUNDS_CHECKED = "ACFC"
    CHANGED = "ACWC"
    IN_SETTLEMENT = "ACSP"
    WITHOUT_POSTING = "ACWP"
    SETTLED = "ACSC"
    CREDITED = "ACCC"
    PARTLY = "PART"
    """Of a file or a group only: look at its payments."""
    REJECTED = "RJCT"
    CANCELLED = "CANC"

    @property
    def is_accepted(self) -> bool:
        """The bank will pay or has paid. Until it is settled it may still reject."""
        return self in _ACCEPTED

    @property
    def is_settled(self) -> bool:
        """Our account was charged."""
        return self in _SETTLED

    @property
    def is_rejected(self) -> bool:
        """Nothing was paid, and nothing will be."""
        return self in _REJECTED


_SETTLED = frozenset({Status.SETTLED, Status.CREDITED})
_REJECTED = frozenset({Status.REJECTED, Status.CANCELLED})
_ACCEPTED = frozenset(Status) - _REJECTED - {Status.RECEIVED, Status.PENDING, Status.PARTLY}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status with its reasons. `end_to_end_id` is empty where it is that of the file or a group."""

    status: Status
    reasons: tuple[Reason, ...] = ()
    end_to_end_id: str = ""
    servicer_reference: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One report. `of(end_to_end_id)` is what to ask."""

    message_id: str
    created_at: datetime
    original_message_id: str
    group: Outcome | None
    """Of the file, or of its one group of payments where the bank speaks of that only."""
    payments: tuple[Outcome, ...]

    def of(self, end_to_end_id: str) -> Outcome | None:
        """Return what the report says about a payment: its own status, else the one of all. None when it is silent.

        A file accepted in part says nothing about payments it does not name.
        """
        own = next((each for each in self.payments if each.end_to_end_id == end_to_end_id), None)
        if own is not None or self.group is None or self.group.status == Status.PARTLY:
            return own
        return self.group


def read_pain002(data: bytes) -> StatusReport:
    """Read a status report. Raises BankFileRefused for what cannot be believed whole."""
    root = parse(data, root="CstmrPmtStsRpt", versions=VERSIONS)
    original, blocks = root.need("OrgnlGrpInfAndSts"), list(root.all("OrgnlPmtInfAndSts"))
    payments = tuple(_payment(each) for block in blocks for each in block.all("TxInfAndSts"))
    report = StatusReport(
        message_id=root.need_text("GrpHdr/MsgId"),
        created_at=root.moment("GrpHdr/CreDtTm"),
        original_message_id=original.need_text("OrgnlMsgId"),
        group=_group(original, blocks),
        payments=payments,
    )
    _check(report)
    return report


def _group(original: Node, blocks: list[Node]) -> Outcome | None:
    """Return what holds for all payments. Our files have one group, so its status speaks for all, and is nearer."""
    if len(blocks) > 1:
        raise BankFileRefused(Fault.UNSUPPORTED, "more than one OrgnlPmtInfAndSts")
    own = [_outcome(block, "PmtInfSts") for block in blocks if block.text("PmtInfSts")]
    whole = _outcome(original, "GrpSts") if original.text("GrpSts") else None
    if own and whole and whole.status.is_rejected and not own[0].status.is_rejected:
        raise BankFileRefused(Fault.CONTRADICTORY, f"GrpSts {whole.status}, PmtInfSts {own[0].status}")
    return own[0] if own else whole


def _payment(node: Node) -> Outcome:
    return _outcome(node, "TxSts", end_to_end_id=node.need_text("OrgnlEndToEndId"))


def _outcome(node: Node, element: str, *, end_to_end_id: str = "") -> Outcome:
    text = node.need_text(element)
    try:
        status = Status(text)
    except ValueError as error:
        raise BankFileRefused(Fault.VALUE_INVALID, f"{element}: {text[:35]}") from error
    return Outcome(
        status=status,
        reasons=tuple(read_reason(each) for each in node.all("StsRsnInf")),
        end_to_end_id=end_to_end_id,
        servicer_reference=node.text("AcctSvcrRef"),
    )


def _check(report: StatusReport) -> None:
    if report.group is None and not report.payments:
        raise BankFileRefused(Fault.ELEMENT_MISSING, "GrpSts")
    references = [each.end_to_end_id for each in report.payments]
    if len(set(references)) != len(references):
        raise BankFileRefused(Fault.REPEATED, "OrgnlEndToEndId")
    for each in report.payments:
        if each.status == Status.PARTLY:
            raise BankFileRefused(Fault.VALUE_INVALID, "TxSts: PART")
        if report.group and report.group.status.is_rejected and not each.status.is_rejected:
            raise BankFileRefused(Fault.CONTRADICTORY, f"all {report.group.status}, one {each.status}")
