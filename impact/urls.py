"""Routes of impact, below /api/impact/."""

from django.urls import re_path

from impact.viewsets import CommunityViewSet, DonorImpactViewSet, OnlusImpactViewSet, StoryViewSet

_user = r"^user/(?P<user_id>[^/]+)"
_onlus = r"^onlus/(?P<onlus_id>[^/]+)"

urlpatterns = [
    re_path(_user + r"/?$", DonorImpactViewSet.as_view({"get": "retrieve"}), name="impact-user"),
    re_path(_user + r"/timeline/?$", DonorImpactViewSet.as_view({"get": "timeline"}), name="impact-timeline"),
    re_path(
        r"^donation/(?P<donation_id>[^/]+)/?$",
        DonorImpactViewSet.as_view({"get": "donation"}),
        name="impact-donation",
    ),
    re_path(r"^stories/available/?$", StoryViewSet.as_view({"get": "available"}), name="stories-available"),
    re_path(r"^stories/progress/?$", StoryViewSet.as_view({"get": "progress"}), name="stories-progress"),
    re_path(r"^stories/(?P<story_id>[^/]+)/?$", StoryViewSet.as_view({"get": "retrieve"}), name="story"),
    re_path(
        r"^community/statistics/?$",
        CommunityViewSet.as_view({"get": "statistics"}),
        name="community-statistics",
    ),
    re_path(
        r"^community/leaderboard/?$",
        CommunityViewSet.as_view({"get": "leaderboard"}),
        name="community-leaderboard",
    ),
    re_path(_onlus + r"/metrics/?$", OnlusImpactViewSet.as_view({"get": "metrics"}), name="onlus-metrics"),
    re_path(_onlus + r"/updates/?$", OnlusImpactViewSet.as_view({"get": "updates"}), name="onlus-updates"),
]
