import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from sepaxml import SepaTransfer

from donations.bank.credit_transfers import Address, Party, as_written, read_pain001, write_pain001
from donations.bank.latin import ALLOWED
from donations.bank.refusals import BankFileRefused, Fault, OrderRefused
from goodplay.lib.money import CENT
from tests.bank.orders import GOODPLAY, NOW, SHELTER, THEIR_IBAN, line, order
from tests.shared import shared_data

CENTS = st.integers(1, 10**11 - 1)
REFERENCES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9?:().,'+-]{0,34}", fullmatch=True)
WORDS = st.text(st.sampled_from("aàäßçéñøłŒ€&@_«»’“”–… \t09AZ.,'/"), max_size=46)
LINES = st.lists(st.tuples(REFERENCES, CENTS, WORDS), min_size=1, max_size=8, unique_by=lambda each: each[0])


def text_of(xml, path):
    """The text of the only element so named."""
    found = re.findall(f"<{path}[^>]*>([^<]*)</{path}>", xml.decode())
    assert len(set(found)) == 1
    return found[0]


# The file -------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(message_id=REFERENCES, lines=LINES, is_booked_as_one=st.booleans())
def test_any_order_comes_back_from_its_file(message_id, lines, is_booked_as_one):
    ordered = order(
        *(
            line(reference, cents * CENT, creditor=Party(f"A {words}", THEIR_IBAN), remittance=words)
            for reference, cents, words in lines
        ),
        message_id=message_id,
        is_booked_as_one=is_booked_as_one,
    )

    written = write_pain001(ordered)

    read = read_pain001(written)
    assert read == as_written(ordered)
    assert [each.amount for each in read.lines] == [cents * CENT for _, cents, _ in lines]
    assert text_of(written, "NbOfTxs") == str(len(lines))
    assert Decimal(text_of(written, "CtrlSum")) == sum(cents for _, cents, _ in lines) * CENT
    texts = re.findall(r">([^<]*)</(?:Nm|Ustrd|MsgId|EndToEndId|PmtInfId)>", written.decode())
    assert all(ALLOWED.issuperset(text.replace("&amp;", "&")) for text in texts)


def test_the_file_keeps_the_published_schema():
    schema = xmlschema.XMLSchema(shared_data("bank/pain.001.001.09.xsd"))
    with_everything = order(
        line("A", "0.01", creditor=Party("Uno", THEIR_IBAN, "COBADEFFXXX")),
        line("B", "999999999.99", remittance=""),
        line(
            "C", creditor=Party("Tre", THEIR_IBAN, address=Address("Roma", "IT", lines=("Scala B", "Int. 3")))
        ),
        is_booked_as_one=True,
        debtor=Party("GoodPlay", THEIR_IBAN, "COBADEFF", Address("Milano", "IT", "Via Dante", "1", "20121")),
    )

    schema.validate(write_pain001(order()).decode())
    schema.validate(write_pain001(with_everything).decode())


def test_the_same_order_gives_the_same_file():
    assert write_pain001(order()) == write_pain001(order())


def test_what_a_bank_looks_at_is_there():
    xml = write_pain001(order()).decode()

    assert "<MsgId>GP-2026-1</MsgId><CreDtTm>2026-11-23T11:00:00+01:00</CreDtTm>" in xml
    assert "<PmtInfId>GP-2026-1</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg>" in xml
    assert "<SvcLvl><Cd>SEPA</Cd></SvcLvl>" in xml
    assert "<ReqdExctnDt><Dt>2026-11-24</Dt></ReqdExctnDt>" in xml
    assert "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>" in xml
    assert "<ChrgBr>SLEV</ChrgBr>" in xml
    assert '<EndToEndId>PAYOUT-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">12.30</InstdAmt></Amt>' in xml
    assert "<PstlAdr><TwnNm>Torino</TwnNm><Ctry>IT</Ctry></PstlAdr>" in xml
    assert "<Ustrd>Donations</Ustrd>" in xml


def test_an_order_is_written_in_latin_letters_and_compact_numbers():
    creditor = Party("Città & “Perù” " + "x" * 70, "de89 3704 0044 0532 0130 00")
    zoned = NOW.astimezone(timezone(timedelta(hours=9))) + timedelta(microseconds=5)

    written = as_written(order(line(creditor=creditor, remittance="Novembre: 5 €"), created_at=zoned))

    assert written.created_at == NOW
    assert written.created_at.tzinfo is UTC
    assert written.lines[0].creditor.name == ("Citta + 'Peru' " + "x" * 70)[:70]
    assert written.lines[0].creditor.iban == THEIR_IBAN
    assert written.lines[0].remittance == "Novembre: 5 EUR"


def test_a_library_that_writes_something_else_is_noticed(monkeypatch):
    another = write_pain001(order(line(amount="12.31")))
    monkeypatch.setattr(SepaTransfer, "export", lambda self, validate: another)

    with pytest.raises(RuntimeError, match="GP-2026-1 does not say what was ordered"):
        write_pain001(order())


# What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["", "x" * 36, "/A", "A/", "A//B", "à", "A B", "A\n", "A&B"])
def test_a_reference_banks_do_not_take_is_refused(reference):
    for refused in (order(message_id=reference), order(line(reference))):
        with pytest.raises(OrderRefused) as error:
            write_pain001(refused)
        assert error.value.code == Fault.REFERENCE_INVALID


