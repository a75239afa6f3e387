"""What an ONLUS was paid, for its members."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.portal import Seat, seated
from donations.bank.reasons import reason_in_words
from donations.models import Payout
from donations.operations.payout_statements import print_payout
from donations.payout_exports import write_payout
from donations.queries.payout_statements import lines_of, payouts_of, totals_of
from donations.queries.payouts import standing

ON_A_PAGE = 25


@require_safe
@seated
def payouts(request: HttpRequest, seat: Seat) -> HttpResponse:
    paginator = Paginator(payouts_of(seat.onlus.pk), ON_A_PAGE)
    page = {
        "seat": seat,
        "standing": standing(seat.onlus.pk, timezone.now()),
        "minimum": settings.PAYOUT_MINIMUM_EUR,
        "page": paginator.get_page(request.GET.get("page")),
    }
    return render(request, "donations/portal_payouts.html", page)


@require_safe
@seated
def payout(request: HttpRequest, seat: Seat, payout_id: UUID) -> HttpResponse:
    shown = _own_payout(seat, payout_id)
    totals = totals_of(shown)
    paginator = Paginator(lines_of(shown), ON_A_PAGE)
    paginator.count = totals["rows"]  # counted above, in the query that sums
    page = {
        "seat": seat,
        "payout": shown,
        "totals": totals,
        "why": reason_in_words(shown.reason_code) if shown.closed_at else "",
        "page": paginator.get_page(request.GET.get("page")),
    }
    return render(request, "donations/portal_payout.html", page)


@require_safe
@seated
def payout_csv(request: HttpRequest, seat: Seat, payout_id: UUID) -> HttpResponse:
    shown = _own_payout(seat, payout_id)
    response = _download(seat, f"{shown.end_to_end_id}.csv", "text/csv; charset=utf-8")
    write_payout(response, shown, lines_of(shown).iterator(chunk_size=2000))
    return response


@require_safe
@seated
def payout_pdf(request: HttpRequest, seat: Seat, payout_id: UUID) -> HttpResponse:
    shown = _own_payout(seat, payout_id)
    response = _download(seat, f"{shown.end_to_end_id}.pdf", "application/pdf")
    response.write(print_payout(payout=shown, language=get_language() or "en", now=timezone.now()))
    return response


def _own_payout(seat: Seat, payout_id: UUID) -> Payout:
    """Find a payout of the organisation whose page this is. Another's does not exist, nor one the bank has not got."""
    return get_object_or_404(payouts_of(seat.onlus.pk), pk=payout_id)


def _download(seat: Seat, name: str, content_type: str) -> HttpResponse:
    named = f"{slugify(seat.onlus.name) or 'onlus'}-{name}"
    return HttpResponse(
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{named}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
