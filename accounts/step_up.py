"""What staff prove before the staff routes of the API let them pass: the second step, and where they come from."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.models import LoginSession
from accounts.operations import addresses, second_factor, staff
from goodplay.lib.api.permissions import StaffWith
from goodplay.lib.errors import AccessDenied, DomainError
from goodplay.lib.requests import client_address

LASTS = timedelta(hours=12)
FRESH = timedelta(minutes=5)


class SecondStepRequired(AccessDenied):
    code = "SECOND_STEP_REQUIRED"
    message = _("Show a code of your authenticator app first.")


class FreshSecondStepRequired(AccessDenied):
    code = "SECOND_STEP_TOO_OLD"
    message = _("This is dangerous: show a code of your authenticator app once more.")


def missing(request: Request, *, dangerous: bool) -> DomainError | None:
    """Say what this sign-in still lacks. Without a sign-in of ours it lacks everything that is required."""
    session = request.auth if isinstance(request.auth, LoginSession) else None
    shown_at = session.second_step_at if session else None
    now = timezone.now()
    if session is not None and not addresses.may_work_from(request.user, client_address(request._request)):
        return addresses.AddressNotAllowed()
    if _is_within(shown_at, FRESH if dangerous else LASTS, now):
        return None
    if not settings.STAFF_TOTP_REQUIRED and not (session and second_factor.is_set_up(session.user)):
        return None
    return FreshSecondStepRequired() if _is_within(shown_at, LASTS, now) else SecondStepRequired()


def note_refusal(request: Request) -> None:
    """Write down who tried what is for others: staff for each route, players once a minute for all of them."""
    match = request._request.resolver_match
    staff.note_refusal(
        user=request.user,
        method=str(request.method),
        path=request.path,
        page=str(match.route) if match and request.user.is_staff else "",
        address=client_address(request._request),
        now=timezone.now(),
    )


def facts_of(session: LoginSession) -> dict[str, datetime | None]:
    """Return when this sign-in showed its code, and until when that opens what."""
    shown_at = session.second_step_at
    return {
        "second_step_at": shown_at,
        "valid_until": shown_at and shown_at + LASTS,
        "dangerous_until": shown_at and shown_at + FRESH,
    }


def watch_staff_routes() -> None:
    StaffWith.missing = staticmethod(missing)
    StaffWith.note_refusal = staticmethod(note_refusal)


def _is_within(moment: datetime | None, span: timedelta, now: datetime) -> bool:
    return moment is not None and now - moment <= span
