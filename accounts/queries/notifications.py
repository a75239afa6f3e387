"""The feed of one person."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Notification


def feed(user_id: UUID, *, only_unread: bool = False) -> QuerySet[Notification]:
    """List what the person was told and did not dismiss, the newest first."""
    rows = Notification.objects.unread() if only_unread else Notification.objects.shown()
    return rows.filter(user_id=user_id).order_by("-created_at", "-id")


def unread_count(user_id: UUID) -> int:
    return Notification.objects.unread().filter(user_id=user_id).count()
