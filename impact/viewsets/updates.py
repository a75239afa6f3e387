"""News across ONLUS, and what players do with them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id
from impact.models import ImpactUpdate, UpdateReaction
from impact.operations import engagement
from impact.operations.updates import UpdateNotFound
from impact.queries import updates
from impact.serializers import engagement as engagement_shapes
from impact.serializers import metrics_input as inputs
from impact.serializers import onlus as shapes
from impact.viewsets.asking import asked_of

Kind = UpdateReaction.Kind


class UpdateViewSet(ApiViewSet):
    """News of all ONLUS. Public."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = shapes.UpdateSerializer
    results_key = "updates"
    messages: ClassVar[dict[str, str]] = {
        "list": "UPDATES_RETRIEVED_SUCCESS",
        "trending": "TRENDING_UPDATES_SUCCESS",
        "featured": "FEATURED_UPDATES_SUCCESS",
        "retrieve": "UPDATE_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"retrieve": (UpdateNotFound,)}

    @extend_schema(parameters=[inputs.NewsQuery], responses=shapes.UpdateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List what all ONLUS published in the last days, the most urgent first, then the newest."""
        asked, now = asked_of(inputs.NewsQuery, request), timezone.now()
        since = now - timedelta(days=asked["days"])
        rows = updates.news(since=since, update_type=asked["update_type"], priority=asked["priority"])
        page: Any = updates.views(self.paginate_queryset(rows) or [], now)
        return self.get_paginated_response(shapes.UpdateSerializer(page, many=True).data)

    @extend_schema(parameters=[inputs.FewQuery], responses=shapes.TrendingUpdatesSerializer)
    def trending(self, request: Request) -> Response:
        """List the news of the last 24 hours people react to most; scored every five minutes."""
        limit = asked_of(inputs.FewQuery, request)["limit"]
        rows = updates.trending(limit=limit, now=timezone.now())
        return Response(shapes.TrendingUpdatesSerializer({"updates": rows}).data)

    @extend_schema(parameters=[inputs.FewQuery], responses=shapes.FeaturedUpdatesSerializer)
    def featured(self, request: Request) -> Response:
        """List the news that stand in front."""
        limit = asked_of(inputs.FewQuery, request)["limit"]
        rows = updates.featured(limit=limit, now=timezone.now())
        return Response(shapes.FeaturedUpdatesSerializer({"updates": rows}).data)

    @extend_schema(responses=shapes.UpdateSerializer)
    def retrieve(self, request: Request, update_id: str) -> Response:
        """Show one update."""
        [view] = updates.views([_public(update_id)], timezone.now())
        return Response(shapes.UpdateSerializer(view).data)


class UpdateEngagementViewSet(ApiViewSet):
    """What the caller does with an update: each counts once."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = engagement_shapes.OwnEngagementSerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "UPDATE_ENGAGEMENT_SUCCESS",
        "view": "UPDATE_VIEWED_SUCCESS",
        "like": "UPDATE_LIKED_SUCCESS",
        "unlike": "UPDATE_UNLIKED_SUCCESS",
        "share": "UPDATE_SHARED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = dict.fromkeys(messages, (UpdateNotFound,))

    @extend_schema(responses=engagement_shapes.OwnEngagementSerializer)
    def retrieve(self, request: Request, update_id: str) -> Response:
        """Tell what the caller has done with an update."""
        return self._told(_public(update_id))

    @extend_schema(request=None, responses=engagement_shapes.OwnEngagementSerializer)
    def view(self, request: Request, update_id: str) -> Response:
        """Note that the caller saw the update."""
        return self._react(update_id, Kind.VIEW)

    @extend_schema(request=None, responses=engagement_shapes.OwnEngagementSerializer)
    def like(self, request: Request, update_id: str) -> Response:
        """Like the update."""
        return self._react(update_id, Kind.LIKE)

    @extend_schema(request=None, responses={200: engagement_shapes.OwnEngagementSerializer})
    def unlike(self, request: Request, update_id: str) -> Response:
        """Take a like back."""
        return self._told(engagement.unlike(user_id=self.caller_id, update_id=parse_id(update_id)))

    @extend_schema(request=None, responses=engagement_shapes.OwnEngagementSerializer)
    def share(self, request: Request, update_id: str) -> Response:
        """Note that the caller shared the update elsewhere."""
        return self._react(update_id, Kind.SHARE)

    def _react(self, update_id: str, kind: str) -> Response:
        found = parse_id(update_id)
        return self._told(
            engagement.react(user_id=self.caller_id, update_id=found, kind=kind, now=timezone.now())
        )

    def _told(self, update: ImpactUpdate) -> Response:
        done = updates.reactions_of(self.caller_id, update.pk)
        told = {
            "update_id": update.pk,
            "viewed": Kind.VIEW in done,
            "liked": Kind.LIKE in done,
            "shared": Kind.SHARE in done,
            "commented": Kind.COMMENT in done,
            **{name: getattr(update, name) for name in engagement.COUNTS.values()},
        }
        return Response(engagement_shapes.OwnEngagementSerializer(told).data)


class CommentViewSet(ApiViewSet):
    """Comments under updates: everybody reads them, their authors take them back."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = inputs.CommentInput
    results_key = "comments"
    messages: ClassVar[dict[str, str]] = {
        "list": "COMMENTS_RETRIEVED_SUCCESS",
        "create": "COMMENT_CREATED_SUCCESS",
        "destroy": "COMMENT_DELETED_SUCCESS",
        "report": "COMMENT_REPORTED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "list": (UpdateNotFound,),
        "create": (UpdateNotFound, engagement.CommentEmpty, engagement.TooManyComments),
        "destroy": (engagement.CommentNotFound,),
        "report": (engagement.CommentNotFound, engagement.OwnComment),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "check", "report": "check"}

    def get_permissions(self) -> Sequence[BasePermission]:
        return [AllowAny()] if self.action == "list" else [IsAuthenticated()]

    @extend_schema(responses=engagement_shapes.CommentSerializer(many=True))
    def list(self, request: Request, update_id: str) -> Response:
        """List what players wrote under an update, the latest first."""
        page = self.paginate_queryset(updates.comments_on(_public(update_id).pk))
        return self.get_paginated_response(engagement_shapes.CommentSerializer(page, many=True).data)

    @extend_schema(request=inputs.CommentInput, responses={201: engagement_shapes.CommentSerializer})
    def create(self, request: Request, update_id: str) -> Response:
        """Write a comment."""
        told: dict[str, Any] = self.body()
        row = engagement.comment(
            user_id=self.caller_id, update_id=parse_id(update_id), text=told["text"], now=timezone.now()
        )
        return Response(engagement_shapes.CommentSerializer(row).data, status=201)

    @extend_schema(request=None, responses={200: None})
    def destroy(self, request: Request, comment_id: str) -> Response:
        """Take one's own comment back."""
        engagement.take_back_comment(
            user_id=self.caller_id, comment_id=parse_id(comment_id), now=timezone.now()
        )
        return Response(None)

    @extend_schema(
        request=inputs.CommentReportInput, responses={201: engagement_shapes.CommentReportedSerializer}
    )
    def report(self, request: Request, comment_id: str) -> Response:
        """Tell the moderators of a comment that should not stand."""
        told: dict[str, Any] = self.body()
        row = engagement.report_comment(
            user_id=self.caller_id, comment_id=parse_id(comment_id), now=timezone.now(), **told
        )
        return Response(engagement_shapes.CommentReportedSerializer(row).data, status=201)

    def get_serializer_class(self) -> Any:
        return inputs.CommentReportInput if self.action == "report" else inputs.CommentInput


def _public(update_id: str) -> ImpactUpdate:
    update = updates.find_public(parse_id(update_id))
    if update is None:
        raise UpdateNotFound
    return update
