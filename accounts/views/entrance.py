"""Portal pages about people: the way in, the choice of an organisation, the way out."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.forms import CodeForm, SignInForm
from accounts.models import OnlusMembership, User
from accounts.operations import portal, second_factor
from accounts.operations.sign_in import TooManyFailures
from accounts.portal import members_only
from accounts.queries.applications import has_application
from accounts.queries.logos import logos_of
from accounts.queries.seats import has_seat
from accounts.throttling import SignInThrottle
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

Enter = Callable[..., User]
WAITING = "portal_second_step"
CODE_WAITS = timedelta(minutes=5)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User) and has_seat(request.user):
        return redirect(_destination(request))
    return _door(request, "accounts/portal_sign_in.html", portal.enter)


@never_cache
@sensitive_post_parameters("password")
def apply_sign_in(request: HttpRequest) -> HttpResponse:
    """Let anybody with an account in, to apply."""
    if isinstance(request.user, User):
        return redirect(_destination(request, "portal:applications"))
    return _door(request, "accounts/apply_sign_in.html", portal.enter_to_apply, "portal:applications")


def _door(request: HttpRequest, template: str, enter: Enter, leads_to: str = "") -> HttpResponse:
    form, status = SignInForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = _recognise(request, form, enter)
            except DomainError as error:
                form.add_error(None, str(error))
                status = 429 if error.status == 429 else 422
            else:
                return let_in(request, user, leads_to)
    page = {"form": form, "next": request.GET.get("next", "")}
    return render(request, template, page, status=status)


@never_cache
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the second step of somebody who gave the right password a moment ago."""
    waiting = _waiting(request)
    if waiting is None:
        return redirect("portal:sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            portal.pass_second_step(
                user=waiting,
                code=form.cleaned_data["code"],
                now=timezone.now(),
                address=client_address(request),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            del request.session[WAITING]
            login(request, waiting)
            return redirect(_destination(request))
    page = {"form": form, "next": request.GET.get("next", "")}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/portal_sign_in_code.html", page, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("portal:sign_in")


@never_cache
def entrance(request: HttpRequest) -> HttpResponse:
    """Lead members to their organisation, and who applies to their applications."""
    user = request.user
    if isinstance(user, User) and not has_seat(user) and has_application(user):
        return redirect("portal:applications")
    return _own_organisation(request)


@members_only
def _own_organisation(request: HttpRequest, seats: list[OnlusMembership]) -> HttpResponse:
    """Lead to the organisation of the reader, or let people with several seats choose."""
    if len(seats) == 1:
        return redirect("portal:overview", onlus_id=seats[0].onlus_id)
    page = {"seats": seats, "logos": logos_of(seat.onlus_id for seat in seats)}
    return render(request, "accounts/portal_choice.html", page)


def let_in(request: HttpRequest, user: User, leads_to: str = "") -> HttpResponse:
    """Sign somebody in, or ask first for the second step they set up."""
    if not second_factor.is_set_up(user):
        login(request, user)
        return redirect(_destination(request, leads_to))
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": str(user.pk),
        "until": (timezone.now() + CODE_WAITS).timestamp(),
        "tied_to": user.get_session_auth_hash(),
    }
    here = resolve_url("portal:sign_in_code")
    wanted = request.GET.get("next", "") or (resolve_url(leads_to) if leads_to else "")
    return redirect(f"{here}?{urlencode({'next': wanted})}" if wanted else here)


def _waiting(request: HttpRequest) -> User | None:
    """Return who gave the password in this browser, if that is not long ago and the password is still the same."""
    known = request.session.get(WAITING)
    if not known or timezone.now().timestamp() > known["until"]:
        return None
    user = User.objects.filter(pk=known["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), known["tied_to"]) else None


def _recognise(request: HttpRequest, form: SignInForm, enter: Enter) -> User:
    if not SignInThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
        raise TooManyFailures
    return enter(**form.cleaned_data, now=timezone.now(), address=client_address(request))


def _destination(request: HttpRequest, otherwise: str = "") -> str:
    """Return where the reader wanted to go, if that is a page of ours."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else resolve_url(otherwise or settings.LOGIN_REDIRECT_URL)
