"""Forgetting who a closed account belonged to. What it did stays, as somebody's."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from accounts.models import LoginSession, Notification, OneTimeToken, OnlusInvitation, OnlusMembership, User
from accounts.operations import application_erasure

ERASED_AT = "@erased.invalid"


def not_erased(before: datetime) -> QuerySet[User]:
    """List closed accounts that still carry a name. Staff stay: the audit trail names them."""
    closed = User.objects.filter(deleted_at__lt=before, is_staff=False, is_superuser=False)
    return closed.exclude(email__endswith=ERASED_AT)


def erase(people: Sequence[User], now: datetime) -> None:
    """Take names, address and password out of the accounts, and drop their sign-ins, links and seats."""
    keys = [person.pk for person in people]
    for person in people:
        User.objects.filter(pk=person.pk).update(
            email=f"{person.pk.hex}{ERASED_AT}",
            first_name="",
            last_name="",
            display_name=f"Player {person.pk.hex[-6:]}",
            password=make_password(None),
            email_verified_at=None,
        )
    application_erasure.withdraw_all(user_ids=keys, now=now)
    OnlusInvitation.objects.filter(email__in=[person.email for person in people]).delete()
    OnlusMembership.objects.filter(user_id__in=keys).delete()
    LoginSession.objects.filter(user_id__in=keys).delete()
    OneTimeToken.objects.filter(user_id__in=keys).delete()
    Notification.objects.filter(user_id__in=keys).delete()
