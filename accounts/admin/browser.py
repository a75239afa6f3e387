"""What a staff browser has proved: who it is, when, and by the second step. Kept in its session."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import StaffSession
from accounts.operations import addresses, second_factor, staff, staff_sessions
from accounts.validation import StaffLengthValidator
from goodplay.lib.requests import client_address

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
FRESH = timedelta(minutes=5)
_SEEN_EVERY = timedelta(minutes=1)
_KEY = "staff"
ANYWHERE = "*"

State = dict[str, Any]


@receiver(user_logged_in, dispatch_uid="accounts.staff_browser_opens")
def open_browser(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Begin what the browser proves. Whoever has a second factor has not shown it yet."""
    if not user.is_staff:
        return
    now = timezone.now()
    session = staff_sessions.open_session(
        user=user,
        session_key=request.session.session_key or "",
        address=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        now=now,
    )
    moment = now.timestamp()
    request.session[_KEY] = {
        "id": str(session.pk),
        "opened": moment,
        "seen": moment,
        "confirmed": moment,
        "has_factor": second_factor.is_set_up(user),
        "verified": None,
        "short_password": getattr(request, "password_is_short", False),
        "place": _place(request, user),
    }


def reopen(request: HttpRequest, user: Any) -> None:
    """Go on in this browser after everything of this person was ended: what it proved it has proved."""
    before = state_of(request)
    open_browser(None, request, user)
    if before is not None:
        remember(request, opened=before["opened"], verified=before["verified"])


@receiver(user_logged_out, dispatch_uid="accounts.staff_browser_closes")
def close_browser(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    state = state_of(request)
    if state is not None:
        staff_sessions.end(
            session_id=UUID(state["id"]), because=StaffSession.Ended.LOGOUT, now=timezone.now()
        )


def state_of(request: HttpRequest) -> State | None:
    state: State | None = request.session.get(_KEY)
    return state


def guard(request: HttpRequest) -> HttpResponseRedirect | None:
    """Let a browser pass that is young, in use and verified; lead the others to what they must do first."""
    if request.path == reverse("admin:logout"):
        return None
    state, now = state_of(request), timezone.now().timestamp()
    if state is None:
        return _back_to_the_door(request)
    if now - state["opened"] > LONGEST.total_seconds():
        return _expire(request, state, StaffSession.Ended.AGE)
    if now - state["seen"] > IDLE.total_seconds():
        return _expire(request, state, StaffSession.Ended.IDLE)
    if needs_second_step(state):
        page = "admin:second_step" if state["has_factor"] else "admin:set_up_second_step"
        return _lead_to(page, request.get_full_path() if request.method == "GET" else "")
    _look_where_from(request, state)
    if state.get("short_password") and request.path != reverse("admin:password_change"):
        messages.warning(request, StaffLengthValidator().get_help_text())
        return HttpResponseRedirect(reverse("admin:password_change"))
    if _is_due(state):
        remember(request, seen=now)
        staff_sessions.see(
            session_id=UUID(state["id"]),
            session_key=request.session.session_key or "",
            address=client_address(request),
            now=timezone.now(),
        )
    return None


def _look_where_from(request: HttpRequest, state: State) -> None:
    """Refuse staff from elsewhere than their rules say: asked each minute, and when the address or the rules changed."""
    version, is_due = addresses.rules_version(), _is_due(state)
    known = ([client_address(request), version], [ANYWHERE, version])
    if state.get("place") in known and not is_due:
        return
    place = _place(request, request.user)
    if place is None:
        raise PermissionDenied(str(addresses.AddressNotAllowed.message))
    remember(request, place=place)


def _place(request: HttpRequest, user: Any) -> list[Any] | None:
    """Return what need not be asked again: this address, or with no rules any, under the rules as they are."""
    address, version, networks = (
        client_address(request),
        addresses.rules_version(),
        addresses.networks_of(user),
    )
    if not networks:
        return [ANYWHERE, version]
    return [address, version] if addresses.is_within(address, networks) else None


def _is_due(state: State) -> bool:
    return bool(timezone.now().timestamp() - state["seen"] > _SEEN_EVERY.total_seconds())


def needs_second_step(state: State) -> bool:
    return state["verified"] is None and (state["has_factor"] or settings.STAFF_TOTP_REQUIRED)


def ask_again(request: HttpRequest, back: str) -> HttpResponseRedirect | None:
    """Ask who it is before something dangerous, unless that was proved in the last minutes."""
    state = state_of(request)
    if state is not None and timezone.now().timestamp() - state["confirmed"] <= FRESH.total_seconds():
        return None
    return _lead_to("admin:confirm_identity", back)


def note_refusal(request: HttpRequest) -> None:
    staff.note_refusal(
        user=request.user,
        method=str(request.method),
        path=request.path,
        address=client_address(request),
        now=timezone.now(),
    )


def passed_second_step(request: HttpRequest) -> None:
    """Note it under a new session key: the one from before may have been seen."""
    state = state_of(request)
    assert state is not None  # noqa: S101  (the pages ask for a staff browser)
    now = timezone.now()
    request.session.cycle_key()
    moment = now.timestamp()
    remember(request, verified=moment, confirmed=moment, seen=moment, has_factor=True)
    staff_sessions.verified(
        session_id=UUID(state["id"]), session_key=request.session.session_key or "", now=now
    )


def confirmed(request: HttpRequest) -> None:
    remember(request, confirmed=timezone.now().timestamp())


def remember(request: HttpRequest, **changes: Any) -> None:
    request.session[_KEY] = {**request.session[_KEY], **changes}


def destination(request: HttpRequest) -> str:
    """Return where the reader wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("admin:index")


def _expire(request: HttpRequest, state: State, because: StaffSession.Ended) -> HttpResponseRedirect:
    staff_sessions.end(session_id=UUID(state["id"]), because=because, now=timezone.now())
    return _back_to_the_door(request)


def _back_to_the_door(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.get_full_path() if request.method == "GET" else ""
    logout(request)
    messages.info(request, _("You were signed out because this browser was not used, or signed in long ago."))
    return _lead_to("admin:login", wanted)


def _lead_to(page: str, wanted: str) -> HttpResponseRedirect:
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return HttpResponseRedirect(f"{reverse(page)}{query}")
