from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from donations.bank.credit_transfers import write_pain001
from donations.bank.reasons import REASONS, Reason, reason_in_words
from donations.bank.refusals import BankFileRefused, Fault
from donations.bank.status_reports import Status, read_pain002
from tests.bank.orders import BANK, NOW, THEIR_IBAN, line, order


def report(whole="", block="", payments="", *, version="pain.002.001.10"):
    """A status report with these statuses; what a bank writes around them is always the same."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><CstmrPmtStsRpt>
  <GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-11-24T09:00:00+01:00</CreDtTm></GrpHdr>
  <OrgnlGrpInfAndSts><OrgnlMsgId>GP-2026-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{whole}</OrgnlGrpInfAndSts>
  <OrgnlPmtInfAndSts><OrgnlPmtInfId>GP-2026-1</OrgnlPmtInfId>{block}{payments}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>""".encode()


def payment(end_to_end_id, status, code="", words=""):
    reason = f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>{words}</AddtlInf></StsRsnInf>" if code else ""
    return (
        f"<TxInfAndSts><StsId>S-{end_to_end_id}</StsId><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>"
        f"<TxSts>{status}</TxSts>{reason}<AcctSvcrRef>REF-{end_to_end_id}</AcctSvcrRef></TxInfAndSts>"
    )


@pytest.mark.parametrize("version", ["pain.002.001.03", "pain.002.001.10"])
def test_a_report_is_read(version):
    read = read_pain002(
        report(
            "<GrpSts>PART</GrpSts>",
            payments=payment("A", "ACSC")
            + payment("B", "RJCT", "AC04", "closed in May")
            + payment("C", "PDNG"),
            version=version,
        )
    )

    assert read.message_id == "BANK-1"
    assert read.created_at == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert read.original_message_id == "GP-2026-1"
    assert read.group.status == Status.PARTLY
    assert read.of("A").status == Status.SETTLED
    assert read.of("A").servicer_reference == "REF-A"
    assert read.of("B").status == Status.REJECTED
    assert read.of("B").reasons == (Reason("AC04", "closed in May"),)
    assert str(read.of("B").reasons[0]) == "The account is closed. closed in May"
    assert read.of("C").status == Status.PENDING


@pytest.mark.parametrize("status", ["RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACSC", "RJCT"])
def test_a_status_of_the_whole_file_is_that_of_every_payment(status):
    assert read_pain002(report(f"<GrpSts>{status}</GrpSts>")).of("ANY").status == status
    assert read_pain002(report(block=f"<PmtInfSts>{status}</PmtInfSts>")).of("ANY").status == status


def test_a_file_accepted_in_part_says_nothing_of_payments_it_does_not_name():
    read = read_pain002(report("<GrpSts>PART</GrpSts>", payments=payment("A", "RJCT", "AC01")))

    assert read.of("A").status == Status.REJECTED
    assert read.of("B") is None


def test_a_report_on_single_payments_says_nothing_of_others():
    assert read_pain002(report(payments=payment("A", "ACSC"))).of("B") is None


