"""A table as the bytes of a file, in one of three formats."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.tables import Table, TableTooLong, write_csv, write_xlsx, written

Format = ExportJob.Format
Content = tuple[bytes, int]

MOST_PRINTED_ROWS = 5000
_TEMPLATE = Path(settings.BASE_DIR) / "templates" / "exports" / "table.typ"

ENDINGS = {Format.CSV: "csv", Format.EXCEL: "xlsx", Format.PDF: "pdf"}
CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def as_file(table: Table, format_: str, now: datetime) -> Content:
    """Return the file and how many rows it has. Raises TableTooLong."""
    makers: dict[str, Callable[[Table, datetime], Content]] = {
        Format.CSV: _csv,
        Format.EXCEL: _excel,
        Format.PDF: _pdf,
    }
    return makers[format_](table, now)


def _csv(table: Table, now: datetime) -> Content:
    text = io.StringIO(newline="")
    count = write_csv(text, table.header, table.rows)
    return text.getvalue().encode(), count


def _excel(table: Table, now: datetime) -> Content:
    target = io.BytesIO()
    count = write_xlsx(target, table.title, table.header, table.rows)
    return target.getvalue(), count


def _pdf(table: Table, now: datetime) -> Content:
    rows = list(islice(table.rows, MOST_PRINTED_ROWS + 1))
    if len(rows) > MOST_PRINTED_ROWS:
        raise TableTooLong
    data = {
        "language": translation.get_language(),
        "title": table.title,
        "stamp": _("Made on %(moment)s (Rome), %(rows)s rows.") % {"moment": written(now), "rows": len(rows)},
        "header": [str(name) for name in table.header],
        "rows": [[written(cell) for cell in row] for row in rows],
    }
    return bytes(typst.compile(str(_TEMPLATE), format="pdf", sys_inputs={"data": json.dumps(data)})), len(
        rows
    )
