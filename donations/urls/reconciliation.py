"""Routes of reconciliations. Fixed words stand before keys."""

from django.urls import re_path

from donations.viewsets import ReconciliationViewSet

_root = r"^admin/reconciliation/"

urlpatterns = [
    re_path(
        _root + r"start/?$", ReconciliationViewSet.as_view({"post": "start"}), name="reconciliation-start"
    ),
    re_path(
        _root + r"history/?$",
        ReconciliationViewSet.as_view({"get": "history"}),
        name="reconciliation-history",
    ),
    re_path(
        _root + r"(?P<name>[^/]+)/resolve/?$",
        ReconciliationViewSet.as_view({"post": "resolve"}),
        name="reconciliation-resolve",
    ),
    re_path(
        _root + r"(?P<name>[^/]+)/?$",
        ReconciliationViewSet.as_view({"get": "report"}),
        name="reconciliation-report",
    ),
]
