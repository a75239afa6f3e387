"""The shapes of campaigns and pools in the API."""

from typing import Any

from rest_framework import serializers

from donations.models import GivingPool, GivingPoolMember
from goodplay.lib.api.fields import EurosField


class CampaignSerializer(serializers.Serializer[Any]):
    campaign_id = serializers.UUIDField(source="id")
    title = serializers.CharField()
    description = serializers.CharField()
    onlus_id = serializers.UUIDField()
    onlus_name = serializers.CharField()
    goal = EurosField()
    raised = EurosField(help_text="Given so far, without what sponsors added.")
    matched = EurosField(help_text="What sponsors added.")
    donors = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)


class PoolMemberSerializer(serializers.ModelSerializer[GivingPoolMember]):
    onlus_name = serializers.CharField(source="onlus.name")
    accepts_donations = serializers.BooleanField(source="onlus.accepts_donations")

    class Meta:
        model = GivingPoolMember
        fields = ("onlus_id", "onlus_name", "weight", "accepts_donations")


class PoolSerializer(serializers.ModelSerializer[GivingPool]):
    pool_id = serializers.UUIDField(source="id")
    members = PoolMemberSerializer(many=True)

    class Meta:
        model = GivingPool
        fields = ("pool_id", "name", "description", "members")
