"""Impact over REST: a donor's own, stories, the community, and what ONLUS report."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from accounts.models import Onlus, User
from donations.models import Donation, Transfer
from donations.operations.giving import OnlusNotFound
from donations.queries.donated import donation_history
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import AccessDenied, DomainError, NotFound
from goodplay.lib.ids import parse_id
from impact.operations.stories import StoryNotFound, view_story
from impact.queries import community, leaderboard, metrics, stories, summaries, timeline, updates
from impact.serializers import community as community_shapes
from impact.serializers import donors as donor_shapes
from impact.serializers import onlus as onlus_shapes
from impact.serializers import stories as story_shapes

NEXT_STORIES = 5
RECENT_UPDATES = 5


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


class DonationNotFound(NotFound):
    code = "DONATION_NOT_FOUND"
    message = _("There is no such donation.")


class TransactionNotDonation(DomainError):
    code = "TRANSACTION_NOT_DONATION"
    message = _("This transaction is no donation.")


class DonorImpactViewSet(ApiViewSet):
    """What a donor's gifts did: for the donor, and for staff who may see donations."""

    serializer_class = donor_shapes.DonorSummarySerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "USER_IMPACT_SUMMARY_SUCCESS",
        "timeline": "USER_TIMELINE_SUCCESS",
        "donation": "DONATION_IMPACT_DETAILS_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (AccessDenied, UserNotFound),
        "timeline": (AccessDenied, UserNotFound),
        "donation": (DonationNotFound, TransactionNotDonation),
    }

    @extend_schema(responses=donor_shapes.DonorSummarySerializer)
    def retrieve(self, request: Request, user_id: str) -> Response:
        summary = summaries.donor_summary(_allowed_user(self.caller, user_id), timezone.now())
        return Response(donor_shapes.DonorSummarySerializer(summary).data)

    @extend_schema(parameters=[donor_shapes.TimelineQuery], responses=donor_shapes.TimelineSerializer)
    def timeline(self, request: Request, user_id: str) -> Response:
        """List donations, unlocked stories and milestones of the last days, newest first."""
        person = _allowed_user(self.caller, user_id)
        asked = _asked(donor_shapes.TimelineQuery, request)
        since = timezone.now() - timedelta(days=asked["days"])
        events = timeline.donor_timeline(person, since=since, limit=asked["limit"])
        shown = {
            "user_id": person,
            "timeline_events": events,
            "timeline": events,
            "period_days": asked["days"],
            "limit": asked["limit"],
        }
        return Response(donor_shapes.TimelineSerializer(shown).data)

    @extend_schema(responses=donor_shapes.DonationStorySerializer)
    def donation(self, request: Request, donation_id: str) -> Response:
        """Follow one donation: the news, figures and stories it led to."""
        story = summaries.donation_story(_allowed_donation(self.caller, donation_id), timezone.now())
        return Response(donor_shapes.DonationStorySerializer(story).data)


class StoryViewSet(ApiViewSet):
    """Stories as the signed-in player sees them."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = story_shapes.StorySerializer
    messages: ClassVar[dict[str, str]] = {
        "available": "STORIES_RETRIEVED_SUCCESS",
        "progress": "NEXT_STORIES_SUCCESS",
        "retrieve": "STORY_PROGRESS_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"retrieve": (StoryNotFound,)}

    @extend_schema(
        parameters=[story_shapes.AvailableStoriesQuery], responses=story_shapes.AvailableStoriesSerializer
    )
    def available(self, request: Request) -> Response:
        """List the stories the player has unlocked; with `include_locked`, the others too."""
        asked = _asked(story_shapes.AvailableStoriesQuery, request)
        shelf = stories.available_stories(self.caller_id, now=timezone.now(), **asked)
        shown = {
            "available_stories": shelf.stories,
            "stories": shelf.stories,
            "user_stats": shelf.statistics,
        }
        return Response(story_shapes.AvailableStoriesSerializer(shown).data)

    @extend_schema(responses=story_shapes.NextStoriesSerializer)
    def progress(self, request: Request) -> Response:
        """List the stories the player is nearest to."""
        shelf = stories.next_stories(self.caller_id, limit=NEXT_STORIES, now=timezone.now())
        shown = {
            "next_stories": shelf.stories,
            "next_unlocks": shelf.stories,
            "progress": stories.level_progress(shelf.statistics),
            "user_stats": shelf.statistics,
        }
        return Response(story_shapes.NextStoriesSerializer(shown).data)

    @extend_schema(responses=story_shapes.StoryDetailSerializer)
    def retrieve(self, request: Request, story_id: str) -> Response:
        """Show a story, with its text once it is unlocked. The first look at an unlocked story is noted."""
        now = timezone.now()
        story = view_story(user_id=self.caller_id, story_id=parse_id(story_id), now=now)
        view = stories.story_view(self.caller_id, story, now)
        shown = {"story": view, "progress": story_shapes.progress_of(view)}
        return Response(story_shapes.StoryDetailSerializer(shown).data)


class CommunityViewSet(ApiViewSet):
    """What everybody achieved. Public."""

    authentication_classes = [StatelessTokenAuthentication]
    permission_classes = [AllowAny]
    serializer_class = community_shapes.ReportSerializer
    messages: ClassVar[dict[str, str]] = {
        "statistics": "COMMUNITY_STATS_SUCCESS",
        "leaderboard": "LEADERBOARD_SUCCESS",
    }

    @extend_schema(responses=community_shapes.CommunityStatisticsSerializer)
    def statistics(self, request: Request) -> Response:
        picture = community.community_statistics(timezone.now())
        report = community_shapes.ReportSerializer(picture.report).data
        totals = community_shapes.CommunityTotalsSerializer(picture.totals).data
        return Response({**report, **totals})

    @extend_schema(
        parameters=[community_shapes.LeaderboardQuery], responses=community_shapes.DonorLeaderboardSerializer
    )
    def leaderboard(self, request: Request) -> Response:
        """List the top donors who chose to be seen, and the top ONLUS; with a token, the caller's own place too."""
        asked, now = _asked(community_shapes.LeaderboardQuery, request), timezone.now()
        period, metric, limit = asked["period"], asked["metric"], asked["limit"]
        donors = leaderboard.top_donors(period, metric, limit=limit, now=now)
        signed_in = request.user.is_authenticated
        shown = {
            "period": period,
            "metric": metric,
            "top_donors": donors,
            "leaderboard": donors,
            "top_onlus": leaderboard.top_organisations(period, limit=limit, now=now),
            "user_position": leaderboard.own_position(self.caller_id, period, metric, now=now)
            if signed_in
            else None,
            "generated_at": now,
        }
        return Response(community_shapes.DonorLeaderboardSerializer(shown).data)


