"""New people who want to apply: an account, and the proof of their address."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.applying import signed_in_only
from accounts.forms.applying import ApplicantForm
from accounts.models import User
from accounts.operations import registration
from accounts.throttling import RegisterThrottle, SignInThrottle
from accounts.views.entrance import let_in
from goodplay.lib.errors import DomainError

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters("password")
@reads_and_writes
def apply_register(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect("portal:applications")
    form = ApplicantForm(request.POST or None, initial={"preferred_language": get_language()})
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        if not RegisterThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
            form.add_error(None, _("Too many new accounts from here. Try again in an hour."))
            status = 429
        elif user := _registered(form):
            messages.success(request, _("Your account is open. Confirm your address with the mail we sent."))
            return let_in(request, user, "portal:applications")
    return render(request, "accounts/apply_register.html", {"form": form}, status=status)


def _registered(form: ApplicantForm) -> User | None:
    """Open the account, or tell why not beside the field it is about."""
    try:
        return registration.register(**form.cleaned_data, now=timezone.now())
    except registration.PasswordTooWeak as error:
        for reason in error.data.get("reasons", [str(error)]) if error.data else [str(error)]:
            form.add_error("password", reason)
    except DomainError as error:
        form.add_error("email", str(error))
    return None


@reads_and_writes
@signed_in_only
def apply_unconfirmed(request: HttpRequest, user: User) -> HttpResponse:
    """Send the mail with the link once more."""
    if user.is_verified:
        return redirect("portal:applications")
    if request.method == "POST":
        if not RegisterThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
            messages.error(request, _("That was often. Try again in an hour."))
        else:
            registration.request_verification(user=user)
            messages.success(request, _("The mail is on its way. The older link stops working."))
        return redirect("portal:apply_unconfirmed")
    return render(request, "accounts/apply_unconfirmed.html")


@never_cache
@reads_and_writes
def apply_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an address on a click, not on the look of a program that reads mails."""
    page: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        if not SignInThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
            return render(
                request, "accounts/apply_confirm.html", {"error": _("Try again in a minute.")}, status=429
            )
        try:
            registration.verify_email(token=token, now=timezone.now())
        except DomainError as error:
            page, status = {"error": str(error)}, error.status
        else:
            messages.success(request, _("Your address is confirmed."))
            return redirect("portal:applications")
    return render(request, "accounts/apply_confirm.html", page, status=status)
