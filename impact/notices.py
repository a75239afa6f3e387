"""What players are told about what their gifts did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, Preferences
from accounts.noticing import audience, notice
from accounts.operations.notifications import announce_to, notify
from donations.models import Donation
from goodplay.lib.events.handlers import reacts_to
from impact.milestones import COMMUNITY_TITLES
from impact.models import CommunityReport, ImpactStory, UserMilestone
from impact.signals import (
    community_milestone,
    impact_update_published,
    report_published,
    story_proposal_decided,
    story_unlocked,
    story_withdrawn,
    user_milestone_reached,
)

SHORT_REPORTS = (CommunityReport.Type.DAILY, CommunityReport.Type.WEEKLY)

notice(
    "story_unlocked",
    title=_("A new story: %(title)s"),
    text=_("You opened it with what you gave."),
    topic="achievement_alerts",
    link=("story", "story_id"),
)
notice(
    "story_withdrawn",
    title=_("A story was withdrawn: %(title)s"),
    text=_("Something in it was not right, so we took it back. What you opened stays counted."),
    link=("story", "story_id"),
)
notice(
    "euros_reached",
    title=_("You have given %(threshold)s"),
    text=_("Thank you. Every cent of it is in the books."),
    topic="achievement_alerts",
    link=("milestone", "milestone"),
    amounts=("threshold",),
)
notice(
    "donations_reached",
    title=_("That was your gift number %(threshold)s"),
    text=_("Thank you. Those who give often carry the small organisations."),
    topic="achievement_alerts",
    link=("milestone", "milestone"),
    amounts=(),
)
notice(
    "impact_update",
    title=_("News of %(onlus)s: %(title)s"),
    text=_("An organisation you gave to tells what became of it."),
    topic="impact_updates",
    link=("update", "update_id"),
)
notice(
    "report_published",
    title=_("A new report: %(title)s"),
    text=_("What all players did together is there to be read."),
    topic="community_reports",
    link=("report", "report_id"),
)
for community_kind, community_words in COMMUNITY_TITLES.items():
    notice(
        f"community_{community_kind.value}",
        title=community_words,
        text=_("All players did it together. Thank you for your part."),
        topic="community_reports",
        link=("community_milestone", "milestone"),
        amounts=(),
        numbers=("threshold",),
    )
notice(
    "story_proposal_accepted",
    title=_("Your story was accepted: %(title)s"),
    text=_("Players who reach it can read it."),
    link=("story_proposal", "proposal_id"),
)
notice(
    "story_proposal_declined",
    title=_("Your story was declined: %(title)s"),
    text="%(reason)s",
    link=("story_proposal", "proposal_id"),
)


@reacts_to(story_unlocked)
def tell_story(*, user_id: UUID, story_id: UUID, title: str, now: datetime) -> None:
    facts = {"story_id": str(story_id), **_titles(story_id, title)}
    notify(user_id=user_id, kind="story_unlocked", facts=facts, dedupe_key=str(story_id), now=now)


@reacts_to(story_withdrawn)
def tell_withdrawal(*, user_id: UUID, story_id: UUID, title: str, withdrawn_at: str, now: datetime) -> None:
    facts = {"story_id": str(story_id), **_titles(story_id, title)}
    key = f"{story_id}:{withdrawn_at}"
    notify(user_id=user_id, kind="story_withdrawn", facts=facts, dedupe_key=key, now=now)


@reacts_to(user_milestone_reached)
def tell_milestone(*, user_id: UUID, kind: str, threshold: str, now: datetime) -> None:
    is_sum = kind == UserMilestone.Kind.AMOUNT
    key = f"{kind}:{threshold}"
    facts = {"milestone": key, "threshold": threshold if is_sum else threshold.partition(".")[0]}
    sort = "euros_reached" if is_sum else "donations_reached"
    notify(user_id=user_id, kind=sort, facts=facts, dedupe_key=key, now=now)


@reacts_to(story_proposal_decided)
def tell_proposal(
    *, proposal_id: UUID, user_id: UUID, title: str, status: str, reason: str, now: datetime
) -> None:
    facts = {"proposal_id": str(proposal_id), "title": title, "reason": reason}
    kind = f"story_proposal_{status}"
    notify(user_id=user_id, kind=kind, facts=facts, dedupe_key=str(proposal_id), now=now)


@reacts_to(report_published)
def announce_report(*, report_id: UUID, report_type: str, title: str, now: datetime) -> None:
    """Those of days and weeks are there to be read, and no news."""
    if report_type in SHORT_REPORTS:
        return
    facts = {"report_id": str(report_id), "title": title}
    announce_to(
        audience="impact.readers", kind="report_published", facts=facts, dedupe_key=str(report_id), now=now
    )


@reacts_to(community_milestone)
def announce_milestone(*, kind: str, threshold: str, now: datetime) -> None:
    key = f"{kind}:{threshold}"
    facts = {"milestone": key, "threshold": threshold}
    announce_to(audience="impact.readers", kind=f"community_{kind}", facts=facts, dedupe_key=key, now=now)


@reacts_to(impact_update_published)
def announce_update(*, update_id: UUID, onlus_id: UUID, title: str, now: datetime) -> None:
    onlus = Onlus.objects.public().filter(pk=onlus_id).values_list("name", flat=True).first()
    if onlus is None:
        return  # suspended since: it tells donors nothing
    facts = {"update_id": str(update_id), "onlus_id": str(onlus_id), "onlus": onlus, "title": title}
    announce_to(
        audience="impact.supporters", kind="impact_update", facts=facts, dedupe_key=str(update_id), now=now
    )


@audience("impact.supporters")
def supporters(facts: dict[str, Any], after: UUID | None, most: int) -> Sequence[UUID]:
    """Whoever gave to the organisation, and did not get all of it back; nobody while it is not shown."""
    given = Donation.objects.completed().filter(onlus_id=facts["onlus_id"], onlus__in=Onlus.objects.public())
    if after is not None:
        given = given.filter(donor_id__gt=after)
    return list(given.order_by("donor_id").values_list("donor_id", flat=True).distinct()[:most])


@audience("impact.readers")
def readers(facts: dict[str, Any], after: UUID | None, most: int) -> Sequence[UUID]:
    """Whoever asked to be told of what all did together."""
    asked = Preferences.objects.filter(notifications__community_reports=True)
    if after is not None:
        asked = asked.filter(user_id__gt=after)
    return list(asked.order_by("user_id").values_list("user_id", flat=True)[:most])


def _titles(story_id: UUID, title: str) -> dict[str, str]:
    story = ImpactStory.objects.filter(pk=story_id).first()
    return {"title": title, "title_it": story.title_it if story else ""}
