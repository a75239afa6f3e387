"""Routes of financial summaries, and of the statement of a donor under its old address."""

from django.urls import re_path

from donations.viewsets import FinancialReportViewSet, StatementViewSet

_base = r"^onlus/financial"
_one = rf"{_base}/reports/(?P<report_id>[^/]+)"

urlpatterns = [
    re_path(
        rf"{_base}/reports/?$", FinancialReportViewSet.as_view({"get": "list"}), name="financial-reports"
    ),
    re_path(
        rf"{_base}/reports/search/?$",
        FinancialReportViewSet.as_view({"get": "search"}),
        name="financial-reports-search",
    ),
    re_path(rf"{_one}/?$", FinancialReportViewSet.as_view({"get": "retrieve"}), name="financial-report"),
    re_path(
        rf"{_one}/export/?$",
        FinancialReportViewSet.as_view({"post": "export"}),
        name="financial-report-export",
    ),
    re_path(
        rf"{_base}/donor/(?P<donor_id>[^/]+)/statement/?$",
        StatementViewSet.as_view({"post": "of_donor"}),
        name="donor-statement",
    ),
]
