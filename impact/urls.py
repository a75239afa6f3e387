"""Routes of impact, below /api/impact/."""

from django.urls import re_path

from impact.viewsets import (
    CommentViewSet,
    CommunityViewSet,
    DonorImpactViewSet,
    FeatureViewSet,
    MetricBoardViewSet,
    OnlusImpactViewSet,
    ProofViewSet,
    ReportMakingViewSet,
    ReportViewSet,
    RootViewSet,
    StaffMetricViewSet,
    StaffUpdateViewSet,
    StoryViewSet,
    UpdateEngagementViewSet,
    UpdateViewSet,
)

_user = r"^user/(?P<user_id>[^/]+)"
_onlus = r"^onlus/(?P<onlus_id>[^/]+)"
_update = r"^updates/(?P<update_id>[^/]+)"

urlpatterns = [
    re_path(_user + r"/?$", DonorImpactViewSet.as_view({"get": "retrieve"}), name="impact-user"),
    re_path(_user + r"/timeline/?$", DonorImpactViewSet.as_view({"get": "timeline"}), name="impact-timeline"),
    re_path(
        r"^donation/(?P<donation_id>[^/]+)/?$",
        DonorImpactViewSet.as_view({"get": "donation"}),
        name="impact-donation",
    ),
    re_path(
        r"^donation/(?P<donation_id>[^/]+)/proof/?$",
        ProofViewSet.as_view({"get": "retrieve"}),
        name="donation-proof",
    ),
    re_path(r"^proofs/roots/?$", RootViewSet.as_view({"get": "list"}), name="inclusion-roots"),
    re_path(r"^features/?$", FeatureViewSet.as_view({"get": "list"}), name="impact-features"),
    re_path(
        r"^features/(?P<feature>[^/]+)/?$", FeatureViewSet.as_view({"get": "retrieve"}), name="impact-feature"
    ),
    re_path(r"^report/?$", FeatureViewSet.as_view({"get": "report"}), name="impact-report"),
    re_path(
        r"^statement/(?P<year>[^/]+)/?$",
        FeatureViewSet.as_view({"get": "statement"}),
        name="impact-statement",
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
    re_path(r"^dashboard/?$", CommunityViewSet.as_view({"get": "dashboard"}), name="impact-dashboard"),
    re_path(
        r"^reports/monthly/(?P<year>[^/]+)/(?P<month>[^/]+)/?$",
        ReportViewSet.as_view({"get": "monthly"}),
        name="monthly-report",
    ),
    re_path(
        r"^reports/annual/(?P<year>[^/]+)/?$", ReportViewSet.as_view({"get": "annual"}), name="annual-report"
    ),
    re_path(
        r"^admin/reports/generate/?$",
        ReportMakingViewSet.as_view({"post": "generate"}),
        name="generate-report",
    ),
    re_path(
        _onlus + r"/metrics/(?P<metric_id>[^/]+)/?$",
        OnlusImpactViewSet.as_view({"get": "metric"}),
        name="onlus-metric",
    ),
    re_path(r"^metrics/top/?$", MetricBoardViewSet.as_view({"get": "top"}), name="metrics-top"),
    re_path(r"^metrics/totals/?$", MetricBoardViewSet.as_view({"get": "totals"}), name="metrics-totals"),
    re_path(r"^updates/?$", UpdateViewSet.as_view({"get": "list"}), name="updates"),
    re_path(r"^updates/trending/?$", UpdateViewSet.as_view({"get": "trending"}), name="updates-trending"),
    re_path(r"^updates/featured/?$", UpdateViewSet.as_view({"get": "featured"}), name="updates-featured"),
    re_path(_update + r"/?$", UpdateViewSet.as_view({"get": "retrieve"}), name="update"),
    re_path(
        _update + r"/engagement/?$",
        UpdateEngagementViewSet.as_view({"get": "retrieve"}),
        name="update-engagement",
    ),
    re_path(_update + r"/view/?$", UpdateEngagementViewSet.as_view({"post": "view"}), name="update-view"),
    re_path(
        _update + r"/like/?$",
        UpdateEngagementViewSet.as_view({"post": "like", "delete": "unlike"}),
        name="update-like",
    ),
    re_path(_update + r"/share/?$", UpdateEngagementViewSet.as_view({"post": "share"}), name="update-share"),
    re_path(
        _update + r"/comments/?$",
        CommentViewSet.as_view({"get": "list", "post": "create"}),
        name="update-comments",
    ),
    re_path(
        r"^comments/(?P<comment_id>[^/]+)/?$", CommentViewSet.as_view({"delete": "destroy"}), name="comment"
    ),
    re_path(
        r"^comments/(?P<comment_id>[^/]+)/report/?$",
        CommentViewSet.as_view({"post": "report"}),
        name="comment-report",
    ),
    re_path(r"^admin/metrics/?$", StaffMetricViewSet.as_view({"post": "create"}), name="staff-metrics"),
    re_path(r"^admin/updates/?$", StaffUpdateViewSet.as_view({"post": "create"}), name="staff-updates"),
    re_path(_onlus + r"/metrics/?$", OnlusImpactViewSet.as_view({"get": "metrics"}), name="onlus-metrics"),
    re_path(_onlus + r"/updates/?$", OnlusImpactViewSet.as_view({"get": "updates"}), name="onlus-updates"),
]
