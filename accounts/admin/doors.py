"""Pages between the password and the back office, and those about one's own account."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.admin import browser
from accounts.authenticator import picture_of, spelled
from accounts.forms import StaffPasswordForm
from accounts.models import SecondFactor, StaffSession
from accounts.operations import second_factor, staff, staff_sessions
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

Page = Callable[..., HttpResponseBase]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )


def staff_browser(page: Page) -> Page:
    """Let in who passed the password, also before the second step; lead everybody else to the door."""

    @wraps(page)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff) or not browser.state_of(request):
            return HttpResponseRedirect(reverse("admin:login"))
        return page(request, *args, **kwargs)

    return never_cache(csrf_protect(sensitive_post_parameters("code", "password")(shown)))


def whole_browser(page: Page) -> Page:
    """Let in who would be let into the back office now."""

    @wraps(page)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return browser.guard(request) or page(request, *args, **kwargs)
        except PermissionDenied:
            browser.note_refusal(request)
            raise

    return staff_browser(shown)


@staff_browser
def second_step(request: HttpRequest) -> HttpResponseBase:
    state = browser.state_of(request)
    if state is None or not browser.needs_second_step(state):
        return HttpResponseRedirect(browser.destination(request))
    if not state["has_factor"]:
        return HttpResponseRedirect(reverse("admin:set_up_second_step"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.verify(user=_me(request), code=form.cleaned_data["code"], **_here(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            browser.passed_second_step(request)
            return HttpResponseRedirect(browser.destination(request))
    return _page(request, "second_step.html", _("Second step"), form=form)


@staff_browser
def set_up_second_step(request: HttpRequest) -> HttpResponseBase:
    """Show the secret until its first code was typed, then the recovery codes, once."""
    if second_factor.is_set_up(_me(request)):
        return HttpResponseRedirect(reverse("admin:own_account"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.confirm(user=_me(request), code=form.cleaned_data["code"], **_here(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            browser.passed_second_step(request)
            return _codes(request, codes)
    factor = second_factor.begin(user=_me(request))
    context = {"form": form, "qr": picture_of(factor), "secret": spelled(factor)}
    return _page(request, "set_up_second_step.html", _("Set up the second step"), **context)


@staff_browser
def confirm_identity(request: HttpRequest) -> HttpResponseBase:
    """Ask for a code, or without an app for the password, before something dangerous."""
    if refused := browser.guard(request):
        return refused
    me = _me(request)
    with_code = second_factor.is_set_up(me)
    form: Any = (CodeForm if with_code else StaffPasswordForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if with_code:
                second_factor.verify(user=me, code=form.cleaned_data["code"], **_here(request))
            else:
                staff.prove(user=me, password=form.cleaned_data["password"], **_here(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            browser.confirmed(request)
            return HttpResponseRedirect(browser.destination(request))
    return _page(request, "confirm_identity.html", _("Is it still you?"), form=form, with_code=with_code)


@whole_browser
def own_account(request: HttpRequest) -> HttpResponseBase:
    """List one's own browsers and what stands in for the app."""
    factor = SecondFactor.objects.filter(user=_me(request), confirmed_at__isnull=False).first()
    context = {
        "factor": factor,
        "codes_left": second_factor.codes_left(_me(request)),
        "browsers": StaffSession.objects.living().filter(user=_me(request)).order_by("-seen_at", "-id")[:50],
        "this_browser": (browser.state_of(request) or {}).get("id"),
    }
    return _page(request, "own_account.html", _("Your sign-in"), **context)


@require_POST
@whole_browser
def end_browser(request: HttpRequest, session_id: UUID) -> HttpResponseBase:
    try:
        staff_sessions.revoke(session_id=session_id, user=_me(request), **_here(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("admin:own_account"))


@require_POST
@whole_browser
def new_recovery_codes(request: HttpRequest) -> HttpResponseBase:
    if asked := browser.ask_again(request, reverse("admin:own_account")):
        return asked
    if not second_factor.is_set_up(_me(request)):
        return HttpResponseRedirect(reverse("admin:own_account"))
    return _codes(request, second_factor.new_recovery_codes(user=_me(request), **_here(request)))


PAGES: list[URLPattern] = [
    path("second-step/", second_step, name="second_step"),
    path("second-step/set-up/", set_up_second_step, name="set_up_second_step"),
    path("confirm/", confirm_identity, name="confirm_identity"),
    path("account/", own_account, name="own_account"),
    path("account/recovery-codes/", new_recovery_codes, name="new_recovery_codes"),
    path("account/browsers/<uuid:session_id>/end/", end_browser, name="end_browser"),
]


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "recovery_codes.html", _("Recovery codes"), codes=codes)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    state = browser.state_of(request)
    inside = state is not None and not browser.needs_second_step(state)
    site = admin.site.each_context(request) if inside else {"site_title": admin.site.site_title}
    page = {
        **site,
        "site_header": admin.site.site_header,
        "title": title,
        "inside": inside,
        "has_permission": inside,
        "is_nav_sidebar_enabled": False,
        "next": browser.destination(request),
        **context,
    }
    return TemplateResponse(request, f"admin/staff/{template}", page).render()


def _me(request: HttpRequest) -> Any:
    return request.user


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"now": timezone.now(), "address": client_address(request)}
