"""What happened, newest first: a donor's months, or the life of one donation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from donations.models import Donation, DonationRefund
from impact.levels import LEVELS
from impact.models import ImpactUpdate, StoryUnlock, UserMilestone
from impact.queries.personal import news_of, supported_by
from impact.queries.stories import titles_of
from impact.queries.updates import UpdateView

Event = dict[str, Any]


def donor_timeline(user_id: UUID, *, since: datetime, limit: int) -> list[Event]:
    """List what the donor did from `since` on, what it opened, and the news of the organisations the donor supports.

    Seven queries however many there are.

    A donation given back altogether stands there as given back, no longer as given.
    """
    gifts = Donation.objects.of_donor(user_id).completed().filter(completed_at__gte=since)
    given = list(gifts.order_by("-completed_at", "-id")[:limit])
    refunds = DonationRefund.objects.filter(donation__donor=user_id, created_at__gte=since)
    refunds = refunds.select_related("donation").order_by("-created_at", "-id")
    unlocks = StoryUnlock.objects.filter(user_id=user_id, unlocked_at__gte=since).order_by(
        "-unlocked_at", "-id"
    )
    reached = UserMilestone.objects.filter(user_id=user_id, reached_at__gte=since).order_by(
        "-reached_at", "-id"
    )
    news = news_of(supported_by(user_id), since=since)
    events = [
        *(_donation_processed(donation) for donation in given),
        *(_donation_made(donation) for donation in given),
        *(_donation_refunded(refund, refund.donation) for refund in refunds[:limit]),
        *_stories_unlocked(unlocks[:limit]),
        *(_milestone_reached(milestone) for milestone in reached[:limit]),
        *(_update_published(update) for update in news[:limit]),
    ]
    return sorted(events, key=lambda event: event["timestamp"], reverse=True)[:limit]


def donation_timeline(donation: Donation, updates: list[UpdateView]) -> list[Event]:
    """List what became of one donation, oldest first."""
    unlocks = StoryUnlock.objects.filter(donation=donation).order_by("unlocked_at", "id")
    reached = UserMilestone.objects.filter(donation=donation).order_by("reached_at", "id")
    refunds = donation.refunds.order_by("created_at", "id") if donation.refunded_amount else ()
    events = [
        _donation_made(donation),
        *([_donation_processed(donation)] if donation.completed_at else []),
        *(_donation_refunded(refund, donation) for refund in refunds),
        *_stories_unlocked(unlocks),
        *(_milestone_reached(milestone) for milestone in reached),
        *(_update_published(each.update) for each in updates),
    ]
    return sorted(events, key=lambda event: event["timestamp"])


def _event(event_type: str, at: datetime | None, description: str, /, **data: Any) -> Event:
    return {"event_type": event_type, "timestamp": at, "description": description, "data": data}


def _donation_made(donation: Donation) -> Event:
    return _event(
        "donation_made",
        donation.created_at,
        _("You gave %(amount)s EUR to %(onlus)s.")
        % {"amount": donation.amount, "onlus": donation.onlus_name},
        donation_id=donation.pk,
        onlus_id=donation.onlus_id,
        onlus_name=donation.onlus_name,
        amount=donation.amount,
        refunded_amount=donation.refunded_amount,
    )


def _donation_refunded(refund: DonationRefund, donation: Donation) -> Event:
    words = {"back": refund.amount, "amount": donation.amount, "onlus": donation.onlus_name}
    description = (
        _("Your donation of %(amount)s EUR to %(onlus)s was given back.")
        if refund.amount == donation.amount
        else _("Of the %(amount)s EUR you gave to %(onlus)s, %(back)s EUR were given back.")
    )
    return _event(
        "donation_refunded",
        refund.created_at,
        description % words,
        donation_id=donation.pk,
        onlus_id=donation.onlus_id,
        onlus_name=donation.onlus_name,
        amount=refund.amount,
    )


def _donation_processed(donation: Donation) -> Event:
    description = _("The donation was carried out.")
    return _event(
        "donation_processed",
        donation.completed_at,
        description,
        donation_id=donation.pk,
        status=donation.status,
    )


def _stories_unlocked(unlocks: "QuerySet[StoryUnlock]") -> list[Event]:
    rows = list(unlocks)
    stories = titles_of(row.story_id for row in rows)
    titles = {pk: story.words(get_language()).title for pk, story in stories.items()}
    return [
        _event(
            "story_unlocked",
            row.unlocked_at,
            _("You unlocked the story “%(title)s”.") % {"title": titles[row.story_id]},
            story_id=row.story_id,
            title=titles[row.story_id],
        )
        for row in rows
        if row.story_id in titles
    ]


def _milestone_reached(milestone: UserMilestone) -> Event:
    if milestone.kind == UserMilestone.Kind.AMOUNT:
        name = LEVELS[milestone.level - 1].name
        description = _("You reached level %(level)s: %(name)s.") % {"level": milestone.level, "name": name}
    else:
        description = _("You made donation number %(count)s.") % {"count": int(milestone.threshold)}
    return _event(
        "milestone_reached",
        milestone.reached_at,
        description,
        kind=milestone.kind,
        level=milestone.level,
        threshold=milestone.threshold,
    )


def _update_published(update: ImpactUpdate) -> Event:
    return _event(
        "impact_update",
        update.published_at,
        update.title,
        update_id=update.pk,
        onlus_id=update.onlus_id,
        update_type=update.update_type,
    )
