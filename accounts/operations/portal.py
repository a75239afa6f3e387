"""Coming in by the portal's door."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.operations import sign_in
from accounts.queries.seats import has_seat
from goodplay.lib.errors import DomainError


class NoWayIn(DomainError):
    """Wrong password, closed account, no seat: one answer, so nobody learns which."""

    code = "PORTAL_SIGN_IN_REFUSED"
    message = _(
        "These details do not open the portal. Check them, or ask a colleague who owns your organisation's page."
    )
    status = 401


def enter(*, email: str, password: str) -> User:
    """Recognise a member of an organisation; after five failures the address rests like in the API."""
    try:
        user = sign_in.recognise(email=email, password=password)
    except sign_in.SignInRefused as error:
        raise NoWayIn from error
    if not has_seat(user):
        raise NoWayIn
    return user