class OnlusImpactViewSet(ApiViewSet):
    """What an ONLUS reports. Public."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = onlus_shapes.MetricSerializer
    messages: ClassVar[dict[str, str]] = {
        "metrics": "ONLUS_VISUALIZATION_SUCCESS",
        "updates": "ONLUS_UPDATES_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "metrics": (OnlusNotFound,),
        "updates": (OnlusNotFound,),
    }

    @extend_schema(parameters=[onlus_shapes.MetricsQuery], responses=onlus_shapes.OnlusMetricsSerializer)
    def metrics(self, request: Request, onlus_id: str) -> Response:
        """List the ONLUS's figures with their trends, what they add up to, and its latest news."""
        asked, now, onlus = (
            _asked(onlus_shapes.MetricsQuery, request),
            timezone.now(),
            _public_onlus(onlus_id),
        )
        rows = metrics.metrics_of(onlus, period=asked["period"], now=now)
        since = now - timedelta(days=metrics.TREND_DAYS)
        shown = {
            "onlus_id": onlus,
            "metrics": rows,
            "recent_updates": updates.updates_of(onlus, since=since, limit=RECENT_UPDATES, now=now),
            "metrics_summary": metrics.summary_of(onlus, [row.metric for row in rows]),
        }
        return Response(onlus_shapes.OnlusMetricsSerializer(shown, context=asked).data)

    @extend_schema(parameters=[onlus_shapes.UpdatesQuery], responses=onlus_shapes.OnlusUpdatesSerializer)
    def updates(self, request: Request, onlus_id: str) -> Response:
        asked, now, onlus = (
            _asked(onlus_shapes.UpdatesQuery, request),
            timezone.now(),
            _public_onlus(onlus_id),
        )
        since = now - timedelta(days=asked["days"])
        shown = {
            "onlus_id": onlus,
            "updates": updates.updates_of(onlus, since=since, limit=asked["limit"], now=now),
            "period_days": asked["days"],
            "total_updates": updates.count_updates(onlus, since=since),
        }
        return Response(onlus_shapes.OnlusUpdatesSerializer(shown).data)


def _asked(kind: Any, request: Request) -> dict[str, Any]:
    """Read the query's parameters by their serializer."""
    parameters = kind(data=request.query_params.dict())
    parameters.is_valid(raise_exception=True)
    asked: dict[str, Any] = parameters.validated_data
    return asked


def _allowed_user(caller: Any, user_id: str) -> UUID:
    """Let players see themselves, and staff who may see donations everybody."""
    wanted = parse_id(user_id)
    if wanted == caller.pk:
        return wanted
    if not _sees_all_donations(caller):
        raise AccessDenied
    if not User.objects.filter(pk=wanted).exists():
        raise UserNotFound
    return wanted


def _allowed_donation(caller: Any, donation_id: str) -> Donation:
    """Find the caller's own donation, or anybody's for staff who may. Somebody else's does not exist."""
    wanted = parse_id(donation_id)
    visible = Donation.objects.all() if _sees_all_donations(caller) else donation_history(caller.pk)
    donation = visible.filter(pk=wanted).first()
    if donation is not None:
        return donation
    if Transfer.objects.filter(transaction_id=wanted, player_id=caller.pk).exists():
        raise TransactionNotDonation
    raise DonationNotFound


def _sees_all_donations(caller: Any) -> bool:
    return caller.is_staff and caller.has_perm("donations.view_donation")


def _public_onlus(onlus_id: str) -> UUID:
    onlus = Onlus.objects.public().filter(pk=parse_id(onlus_id)).values_list("pk", flat=True).first()
    if onlus is None:
        raise OnlusNotFound
    return onlus
