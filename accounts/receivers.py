"""What accounts does when facts are announced."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from accounts.operations import registration
from accounts.signals import user_registered
from goodplay.lib.events.handlers import reacts_to


@reacts_to(user_registered)
def send_verification_mail(*, user_id: UUID, now: datetime) -> None:
    registration.send_verification(user=User.objects.get(pk=user_id), now=now)
