"""Portal pages about people: the way in, the choice of an organisation, the way out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.forms import SignInForm
from accounts.models import OnlusMembership, User
from accounts.operations import portal
from accounts.operations.sign_in import TooManyFailures
from accounts.portal import members_only
from accounts.queries.seats import has_seat
from accounts.throttling import SignInThrottle
from goodplay.lib.errors import DomainError


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User) and has_seat(request.user):
        return redirect(_destination(request))
    form, status = SignInForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = _recognise(request, form)
            except DomainError as error:
                form.add_error(None, str(error))
                status = 429 if error.status == 429 else 422
            else:
                login(request, user)
                return redirect(_destination(request))
    page = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "accounts/portal_sign_in.html", page, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("portal:sign_in")


@members_only
def entrance(request: HttpRequest, seats: list[OnlusMembership]) -> HttpResponse:
    """Lead to the organisation of the reader, or let people with several seats choose."""
    if len(seats) == 1:
        return redirect("portal:overview", onlus_id=seats[0].onlus_id)
    return render(request, "accounts/portal_choice.html", {"seats": seats})


def _recognise(request: HttpRequest, form: SignInForm) -> User:
    if not SignInThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
        raise TooManyFailures
    return portal.enter(**form.cleaned_data)


def _destination(request: HttpRequest) -> str:
    """Return where the reader wanted to go, if that is a page of ours."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else resolve_url(settings.LOGIN_REDIRECT_URL)
