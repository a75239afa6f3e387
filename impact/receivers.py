"""What impact does when facts are announced."""

import json
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils.translation import override

from accounts.models import User
from donations.models import Donation, DonationRefund
from donations.signals import donation_complete, donation_refunded
from games.signals import game_session_complete
from goodplay.lib import realtime
from goodplay.lib.api.renderers import to_json
from goodplay.lib.events.handlers import reacts_to
from impact.milestones import community_title
from impact.models import ImpactStory
from impact.operations import metrics, stories, tracking
from impact.queries.community import forget_statistics
from impact.queries.stories import story_view
from impact.serializers.stories import StorySerializer
from impact.signals import community_milestone, donation_tracked, refund_tracked, story_unlocked
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


@reacts_to(game_session_complete, impact_score_changed)
def reevaluate_player(*, user_id: UUID, now: datetime) -> None:
    stories.reevaluate(user_id=user_id, now=now)


# Caches and sockets: nice to have, nothing is lost without them ---------------------------------------------------


@reacts_to(donation_complete, donation_refunded)
def drop_community_statistics() -> None:
    forget_statistics()


@reacts_to(story_unlocked)
def show_story(*, user_id: UUID, story_id: UUID, now: datetime) -> None:
    """Tell the player's open pages. The text is left out: they fetch the story when it is opened."""
    story = ImpactStory.objects.active().filter(pk=story_id).first()
    if story is None:
        return  # taken down since: there is nothing to show any more
    with override(_language_of(user_id)):
        shown = dict(StorySerializer(story_view(user_id, story, now)).data)
    shown.pop("content", None)
    shown.pop("media_urls", None)
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


def _refund(refund_id: UUID) -> DonationRefund:
    return DonationRefund.objects.select_related("donation").get(pk=refund_id)


def _language_of(user_id: UUID) -> str:
    chosen = User.objects.filter(pk=user_id).values_list("preferred_language", flat=True).first()
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _plain(data: dict[str, object]) -> dict[str, object]:
    """Turn keys, moments and amounts into what sockets can carry, as the API writes them."""
    plain: dict[str, object] = json.loads(to_json(data))
    return plain
