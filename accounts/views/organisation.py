"""What an organisation says of itself, and one's own settings there."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import LegalDataForm, LogoForm, ProfileForm, SeatSettingsForm, profile_of
from accounts.models import User
from accounts.operations import profile, profile_page, seat_settings, second_factor
from accounts.portal import OWNERS, WRITERS, Seat, seated, seated_as
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

page_methods = require_http_methods(["GET", "HEAD", "POST"])


@page_methods
@seated_as(WRITERS)
def public_profile(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What everybody reads of the organisation. Its words are the owners' to write, the logo also the editors'."""
    if request.method == "POST" and seat.role not in OWNERS:
        raise PermissionDenied
    form = ProfileForm(request.POST or None, initial=profile_of(seat.onlus))
    if request.method == "POST" and form.is_valid():
        profile_page.edit(onlus=seat.onlus, changes=form.changes, **acting(request))
        messages.success(request, _("The profile is saved."))
        return redirect("portal:public_profile", onlus_id=seat.onlus.pk)
    return profile_shown(request, seat, form=form, status=_status(request))


def profile_shown(
    request: HttpRequest,
    seat: Seat,
    *,
    form: ProfileForm | None = None,
    logo_form: LogoForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = {
        "seat": seat,
        "owns": seat.role in OWNERS,
        "form": form or ProfileForm(initial=profile_of(seat.onlus)),
        "logo_form": logo_form or LogoForm(),
    }
    return render(request, "accounts/portal_profile.html", page, status=status)


@page_methods
@seated_as(OWNERS)
def legal_data(request: HttpRequest, seat: Seat) -> HttpResponse:
    initial = {name: getattr(seat.onlus, name) for name in profile_page.LEGAL}
    form = LegalDataForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        try:
            profile_page.ask_for_legal_data(
                onlus=seat.onlus, reason=changes.pop("reason"), changes=changes, **acting(request)
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Asked for. Our staff looks at it and may ask you for the paper."))
            return redirect("portal:legal_data", onlus_id=seat.onlus.pk)
    waiting = ApprovalRequest.objects.pending().about(seat.onlus).filter(kind=profile_page.LEGAL_DATA).first()
    page = {"seat": seat, "form": form, "waiting": waiting}
    return render(request, "accounts/portal_legal_data.html", page, status=_status(request))


@page_methods
@seated
def seat_settings_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    me = acting(request)["member"]
    initial: dict[str, Any] = {name: getattr(seat.membership, name) for name in seat_settings.MAILS}
    form = SeatSettingsForm(
        request.POST or None, initial={**initial, "preferred_language": me.preferred_language}
    )
    if request.method == "POST" and form.is_valid():
        chosen = dict(form.cleaned_data)
        profile.update_profile(user=me, preferred_language=chosen.pop("preferred_language"))
        seat_settings.choose_mails(seat=seat.membership, **chosen)
        messages.success(request, _("Your settings are saved."))
        return redirect("portal:settings", onlus_id=seat.onlus.pk)
    page = {"seat": seat, "form": form, "has_second_step": second_factor.is_set_up(me)}
    return render(request, "accounts/portal_settings.html", page, status=_status(request))


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


def acting(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, User)  # noqa: S101  (`seated` let nobody else in)
    return {"member": request.user, "now": timezone.now(), "address": client_address(request)}
