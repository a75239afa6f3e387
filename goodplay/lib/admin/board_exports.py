"""A board as a file: every figure, chart and table it shows, for those who may export."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodplay.lib.admin.dashboards import Content, Dashboard, Period
from goodplay.lib.exports.files import CONTENT_TYPES, ENDINGS
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.operations import record_delivered
from goodplay.lib.exports.tables import write_csv, write_xlsx
from goodplay.lib.requests import client_address

RIGHT = "exports.export_lists"
KIND = "board"
OFFERED: tuple[tuple[str, Any], ...] = (("csv", "CSV"), ("excel", gettext_lazy("Excel")))

Format = ExportJob.Format
Row = list[Any]


def may_export(user: Any) -> bool:
    return bool(user.has_perm(RIGHT))


def export(
    request: HttpRequest, board: Dashboard, period: Period, content: Content, wanted: str, now: datetime
) -> HttpResponse:
    """Hand out what the board shows, and write down who took it."""
    header = [_("Part"), _("Row"), _("Column"), _("Value")]
    rows = list(_rows(content))
    file = _file(Format(wanted), str(board.title), header, rows)
    record_delivered(
        kind=KIND,
        action="board_export",
        format=wanted,
        parameters={"board": board.slug, "first": period.first, "last": period.last},
        title=str(board.title),
        row_count=len(rows),
        delivered_to=request.user,
        reason=_("Figures of a dashboard"),
        now=now,
        address=client_address(request),
    )
    name = f"{board.slug}-{period.first}-{period.last}.{ENDINGS[Format(wanted)]}"
    return HttpResponse(
        file,
        content_type=CONTENT_TYPES[Format(wanted)],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _file(wanted: str, title: str, header: list[str], rows: list[Row]) -> bytes:
    if wanted == Format.CSV:
        text = io.StringIO(newline="")
        write_csv(text, header, rows)
        return text.getvalue().encode()
    target = io.BytesIO()
    write_xlsx(target, title, header, rows)
    return target.getvalue()


def _rows(content: Content) -> Iterator[Row]:
    for figure in content.figures:
        yield [_("Figures"), str(figure.label), figure.written_note, _plain(figure.value)]
    for chart in content.charts:
        for number, label in enumerate(chart.labels):
            for series in chart.series:
                yield [str(chart.title), _plain(label), str(series.label), _plain(series.values[number])]
    for table in content.tables:
        for cells in table.rows:
            first, *others = cells
            for column, cell in zip(table.columns[1:], others, strict=True):
                yield [str(table.title), _plain(first), str(column), _plain(cell)]


def _plain(cell: Any) -> Any:
    """Leave numbers, days and moments what they are; all else becomes words."""
    return cell if cell is None or isinstance(cell, Decimal | int | date) else str(cell)
