"""Accounts nobody confirmed: they belong to whoever reads the mail of their address, not to whoever opened them."""

from datetime import datetime

from django.db import transaction

from accounts.models import LoginSession, OneTimeToken, SecondFactor, User
from accounts.models.user import normalise_email
from accounts.operations import registration, staff
from goodplay.lib.audit import trail


def is_unconfirmed(user: User) -> bool:
    """Say whether somebody else may have opened this account. Staff are let in by staff."""
    return not user.is_verified and not user.is_staff


@transaction.atomic
def take_over(*, email: str, password: str, now: datetime, address: str = "", **names: str) -> User:
    """Give an unconfirmed account to the one whose address it is: a new password, and nothing of before opens it.

    Raises PasswordTooWeak, and EmailAlreadyRegistered when it is confirmed by now.
    """
    user = User.objects.select_for_update().get(email=normalise_email(email))
    if not is_unconfirmed(user):
        raise registration.EmailAlreadyRegistered
    first_name = names.get("first_name", "").strip()
    user.first_name, user.last_name = first_name, names.get("last_name", "").strip()
    user.display_name = (first_name or user.email.partition("@")[0])[:50]
    user.preferred_language = names.get("preferred_language", user.preferred_language)
    registration.check_password(password, user)
    user.set_password(password)
    names_and_password = ["first_name", "last_name", "display_name", "preferred_language", "password"]
    user.save(update_fields=[*names_and_password, "updated_at"])
    OneTimeToken.objects.filter(user=user).delete()
    SecondFactor.objects.filter(user=user).delete()
    staff.end_everything(user, LoginSession.Ended.PASSWORD, now)
    trail.record(actor=user, action="account_take_over", target=user, address=address, now=now)
    return user
