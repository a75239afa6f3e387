from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from donations.bank.credit_transfers import write_pain001
from donations.bank.reasons import Reason
from donations.bank.refusals import BankFileRefused, Fault
from donations.bank.sandbox import Charge, Incoming, Return
from donations.bank.statements import Balance, Counterparty, Details, parse_camt053, prove, read_camt053
from goodplay.lib.money import CENT
from tests.bank.orders import BANK, NOW, OUR_IBAN, SHELTER, THEIR_IBAN, line, order
from tests.shared import shared_data

SAMPLES = ["camt053.v2.minimal.xml", "camt053.v2.with-party-ids.xml", "camt053.v4.xml", "camt053.v8.xml"]
DAY = date(2026, 11, 24)
VERSIONS = ["02", "04", "08"]


def refusal(data, read=read_camt053, **how):
    with pytest.raises(BankFileRefused) as error:
        read(data, **how)
    return error.value


# Statements written by hand --------------------------------------------------------------------------------------


def balance(kind, amount, currency="EUR"):
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount.lstrip('-')}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-11-24</Dt></Dt></Bal>"
    )


def entry(amount, details="", *, reference="", status="BOOK", currency="EUR", version="08", more=""):
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    status = f"<Sts><Cd>{status}</Cd></Sts>" if version == "08" else f"<Sts>{status}</Sts>"
    reference = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    details = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount.lstrip('-')}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}"
        f"<BookgDt><Dt>2026-11-24</Dt></BookgDt><ValDt><Dt>2026-11-25</Dt></ValDt>{reference}"
        f"<BkTxCd><Prtry><Cd>544</Cd></Prtry></BkTxCd>{details}{more}</Ntry>"
    )


def part(end_to_end_id, amount=None, sign="DBIT"):
    amount = f"<Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>" if amount else ""
    return f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{amount}</TxDtls>"


def statement(*content, version="08", account=f"<IBAN>{OUR_IBAN}</IBAN>", before=""):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
  <GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-11-24T23:00:00+01:00</CreDtTm></GrpHdr>
  <Stmt><Id>STMT-1</Id>{before}<Acct><Id>{account}</Id></Acct>{"".join(content)}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def moved(*entries, opening="100.00", closing="100.00"):
    return statement(balance("OPBD", opening), balance("CLBD", closing), *entries)


def only(data):
    (read,) = read_camt053(data)
    return read


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read_and_kept_to_its_schema(version):
    details = part("E2E") if version == "02" else part("E2E", "7.50", "CRDT")
    data = statement(
        balance("OPBD", "-5.00"),
        balance("CLBD", "2.50"),
        entry("7.50", details, reference="R1", version=version),
        version=version,
        before="<ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2026-11-24T22:00:00Z</CreDtTm>",
    )

    (read,) = read_camt053(data, schemas=shared_data("bank"))

    assert (read.message_id, read.statement_id, read.account, read.number) == (
        "MSG-1",
        "STMT-1",
        OUR_IBAN,
        "7",
    )
    assert read.created_at == datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    assert read.opening == Balance(Decimal("-5.00"), "EUR", DAY)
    assert read.closing == Balance(Decimal("2.50"), "EUR", DAY)
    (line_,) = read.entries
    assert (line_.key, line_.amount, line_.kind) == ("R1", Decimal("7.50"), "544")
    assert (line_.booked_on, line_.value_on) == (DAY, date(2026, 11, 25))
    assert [movement.details.end_to_end_id for movement in read.movements] == ["E2E"]


def test_a_statement_that_breaks_its_schema_is_refused_where_there_is_one(tmp_path):
    odd = moved(entry("1.00", more="<Invented/>"), closing="101.00")

    assert refusal(odd, schemas=shared_data("bank")).code == Fault.SCHEMA
    assert only(odd).closing.amount == Decimal("101.00")
    assert read_camt053(odd, schemas=tmp_path) == read_camt053(odd)


# Balances --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(cents=st.lists(st.integers(-(10**12), 10**12), max_size=20), opening=st.integers(-(10**12), 10**12))
def test_a_statement_is_believed_exactly_when_it_adds_up(cents, opening):
    entries = [entry(f"{each * CENT}") for each in cents]
    closing = (opening + sum(cents)) * CENT

    read = only(moved(*entries, opening=f"{opening * CENT}", closing=f"{closing}"))

    assert sum(movement.amount for movement in read.movements) == sum(cents) * CENT
    wrong = moved(*entries, opening=f"{opening * CENT}", closing=f"{closing + CENT}")
    assert refusal(wrong).code == Fault.BALANCES_DIFFER


