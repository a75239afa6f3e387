"""Statements as CSV: read by a mapping, proved, and booked like any other."""

from datetime import date
from decimal import Decimal

import pytest

from donations.bank.csv_statements import Columns, read_csv
from donations.bank.refusals import BankFileRefused, Fault
from donations.models import BankFile, BankStatement, ExternalLine, QuarantinedFile, StatementMapping
from donations.operations.bank_files import BankFileNotBelieved
from donations.operations.reconciliation import intake
from tests.factories.donations import NOW
from tests.factories.payouts import colleague
from tests.reconciling.house import breaks, fund, reconcile_march

EUR = Decimal
ITALIAN = Columns(
    delimiter=";",
    encoding="utf-8-sig",
    date_format="%d/%m/%Y",
    has_decimal_comma=True,
    on="Data",
    skipped_rows=1,
    money_in="Avere",
    money_out="Dare",
    text="Causale",
    party="Ordinante",
)
ROWS = """Conto corrente 12345
Data;Dare;Avere;Ordinante;Causale
04/03/2026;;1.500,00;Panificio Rossi;FATT-2026-001
05/03/2026;2,50;;;Commissioni
05/03/2026;2,50;;;Commissioni
"""


def read(text=ROWS, columns=ITALIAN, **told):
    return read_csv(text.encode(columns.encoding), columns=columns, account="IT00", **told)


def fault_of(text, columns=ITALIAN, **told):
    with pytest.raises(BankFileRefused) as refused:
        read(text, columns, **told)
    return refused.value.code


def test_rows_become_entries_with_keys_of_their_own():
    statement = read(opening=EUR("100.00"), closing=EUR("1595.00"))

    assert [(each.booked_on, each.amount) for each in statement.entries] == [
        (date(2026, 3, 4), EUR("1500.00")),
        (date(2026, 3, 5), EUR("-2.50")),
        (date(2026, 3, 5), EUR("-2.50")),
    ]
    assert len({each.key for each in statement.entries}) == 3
    assert [each.key for each in read().entries] == [each.key for each in statement.entries]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("05/03/2026", "31/02/2026"), Fault.VALUE_INVALID),
        (("1.500,00", "1.50,00"), Fault.VALUE_INVALID),
        (("1.500,00", "=1+1"), Fault.VALUE_INVALID),
        (("1.500,00", ""), Fault.VALUE_INVALID),
        (("Avere", "Altro"), Fault.ELEMENT_MISSING),
        (("Causale", "Avere"), Fault.REPEATED),
        (("FATT-2026-001", "FATT;2026"), Fault.MALFORMED),
        (("FATT", "FA\0TT"), Fault.MALFORMED),
    ],
)
def test_what_cannot_be_read_refuses_all_of_it(change, fault):
    assert fault_of(ROWS.replace(*change)) == fault


def test_balances_must_add_up_when_they_are_given():
    assert fault_of(ROWS, opening=EUR("100.00"), closing=EUR("1595.01")) == Fault.BALANCES_DIFFER


def test_a_signed_amount_and_a_column_of_the_sign_are_read():
    columns = Columns(",", "cp1252", "%Y-%m-%d", False, "date", amount="amount", sign="side")
    text = 'date,amount,side\n2026-03-04,"1,234.50",A\n2026-03-05,10.00,Dare\n'

    assert [each.amount for each in read(text, columns).entries] == [EUR("1234.50"), EUR("-10.00")]
    assert fault_of(text.replace("Dare", "?"), columns) == Fault.VALUE_INVALID


# Booked ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def mapping(db):
    return StatementMapping.objects.create(
        name="La nostra banca",
        skipped_rows=1,
        date_column="Data",
        in_column="Avere",
        out_column="Dare",
        text_column="Causale",
        party_column="Ordinante",
    )


def take(mapping, *, opening=None, closing=None, text=ROWS):
    return intake.take_csv(
        content=text.encode(),
        name="march.csv",
        mapping=mapping,
        opening=opening,
        closing=closing,
        received_by=colleague("Anna"),
        now=NOW,
    )


def test_a_csv_is_reconciled_like_any_statement(mapping):
    fund("1500.00")

    file, is_new = take(mapping, opening=EUR("0.00"), closing=EUR("1495.00"))

    assert (file.kind, is_new, BankStatement.objects.get().is_proven) == ("csv", True, True)
    assert take(mapping)[1] is False
    assert ExternalLine.objects.count() == 3
    reconcile_march()
    assert [each[0] for each in breaks()] == ["duplicate", "extra"]


def test_a_csv_that_does_not_add_up_is_kept_aside(mapping):
    with pytest.raises(BankFileNotBelieved):
        take(mapping, opening=EUR("0.00"), closing=EUR("1.00"))

    assert QuarantinedFile.objects.get().fault == "BALANCES_DIFFER"
    assert not BankFile.objects.exists()
