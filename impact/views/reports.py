"""Community reports as pages and on paper."""

from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from goodplay.lib.public_pages import public_page
from impact.models import CommunityReport
from impact.operations.report_printing import print_report
from impact.queries.reports import neighbours, published_report, published_reports
from impact.report_periods import REGULAR
from impact.report_shown import earlier_columns, named_reports, shown_report

ON_A_PAGE = 24
PDF_KEPT_FOR = 10 * 60


@public_page()
def reports(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("type", "")
    report_type = asked if asked in REGULAR else ""
    found = Paginator(published_reports(report_type), ON_A_PAGE).get_page(request.GET.get("page"))
    page = {
        "page": found,
        "reports": named_reports(found.object_list),
        "type": report_type,
        "types": [(each.value, each.label) for each in reversed(REGULAR)],
        "asked": f"type={report_type}" if report_type else "",
    }
    return render(request, "impact/reports.html", page)


@public_page()
def report(request: HttpRequest, report_type: str, name: str) -> HttpResponse:
    found = _published(report_type, name)
    before, after = neighbours(found)
    page = {
        **shown_report(found),
        "columns": earlier_columns(found),
        "before": named_reports([before])[0] if before else None,
        "after": named_reports([after])[0] if after else None,
    }
    return render(request, "impact/report.html", page)


@public_page(seconds=600)
def report_pdf(request: HttpRequest, report_type: str, name: str) -> HttpResponse:
    found = _published(report_type, name)
    language = get_language() or "en"
    return HttpResponse(
        _printed(found, language),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="goodplay-{report_type}-{name}-{language}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _printed(found: CommunityReport, language: str) -> bytes:
    """Typeset it once for all who ask: setting a page costs more than everything else about it."""
    key = f"impact:report:{found.pk}:{found.updated_at.timestamp()}:{language}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        kept = print_report(report=found, language=language)
        cache.set(key, kept, PDF_KEPT_FOR)
    return kept


def _published(report_type: str, name: str) -> CommunityReport:
    found = published_report(report_type, name)
    if found is None:
        raise Http404
    return found
