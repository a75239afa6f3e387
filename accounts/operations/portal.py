"""Coming in by the portal's door."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.user import normalise_email
from accounts.operations import registration, second_factor, sign_in
from accounts.queries.applications import has_application
from accounts.queries.seats import has_seat
from accounts.queries.team import is_invited
from goodplay.lib.errors import DomainError


class NoWayIn(DomainError):
    """Wrong password, closed account, no seat: one answer, so nobody learns which."""

    code = "PORTAL_SIGN_IN_REFUSED"
    message = _(
        "These details do not open the portal. Check them, or ask a colleague who owns your organisation's page."
    )
    status = 401


class NoAccount(DomainError):
    """Wrong password or closed account: one answer."""

    code = "PORTAL_SIGN_IN_REFUSED"
    message = _("E-mail address and password do not match.")
    status = 401


def enter(*, email: str, password: str, now: datetime, address: str = "") -> User:
    """Recognise a member of an organisation, somebody who is invited to one, or who applied with one.

    After five failures the address rests like in the API.
    """
    try:
        user = sign_in.recognise(email=email, password=password, now=now, address=address)
    except sign_in.SignInRefused as error:
        raise NoWayIn from error
    if not (has_seat(user) or is_invited(user, now) or has_application(user)):
        raise NoWayIn
    return user


def enter_to_apply(*, email: str, password: str, now: datetime, address: str = "") -> User:
    """Recognise anybody with an account. Whoever has not confirmed the address is sent the mail once more."""
    try:
        return sign_in.recognise(email=email, password=password, now=now, address=address)
    except sign_in.AccountNotVerified:
        registration.request_verification(user=User.objects.get(email=normalise_email(email)))
        raise
    except sign_in.SignInRefused as error:
        raise NoAccount from error


def pass_second_step(*, user: User, code: str, now: datetime, address: str = "") -> None:
    """Take the code of somebody who set up a second step. Each counts once, and guesses rest longer each time."""
    second_factor.verify(user=user, code=code, now=now, address=address)
