"""What impact does when facts are announced."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.dispatch import receiver
from django.utils.translation import override

from accounts.models import User
from accounts.signals import onlus_verified, organization_status_changed
from donations.models import Donation, DonationRefund, SessionCredit
from donations.signals import donation_complete, donation_refunded, session_conversion_shown
from games.models import GameSession
from games.signals import game_session_complete, session_end_shown
from goodplay.lib import realtime
from goodplay.lib.api.renderers import to_json
from goodplay.lib.events.handlers import reacts_to
from impact.caches import forget_boards, forget_donor, forget_onlus, forget_stories
from impact.milestones import community_title
from impact.models import ImpactStory, StoryWithdrawal
from impact.operations import events, metric_upkeep, metrics, portal_mail, reporting, stories, tracking
from impact.queries.community import forget_statistics
from impact.queries.dashboard import forget_dashboard
from impact.queries.sessions import has_opened_since, may_open, opened_by_session
from impact.queries.stories import StoryView, story_view
from impact.serializers.stories import StorySerializer
from impact.signals import (
    community_milestone,
    donation_tracked,
    impact_update_published,
    impact_update_removed,
    metric_disputed,
    metrics_stale,
    onlus_report_owed,
    refund_tracked,
    report_published,
    story_changed,
    story_taken_down,
    story_unlocked,
    story_withdrawn,
    user_milestone_reached,
)
from social.signals import impact_score_changed


@reacts_to(donation_complete, in_order=True)
def track_donation(*, donation_id: UUID, now: datetime) -> None:
    tracking.track_donation(donation=Donation.objects.get(pk=donation_id), now=now)


@reacts_to(donation_tracked)
def follow_tallies(*, donation_id: UUID, now: datetime) -> None:
    metrics.follow_tallies(donation=Donation.objects.get(pk=donation_id), now=now)


@reacts_to(donation_refunded, in_order=True)
def track_refund(*, refund_id: UUID, now: datetime) -> None:
    tracking.track_refund(refund=_refund(refund_id), now=now)


@reacts_to(refund_tracked)
def follow_refund(*, refund_id: UUID, now: datetime) -> None:
    refund = _refund(refund_id)
    metrics.follow_tallies(donation=refund.donation, refund=refund, now=now)


@reacts_to(game_session_complete)
def count_play(*, user_id: UUID, session_id: UUID, now: datetime) -> None:
    events.count_play(session=GameSession.objects.get(pk=session_id))
    stories.reevaluate(user_id=user_id, now=now)


@receiver(session_conversion_shown, dispatch_uid="impact.show_what_a_session_opened")
def show_what_a_session_opened(
    sender: Any, credit: SessionCredit, now: datetime, **kwargs: Any
) -> dict[str, Any]:
    """Look once more before answering: the event that does the same may still be on its way."""
    stories.reevaluate(user_id=credit.player_id, now=now)
    return _opened_by(credit.session, now)


@receiver(session_end_shown, dispatch_uid="impact.show_what_an_end_opened")
def show_what_an_end_opened(
    sender: Any, session: GameSession, now: datetime, **kwargs: Any
) -> dict[str, Any]:
    """Do what the event of the end does, if anything is due: it may still be on its way, and then finds it done."""
    unlocks = []
    if may_open(session, now):
        events.count_play(session=session)
        unlocks = stories.reevaluate(user_id=session.user_id, now=now)
    return _opened_by(session, now) if unlocks or has_opened_since(session) else {}


@reacts_to(impact_score_changed)
def reevaluate_player(*, user_id: UUID, now: datetime) -> None:
    stories.reevaluate(user_id=user_id, now=now)


@reacts_to(story_taken_down)
def tell_readers(*, withdrawal_id: UUID) -> None:
    stories.tell_of_withdrawal(withdrawal=StoryWithdrawal.objects.get(pk=withdrawal_id))


@reacts_to(onlus_verified)
def add_first_metrics(*, onlus_id: UUID, now: datetime) -> None:
    metric_upkeep.add_first_metrics(onlus_id=onlus_id, now=now)


@reacts_to(metrics_stale)
def mail_stale_metrics(*, onlus_id: UUID, metric_names: list[str]) -> None:
    metric_upkeep.mail_reminders(onlus_id=onlus_id, names=metric_names)


@reacts_to(metric_disputed)
def tell_of_dispute(*, onlus_id: UUID, metric_name: str, reason: str) -> None:
    portal_mail.tell_of_dispute(onlus_id=onlus_id, metric_name=metric_name, reason=reason)


@reacts_to(impact_update_removed)
def tell_of_removal(*, onlus_id: UUID, title: str, reason: str) -> None:
    portal_mail.tell_of_removal(onlus_id=onlus_id, title=title, reason=reason)


@reacts_to(impact_update_published)
def note_report(*, onlus_id: UUID) -> None:
    reporting.bring_in_line(onlus_id=onlus_id)


@reacts_to(onlus_report_owed)
def ask_for_report(*, onlus_id: UUID, stage: str, due_at: datetime) -> None:
    portal_mail.ask_for_report(onlus_id=onlus_id, stage=stage, due_at=due_at)


# Caches and sockets: nice to have, nothing is lost without them ---------------------------------------------------


@reacts_to(donation_complete, donation_refunded)
def drop_community_statistics() -> None:
    forget_statistics()
    forget_dashboard()


@reacts_to(report_published, community_milestone, story_changed, impact_update_published)
def drop_community_pages() -> None:
    forget_statistics()
    forget_dashboard()


@reacts_to(
    donation_complete,
    donation_refunded,
    impact_score_changed,
    story_unlocked,
    story_withdrawn,
    user_milestone_reached,
)
def drop_summary(*, user_id: UUID) -> None:
    forget_donor(user_id)


@reacts_to(donation_complete, donation_refunded)
def drop_metrics(*, onlus_id: UUID) -> None:
    forget_onlus(onlus_id)


@reacts_to(onlus_verified, organization_status_changed)
def drop_boards() -> None:
    forget_boards()


@reacts_to(story_changed)
def drop_summaries() -> None:
    forget_stories()


@reacts_to(story_unlocked)
def show_story(*, user_id: UUID, story_id: UUID, now: datetime) -> None:
    """Tell the player's open pages. The text is left out: they fetch the story when it is opened."""
    story = ImpactStory.objects.active().filter(pk=story_id).first()
    if story is None:
        return  # taken down since: there is nothing to show any more
    with override(_language_of(user_id)):
        shown = _teaser(story_view(user_id, story, now))
    realtime.emit("story_unlocked", {"story": _plain(shown)}, user_id=user_id)


