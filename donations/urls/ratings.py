"""Routes of the ratings of organisations."""

from django.urls import re_path

from donations.viewsets import RatingViewSet

urlpatterns = [
    re_path(
        r"^onlus/organizations/(?P<onlus_id>[^/]+)/rating/?$",
        RatingViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="onlus-rating",
    )
]
