"""Routes of campaigns and giving pools."""

from django.urls import re_path

from donations.viewsets import CampaignViewSet, GivingPoolViewSet

urlpatterns = [
    re_path(r"^donations/campaigns/?$", CampaignViewSet.as_view({"get": "list"}), name="campaigns"),
    re_path(r"^donations/pools/?$", GivingPoolViewSet.as_view({"get": "list"}), name="giving-pools"),
]
