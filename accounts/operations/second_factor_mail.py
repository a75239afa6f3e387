"""Telling somebody what happened to their second step, so that what they did not do themselves is noticed."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib import mail

# By the event: the subject, and what happened.
CHANGES = {
    "second_factor_set_up": (
        _("Your second step of signing in is set up"),
        _("from now on your sign-in asks for a code of your authenticator app besides the password."),
    ),
    "recovery_codes_made": (
        _("You have new recovery codes"),
        _("ten new recovery codes were made for your sign-in. The old ones no longer work."),
    ),
    "second_factor_turned_off": (
        _("Your second step of signing in is turned off"),
        _("your sign-in asks for the password alone from now on, and your recovery codes no longer work."),
    ),
}


def tell_of_own_change(*, user_id: UUID, event_name: str) -> None:
    user = User.objects.get(pk=user_id)
    subject, happened = CHANGES[event_name]
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=subject,
        template="second_factor_change",
        facts={"name": user.display_name, "happened": happened, "link": _door(user)},
    )


def tell_of_reset(*, user_id: UUID) -> None:
    user = User.objects.get(pk=user_id)
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=_("Your second step of signing in was reset"),
        template="second_factor_reset",
        facts={"name": user.display_name, "link": _door(user), "is_staff": user.is_staff},
    )


def _door(user: User) -> str:
    return f"{settings.PUBLIC_URL}{reverse('admin:index' if user.is_staff else 'portal:overview')}"
