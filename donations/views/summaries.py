"""The financial summaries of an ONLUS, for its members: read, asked for, downloaded."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.portal import WRITERS, Seat, seated, seated_as
from donations.forms import SummaryForm
from donations.models import FinancialReport, FinancialReportFile
from donations.operations import financial_reports, report_files
from donations.queries.financial_reports.lines import ON_PAPER_OF_ONLUS, on_paper
from donations.queries.financial_reports.shown import published_summaries
from donations.report_exports import kind_in_words
from donations.report_periods import Stretch
from donations.report_words import figures_shown, title_of
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

ON_A_PAGE = 25
Format = FinancialReportFile.Format


@require_safe
@seated
def summaries(request: HttpRequest, seat: Seat) -> HttpResponse:
    return _list(request, seat, SummaryForm())


@require_POST
@seated_as(WRITERS)
def summary_ask(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = SummaryForm(request.POST)
    made = _asked(request, seat, form) if form.is_valid() else None
    if made is None:
        return _list(request, seat, form, status=422)
    messages.success(request, _("The summary is ready."))
    return redirect("portal:summary", onlus_id=seat.onlus.pk, report_id=made.pk)


@require_safe
@seated
def summary(request: HttpRequest, seat: Seat, report_id: UUID) -> HttpResponse:
    report = _own(seat, report_id)
    rows = on_paper(report)
    page = {
        "seat": seat,
        "report": report,
        "title": title_of(report),
        "received": _received(report),
        "figures": figures_shown(report.facts),
        "lines": [{**row, "words": kind_in_words(row)} for row in rows],
        "most": ON_PAPER_OF_ONLUS,
    }
    return render(request, "donations/portal_summary.html", page)


@require_safe
@seated
def summary_pdf(request: HttpRequest, seat: Seat, report_id: UUID) -> HttpResponse:
    return _handed_out(request, seat, report_id, Format.PDF)


@require_safe
@seated
def summary_csv(request: HttpRequest, seat: Seat, report_id: UUID) -> HttpResponse:
    return _handed_out(request, seat, report_id, Format.CSV)


@require_safe
@seated
def summary_excel(request: HttpRequest, seat: Seat, report_id: UUID) -> HttpResponse:
    return _handed_out(request, seat, report_id, Format.EXCEL)


def _list(request: HttpRequest, seat: Seat, form: SummaryForm, status: int = 200) -> HttpResponse:
    page = Paginator(published_summaries([seat.onlus.pk]), ON_A_PAGE).get_page(request.GET.get("page"))
    facts = {
        "seat": seat,
        "form": form,
        "may_ask": seat.role in WRITERS,
        "page": page,
        "rows": [_row(each) for each in page],
    }
    return render(request, "donations/portal_summaries.html", facts, status=status)


def _row(report: FinancialReport) -> dict[str, Any]:
    days = Stretch(report.first, report.last).in_words
    return {"report": report, "days": days, "received": _received(report)}


def _received(report: FinancialReport) -> Decimal:
    """Read the stored sum: amounts are text there."""
    return Decimal(report.facts["total_received"])


def _own(seat: Seat, report_id: UUID) -> FinancialReport:
    """Find a summary of the organisation whose page this is. Another's does not exist, nor one that is not published."""
    return get_object_or_404(published_summaries([seat.onlus.pk]), pk=report_id)


def _asked(request: HttpRequest, seat: Seat, form: SummaryForm) -> FinancialReport | None:
    assert isinstance(request.user, User)  # noqa: S101  (`seated` let nobody else in)
    try:
        return financial_reports.ask_for_summary(
            onlus=seat.onlus,
            months=form.cleaned_data["months"],
            member=request.user,
            address=client_address(request),
            now=timezone.now(),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _handed_out(
    request: HttpRequest, seat: Seat, report_id: UUID, format_: FinancialReportFile.Format
) -> HttpResponse:
    report = _own(seat, report_id)
    try:
        content = report_files.hand_out(
            report=report,
            format_=format_,
            language=get_language() or "en",
            actor=request.user,
            address=client_address(request),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:summary", onlus_id=seat.onlus.pk, report_id=report.pk)
    return HttpResponse(
        content,
        content_type=report_files.CONTENT_TYPES[format_],
        headers={
            "Content-Disposition": f'attachment; filename="{report_files.file_name(report, format_)}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
