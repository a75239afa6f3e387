from .applications import (
    ApplicationDocumentViewSet,
    ApplicationFileViewSet,
    ApplicationViewSet,
    DocumentViewSet,
)
from .directory import DirectoryViewSet
from .notifications import NotificationViewSet
from .passwords import PasswordViewSet
from .people import AuthViewSet, ProfileViewSet

__all__ = [
    "ApplicationDocumentViewSet",
    "ApplicationFileViewSet",
    "ApplicationViewSet",
    "AuthViewSet",
    "DirectoryViewSet",
    "DocumentViewSet",
    "NotificationViewSet",
    "PasswordViewSet",
    "ProfileViewSet",
]
