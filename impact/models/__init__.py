from .metrics import ImpactMetric, MetricPoint, MetricTally
from .milestones import CommunityMilestone, UserMilestone
from .reports import CommunityReport
from .stories import ImpactStory, StoryUnlock
from .tracking import DonationImpact, ImpactReversal
from .updates import ImpactUpdate

__all__ = [
    "CommunityMilestone",
    "CommunityReport",
    "DonationImpact",
    "ImpactMetric",
    "ImpactReversal",
    "ImpactStory",
    "ImpactUpdate",
    "MetricPoint",
    "MetricTally",
    "StoryUnlock",
    "UserMilestone",
]
