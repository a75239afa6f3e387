"""Pages for another password: forgotten, chosen with the mailed link, or changed by who is signed in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.applying import signed_in_only
from accounts.forms.passwords import ChangeForm, ForgottenForm, ResetForm
from accounts.models import User
from accounts.operations import passwords
from accounts.throttling import MailThrottle, SignInThrottle
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@reads_and_writes
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link. The page says the same whether there is an account or not."""
    form, status = ForgottenForm(request.POST or None), 200
    is_sent = False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not MailThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
                form.add_error(None, _("That was often. Try again in an hour."))
                status = 429
            else:
                passwords.request_reset(email=form.cleaned_data["email"], now=timezone.now())
                is_sent, status = True, 200
    page = {"form": form, "is_sent": is_sent}
    return render(request, "accounts/portal_password_forgotten.html", page, status=status)


@never_cache
@sensitive_post_parameters("new_password")
@reads_and_writes
def password_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Take the new password of whoever got the mail. A program that only looks at links uses nothing up."""
    form = ResetForm(request.POST or None)
    done = _tried(
        request,
        form,
        lambda facts: passwords.reset(
            token=token, **facts, now=timezone.now(), address=client_address(request)
        ),
    )
    if done:
        messages.success(request, _("Your new password is saved. Sign in with it."))
        return redirect("portal:sign_in")
    return _shown(request, "accounts/portal_password_reset.html", form)


@never_cache
@sensitive_post_parameters("current_password", "new_password")
@reads_and_writes
@signed_in_only
def password_change(request: HttpRequest, user: User) -> HttpResponse:
    """Change one's own password; this browser stays signed in."""
    form = ChangeForm(request.POST or None)
    changed = _tried(
        request,
        form,
        lambda facts: passwords.change(
            user=user, **facts, now=timezone.now(), address=client_address(request)
        ),
    )
    if changed:
        login(request, changed)
        messages.success(request, _("Your password is changed. Every other device is signed out."))
        return redirect("portal:overview")
    return _shown(request, "accounts/portal_password_change.html", form)


def _tried(request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], User]) -> User | None:
    """Act on what was sent, or tell beside the form why not."""
    if request.method != "POST" or not form.is_valid():
        return None
    if not SignInThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
        form.add_error(None, _("Try again in a minute."))
        return None
    try:
        return act(form.cleaned_data)
    except passwords.NewPasswordTooWeak as error:
        for reason in (error.data or {}).get("reasons", [str(error)]):
            form.add_error("new_password", reason)
    except passwords.CurrentPasswordIncorrect as error:
        form.add_error("current_password", str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return None


def _shown(request: HttpRequest, template: str, form: forms.Form) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form}, status=status)
