"""The shapes of what somebody was told."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Notification
from accounts.noticing import KINDS, Kind
from goodplay.lib.api.serializers import InputSerializer


class FeedInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"unread": "INVALID_UNREAD_FILTER"}

    unread = serializers.BooleanField(default=False)


class NoticeLinkSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.CharField()


class NotificationSerializer(serializers.Serializer[Any]):
    """A fact in the words of the reader's language."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    link = serializers.SerializerMethodField()
    is_read = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def get_title(self, row: Notification) -> str:
        return _kind_of(row).told(row.facts)[0]

    def get_text(self, row: Notification) -> str:
        return _kind_of(row).told(row.facts)[1]

    @extend_schema_field(NoticeLinkSerializer(allow_null=True))
    def get_link(self, row: Notification) -> dict[str, str] | None:
        return _kind_of(row).link_of(row.facts)

    def get_is_read(self, row: Notification) -> bool:
        return row.read_at is not None


def _kind_of(row: Notification) -> Kind:
    """Return how it is told; one of a kind that is no longer declared goes by its name."""
    return KINDS.get(row.kind) or Kind(row.kind, title=row.kind, text="")


class AllReadSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField()
    unread_count = serializers.IntegerField()
