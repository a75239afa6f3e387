"""What accounts does when facts are announced."""

from datetime import datetime
from uuid import UUID

from accounts.operations import registration
from accounts.signals import user_registered, verification_requested
from goodplay.lib.events.handlers import reacts_to


@reacts_to(user_registered, verification_requested)
def send_verification_mail(*, user_id: UUID, now: datetime) -> None:
    registration.send_verification(user_id=user_id, now=now)
