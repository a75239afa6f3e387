from typing import Any

from rest_framework import serializers

from impact.models import UpdateComment


class OwnEngagementSerializer(serializers.Serializer[Any]):
    """What the caller has done with an update, and what everybody has."""

    update_id = serializers.UUIDField()
    viewed = serializers.BooleanField()
    liked = serializers.BooleanField()
    shared = serializers.BooleanField()
    commented = serializers.BooleanField()
    view_count = serializers.IntegerField()
    like_count = serializers.IntegerField()
    share_count = serializers.IntegerField()
    comment_count = serializers.IntegerField(help_text="People who commented.")


class CommentSerializer(serializers.ModelSerializer[UpdateComment]):
    author_name = serializers.CharField(source="author.display_name")

    class Meta:
        model = UpdateComment
        fields = ("id", "update_id", "author_id", "author_name", "text", "created_at")


class CommentReportedSerializer(serializers.Serializer[Any]):
    comment_id = serializers.UUIDField()
    reason = serializers.CharField()
    reported_at = serializers.DateTimeField(source="created_at")
