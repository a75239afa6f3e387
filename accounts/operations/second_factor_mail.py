"""Telling a member of staff that somebody reset their second step."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib import mail


def tell_of_reset(*, user_id: UUID) -> None:
    user = User.objects.get(pk=user_id)
    mail.send(
        to=user.email,
        language=user.preferred_language,
        subject=_("Your second step of signing in was reset"),
        template="second_factor_reset",
        facts={"name": user.display_name, "link": f"{settings.PUBLIC_URL}{reverse('admin:index')}"},
    )
