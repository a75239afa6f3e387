"""The logo of an organisation, put up and removed on the page of its profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import LogoForm
from accounts.operations import logos
from accounts.portal import WRITERS, Seat, seated_as
from accounts.views.organisation import acting, profile_shown
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.uploads import takes_uploads


@takes_uploads(leads_back="portal:public_profile")
@require_POST
@seated_as(WRITERS)
def logo(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            logos.put_up(onlus=seat.onlus, upload=form.cleaned_data["logo"], **acting(request))
        except DomainError as error:
            form.add_error("logo", str(error))
        else:
            messages.success(request, _("The logo is saved."))
            return _to_profile(seat)
    return profile_shown(request, seat, logo_form=form, status=422)


@require_POST
@seated_as(WRITERS)
def logo_remove(request: HttpRequest, seat: Seat) -> HttpResponse:
    try:
        logos.remove(onlus=seat.onlus, **acting(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The logo is removed."))
    return _to_profile(seat)


def _to_profile(seat: Seat) -> HttpResponse:
    return redirect("portal:public_profile", onlus_id=seat.onlus.pk)
