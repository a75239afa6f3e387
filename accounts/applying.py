"""The guard of the applicants' pages: for people who are signed in, and each sees their own applications only."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.portal import Page
from accounts.queries.applications import applications_of


def signed_in_only(page: Page) -> Page:
    """Hand the page who reads it. Strangers go to the applicants' sign-in, and come back."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            wanted = urlencode({"next": request.get_full_path()})
            return redirect(f"{resolve_url('portal:apply_sign_in')}?{wanted}")
        return page(request, request.user, **arguments)

    return guarded


def own_application(page: Page) -> Page:
    """Hand the page the application its address names. Somebody else's does not exist."""

    @signed_in_only
    @wraps(page)
    def guarded(request: HttpRequest, user: User, *, application_id: UUID, **arguments: Any) -> HttpResponse:
        found = applications_of(user.pk).filter(pk=application_id).first()
        if found is None:
            raise Http404
        return page(request, found, **arguments)

    return guarded
