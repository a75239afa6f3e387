"""The yearly communication to the tax office, for owners and editors of an ONLUS."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.models import OnlusMembership, User
from accounts.portal import Seat, seated
from donations import tax_exports
from donations.operations import tax_communication as operations
from donations.queries import tax_communication as queries
from goodplay.lib.requests import client_address
from goodplay.lib.time import rome_day

FIRST_YEAR = 2020
OFFERED = 4
ALLOWED = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)

Page = Callable[..., HttpResponse]


def editors_only(page: Page) -> Page:
    @wraps(page)
    def guarded(request: HttpRequest, seat: Seat) -> HttpResponse:
        if seat.role not in ALLOWED:
            raise PermissionDenied
        return page(request, seat)

    return guarded


@require_safe
@seated
@editors_only
def tax_communication(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show sums only: names and codes leave with the file, whose download is on the trail."""
    year, this_year = _year(request), rome_day(timezone.now()).year
    page = {
        "seat": seat,
        "communication": queries.tax_communication(seat.onlus.pk, year),
        "years": [each for each in range(this_year, this_year - OFFERED, -1) if each >= FIRST_YEAR],
        "due": year + 1,
    }
    return render(request, "donations/portal_tax_communication.html", page)


@require_safe
@seated
@editors_only
def tax_communication_csv(request: HttpRequest, seat: Seat) -> HttpResponse:
    year = _year(request)
    assert isinstance(request.user, User)  # noqa: S101  (`seated` let nobody else in)
    communication = operations.export(
        onlus=seat.onlus,
        year=year,
        actor=request.user,
        address=client_address(request),
        now=timezone.now(),
    )
    name = f"{slugify(seat.onlus.name) or 'onlus'}-erogazioni-{year}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
    tax_exports.write_tax_communication(response, communication)
    return response


def _year(request: HttpRequest) -> int:
    """Read the year asked for; last year when none is. A year that has not begun does not exist."""
    this_year = rome_day(timezone.now()).year
    asked = request.GET.get("year", str(this_year - 1))
    if not (asked.isascii() and asked.isdigit() and len(asked) == len("2026")):
        raise Http404
    if not FIRST_YEAR <= int(asked) <= this_year:
        raise Http404
    return int(asked)