def test_references_of_35_characters_are_taken():
    longest = "x" * 35

    read = read_pain001(write_pain001(order(line(longest), message_id=longest)))

    assert (read.message_id, read.lines[0].end_to_end_id) == (longest, longest)


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.001", "1000000000", "NaN", "Infinity", "1E-30"])
def test_an_amount_that_is_no_payment_is_refused(amount):
    with pytest.raises(OrderRefused) as error:
        write_pain001(order(line(amount=amount)))

    assert error.value.code == Fault.AMOUNT_INVALID


def creditor(**fields):
    return order(line(creditor=Party(**({"name": "Rifugio", "iban": THEIR_IBAN} | fields))))


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (order(line("A"), line("A")), Fault.REPEATED),
        (creditor(iban="DE88370400440532013000"), Fault.IBAN_INVALID),
        (creditor(iban="TR330006100519786457841326"), Fault.IBAN_OUTSIDE_SEPA),
        (creditor(bic="COBA"), Fault.BIC_INVALID),
        (creditor(name=" \t"), Fault.NAME_MISSING),
        (creditor(name="Ελλάδα"), Fault.CHARACTER_UNWRITABLE),
        (
            creditor(address=Address(town="", country="IT", lines=("Via Roma 1", "10100 Torino"))),
            Fault.ADDRESS_INVALID,
        ),
        (creditor(address=Address(town="Torino", country="")), Fault.ADDRESS_INVALID),
        (creditor(address=Address(town="Torino", country="it")), Fault.ADDRESS_INVALID),
        (
            creditor(address=Address(town="Torino", country="IT", lines=("a", "b", "c"))),
            Fault.ADDRESS_INVALID,
        ),
        (creditor(address=Address(town="Torino", country="IT", lines=("",))), Fault.ADDRESS_INVALID),
        (creditor(address=Address(town="T" * 36, country="IT")), Fault.TEXT_TOO_LONG),
        (order(line(remittance="x" * 141)), Fault.TEXT_TOO_LONG),
        (order(line(remittance="€" * 47)), Fault.TEXT_TOO_LONG),  # 141 once written
        (order(line(remittance="🎁")), Fault.CHARACTER_UNWRITABLE),
        (order(execute_on=date(2026, 11, 20)), Fault.DATE_PAST),
        (order(execute_on=date(2026, 11, 28)), Fault.DATE_CLOSED),
        (order(execute_on=date(2026, 12, 25)), Fault.DATE_CLOSED),
        # Half past eleven in the evening of UTC is the next day in Rome.
        (
            order(execute_on=date(2026, 11, 23), created_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
            Fault.DATE_PAST,
        ),
    ],
)
def test_an_order_a_bank_would_not_take_is_refused(refused, code):
    with pytest.raises(OrderRefused) as error:
        write_pain001(refused)

    assert error.value.code == code


def test_an_order_without_payments_is_refused():
    with pytest.raises(OrderRefused) as error:
        write_pain001(type(order())("GP", NOW, date(2026, 11, 24), GOODPLAY, ()))

    assert error.value.code == Fault.NOTHING_TO_PAY
    assert str(error.value) == "There is nothing to pay."


def test_today_is_not_past():
    assert read_pain001(write_pain001(order(execute_on=date(2026, 11, 23)))).execute_on == date(2026, 11, 23)


# A file from somebody else --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "forged", "code"),
    [
        (b"<NbOfTxs>2</NbOfTxs>", b"<NbOfTxs>3</NbOfTxs>", Fault.TOTALS_DIFFER),
        (b"<CtrlSum>24.60</CtrlSum>", b"<CtrlSum>24.61</CtrlSum>", Fault.TOTALS_DIFFER),
        (
            b'<InstdAmt Ccy="EUR">12.30</InstdAmt>',
            b'<InstdAmt Ccy="EUR">12.31</InstdAmt>',
            Fault.TOTALS_DIFFER,
        ),
        (b'Ccy="EUR"', b'Ccy="USD"', Fault.UNSUPPORTED),
        (b"<EndToEndId>A</EndToEndId>", b"", Fault.SCHEMA),
        (b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>???</PmtMtd>", Fault.SCHEMA),
        (b"pain.001.001.09", b"pain.001.001.03", Fault.UNKNOWN_FORMAT),
    ],
)
def test_an_order_that_was_touched_is_refused(written, forged, code):
    file = write_pain001(order(line("A"), line("B")))
    assert written in file

    with pytest.raises(BankFileRefused) as error:
        read_pain001(
            file.replace(written, forged, 1) if code == Fault.TOTALS_DIFFER else file.replace(written, forged)
        )

    assert error.value.code == code


def test_several_groups_in_one_file_are_refused():
    file = write_pain001(order(line("A")))
    block = file[file.index(b"<PmtInf>") : file.index(b"</PmtInf>") + len(b"</PmtInf>")]

    with pytest.raises(BankFileRefused) as error:
        read_pain001(file.replace(block, block * 2))

    assert error.value.code == Fault.UNSUPPORTED


def test_the_creditor_keeps_the_address():
    assert read_pain001(write_pain001(order())).lines[0].creditor == SHELTER
