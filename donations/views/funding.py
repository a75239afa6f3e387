"""Requests for funding: what an ONLUS asks for, and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.portal import Seat, seated
from donations.explanations import FACTORS, reason
from donations.forms import FundingRequestForm
from donations.models import AllocationRequest
from donations.operations import allocation_requests
from donations.queries.allocation import given_lines, refusal, requests_of
from donations.queries.allocation_score import THRESHOLD
from goodplay.lib.errors import DomainError

ON_A_PAGE = 25


@require_safe
@seated
def funding(request: HttpRequest, seat: Seat) -> HttpResponse:
    barred = refusal(seat.onlus)
    page = {
        "seat": seat,
        "barred": reason(barred) if barred else "",
        "may_ask": _may_ask(seat),
        "page": Paginator(requests_of(seat.onlus.pk), ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "donations/portal_funding.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def funding_new(request: HttpRequest, seat: Seat) -> HttpResponse:
    if not _may_ask(seat):
        raise Http404
    initial = {"category": seat.onlus.category_id}
    form = FundingRequestForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (made := _asked(request, seat, form)):
            messages.success(request, _("Your request is in. It is looked at with the next run."))
            return redirect("portal:funding_request", onlus_id=seat.onlus.pk, request_id=made.pk)
    return render(request, "donations/portal_funding_new.html", {"seat": seat, "form": form}, status=status)


@require_safe
@seated
def funding_request(request: HttpRequest, seat: Seat, request_id: UUID) -> HttpResponse:
    asked = get_object_or_404(requests_of(seat.onlus.pk), pk=request_id)
    result = getattr(asked, "result", None)
    page = {
        "seat": seat,
        "asked": asked,
        "threshold": THRESHOLD,
        "factors": [(FACTORS[name], figures) for name, figures in asked.factors.items()],
        "why": reason(asked.rejection_reason),
        "result": result,
        "given": given_lines(result) if result else None,
        "may_withdraw": _may_ask(seat) and asked.is_waiting,
    }
    return render(request, "donations/portal_funding_request.html", page)


@require_POST
@seated
def funding_withdraw(request: HttpRequest, seat: Seat, request_id: UUID) -> HttpResponse:
    own = get_object_or_404(requests_of(seat.onlus.pk), pk=request_id)
    try:
        allocation_requests.withdraw(member=_member(request), request_id=own.pk, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect("portal:funding_request", onlus_id=seat.onlus.pk, request_id=own.pk)


def _asked(request: HttpRequest, seat: Seat, form: FundingRequestForm) -> AllocationRequest | None:
    try:
        return allocation_requests.ask(
            member=_member(request), onlus_id=seat.onlus.pk, now=timezone.now(), **form.facts
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _member(request: HttpRequest) -> Any:
    return request.user


def _may_ask(seat: Seat) -> bool:
    return seat.role in allocation_requests.MAY_ASK