def test_the_reason_of_a_rejected_file_is_kept():
    rejected = report("<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Prtry>X9</Prtry></Rsn></StsRsnInf>")

    assert read_pain002(rejected).of("A").reasons == (Reason("X9"),)


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("RCVD", set()),
        ("PDNG", set()),
        ("PART", set()),
        ("ACTC", {"accepted"}),
        ("ACCP", {"accepted"}),
        ("ACSP", {"accepted"}),
        ("ACSC", {"accepted", "settled"}),
        ("ACCC", {"accepted", "settled"}),
        ("RJCT", {"rejected"}),
        ("CANC", {"rejected"}),
    ],
)
def test_what_a_status_means(status, kinds):
    assert {
        kind for kind in ("accepted", "settled", "rejected") if getattr(Status(status), f"is_{kind}")
    } == kinds


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (report(), Fault.ELEMENT_MISSING),
        (
            report("<GrpSts>ACCP</GrpSts>").replace(b"<OrgnlMsgId>GP-2026-1</OrgnlMsgId>", b""),
            Fault.ELEMENT_MISSING,
        ),
        (
            report("<GrpSts>ACCP</GrpSts>").replace(b"<MsgId>BANK-1</MsgId>", b"<MsgId> </MsgId>"),
            Fault.ELEMENT_MISSING,
        ),
        (report("<GrpSts>ACCP</GrpSts>").replace(b"2026-11-24T", b"2026-13-24T"), Fault.VALUE_INVALID),
        (report("<GrpSts>FINE</GrpSts>"), Fault.VALUE_INVALID),
        (report(payments=payment("A", "PART")), Fault.VALUE_INVALID),
        (report(payments=payment("", "ACSC")), Fault.ELEMENT_MISSING),
        (report(payments=payment("A", "")), Fault.ELEMENT_MISSING),
        (report(payments=payment("A", "ACSC") + payment("A", "RJCT")), Fault.REPEATED),
        (report("<GrpSts>RJCT</GrpSts>", payments=payment("A", "ACSC")), Fault.CONTRADICTORY),
        (report("<GrpSts>RJCT</GrpSts>", "<PmtInfSts>ACSC</PmtInfSts>"), Fault.CONTRADICTORY),
        (report(block="<PmtInfSts>RJCT</PmtInfSts>", payments=payment("A", "PDNG")), Fault.CONTRADICTORY),
        (
            report(payments=payment("A", "ACSC") + "</OrgnlPmtInfAndSts><OrgnlPmtInfAndSts>"),
            Fault.UNSUPPORTED,
        ),
    ],
)
def test_a_report_that_cannot_be_believed_is_refused(data, code):
    with pytest.raises(BankFileRefused) as error:
        read_pain002(data)

    assert error.value.code == code


@pytest.mark.parametrize(
    "code", ["AC01", "AC04", "AM04", "BE05", "MS03", "AC06", "AG01", "RR04", "DU01", "FF01"]
)
def test_common_reasons_have_words(code):
    assert reason_in_words(code) == str(REASONS[code])


def test_other_reasons_are_named_by_their_code():
    assert reason_in_words("ZZ99") == "The bank gave the reason “ZZ99”."
    assert reason_in_words("") == "The bank gave no reason."


# The sandbox bank -----------------------------------------------------------------------------------------------

ORDER = order(line("A", "10.00"), line("B", "0.01"))


@pytest.fixture(scope="module")
def ordered():
    return write_pain001(ORDER)


def answer(file, *, now=NOW, bank=BANK, **how):
    return read_pain002(bank.answer(file, now=now, **how))


def test_the_sandbox_accepts(ordered):
    read = answer(ordered)

    assert read.original_message_id == ORDER.message_id
    assert read.created_at == NOW
    assert [read.of(each.end_to_end_id).status for each in ORDER.lines] == [Status.CUSTOMER_ACCEPTED] * 2


def test_the_sandbox_refuses_what_it_is_told(ordered):
    read = answer(ordered, refuse={"B": "AC04"}, accept_as=Status.SETTLED)

    assert read.group.status == Status.PARTLY
    assert read.of("A").status == Status.SETTLED
    assert (read.of("B").status, read.of("B").reasons) == (Status.REJECTED, (Reason("AC04"),))


def test_the_sandbox_refuses_all_when_told_all(ordered):
    read = answer(ordered, refuse={"A": "AC04", "B": "AM04"})

    assert read.group.status == Status.REJECTED
    assert [read.of(key).reasons for key in "AB"] == [(Reason("AC04"),), (Reason("AM04"),)]


def test_the_sandbox_refuses_only_what_was_ordered(ordered):
    with pytest.raises(ValueError, match="not in the order: \\['X'\\]"):
        BANK.answer(ordered, now=NOW, refuse={"X": "AC04"})


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"known_message_ids": {ORDER.message_id}}, "DU01"),
        ({"bank": replace(BANK, iban=THEIR_IBAN)}, "AC02"),
        ({"now": NOW + timedelta(days=2)}, "DT01"),
    ],
)
def test_the_sandbox_rejects_whole_orders_as_banks_do(ordered, how, reason):
    read = answer(ordered, **how)

    assert (read.group.status, read.of("A").reasons) == (Status.REJECTED, (Reason(reason),))
    assert read.of("B").status == Status.REJECTED


def test_the_sandbox_answers_nothing_to_what_is_no_order():
    with pytest.raises(BankFileRefused):
        BANK.answer(b"<Document/>", now=NOW)
