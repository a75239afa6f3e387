"""Impact over REST: a donor's own, stories, the community, and what ONLUS report."""

from impact.viewsets.community import CommunityViewSet, ReportMakingViewSet, ReportViewSet
from impact.viewsets.donors import DonorImpactViewSet
from impact.viewsets.features import FeatureViewSet
from impact.viewsets.onlus import MetricBoardViewSet, OnlusImpactViewSet
from impact.viewsets.proofs import ProofViewSet, RootViewSet
from impact.viewsets.staff import StaffMetricViewSet, StaffUpdateViewSet
from impact.viewsets.stories import StoryViewSet
from impact.viewsets.updates import CommentViewSet, UpdateEngagementViewSet, UpdateViewSet

__all__ = [
    "CommentViewSet",
    "CommunityViewSet",
    "DonorImpactViewSet",
    "FeatureViewSet",
    "MetricBoardViewSet",
    "OnlusImpactViewSet",
    "ProofViewSet",
    "ReportMakingViewSet",
    "ReportViewSet",
    "RootViewSet",
    "StaffMetricViewSet",
    "StaffUpdateViewSet",
    "StoryViewSet",
    "UpdateEngagementViewSet",
    "UpdateViewSet",
]