def test_what_is_not_booked_does_not_count():
    read = only(moved(entry("5.00", status="PDNG"), entry("1.00"), closing="101.00"))

    assert [each.is_booked for each in read.entries] == [False, True]
    assert [movement.amount for movement in read.movements] == [Decimal("1.00")]


def test_a_sign_that_is_lost_is_noticed():
    assert refusal(moved(entry("1.00"), closing="99.00")).detail == "STMT-1: 100.00 +1.00 is not 99.00"


@pytest.mark.parametrize(
    ("balances", "opening", "closing"),
    [
        (["OPBD 1.00", "CLBD 2.00"], "1.00", "2.00"),
        (["PRCD 1.00", "CLBD 2.00"], "1.00", "2.00"),
        (["PRCD 9.00", "OPBD 1.00", "CLBD 2.00", "CLAV 7.00"], "1.00", "2.00"),
        (["OPBD 1.00", "ITBD 2.00"], "1.00", "2.00"),  # the first page
        (["ITBD 1.00", "ITBD 2.00"], "1.00", "2.00"),  # one in the middle
        (["ITBD 1.00", "CLBD 2.00"], "1.00", "2.00"),  # the last
    ],
)
def test_the_booked_balances_count(balances, opening, closing):
    read = only(statement(*(balance(*each.split()) for each in balances), entry("1.00")))

    assert (read.opening.amount, read.closing.amount) == (Decimal(opening), Decimal(closing))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (statement(balance("OPBD", "1.00")), Fault.ELEMENT_MISSING),
        (statement(balance("CLBD", "1.00")), Fault.ELEMENT_MISSING),
        (statement(balance("ITBD", "1.00")), Fault.ELEMENT_MISSING),
        (statement(balance("OPAV", "1.00"), balance("CLAV", "1.00")), Fault.ELEMENT_MISSING),
        (moved(balance("OPBD", "100.00")), Fault.REPEATED),
        (moved(balance("CLBD", "100.00")), Fault.REPEATED),
        (moved(entry("0.00", currency="USD")), Fault.CURRENCIES_MIXED),
        (statement(balance("OPBD", "1.00"), balance("CLBD", "1.00", "USD")), Fault.CURRENCIES_MIXED),
        (
            moved("<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries></TtlNtries></TxsSummry>"),
            Fault.TOTALS_DIFFER,
        ),
        (
            moved("<TxsSummry><TtlNtries><NbOfNtries>-1</NbOfNtries></TtlNtries></TxsSummry>"),
            Fault.VALUE_INVALID,
        ),
        (moved(entry("1.001"), closing="101.00"), Fault.VALUE_INVALID),
        (moved(entry("1e2"), closing="200.00"), Fault.VALUE_INVALID),
        (moved(entry("٣"), closing="103.00"), Fault.VALUE_INVALID),
        (
            moved(entry("1.00")).replace(b">CRDT</CdtDbtInd><Sts>", b">CREDIT</CdtDbtInd><Sts>"),
            Fault.VALUE_INVALID,
        ),
        (
            moved(entry("1.00")).replace(b"2026-11-24</Dt></BookgDt>", b"24/11/2026</Dt></BookgDt>"),
            Fault.VALUE_INVALID,
        ),
        (moved().replace(b"<Amt Ccy='EUR'>", b"<Amt>"), Fault.ELEMENT_MISSING),
        (moved().replace(b"<Id>STMT-1</Id>", b""), Fault.ELEMENT_MISSING),
        (moved().replace(b"<MsgId>MSG-1</MsgId>", b""), Fault.ELEMENT_MISSING),
        (statement(account="").replace(b"<Id></Id>", b""), Fault.ELEMENT_MISSING),
    ],
)
def test_a_statement_that_cannot_be_believed_is_refused(data, code):
    assert refusal(data).code == code


def test_one_bad_statement_refuses_the_file():
    good = moved()
    both = good.replace(b"</Stmt>", b"</Stmt>" + good[good.index(b"<Stmt>") : good.index(b"</Stmt>") + 7], 1)
    assert [each.statement_id for each in read_camt053(both)] == ["STMT-1", "STMT-1"]

    last = both.rindex(b"100.00")
    assert refusal(both[:last] + b"100.01" + both[last + 6 :]).code == Fault.BALANCES_DIFFER


