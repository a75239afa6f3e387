"""What an uploaded file says, as a table: every line, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import BatchOperation, BatchUpload
from donations.operations.batch_intake import faults_of
from donations.operations.batch_lines import Fault
from donations.serializers.batch_files import COLUMNS, ReadFile
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO
from goodplay.lib.templatetags.house import euros

SHOWN = 500


def preview(upload: BatchUpload, file: ReadFile, now: datetime) -> SafeString:
    """Show the file; one that became a batch is shown as it was, since wallets have moved since."""
    faults, refusal = ([], "") if upload.batch_id else _looked_at(upload, file, now)
    return format_html("{}{}", _verdict(upload, file, faults, refusal), _table(upload, file, faults))


def _looked_at(upload: BatchUpload, file: ReadFile, now: datetime) -> tuple[Sequence[Fault], str]:
    try:
        found = faults_of(
            operation_type=upload.operation_type, lines=file.lines, unreadable=file.faults, now=now
        )
    except DomainError as refusal:
        return file.faults, str(refusal)
    return found, ""


def _verdict(upload: BatchUpload, file: ReadFile, faults: Sequence[Fault], refusal: str) -> SafeString:
    wrong = len({fault.line for fault in faults})
    if refusal:
        words = refusal
    elif wrong:
        words = ngettext("%(count)s line is not in order.", "%(count)s lines are not in order.", wrong) % {
            "count": wrong
        }
    elif upload.operation_type in BatchOperation.WITHOUT_MONEY:
        words = _("All lines are in order: %(count)s.") % {"count": len(file.lines)}
    else:
        words = _("All lines are in order: %(count)s, %(total)s in all.") % {
            "count": len(file.lines),
            "total": euros(_total(file)),
        }
    return format_html(
        '<p class="{}">{}</p>', "batch-verdict bad" if refusal or wrong else "batch-verdict good", words
    )


def _total(file: ReadFile) -> Decimal:
    return sum((line.amount for line in file.lines if line.amount), ZERO)


def _table(upload: BatchUpload, file: ReadFile, faults: Sequence[Fault]) -> SafeString:
    """Show the columns the file has, and what is wrong beside the number of its line."""
    columns = [name for name in COLUMNS[upload.operation_type] if any(name in cells for cells in file.cells)]
    said: dict[int, list[str]] = defaultdict(list)
    for fault in faults:
        said[fault.line].append(fault.message)
    titles = ["#", *([_("Not in order")] if faults else []), *columns]
    rows = (
        ("bad" if number in said else "", number, _fault(said, number), _cells(cells, columns))
        for number, cells in enumerate(file.cells[:SHOWN], start=1)
    )
    return format_html(
        '<div class="batch-preview" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        _("Lines of the file"),
        format_html_join("", '<th scope="col">{}</th>', ((title,) for title in titles)),
        format_html_join("", '<tr class="{}"><th scope="row">{}</th>{}{}</tr>', rows),
    )


def _fault(said: dict[int, list[str]], number: int) -> SafeString | str:
    return format_html('<td class="fault">{}</td>', " ".join(said.get(number, ()))) if said else ""


def _cells(cells: dict[str, str], columns: Sequence[str]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((cells.get(name, ""),) for name in columns))
