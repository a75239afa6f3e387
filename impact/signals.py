"""Facts about impact."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Onlus
    from impact.models import (
        CommunityMilestone,
        CommunityReport,
        DonationImpact,
        ImpactMetric,
        ImpactReversal,
        ImpactStory,
        ImpactUpdate,
        StoryProposal,
        StoryUnlock,
        StoryWithdrawal,
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


def _story_facts(story: "ImpactStory") -> dict[str, Any]:
    return {"story_id": str(story.pk)}


def _taken_down_facts(withdrawal: "StoryWithdrawal") -> dict[str, Any]:
    return {
        "withdrawal_id": str(withdrawal.pk),
        "story_id": str(withdrawal.story_id),
        "withdrawn_at": withdrawal.withdrawn_at.isoformat(),
    }


def _withdrawn_facts(withdrawal: "StoryWithdrawal", story: "ImpactStory", user_id: "UUID") -> dict[str, Any]:
    return {
        "user_id": str(user_id),
        "story_id": str(story.pk),
        "title": story.title,
        "reason": withdrawal.reason,
        "withdrawn_at": withdrawal.withdrawn_at.isoformat(),
    }


def _proposal_facts(proposal: "StoryProposal") -> dict[str, Any]:
    return {
        "proposal_id": str(proposal.pk),
        "onlus_id": str(proposal.onlus_id),
        "user_id": str(proposal.proposed_by_id),
        "title": proposal.title_it,
        "status": proposal.status,
        "reason": proposal.reason,
        "story_id": str(proposal.story_id) if proposal.story_id else None,
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


def _metric_facts(metric: "ImpactMetric") -> dict[str, Any]:
    return {
        "metric_id": str(metric.pk),
        "onlus_id": str(metric.onlus_id),
        "metric_name": metric.metric_name,
        "current_value": str(metric.current_value),
    }


def _disputed_facts(metric: "ImpactMetric") -> dict[str, Any]:
    return {**_metric_facts(metric), "reason": metric.dispute_reason}


def _stale_facts(onlus_id: "UUID", metrics: "list[ImpactMetric]") -> dict[str, Any]:
    return {
        "onlus_id": str(onlus_id),
        "metric_ids": [str(metric.pk) for metric in metrics],
        "metric_names": [metric.metric_name for metric in metrics],
    }


def _update_facts(update: "ImpactUpdate") -> dict[str, Any]:
    return {
        "update_id": str(update.pk),
        "onlus_id": str(update.onlus_id),
        "title": update.title,
        "update_type": update.update_type,
        "priority": update.priority,
        "donation_ids": list(update.affected_donation_ids),
        "published_at": update.published_at.isoformat() if update.published_at else None,
    }


def _owed_facts(onlus: "Onlus", stage: str) -> dict[str, Any]:
    due_at = onlus.report_due_at
    return {"onlus_id": str(onlus.pk), "stage": stage, "due_at": due_at.isoformat() if due_at else None}


def _removal_facts(update: "ImpactUpdate") -> dict[str, Any]:
    return {
        "update_id": str(update.pk),
        "onlus_id": str(update.onlus_id),
        "title": update.title,
        "reason": update.removal_reason,
    }


def _community_facts(milestone: "CommunityMilestone") -> dict[str, Any]:
    return {
        "kind": milestone.kind,
        "threshold": str(milestone.threshold),
        "value": str(milestone.value),
        "reached_at": milestone.reached_at.isoformat(),
    }


def _report_facts(report: "CommunityReport") -> dict[str, Any]:
    return {
        "report_id": str(report.pk),
        "report_type": report.report_type,
        "title": report.title,
        "period_start": report.period_start.isoformat(),
        "period_end": report.period_end.isoformat(),
    }


donation_tracked = DomainSignal("donation_tracked", facts=_tracking_facts)
"""Arguments: impact. The donation is counted; the metrics it counts towards may be brought up to date."""

refund_tracked = DomainSignal("refund_tracked", facts=_reversal_facts)
"""Arguments: reversal. What was given back no longer counts; the metrics it counted towards may be brought up to date."""

story_unlocked = DomainSignal("story_unlocked", facts=_unlock_facts, aggregate="user_id")
"""Arguments: unlock, story."""

story_changed = DomainSignal("story_changed", facts=_story_facts)
"""Arguments: story. It reads differently, or is listed or not any more: what was kept of it is out of date."""

story_taken_down = DomainSignal("story_taken_down", facts=_taken_down_facts)
"""Arguments: withdrawal. The staff withdrew a story; each of its readers is told by `story_withdrawn`."""

story_withdrawn = DomainSignal("story_withdrawn", facts=_withdrawn_facts, aggregate="user_id")
"""Arguments: withdrawal, story, user_id: somebody who had opened the story."""

story_proposed = DomainSignal("story_proposed", facts=_proposal_facts)
"""Arguments: proposal. It waits for the staff."""

story_proposal_decided = DomainSignal("story_proposal_decided", facts=_proposal_facts)
"""Arguments: proposal. The staff accepted it, or declined it with a reason."""

user_milestone_reached = DomainSignal("user_milestone_reached", facts=_milestone_facts, aggregate="user_id")
"""Arguments: milestone."""

metric_verified = DomainSignal("metric_verified", facts=_metric_facts)
"""Arguments: metric. Staff checked the value, or settled the doubt about it."""

metric_disputed = DomainSignal("metric_disputed", facts=_disputed_facts)
"""Arguments: metric. Staff doubt the value, and said why."""

metrics_stale = DomainSignal("metrics_stale", facts=_stale_facts)
"""Arguments: onlus_id, metrics. Nobody renewed them for thirty days."""

impact_update_published = DomainSignal("impact_update_published", facts=_update_facts)
"""Arguments: update. Once for each update, at its first publication. The donations it is about are told here alone."""

impact_update_removed = DomainSignal("impact_update_removed", facts=_removal_facts)
"""Arguments: update. Staff took it down, and said why."""

onlus_report_owed = DomainSignal("onlus_report_owed", facts=_owed_facts, aggregate="onlus_id")
"""Arguments: onlus, stage. It is to tell soon what it does with what it was given, or should have."""

community_milestone = DomainSignal("community_milestone", facts=_community_facts)
"""Arguments: milestone."""

report_published = DomainSignal("report_published", facts=_report_facts)
"""Arguments: report. Everybody may read it from now on; told once for each report."""
