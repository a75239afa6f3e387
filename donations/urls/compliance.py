"""Routes of compliance."""

from typing import Any

from django.urls import re_path

from donations.viewsets import ComplianceReportsViewSet, ComplianceViewSet

_ROUTES: dict[str, dict[str, Any]] = {
    "checks": {"post": "create"},
    "checks/pending": {"get": "pending"},
    "checks/(?P<check_id>[^/]+)/review": {"post": "review"},
    "(?P<check_id>CHK-[^/]+)/review": {"post": "review"},
    "users/(?P<user_id>[^/]+)/status": {"get": "status"},
    "reports": {"get": "reports"},
    "alerts": {"get": "alerts"},
    "settings": {"get": "show_settings", "put": "update_settings"},
    "export": {"post": "export"},
}

_REPORTS: dict[str, dict[str, Any]] = {
    "users/(?P<user_id>[^/]+)/analysis": {"get": "analysis"},
    "flagged": {"get": "flagged"},
    "audit-trail": {"get": "audit_trail"},
}

urlpatterns = [
    re_path(
        rf"^compliance/{path}/?$",
        view.as_view(actions),
        name=f"compliance-{next(iter(actions.values()))}",
    )
    for view, routes in ((ComplianceViewSet, _ROUTES), (ComplianceReportsViewSet, _REPORTS))
    for path, actions in routes.items()
]
