"""The feed of what the signed-in person was told."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from accounts.models import Notification
from accounts.operations import notifications
from accounts.queries.notifications import feed, unread_count
from accounts.serializers import notifications as serializers
from goodplay.lib.api.keyset import KeysetPagination
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id


class NotificationViewSet(ApiViewSet):
    """What the signed-in person was told."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.NotificationSerializer
    pagination_class = KeysetPagination
    results_key = "notifications"
    messages: ClassVar[dict[str, str]] = {
        "list": "NOTIFICATIONS_RETRIEVED",
        "read": "NOTIFICATION_READ",
        "read_all": "NOTIFICATIONS_READ",
        "destroy": "NOTIFICATION_DELETED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "read": (notifications.NotificationNotFound,),
        "destroy": (notifications.NotificationNotFound,),
    }

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return Notification.objects.none()
        asked = serializers.FeedInput(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return feed(self.caller_id, only_unread=asked.validated_data["unread"])

    @extend_schema(
        parameters=[serializers.FeedInput], responses=serializers.NotificationSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """List what you were told, the newest first; `unread_count` stands beside every page."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        page = self.get_paginated_response(serializers.NotificationSerializer(rows, many=True).data)
        page.data["unread_count"] = unread_count(self.caller_id)
        return page

    @extend_schema(request=None, responses=serializers.NotificationSerializer)
    def read(self, request: Request, notification_id: str) -> Response:
        """Note that you read it; again changes nothing."""
        row = notifications.mark_read(
            user_id=self.caller_id, notification_id=_notification_key(notification_id), now=timezone.now()
        )
        return Response(serializers.NotificationSerializer(row).data)

    @extend_schema(request=None, responses=serializers.AllReadSerializer)
    def read_all(self, request: Request) -> Response:
        """Note that you read all of it up to now."""
        marked = notifications.mark_all_read(user_id=self.caller_id, now=timezone.now())
        left = {"marked": marked, "unread_count": unread_count(self.caller_id)}
        return Response(serializers.AllReadSerializer(left).data)

    @extend_schema(request=None, responses={200: None})
    def destroy(self, request: Request, notification_id: str) -> Response:
        """Take it out of the feed for good."""
        notifications.dismiss(
            user_id=self.caller_id, notification_id=_notification_key(notification_id), now=timezone.now()
        )
        return Response()


def _notification_key(text: str) -> UUID:
    key = parse_id(text)
    if key is None:
        raise notifications.NotificationNotFound
    return key
