"""Files of lines from spreadsheets, read into the same lines the API takes."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.user import normalise_email
from donations.models import BatchLine, BatchOperation
from donations.operations.batch_lines import Fault, LineDraft
from donations.serializers.batch_lines import read_lines
from goodplay.lib.errors import DomainError
from goodplay.lib.exports.tables import BYTE_ORDER_MARK, Writable, harmless

LARGEST_FILE = 512 * 1024

_NAMES = {
    "user": "user_id",
    "user_id": "user_id",
    "email": "user_id",
    "onlus": "onlus_id",
    "onlus_id": "onlus_id",
    "donation": "donation_id",
    "donation_id": "donation_id",
    "transaction_id": "donation_id",
    "check": "check_type",
    "check_type": "check_type",
    "type": "type",
    "start_date": "start_date",
    "from": "start_date",
    "end_date": "end_date",
    "until": "end_date",
    "amount": "amount",
    "message": "message",
    "reason": "reason",
    "anonymous": "is_anonymous",
    "is_anonymous": "is_anonymous",
    "reference": "source_reference",
    "source_reference": "source_reference",
}
# What a file of failed lines tells beside them: it can be corrected and uploaded again.
_TOLD = ("line", "error_code", "error_message")
COLUMNS: dict[str, tuple[str, ...]] = {
    BatchOperation.Type.DONATIONS: (
        "user_id",
        "onlus_id",
        "amount",
        "message",
        "is_anonymous",
        "source_reference",
    ),
    BatchOperation.Type.REFUNDS: ("donation_id", "amount", "reason", "source_reference"),
    BatchOperation.Type.COMPLIANCE_CHECK: ("user_id", "check_type", "reason", "source_reference"),
    BatchOperation.Type.RECONCILIATION: ("type", "start_date", "end_date", "source_reference"),
}
NEEDED: dict[str, tuple[str, ...]] = {
    BatchOperation.Type.DONATIONS: ("user_id", "onlus_id", "amount"),
    BatchOperation.Type.REFUNDS: ("donation_id",),
    BatchOperation.Type.COMPLIANCE_CHECK: ("user_id",),
    BatchOperation.Type.RECONCILIATION: ("start_date", "end_date"),
}
_TRUE = {"1", "true", "yes", "x", "sì", "si", "vero"}


class FileNotReadable(DomainError):
    code = "BATCH_FILE_NOT_READABLE"
    message = _("This file cannot be read. Save the sheet as CSV in UTF-8 and upload it again.")


class FileTooLarge(DomainError):
    code = "BATCH_FILE_TOO_LARGE"
    message = _("This file is too large for one batch.")


class ColumnsWrong(DomainError):
    code = "BATCH_FILE_COLUMNS"

    def __init__(self, operation_type: str, found: list[str]) -> None:
        self.wanted, self.found = COLUMNS[operation_type], found
        super().__init__(data={"found": found})

    def __str__(self) -> str:
        words = {"wanted": ", ".join(self.wanted), "found": ", ".join(self.found)}
        return str(
            _("The first row must name columns out of these: %(wanted)s. It names: %(found)s.") % words
        )


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says: the cells as they were written, and the lines and faults they make."""

    cells: list[dict[str, str]]
    lines: list[LineDraft]
    faults: list[Fault]


def decode(data: bytes) -> str:
    """Return the text of an uploaded file. Raises FileTooLarge and FileNotReadable."""
    if len(data) > LARGEST_FILE:
        raise FileTooLarge
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileNotReadable from error
    if "\0" in text:
        raise FileNotReadable
    return text


def read_file(operation_type: str, text: str) -> ReadFile:
    """Read a sheet with a first row of column names, parted by commas, semicolons or tabs.

    Raises FileNotReadable and ColumnsWrong. Where semicolons part the columns, amounts may have a decimal comma.
    """
    separator = _separator(text)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text), delimiter=separator, strict=True)
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise FileNotReadable from error
    if not rows:
        raise FileNotReadable
    names = _columns(operation_type, rows[0])
    cells = [dict(zip(names, map(str.strip, row), strict=False)) for row in rows[1:]]
    keys = _keys_of_addresses(cells)
    too_wide = [
        number for number, row in enumerate(rows[1:], start=1) if any(map(str.strip, row[len(names) :]))
    ]
    lines, faults = read_lines(operation_type, [_raw(row, keys, comma=separator != ",") for row in cells])
    faults += [
        Fault.saying(number, "BATCH_FILE_COLUMNS", _("This row has more cells than there are columns."))
        for number in too_wide
    ]
    return ReadFile(cells, lines, faults)


def _separator(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=first.count)


def _columns(operation_type: str, header: list[str]) -> list[str]:
    written = [cell.strip().lower() for cell in header]
    names = [cell if cell in _TOLD else _NAMES.get(cell, "") for cell in written]
    if (
        not set(names) <= {*COLUMNS[operation_type], *_TOLD}
        or not set(NEEDED[operation_type]) <= set(names)
        or len(names) != len(set(names))
    ):
        raise ColumnsWrong(operation_type, [cell[:40] for cell in written[:20]])
    return names


def _keys_of_addresses(cells: list[dict[str, str]]) -> dict[str, str]:
    """Find the players that are named by their address, in one query."""
    named = {normalise_email(row.get("user_id", "")) for row in cells if "@" in row.get("user_id", "")}
    found = User.objects.filter(email__in=named).values_list("email", "pk")
    return {email: str(key) for email, key in found}


def _raw(row: dict[str, str], keys: dict[str, str], *, comma: bool) -> dict[str, Any]:
    """Write a row of cells as the API would get it; empty cells are left out."""
    raw: dict[str, Any] = {name: cell for name, cell in row.items() if cell and name not in _TOLD}
    if "@" in raw.get("user_id", ""):
        raw["user_id"] = keys.get(normalise_email(raw["user_id"]), raw["user_id"])
    for name in {"check_type", "type"} & raw.keys():
        raw[name] = raw[name].lower()
    if comma and "amount" in raw:
        raw["amount"] = raw["amount"].replace(",", ".")
    if "is_anonymous" in raw:
        raw["is_anonymous"] = raw["is_anonymous"].lower() in _TRUE
    return raw


# Failed lines ----------------------------------------------------------------------------------------------------


def write_failures(target: Writable, batch: BatchOperation) -> None:
    """Write the lines that failed, with the reason, in the form of an upload; no cell of it runs as a formula."""
    columns = COLUMNS.get(batch.operation_type, ("onlus_id", "source_reference"))
    target.write(BYTE_ORDER_MARK)
    writer = csv.writer(target)
    writer.writerow([*columns, *_TOLD])
    failed = batch.lines.filter(status=BatchLine.Status.FAILED).order_by("processing_order")
    writer.writerows(_written(line, columns) for line in failed)


def _written(line: BatchLine, columns: tuple[str, ...]) -> Iterator[str]:
    cells = {
        "user_id": line.player_id,
        "onlus_id": line.onlus_id,
        "donation_id": line.gives_back_id,
        "check_type": line.check_type,
        "type": line.period_type,
        "start_date": line.first_day,
        "end_date": line.last_day,
        "amount": line.amount,
        "message": line.donation_message,
        "reason": line.donation_message,
        "is_anonymous": "yes" if line.is_anonymous else "",
        "source_reference": line.source_reference,
        "line": line.processing_order,
        "error_code": line.error_code,
        "error_message": line.error_message,
    }
    for name in (*columns, *_TOLD):
        yield harmless("" if cells[name] is None else str(cells[name]))
