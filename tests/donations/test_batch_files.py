"""Files of lines from spreadsheets, and the file of what failed."""

import csv
import io
from decimal import Decimal

import pytest

from donations.models import Donation
from donations.operations.batch_lines import LineDraft
from donations.serializers import batch_files
from donations.serializers.batch_files import ColumnsWrong, FileNotReadable, FileTooLarge, decode, read_file
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.batches import make_batch, rich_players, started, work
from tests.factories.donations import NOW

pytestmark = pytest.mark.django_db

KEY, TO = new_id(), new_id()


def test_a_sheet_with_commas_is_read():
    text = (
        f'user_id,onlus_id,amount,message,anonymous,reference\n{KEY},{TO},12.50,"Thank you, all",yes,row 1\n'
    )

    assert read_file("donations", text).lines == [
        LineDraft(
            number=1,
            player_id=KEY,
            onlus_id=TO,
            amount=Decimal("12.50"),
            message="Thank you, all",
            is_anonymous=True,
            source_reference="row 1",
        )
    ]


def test_an_italian_sheet_with_mark_semicolons_and_decimal_comma_is_read():
    alice = UserFactory(email="alice@example.org")
    data = f"\ufeffEmail;ONLUS;Amount\r\n Alice@Example.org ;{TO};12,50\r\n;;\r\n".encode()

    read = read_file("donations", decode(data))

    assert read.lines == [LineDraft(number=1, player_id=alice.pk, onlus_id=TO, amount=Decimal("12.50"))]
    assert read.faults == []


def test_a_sheet_of_refunds_is_read():
    read = read_file("refunds", f"transaction_id\tamount\treason\n{KEY}\t\tSent twice\n{TO}\t1,00\t\n")

    assert read.lines == [
        LineDraft(number=1, donation_id=KEY, message="Sent twice"),
        LineDraft(number=2, donation_id=TO, amount=Decimal("1.00")),
    ]


def test_what_cannot_be_read_is_a_fault_of_its_line():
    text = f"user_id,onlus_id,amount\nnobody@example.org,{TO},1.00\n{KEY},{TO},1e2\n{KEY},{TO}\n{KEY},{TO},1.00,more\n"

    read = read_file("donations", text)

    assert [(fault.line, fault.code) for fault in read.faults] == [
        (1, "USER_NOT_FOUND"),
        (2, "INVALID_AMOUNT"),
        (3, "DONATION_AMOUNT_REQUIRED"),
        (4, "BATCH_FILE_COLUMNS"),
    ]


@pytest.mark.parametrize(
    "header",
    ["user_id,onlus_id", "user_id,onlus_id,amount,colour", "user_id,email,onlus_id,amount", "donation_id"],
    ids=["one is missing", "one is unknown", "one is there twice", "those of refunds"],
)
def test_columns_that_are_not_in_order_are_refused(header):
    with pytest.raises(ColumnsWrong):
        read_file("donations", f"{header}\n1,2,3,4\n")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"user_id,onlus_id,amount\n\xe8,1,2\n", FileNotReadable),
        ("user_id,onlus_id,amount\n".encode("utf-16"), FileNotReadable),
        (b"user_id\x00", FileNotReadable),
        (b"x" * (batch_files.LARGEST_FILE + 1), FileTooLarge),
    ],
    ids=["Windows", "UTF-16", "a null byte", "too large"],
)
def test_files_that_are_no_text_are_refused(data, refusal):
    with pytest.raises(refusal):
        decode(data)


@pytest.mark.parametrize("text", ["", "\n\n", 'user_id,onlus_id,amount\n"open,1,2\n'])
def test_text_that_is_no_sheet_is_refused(text):
    with pytest.raises(FileNotReadable):
        read_file("donations", text)


def test_failed_lines_are_written_harmless_and_can_be_uploaded_again():
    players, onlus = rich_players(2), OnlusFactory()
    lines = [
        LineDraft(
            number=number,
            player_id=player.pk,
            onlus_id=onlus.pk,
            amount=Decimal("1.00"),
            message="=HYPERLINK(1)",
            source_reference="@row",
        )
        for number, player in enumerate(players, start=1)
    ]
    batch = started(make_batch(lines))
    players[1].is_active = False
    players[1].save()
    work(batch)
    target = io.StringIO()

    batch_files.write_failures(target, batch)

    rows = list(csv.DictReader(io.StringIO(target.getvalue().removeprefix("\ufeff"))))
    assert rows == [
        {
            "user_id": str(players[1].pk),
            "onlus_id": str(onlus.pk),
            "amount": "1.00",
            "message": "'=HYPERLINK(1)",
            "is_anonymous": "",
            "source_reference": "'@row",
            "line": "2",
            "error_code": "USER_NOT_ACTIVE",
            "error_message": "This player's account is closed.",
        }
    ]
    again = read_file("donations", decode(target.getvalue().encode()))
    assert (again.faults, [line.player_id for line in again.lines]) == ([], [players[1].pk])
    assert Donation.objects.filter(origin="batch", completed_at=NOW).count() == 1
