"""Routes of the assessments of organisations."""

from django.urls import re_path

from donations.viewsets import ComplianceScoreViewSet

_base = r"^onlus/compliance"
_of_onlus = rf"{_base}/score/(?P<onlus_id>[^/]+)"

urlpatterns = [
    re_path(
        rf"{_of_onlus}/current/?$",
        ComplianceScoreViewSet.as_view({"get": "current"}),
        name="compliance-score",
    ),
    re_path(
        rf"{_of_onlus}/history/?$",
        ComplianceScoreViewSet.as_view({"get": "history"}),
        name="compliance-score-history",
    ),
    re_path(
        rf"{_base}/top-performers/?$",
        ComplianceScoreViewSet.as_view({"get": "top"}),
        name="compliance-top-performers",
    ),
]
