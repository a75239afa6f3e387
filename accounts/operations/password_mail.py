"""Mail about passwords: the link to choose another, and the word that it was done."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import OneTimeToken, User
from accounts.operations import one_time_tokens
from accounts.operations.passwords import RESET_LIVES
from goodplay.lib import mail


@transaction.atomic
def send_reset(*, user_id: UUID, now: datetime) -> None:
    """Mail a fresh link; an older one stops working. Nothing goes to an account that was closed meanwhile."""
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.is_active:
        return
    secret = one_time_tokens.issue(user, OneTimeToken.Purpose.RESET_PASSWORD, RESET_LIVES, now)
    page = reverse("portal:password_reset", args=[secret])
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=_("Choose another password"),
        template="password_reset",
        facts={
            "name": user.display_name,
            "link": f"{settings.FRONTEND_URL}/reset-password?token={secret}",
            "portal_link": f"{settings.PUBLIC_URL}{page}" if settings.PUBLIC_URL else "",
        },
    )


def tell_of_change(*, user_id: UUID) -> None:
    user = User.objects.get(pk=user_id)
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=_("Your password was changed"),
        template="password_changed",
        facts={"name": user.display_name},
    )
