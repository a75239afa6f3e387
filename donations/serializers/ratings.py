"""Ratings of organisations in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from goodplay.lib.api.serializers import InputSerializer


class RatingInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {"rating": "DONOR_RATING_INVALID"}

    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="1 to 5 stars.")


class RatingSerializer(serializers.Serializer[Any]):
    organization_id = serializers.UUIDField()
    rating = serializers.IntegerField(allow_null=True, help_text="The caller's own; null without one.")
    rated_at = serializers.DateTimeField(allow_null=True)
    donor_rating = serializers.DecimalField(
        max_digits=3, decimal_places=2, coerce_to_string=False, allow_null=True, help_text="The mean of all."
    )
    rating_count = serializers.IntegerField()