# Entries ---------------------------------------------------------------------------------------------------------


def keys(*entries):
    return [each.key for each in parse_camt053(moved(*entries))[0].entries]


def test_entries_are_named_by_the_bank():
    assert keys(entry("1.00", reference="R1"), entry("1.00", reference="R2")) == ["R1", "R2"]


def test_entries_the_bank_names_alike_stay_apart():
    alike = (entry("1.00", reference="R"), entry("1.00", reference="R#2"), entry("1.00", reference="R"))

    assert keys(*alike) == ["R", "R#2", "R#3"]


def test_entries_without_a_name_are_known_by_what_they_say():
    first, second = entry("1.00", part("A")), entry("1.00", part("B"))

    a, b, c = keys(first, second, first)

    assert a != b
    assert c == f"{a}#2"
    assert keys(second, first) == [b, a]
    assert a not in keys(entry("1.01", part("A")), entry("-1.00", part("A")))


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("", [("-3.00", "")]),
        (part("A"), [("-3.00", "A")]),
        (part("A", "9.99"), [("-3.00", "A")]),  # one part is the entry, whatever it says
        (part("A", "1.00") + part("B", "2.00"), [("-1.00", "A"), ("-2.00", "B")]),
        (part("A", "4.00") + part("B", "1.00", "CRDT"), [("-4.00", "A"), ("1.00", "B")]),
        (part("A", "1.00") + part("B", "1.00"), [("-3.00", "")]),  # they do not make the entry
        (part("A", "3.00") + part("B"), [("-3.00", "")]),
        ("<Btch><MsgId>GP-9</MsgId><NbOfTxs>2</NbOfTxs></Btch>", [("-3.00", "")]),
    ],
)
def test_an_entry_is_always_the_sum_of_its_movements(details, expected):
    read = only(moved(entry("-3.00", details, reference="R"), closing="97.00"))

    assert [(each.amount, each.details.end_to_end_id) for each in read.movements] == [
        (Decimal(amount), key) for amount, key in expected
    ]
    assert [(each.entry_key, each.place) for each in read.movements] == [
        ("R", place) for place in range(1, len(expected) + 1)
    ]


def test_a_batch_the_bank_does_not_itemise_leads_to_its_order():
    read = only(
        moved(entry("-3.00", "<Btch><MsgId>GP-9</MsgId><NbOfTxs>2</NbOfTxs></Btch>"), closing="97.00")
    )

    assert (read.entries[0].batch_message_id, read.entries[0].batch_count) == ("GP-9", 2)
    assert read.movements[0].details == Details(message_id="GP-9")


def test_amounts_of_parts_are_found_where_version_two_has_them():
    deep = "<TxDtls><AmtDtls><TxAmt><Amt Ccy='EUR'>{}</Amt></TxAmt></AmtDtls></TxDtls>"
    parts = deep.format("1.00") + deep.format("2.00").replace("TxAmt", "InstdAmt")
    data = statement(
        balance("OPBD", "3.00"),
        balance("CLBD", "0.00"),
        entry("-3.00", parts, version="02"),
        version="02",
        before="<CreDtTm>2026-11-24T22:00:00Z</CreDtTm>",
    )

    (read,) = read_camt053(data, schemas=shared_data("bank"))

    assert [each.amount for each in read.movements] == [Decimal("-1.00"), Decimal("-2.00")]


def test_everything_a_matcher_needs_is_read():
    details = f"""<TxDtls>
      <Refs><MsgId>M</MsgId><AcctSvcrRef>S</AcctSvcrRef><PmtInfId>P</PmtInfId><InstrId>I</InstrId>
        <EndToEndId>NOTPROVIDED</EndToEndId><TxId>T</TxId></Refs>
      <Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
      <Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.20</TtlChrgsAndTaxAmt></Chrgs>
      <RltdPties><Dbtr><Pty><Nm>Sponsor S.p.A.</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{THEIR_IBAN}</IBAN></Id></DbtrAcct>
        <Cdtr><Pty><Nm>GoodPlay</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>{OUR_IBAN}</IBAN></Id></CdtrAcct></RltdPties>
      <RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>
      <RmtInf><Ustrd>for the</Ustrd><Ustrd>spring pool</Ustrd>
        <Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"""

    read = only(moved(entry("1.00", details), closing="101.00"))

    assert read.movements[0].details == Details(
        amount=Decimal("1.00"),
        message_id="M",
        payment_information_id="P",
        instruction_id="I",
        end_to_end_id="",
        transaction_id="T",
        servicer_reference="S",
        counterparty=Counterparty("Sponsor S.p.A.", THEIR_IBAN, "COBADEFF"),
        remittance="for the spring pool",
        creditor_reference="RF18",
        return_reason=None,
        charges=Decimal("0.20"),
    )
    assert read.entries[0].key == "S"


