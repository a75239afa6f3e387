"""The second step of one's own sign-in, set up and turned off in the portal. Each step asks for the password."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import SecondFactor, User
from accounts.operations import second_factor, sign_in
from accounts.signals import second_factor_turned_off
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict


class NothingSetUp(Conflict):
    code = "SECOND_FACTOR_NOT_SET_UP"
    message = _("You have not set up the second step.")


class StaffKeepIt(AccessDenied):
    code = "SECOND_FACTOR_REQUIRED"
    message = _("The back office needs your second step. A super administrator can reset it.")


def set_up(*, user: User, password: str, code: str, now: datetime, address: str = "") -> list[str]:
    """Take the password and the first code of the app, and return the recovery codes: they are shown once.

    Raises what `sign_in.recognise` and `second_factor.confirm` raise. Failures leave their traces, so nothing of this
    may be undone with a transaction around it.
    """
    sign_in.recognise(email=user.email, password=password, now=now, address=address)
    return second_factor.confirm(user=user, code=code, now=now, address=address)


def new_codes(*, user: User, password: str, code: str, now: datetime, address: str = "") -> list[str]:
    """Take the password and a code, and return ten new recovery codes; the old ones stop working."""
    _prove(user, password, code, now, address)
    return second_factor.new_recovery_codes(user=user, now=now, address=address)


def turn_off(*, user: User, password: str, code: str, now: datetime, address: str = "") -> None:
    """Take the password and a code of the app or of the paper, and ask for the password alone from now on.

    Raises StaffKeepIt, NothingSetUp, and what `sign_in.recognise` and `second_factor.verify` raise.
    """
    if user.is_staff:
        raise StaffKeepIt
    _prove(user, password, code, now, address)
    with transaction.atomic():
        if not SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).delete()[0]:
            raise NothingSetUp
        trail.record(actor=user, action="second_factor_turned_off", target=user, address=address, now=now)
        second_factor_turned_off.announce(user=user)


def _prove(user: User, password: str, code: str, now: datetime, address: str) -> None:
    """Look at the password first: a wrong one uses up no code."""
    if not second_factor.is_set_up(user):
        raise NothingSetUp
    sign_in.recognise(email=user.email, password=password, now=now, address=address)
    second_factor.verify(user=user, code=code, now=now, address=address)
