"""Facts about impact."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from impact.models import (
        CommunityMilestone,
        DonationImpact,
        ImpactReversal,
        ImpactStory,
        StoryUnlock,
        UserMilestone,
    )


def _tracking_facts(impact: "DonationImpact") -> dict[str, Any]:
    return {"donation_id": str(impact.donation_id), "onlus_id": str(impact.onlus_id)}


def _reversal_facts(reversal: "ImpactReversal") -> dict[str, Any]:
    return {
        "refund_id": str(reversal.refund_id),
        "donation_id": str(reversal.impact_id),
        "onlus_id": str(reversal.impact.onlus_id),
    }


def _unlock_facts(unlock: "StoryUnlock", story: "ImpactStory") -> dict[str, Any]:
    return {
        "user_id": str(unlock.user_id),
        "story_id": str(unlock.story_id),
        "title": story.title,
        "donation_id": str(unlock.donation_id) if unlock.donation_id else None,
        "unlocked_at": unlock.unlocked_at.isoformat(),
    }


def _milestone_facts(milestone: "UserMilestone") -> dict[str, Any]:
    return {
        "user_id": str(milestone.user_id),
        "kind": milestone.kind,
        "level": milestone.level,
        "threshold": str(milestone.threshold),
        "donation_id": str(milestone.donation_id) if milestone.donation_id else None,
        "reached_at": milestone.reached_at.isoformat(),
    }


def _community_facts(milestone: "CommunityMilestone") -> dict[str, Any]:
    return {
        "kind": milestone.kind,
        "threshold": str(milestone.threshold),
        "value": str(milestone.value),
        "reached_at": milestone.reached_at.isoformat(),
    }


donation_tracked = DomainSignal("donation_tracked", facts=_tracking_facts)
"""Arguments: impact. The donation is counted; the metrics it counts towards may be brought up to date."""

refund_tracked = DomainSignal("refund_tracked", facts=_reversal_facts)
"""Arguments: reversal. What was given back no longer counts; the metrics it counted towards may be brought up to date."""

story_unlocked = DomainSignal("story_unlocked", facts=_unlock_facts, aggregate="user_id")
"""Arguments: unlock, story."""

user_milestone_reached = DomainSignal("user_milestone_reached", facts=_milestone_facts, aggregate="user_id")
"""Arguments: milestone."""

community_milestone = DomainSignal("community_milestone", facts=_community_facts)
"""Arguments: milestone."""
