"""The papers of financial reports: made when somebody first asks, handed out on record, erased after ninety days."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.text import slugify

from donations.models import FinancialReport, FinancialReportFile
from donations.operations.report_printing import print_report
from donations.queries.financial_reports.lines import lines_of
from donations.report_exports import table_of
from donations.report_words import title_of
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict
from goodplay.lib.exports import files as exports
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.private_files import operations as private_files

Format = FinancialReportFile.Format
KEPT_FOR = timedelta(days=90)
CONTENT_TYPES = {each: exports.CONTENT_TYPES[ExportJob.Format(each)] for each in Format}
ENDINGS = {each: exports.ENDINGS[ExportJob.Format(each)] for each in Format}
_AT_ONCE = 500


class ReportDamaged(Conflict):
    code = "REPORT_DAMAGED"
    message = translation.gettext_lazy(
        "The figures of this report were changed after it was made. Tell whoever runs this installation."
    )


def hand_out(
    *,
    report: FinancialReport,
    format_: FinancialReportFile.Format,
    language: str,
    actor: Any,
    now: datetime,
    address: str = "",
) -> bytes:
    """Return the paper, and record who took it.

    Raises ReportDamaged when the figures are not those of then, TableTooLong when a workbook does not hold the rows.
    """
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    if trail.digest_of(report.facts) != report.sha256:
        raise ReportDamaged
    paper = _paper(report, format_, known) or _make_paper(report, format_, known, now)
    purpose = f"financial report {report}"
    return private_files.open_file(file=paper.file, actor=actor, purpose=purpose, now=now, address=address)


def file_name(report: FinancialReport, format_: FinancialReportFile.Format) -> str:
    return f"{file_stem(report)}.{ENDINGS[format_]}"


def file_stem(report: FinancialReport) -> str:
    return slugify(f"{report.onlus or 'goodplay'} {title_of(report)}")


def erase_old(*, now: datetime) -> int:
    """Erase papers after ninety days, each in its own transaction; return how many."""
    old = FinancialReportFile.objects.filter(made_at__lt=now - KEPT_FOR).order_by("made_at")
    return sum(_erase(paper, now) for paper in old.select_related("file")[:_AT_ONCE])


@transaction.atomic
def _erase(paper: FinancialReportFile, now: datetime) -> bool:
    paper.delete()
    return private_files.delete(file=paper.file, now=now)


def _paper(
    report: FinancialReport, format_: FinancialReportFile.Format, language: str
) -> FinancialReportFile | None:
    papers = FinancialReportFile.objects.filter(report=report, format=format_, language=language)
    return papers.select_related("file").first()


def _make_paper(
    report: FinancialReport, format_: FinancialReportFile.Format, language: str, now: datetime
) -> FinancialReportFile:
    """Write and keep it. Of two who ask at once the second gets what the first made."""
    with translation.override(language):
        content = _content(report, format_, now)
        name = file_name(report, format_)
    try:
        with private_files.with_files():
            file = private_files.store(
                content=content, name=name, content_type=CONTENT_TYPES[format_], owner=report, now=now
            )
            return FinancialReportFile.objects.create(
                report=report, format=format_, language=language, file=file, made_at=now
            )
    except IntegrityError:
        return FinancialReportFile.objects.select_related("file").get(
            report=report, format=format_, language=language
        )


def _content(report: FinancialReport, format_: FinancialReportFile.Format, now: datetime) -> bytes:
    if format_ == Format.PDF:
        return print_report(report)
    table = table_of(report, lines_of(report).iterator(chunk_size=2000))
    content, _rows = exports.as_file(table, ExportJob.Format(format_), now)
    return content