@reacts_to(community_milestone)
def show_community_milestone(*, kind: str, threshold: Decimal, value: Decimal, reached_at: str) -> None:
    milestone = {
        "kind": kind,
        "threshold": threshold,
        "value": value,
        "title": community_title(kind, threshold),
        "reached_at": reached_at,
    }
    realtime.emit("community_milestone", {"milestone": _plain(milestone)})


def _opened_by(session: GameSession, now: datetime) -> dict[str, Any]:
    opened = opened_by_session(session, now)
    return {
        "stories_unlocked": [_teaser(view) for view in opened.stories],
        "new_milestone_reached": opened.reached_milestone,
    }


def _teaser(view: StoryView) -> dict[str, Any]:
    """Show a story without what is fetched when it is opened."""
    shown = dict(StorySerializer(view).data)
    return {name: value for name, value in shown.items() if name not in StorySerializer.readable}


def _refund(refund_id: UUID) -> DonationRefund:
    return DonationRefund.objects.select_related("donation").get(pk=refund_id)


def _language_of(user_id: UUID) -> str:
    chosen = User.objects.filter(pk=user_id).values_list("preferred_language", flat=True).first()
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _plain(data: dict[str, object]) -> dict[str, object]:
    """Turn keys, moments and amounts into what sockets can carry, as the API writes them."""
    plain: dict[str, object] = json.loads(to_json(data))
    return plain
