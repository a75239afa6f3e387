"""Routes of the financial analytics."""

from django.urls import re_path

from donations.viewsets import FinancialViewSet

_ROUTES = {
    "dashboard": ("get", "dashboard"),
    "metrics": ("get", "metrics"),
    "trends": ("get", "trends"),
    "analytics/users": ("get", "users"),
    "analytics/payments": ("get", "payments"),
    "forecasting": ("get", "forecasting"),
    "performance": ("get", "performance"),
    "reports/custom": ("post", "report"),
    "export": ("post", "export"),
    "alerts": ("get", "alerts"),
}

urlpatterns = [
    re_path(
        rf"^admin/financial/{path}/?$",
        FinancialViewSet.as_view({verb: action}),
        name=f"financial-{action}",
    )
    for path, (verb, action) in _ROUTES.items()
]
