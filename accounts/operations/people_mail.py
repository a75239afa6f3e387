"""Telling people that their account was suspended, and why."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib import mail


def tell_of_suspension(*, user_id: UUID, reason: str) -> None:
    user = User.objects.get(pk=user_id)
    if user.deleted_at is not None:
        return
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=_("Your account is suspended"),
        template="user_suspended",
        facts={"name": user.display_name, "reason": reason},
    )
