"""The people of an organisation, and the invitation that makes somebody one of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import InvitationForm, NewMemberForm, SeatRoleForm
from accounts.models import OnlusInvitation, User
from accounts.operations import team as operations
from accounts.operations.unconfirmed import is_unconfirmed
from accounts.portal import OWNERS, Seat, seated, seated_as
from accounts.queries.team import invitations_of, seats_in
from accounts.throttling import InvitationThrottle
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


@require_safe
@seated
def team(request: HttpRequest, seat: Seat) -> HttpResponse:
    return _team_page(request, seat, InvitationForm())


@require_POST
@seated_as(OWNERS)
def team_invite(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = InvitationForm(request.POST)
    status = 422
    if form.is_valid() and not _may_mail(request, seat):
        form.add_error(None, _("That was often. Try again in an hour."))
        status = 429
    elif form.is_valid():
        try:
            operations.invite(
                onlus=seat.onlus,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                invited_by=_me(request),
                **_here(request),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("portal:team", onlus_id=seat.onlus.pk)
    return _team_page(request, seat, form, status=status)


@require_POST
@seated_as(OWNERS)
def invitation_again(request: HttpRequest, seat: Seat, invitation_id: UUID) -> HttpResponse:
    own = get_object_or_404(invitations_of(seat.onlus.pk), pk=invitation_id)
    if not _may_mail(request, seat):
        messages.error(request, _("That was often. Try again in an hour."))
        return redirect("portal:team", onlus_id=seat.onlus.pk)
    return _do(
        request,
        seat,
        lambda: operations.invite_again(invitation=own, actor=_me(request), **_here(request)),
        _("The mail is sent again. The older link stops working."),
    )


@require_POST
@seated_as(OWNERS)
def invitation_withdraw(request: HttpRequest, seat: Seat, invitation_id: UUID) -> HttpResponse:
    own = get_object_or_404(invitations_of(seat.onlus.pk), pk=invitation_id)
    return _do(
        request,
        seat,
        lambda: operations.withdraw(invitation=own, actor=_me(request), **_here(request)),
        _("The invitation is withdrawn."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seated_as(OWNERS)
def member(request: HttpRequest, seat: Seat, member_id: UUID) -> HttpResponse:
    """One person's seat: another role, or none."""
    shown = get_object_or_404(seats_in(seat.onlus.pk), pk=member_id)
    form = SeatRoleForm(request.POST or None, initial={"role": shown.role})
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_role(
                seat=shown, role=form.cleaned_data["role"], actor=_me(request), **_here(request)
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The role is changed."))
            return redirect("portal:team", onlus_id=seat.onlus.pk)
    page = {"seat": seat, "shown": shown, "form": form, "is_me": shown.pk == seat.membership.pk}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/portal_member.html", page, status=status)


@require_POST
@seated_as(OWNERS)
def member_remove(request: HttpRequest, seat: Seat, member_id: UUID) -> HttpResponse:
    shown = get_object_or_404(seats_in(seat.onlus.pk), pk=member_id)
    return _do(
        request,
        seat,
        lambda: operations.remove(seat=shown, actor=_me(request), **_here(request)),
        _("The seat is taken away."),
    )


@require_POST
@seated
def team_leave(request: HttpRequest, seat: Seat) -> HttpResponse:
    try:
        operations.leave(seat=seat.membership, **_here(request))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:team", onlus_id=seat.onlus.pk)
    messages.success(request, _("You have left %(onlus)s.") % {"onlus": seat.onlus})
    return redirect("portal:overview")


# The invitation --------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is offered, and lead the invited to the seat: as who they are, by signing in, or with a new account."""
    now = timezone.now()
    try:
        offered = operations.find(token=token, now=now)
    except DomainError as error:
        page = {"error": str(error)}
        return render(request, "accounts/portal_invitation.html", page, status=error.status)
    account = operations.account_of(offered)
    if isinstance(request.user, User):
        return _join(request, offered, token)
    if account is not None and not is_unconfirmed(account):
        return _sign_in_first(request, offered, token)
    return _join_as_new(request, offered, token, way="new" if account is None else "unconfirmed")


def _join(request: HttpRequest, offered: OnlusInvitation, token: str) -> HttpResponse:
    me = _me(request)
    page: dict[str, Any] = {"offered": offered, "fits": me.email == offered.email, "way": "join"}
    if request.method == "POST":
        try:
            seat = operations.accept(token=token, user=me, **_here(request))
        except DomainError as error:
            return _invitation_page(request, {**page, "refusal": str(error)}, status=error.status)
        return _welcome(request, seat.onlus_id)
    return _invitation_page(request, page)


def _sign_in_first(request: HttpRequest, offered: OnlusInvitation, token: str) -> HttpResponse:
    if request.method == "POST":
        here = reverse("portal:invitation", args=[token])
        return redirect(f"{resolve_url('portal:sign_in')}?next={here}")
    return _invitation_page(request, {"offered": offered, "way": "sign_in"})


def _join_as_new(request: HttpRequest, offered: OnlusInvitation, token: str, way: str) -> HttpResponse:
    form = NewMemberForm(request.POST or None, initial={"preferred_language": get_language()})
    page = {"offered": offered, "form": form, "way": way}
    if request.method == "POST" and form.is_valid():
        try:
            seat = operations.accept_as_new(token=token, **form.cleaned_data, **_here(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            login(request, seat.user)
            return _welcome(request, seat.onlus_id)
    return _invitation_page(request, page, status=422 if request.method == "POST" else 200)


def _welcome(request: HttpRequest, onlus_id: UUID) -> HttpResponse:
    messages.success(request, _("Welcome: the seat is yours."))
    return redirect("portal:overview", onlus_id=onlus_id)


def _invitation_page(request: HttpRequest, page: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "accounts/portal_invitation.html", page, status=status)


# The steps -------------------------------------------------------------------------------------------------------


def _team_page(request: HttpRequest, seat: Seat, form: InvitationForm, status: int = 200) -> HttpResponse:
    seats, invitations = list(seats_in(seat.onlus.pk)), list(invitations_of(seat.onlus.pk))
    now = timezone.now()
    taken = len(seats) - 1 + sum(each.expires_at > now for each in invitations)
    page = {
        "seat": seat,
        "seats": seats,
        "invitations": [{"row": each, "is_over": each.expires_at <= now} for each in invitations],
        "owns": seat.role in OWNERS,
        "free": max(0, operations.MOST_COLLEAGUES - taken),
        "form": form,
    }
    return render(request, "accounts/portal_team.html", page, status=status)


def _do(request: HttpRequest, seat: Seat, step: Callable[[], Any], done: str) -> HttpResponse:
    """Take a step, tell what came of it, and lead back to the team, if that is still the reader's page."""
    try:
        step()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("portal:team", onlus_id=seat.onlus.pk)


def _may_mail(request: HttpRequest, seat: Seat) -> bool:
    return InvitationThrottle(seat.onlus.pk).allow_request(request, None)  # type: ignore[arg-type]  # reads neither


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (asked before)
    return request.user


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
