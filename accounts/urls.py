"""Routes of people and organisations."""

from django.urls import URLPattern, re_path

from accounts.viewsets import (
    ApplicationDocumentViewSet,
    ApplicationFileViewSet,
    ApplicationViewSet,
    AuthViewSet,
    DirectoryViewSet,
    DocumentViewSet,
    NotificationViewSet,
    PasswordViewSet,
    ProfileViewSet,
)
from goodplay.lib.api.viewsets import ApiViewSet


def _auth(path: str, name: str, method: str = "post", viewset: type[ApiViewSet] = AuthViewSet) -> URLPattern:
    view = viewset.as_view({method: name}, **getattr(viewset, name).kwargs)
    return re_path(rf"^auth/{path}/?$", view, name=f"auth-{path}")


def _application(path: str, name: str, **actions: str) -> URLPattern:
    view = ApplicationViewSet.as_view({**actions})
    return re_path(
        rf"^onlus/applications/(?P<application_id>[^/]+){path}/?$", view, name=f"application-{name}"
    )


def _directory(path: str, action: str, name: str) -> URLPattern:
    return re_path(rf"^onlus/{path}/?$", DirectoryViewSet.as_view({"get": action}), name=f"onlus-{name}")


_profile = ProfileViewSet.as_view({"get": "retrieve", "put": "update"})

urlpatterns = [
    _auth("register", "register"),
    _auth("login", "login"),
    _auth("refresh", "refresh"),
    _auth("logout", "logout"),
    _auth("verify-email", "verify_email"),
    _auth("resend-verification", "resend_verification"),
    _auth("validate-token", "validate_token", "get"),
    _auth("second-step", "second_step"),
    _auth("change-password", "change_password", "put", PasswordViewSet),
    _auth("forgot-password", "forgot_password", viewset=PasswordViewSet),
    _auth("reset-password", "reset_password", viewset=PasswordViewSet),
    re_path(r"^users/profile/?$", _profile, name="profile"),
    re_path(r"^user/profile/?$", _profile),
    re_path(r"^notifications/?$", NotificationViewSet.as_view({"get": "list"}), name="notifications"),
    re_path(r"^notifications/read-all/?$", NotificationViewSet.as_view({"post": "read_all"})),
    re_path(
        r"^notifications/(?P<notification_id>[^/]+)/read/?$", NotificationViewSet.as_view({"post": "read"})
    ),
    re_path(
        r"^notifications/(?P<notification_id>[^/]+)/?$", NotificationViewSet.as_view({"delete": "destroy"})
    ),
    re_path(
        r"^onlus/applications/?$",
        ApplicationViewSet.as_view({"get": "list", "post": "create"}),
        name="application-list",
    ),
    _application("", "detail", get="retrieve", put="update"),
    _application("/submit", "submit", post="submit"),
    _application("/withdraw", "withdraw", post="withdraw"),
    _application("/progress", "progress", get="progress"),
    _application("/messages", "messages", get="thread", post="write"),
    _application("/appeal", "appeal", post="appeal"),
    re_path(
        r"^onlus/applications/(?P<application_id>[^/]+)/documents/?$",
        ApplicationDocumentViewSet.as_view({"get": "list", "post": "create"}),
        name="application-documents",
    ),
    re_path(
        r"^onlus/documents/(?P<document_id>[^/]+)/?$",
        DocumentViewSet.as_view({"delete": "destroy"}),
        name="onlus-document",
    ),
    re_path(
        r"^onlus/documents/(?P<document_id>[^/]+)/download/?$",
        DocumentViewSet.as_view({"get": "download"}),
        name="onlus-document-download",
    ),
    re_path(
        r"^onlus/files/(?P<token>[^/]+)/?$",
        ApplicationFileViewSet.as_view({"get": "retrieve"}),
        name="onlus-file",
    ),
    _directory("organizations", "list", "list"),
    # Before the key of an organisation, which could be any word.
    _directory("organizations/featured", "featured", "featured"),
    _directory("organizations/top-rated", "top_rated", "top-rated"),
    _directory("organizations/recent", "recent", "recent"),
    _directory("organizations/search", "search", "search"),
    _directory(r"organizations/(?P<onlus_id>[^/]+)", "retrieve", "detail"),
    _directory("categories", "categories", "categories"),
    _directory(r"categories/(?P<category>[^/]+)/organizations", "category", "category"),
    _directory("statistics", "statistics", "statistics"),
]
