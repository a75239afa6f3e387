"""The second step of one's own sign-in: set up with an app, its codes on paper, turned off again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.authenticator import picture_of, spelled
from accounts.forms import ProofForm
from accounts.models import User
from accounts.operations import own_second_factor, second_factor
from accounts.portal import Seat, seated
from accounts.views.organisation import acting, page_methods
from goodplay.lib.errors import DomainError

secret_fields = sensitive_post_parameters("password", "code")


@secret_fields
@page_methods
@seated
def second_step(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the secret until its first code was typed; later, how the second step stands."""
    if second_factor.is_set_up(_me(request)):
        return _standing_page(request, seat, ProofForm())
    form = ProofForm(request.POST or None)
    codes, status = _proven(request, form, own_second_factor.set_up)
    if codes is not None:
        return _codes_page(request, seat, codes)
    factor = second_factor.begin(user=_me(request))
    page = {"seat": seat, "form": form, "qr": picture_of(factor), "secret": spelled(factor)}
    return render(request, "accounts/portal_second_step_set_up.html", page, status=status)


@secret_fields
@require_POST
@seated
def second_step_codes(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = ProofForm(request.POST)
    codes, status = _proven(request, form, own_second_factor.new_codes)
    if codes is not None:
        return _codes_page(request, seat, codes)
    return _standing_page(request, seat, form, status)


@secret_fields
@require_POST
@seated
def second_step_off(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = ProofForm(request.POST)
    done, status = _proven(request, form, _turned_off)
    if done is None:
        return _standing_page(request, seat, form, status)
    messages.success(request, _("The second step is off: the password alone is asked for."))
    return redirect("portal:settings", onlus_id=seat.onlus.pk)


def _turned_off(**proof: Any) -> bool:
    own_second_factor.turn_off(**proof)
    return True


def _proven(request: HttpRequest, form: ProofForm, operation: Callable[..., Any]) -> tuple[Any, int]:
    """Do it with what the form proves; return what came of it, or nothing and the status of the refusal."""
    if request.method != "POST":
        return None, 200
    if not form.is_valid():
        return None, 422
    here = acting(request)
    try:
        return operation(user=here.pop("member"), **form.cleaned_data, **here), 200
    except DomainError as error:
        form.add_error(None, str(error))
        return None, 429 if error.status == 429 else 422


def _standing_page(request: HttpRequest, seat: Seat, form: ProofForm, status: int = 200) -> HttpResponse:
    me = _me(request)
    if not second_factor.is_set_up(me):
        return redirect("portal:second_step", onlus_id=seat.onlus.pk)
    page = {
        "seat": seat,
        "form": form,
        "codes_left": second_factor.codes_left(me),
        "may_turn_off": not me.is_staff,
    }
    return render(request, "accounts/portal_second_step.html", page, status=status)


def _codes_page(request: HttpRequest, seat: Seat, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/portal_recovery_codes.html", {"seat": seat, "codes": codes})


def _me(request: HttpRequest) -> User:
    me: User = acting(request)["member"]
    return me