def test_the_counterparty_of_a_returned_payment_is_who_was_to_be_paid():
    details = f"""<TxDtls><RltdPties><Dbtr><Nm>GoodPlay</Nm></Dbtr><Cdtr><Nm>Rifugio</Nm></Cdtr>
      <CdtrAcct><Id><IBAN>{THEIR_IBAN}</IBAN></Id></CdtrAcct></RltdPties>
      <RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></RtrInf></TxDtls>"""

    (movement,) = only(moved(entry("1.00", details), closing="101.00")).movements

    assert movement.details.counterparty == Counterparty("Rifugio", THEIR_IBAN)
    assert movement.details.return_reason == Reason("AC04", "closed")


def test_we_are_never_our_own_counterparty():
    details = f"""<TxDtls><RltdPties><Dbtr><Nm>GoodPlay</Nm></Dbtr><DbtrAcct><Id><IBAN>{OUR_IBAN}</IBAN></Id></DbtrAcct>
      <Cdtr><Nm>Rifugio</Nm></Cdtr></RltdPties></TxDtls>"""

    (movement,) = only(moved(entry("1.00", details), closing="101.00")).movements

    assert movement.details.counterparty == Counterparty("Rifugio")


def test_pages_copies_and_reversals_are_told():
    page = "<StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    data = statement(
        balance("ITBD", "1.00"),
        balance("ITBD", "0.00"),
        entry("-1.00").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>"),
        before=f"{page}<CpyDplctInd>DUPL</CpyDplctInd>",
    )

    read = only(data)

    assert (read.page, read.is_last_page, read.is_copy) == (2, False, True)
    assert read.entries[0].is_reversal
    assert (only(moved()).page, only(moved()).is_last_page, only(moved()).is_copy) == (1, True, False)


# The samples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read(name):
    folder = shared_data("bank")

    (read,) = parse_camt053((folder / name).read_bytes(), schemas=folder)

    assert read.message_id == "CAMT053RIB000000000001"
    assert read.statement_id == "253EURNL26VAYB8060476890"
    assert read.account == "NL26VAYB8060476890"
    assert read.number == "12312"
    assert read.opening == Balance(Decimal("18.15"), "EUR", date(2014, 12, 30))
    assert (read.closing.amount, read.closing.currency) == (Decimal("-27.00"), "SEK")
    (movement,) = read.movements
    assert movement.amount == Decimal("8.85")
    assert movement.details.counterparty == Counterparty("NAME NAME", "NL56AGDH9619008421")
    assert movement.details.creditor_reference == "4654654654654654"
    assert (read.entries[0].booked_on, read.entries[0].value_on) == (date(2014, 12, 31), date(2015, 1, 2))


def test_the_newest_sample_has_references():
    (read,) = parse_camt053(shared_data("bank/camt053.v8.xml").read_bytes())

    assert read.entries[0].key == "AAAASESS-FP-CN_98765/01"
    assert read.entries[0].kind == "PMNT/RCDT/BOOK"
    assert read.movements[0].details.end_to_end_id == "MUELL/FINP/RA12345"


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_do_not_add_up(name):
    """They open in euros and close with a debit in kronor: good to show the parts, not to be believed."""
    assert refusal(shared_data(f"bank/{name}").read_bytes()).code == Fault.CURRENCIES_MIXED


@pytest.mark.parametrize("read", [read_camt053, parse_camt053])
def test_the_wrong_sample_is_refused(read):
    wrong = shared_data("bank/camt053.v2.wrong.xml").read_bytes()

    assert refusal(wrong, read).code == Fault.ELEMENT_MISSING
    assert refusal(wrong, read, schemas=shared_data("bank")).code == Fault.SCHEMA


