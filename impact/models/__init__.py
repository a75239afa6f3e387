from .engagement import CommentReport, UpdateComment, UpdateReaction
from .events import SpecialEventParticipation
from .metric_records import MetricCorrection, MetricEvidence, MetricReminder, MetricReview
from .metrics import ImpactMetric, MetricPoint, MetricTally
from .milestones import CommunityMilestone, UserMilestone
from .proofs import DayRoot
from .proposals import StoryProposal
from .reports import CommunityReport, ReportPublication
from .stories import ImpactStory, StoryUnlock, StoryWithdrawal
from .tracking import DonationImpact, ImpactReversal
from .updates import ImpactUpdate

__all__ = [
    "CommentReport",
    "CommunityMilestone",
    "CommunityReport",
    "DayRoot",
    "DonationImpact",
    "ImpactMetric",
    "ImpactReversal",
    "ImpactStory",
    "ImpactUpdate",
    "MetricCorrection",
    "MetricEvidence",
    "MetricPoint",
    "MetricReminder",
    "MetricReview",
    "MetricTally",
    "ReportPublication",
    "SpecialEventParticipation",
    "StoryProposal",
    "StoryUnlock",
    "StoryWithdrawal",
    "UpdateComment",
    "UpdateReaction",
    "UserMilestone",
]
