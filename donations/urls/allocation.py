"""Routes of funding requests."""

from django.urls import re_path

from donations.viewsets import AllocationRequestViewSet, AllocationResultViewSet

_base = r"^onlus/allocations"
_of_onlus = rf"{_base}/onlus/(?P<onlus_id>[^/]+)"
_ask = AllocationRequestViewSet.as_view({"post": "create"})
_request = AllocationRequestViewSet.as_view({"get": "retrieve"})
_requests = AllocationRequestViewSet.as_view({"get": "list"})
_result = AllocationResultViewSet.as_view({"get": "retrieve"})
_results = AllocationResultViewSet.as_view({"get": "list"})
_recommendations = AllocationResultViewSet.as_view({"get": "recommendations"})

urlpatterns = [
    re_path(rf"{_base}/request/?$", _ask, name="allocation-ask"),
    re_path(rf"{_base}/request/(?P<request_id>[^/]+)/?$", _request, name="allocation-request"),
    re_path(rf"{_base}/result/(?P<result_id>[^/]+)/?$", _result, name="allocation-result"),
    re_path(rf"{_of_onlus}/requests/?$", _requests, name="allocation-requests"),
    re_path(rf"{_of_onlus}/results/?$", _results, name="allocation-results"),
    re_path(rf"{_of_onlus}/recommendations/?$", _recommendations, name="allocation-recommendations"),
]
