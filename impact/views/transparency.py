"""Where all the money is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.queries.logos import public_logos_of
from goodplay.lib.public_pages import public_page
from impact.queries import transparency as queries
from impact.report_shown import named_reports


@public_page()
def transparency(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    figures = queries.transparency_figures(now)
    page = {
        "now": now,
        "figures": figures,
        "flows": figures.flows,
        "rows": figures.rows,
        "logos": public_logos_of(row.onlus_id for row in figures.rows if row.onlus_id),
        "fee_percent": settings.TOP_UP_FEE_PERCENT,
        "reports": named_reports(queries.latest_reports()),
        "roots": queries.latest_roots(),
    }
    return render(request, "impact/transparency.html", page)