# The sandbox bank ------------------------------------------------------------------------------------------------

ORDERED = (line("A", "10.00"), line("B", "20.00"), line("C", "0.05"))
SPONSOR = Incoming(Decimal("500.00"), "Società Sponsor è", THEIR_IBAN, "Fondo di primavera")


def a_day(**booked):
    how = {"now": NOW, "opening": Decimal("100.00")} | booked
    return BANK.statement(DAY, **how)


def test_a_day_at_the_sandbox_keeps_the_schema_and_adds_up():
    data = a_day(
        paid=[write_pain001(order(*ORDERED))],
        refused={"B"},
        returned=[Return(line("Z", "7.00"))],
        incoming=[SPONSOR],
        charges=[Charge(Decimal("1.50"), "Canone")],
    )

    (read,) = read_camt053(data, schemas=shared_data("bank"))

    assert read.account == OUR_IBAN
    assert (read.starts_on, read.ends_on) == (DAY, DAY)
    assert read.closing.amount == Decimal("595.45")
    assert [(each.amount, each.details.end_to_end_id) for each in read.movements] == [
        (Decimal("-10.00"), "A"),
        (Decimal("-0.05"), "C"),
        (Decimal("7.00"), "Z"),
        (Decimal("500.00"), ""),
        (Decimal("-1.50"), ""),
    ]
    paid, _, back, sponsor, _ = (each.details for each in read.movements)
    assert (paid.message_id, paid.counterparty) == ("GP-2026-1", Counterparty(SHELTER.name, THEIR_IBAN))
    assert back.return_reason == Reason("AC04")
    assert back.counterparty == Counterparty(SHELTER.name, THEIR_IBAN)
    assert (sponsor.counterparty.name, sponsor.remittance) == ("Società Sponsor è", "Fondo di primavera")
    assert [each.is_charge for each in read.entries] == [False, False, False, False, True]
    assert read.entries[4].text == "Canone"
    assert len({each.key for each in read.entries}) == 5


def test_an_order_booked_as_one_is_one_entry_in_parts():
    data = a_day(paid=[write_pain001(order(*ORDERED, is_booked_as_one=True))])

    (read,) = read_camt053(data, schemas=shared_data("bank"))

    (line_,) = read.entries
    assert (line_.amount, line_.batch_message_id, line_.batch_count) == (Decimal("-30.05"), "GP-2026-1", 3)
    assert [(each.amount, each.details.end_to_end_id) for each in line_.movements] == [
        (Decimal("-10.00"), "A"),
        (Decimal("-20.00"), "B"),
        (Decimal("-0.05"), "C"),
    ]


def test_a_day_without_movement_is_a_statement():
    (read,) = read_camt053(a_day(opening=Decimal("-3.20")), schemas=shared_data("bank"))

    assert (read.opening.amount, read.closing.amount, read.entries) == (
        Decimal("-3.20"),
        Decimal("-3.20"),
        (),
    )


def test_one_day_follows_the_other():
    first = only(a_day(incoming=[SPONSOR]))
    second = only(a_day(opening=first.closing.amount, number=2, charges=[Charge(Decimal("1.00"))]))

    assert second.closing.amount == Decimal("599.00")
    assert (first.number, second.number) == ("1", "2")
    assert first.statement_id != second.statement_id
    assert not {each.key for each in first.entries} & {each.key for each in second.entries}


def test_a_refused_order_is_not_booked_at_all():
    everything = {each.end_to_end_id for each in ORDERED}

    read = only(a_day(paid=[write_pain001(order(*ORDERED, is_booked_as_one=True))], refused=everything))

    assert read.entries == ()


@settings(deadline=None)
@given(cents=st.lists(st.integers(1, 10**9), min_size=1, max_size=6), is_booked_as_one=st.booleans())
def test_what_the_sandbox_books_is_what_was_ordered(cents, is_booked_as_one):
    lines = [line(f"P{place}", each * CENT) for place, each in enumerate(cents)]
    ordered = order(*lines, is_booked_as_one=is_booked_as_one)

    read = only(a_day(paid=[write_pain001(ordered)]))

    prove(read)
    assert {each.details.end_to_end_id: -each.amount for each in read.movements} == {
        each.end_to_end_id: each.amount for each in ordered.lines
    }
