"""The guard of the portal: pages are for members, and each member sees the own organisations only."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.models import Onlus, OnlusMembership, User
from accounts.queries.logos import logos_of
from accounts.queries.seats import seats_of
from goodplay.lib.pictures.models import Picture

Page = Callable[..., HttpResponse]

Role = OnlusMembership.Role
EVERYBODY = frozenset(Role)
WRITERS = frozenset({Role.OWNER, Role.EDITOR})
OWNERS = frozenset({Role.OWNER})


@dataclass(frozen=True)
class Seat:
    """The organisation a page is about, what its reader may do there, and where else the reader belongs."""

    membership: OnlusMembership
    onlus: Onlus
    role: OnlusMembership.Role
    elsewhere: tuple[Onlus, ...]

    @cached_property
    def logo(self) -> Picture | None:
        """The organisation's own, public or not. Read when a page shows it: files and answers to forms do not."""
        return logos_of([self.onlus.pk]).get(self.onlus.pk)


def members_only(page: Page) -> Page:
    """Hand the page the reader's seats. Strangers go to the sign-in page, people without a seat are told so."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        seats = list(seats_of(request.user))
        if not seats:
            return render(request, "accounts/portal_no_seat.html", status=403)
        return page(request, seats, **arguments)

    return guarded


def seated(page: Page) -> Page:
    """Hand the page the seat its address names. An organisation that is not the reader's does not exist."""

    @members_only
    @wraps(page)
    def guarded(
        request: HttpRequest, seats: list[OnlusMembership], *, onlus_id: UUID, **arguments: Any
    ) -> HttpResponse:
        taken = next((seat for seat in seats if seat.onlus_id == onlus_id), None)
        if taken is None:
            raise Http404
        elsewhere = tuple(seat.onlus for seat in seats if seat is not taken)
        seat = Seat(taken, taken.onlus, OnlusMembership.Role(taken.role), elsewhere)
        return page(request, seat, **arguments)

    return guarded


def seated_as(roles: frozenset[OnlusMembership.Role]) -> Callable[[Page], Page]:
    """Hand the page the seat, like `seated`, to people with one of these roles; others are refused."""

    def guard(page: Page) -> Page:
        @seated
        @wraps(page)
        def guarded(request: HttpRequest, seat: Seat, **arguments: Any) -> HttpResponse:
            if seat.role not in roles:
                raise PermissionDenied
            return page(request, seat, **arguments)

        guarded.roles = roles  # type: ignore[attr-defined]  # read by the test of every page and role
        return guarded

    return guard
