"""What an ONLUS received, for its members."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.portal import Seat, seated
from donations.exports import write_received
from donations.forms import SpanForm
from donations.queries.received import Month, Span, by_month, received, summary, totals
from goodplay.lib.time import month_start, rome_day

ON_A_PAGE = 25
LATEST = 6


@require_safe
@seated
def overview(request: HttpRequest, seat: Seat) -> HttpResponse:
    now = timezone.now()
    page = {
        "seat": seat,
        "summary": summary(seat.onlus.pk, now),
        "latest": list(received(seat.onlus.pk, Span())[:LATEST]),
        "bars": _bars(by_month(seat.onlus.pk, now)),
    }
    return render(request, "donations/portal_overview.html", page)


@require_safe
@seated
def donations(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = SpanForm(request.GET)
    found = totals(seat.onlus.pk, form.span)
    paginator = Paginator(received(seat.onlus.pk, form.span), ON_A_PAGE)
    paginator.count = found.rows  # counted above, in the query that sums
    page = {
        "seat": seat,
        "form": form,
        "totals": found,
        "page": paginator.get_page(request.GET.get("page")),
        "asked": _asked(form.span),
        "spans": _spans(rome_day(timezone.now()), form),
    }
    return render(request, "donations/portal_donations.html", page)


@require_safe
@seated
def donations_csv(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = SpanForm(request.GET)
    if not form.is_valid():
        address = reverse("portal:donations", args=[seat.onlus.pk])
        return redirect(f"{address}?{request.GET.urlencode()}")
    name = f"{slugify(seat.onlus.name) or 'onlus'}-{rome_day(timezone.now())}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
    write_received(response, received(seat.onlus.pk, form.span).iterator(chunk_size=2000))
    return response


def _bars(months: list[Month]) -> list[dict[str, Any]]:
    """Give each month the height of its column, in hundredths of the tallest; what was received shows."""
    tallest = max(month.amount for month in months)
    heights = [max(1, int(month.amount * 100 / tallest)) if month.amount else 0 for month in months]
    return [
        {"first": month.first, "amount": month.amount, "height": height, "top": 100 - height}
        for month, height in zip(months, heights, strict=True)
    ]


def _spans(today: date, form: SpanForm) -> list[dict[str, Any]]:
    """Offer the periods people ask for most, and mark the one that is shown."""
    this_month, this_year = month_start(today), date(today.year, 1, 1)
    last_month_ends = date.fromordinal(this_month.toordinal() - 1)
    named = [
        (_("All"), Span()),
        (_("This month"), Span(this_month, today)),
        (_("Last month"), Span(month_start(last_month_ends), last_month_ends)),
        (_("This year"), Span(this_year, today)),
        (_("Last year"), Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))),
    ]
    valid = form.is_valid()
    return [
        {"label": label, "query": _asked(span), "current": valid and span == form.span}
        for label, span in named
    ]


def _asked(span: Span) -> str:
    """Write the days as the query string that asks for them."""
    days = {"first": span.first, "last": span.last}
    return urlencode({name: day.isoformat() for name, day in days.items() if day})
